package proof

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"keysweep/finding"
)

// pasetoClaims are the registered claims that are read (PASETO's "Registered Claims"). Times are written out as RFC 3339.
type pasetoClaims struct {
	Issuer  text `json:"iss"`
	Subject text `json:"sub"`
	Expires text `json:"exp"`
	Starts  text `json:"nbf"`
	Issued  text `json:"iat"`
}

// provePASETO reads the claims of a public token: they are signed and in the clear. Those of a local one are encrypted.
func provePASETO(s *Subject, p *Proof) bool {
	parts := strings.Split(s.Text, ".")
	if len(parts) < 3 || len(parts) > 4 || len(parts[0]) != 2 || parts[0][0] != 'v' || !isDigit(parts[0][1]) {
		return false
	}
	signature, known := map[byte]int{'1': 256, '2': 64, '3': 96, '4': 64}[parts[0][1]]
	raw, err := base64.RawURLEncoding.DecodeString(parts[2])
	if !known || err != nil || parts[1] != "public" || len(raw) <= signature {
		return false
	}
	var c pasetoClaims
	if json.Unmarshal(raw[:len(raw)-signature], &c) != nil {
		return false
	}
	p.say(finding.FactAlgorithm, "PASETO "+parts[0])
	p.say(finding.FactIssuer, plain(string(c.Issuer)))
	p.say(finding.FactSubject, sortOfName(string(c.Subject)))
	p.dates(s.Now, jwtClaims{Expires: written(c.Expires), Starts: written(c.Starts), Issued: written(c.Issued)})
	return true
}

// written reads a time that is written out; what is none counts as absent.
func written(t text) moment {
	at, err := time.Parse(time.RFC3339, string(t))
	if err != nil {
		return moment{}
	}
	return moment{at.UTC()}
}
