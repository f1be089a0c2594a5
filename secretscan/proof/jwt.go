package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"keysweep/finding"
)

// jwtHeader is what is read of a JOSE header (RFC 7515 section 4.1).
type jwtHeader struct {
	Algorithm  string `json:"alg"`
	Type       string `json:"typ"`
	Encryption string `json:"enc"`
}

// jwtClaims are the registered claims that are read (RFC 7519 section 4.1), and the role that Supabase puts beside them.
type jwtClaims struct {
	Issuer  text   `json:"iss"`
	Subject text   `json:"sub"`
	Role    text   `json:"role"`
	Name    text   `json:"name"`
	Expires moment `json:"exp"`
	Starts  moment `json:"nbf"`
	Issued  moment `json:"iat"`
}

// text is a claim that should be a string; one that is something else counts as absent, and spoils no other.
type text string

// UnmarshalJSON takes a string, and passes over what is none.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = text(s)
	}
	return nil
}

// moment is a claim that should be a number of seconds since 1970 (NumericDate of RFC 7519 section 2).
type moment struct{ time.Time }

// UnmarshalJSON takes a number of seconds up to the end of the year 9999, and passes over what is none.
func (m *moment) UnmarshalJSON(data []byte) error {
	const last = 253402300799
	var seconds float64
	if json.Unmarshal(data, &seconds) == nil && seconds > 0 && seconds <= last {
		m.Time = time.Unix(int64(seconds), 0).UTC()
	}
	return nil
}

// proveJWT reads the header and the claims of a JSON Web Token. Nobody vouches for them: the signature cannot be checked without
// a key. What is expired by its own claims no server takes, though.
func proveJWT(s *Subject, p *Proof) bool {
	header, claims, ok := readJWT(s.Text)
	if !ok {
		return false
	}
	p.say(finding.FactAlgorithm, plain(header.Algorithm))
	if strings.EqualFold(header.Algorithm, "none") {
		p.milder(finding.Medium) // only a broken service takes it, and that one takes any
	}
	p.say(finding.FactIssuer, plain(string(claims.Issuer)))
	p.say(finding.FactSubject, sortOfName(string(claims.Subject)))
	p.say(finding.FactRole, plain(string(claims.Role)))
	if claims.Role == "anon" && strings.HasPrefix(string(claims.Issuer), "supabase") {
		p.milder(finding.Low) // made to be public: https://supabase.com/docs/guides/api/api-keys
	}
	if claims.Subject == "1234567890" && claims.Name == "John Doe" {
		p.Refuted = true
		p.say(finding.FactKind, "the example of jwt.io, or made after it")
	}
	p.dates(s.Now, claims)
	return true
}

// dates says from when to when a token is valid.
func (p *Proof) dates(now time.Time, c jwtClaims) {
	if !c.Issued.IsZero() {
		p.say(finding.FactIssued, onDay(c.Issued.Time))
	}
	if now.Before(c.Starts.Time) && !now.IsZero() {
		p.say(finding.FactStarts, onDay(c.Starts.Time))
	}
	switch {
	case c.Expires.IsZero():
	case now.IsZero() || now.Before(c.Expires.Time):
		p.say(finding.FactExpires, onDay(c.Expires.Time))
	default:
		p.say(finding.FactExpired, onDay(c.Expires.Time))
		p.milder(finding.Low)
	}
}

func onDay(t time.Time) string { return "on " + t.UTC().Format(time.DateOnly) }

// readJWT splits a token in its compact form, three parts or, encrypted, five, and reads what is readable of it.
func readJWT(token string) (h jwtHeader, c jwtClaims, ok bool) {
	if !strings.HasPrefix(token, "ey") {
		if outer, err := base64.StdEncoding.DecodeString(token); err == nil && bytes.HasPrefix(outer, []byte("ey")) {
			token = string(outer) // of the rule jwt-base64
		}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 && len(parts) != 5 {
		return h, c, false
	}
	if !readPart(parts[0], &h) || h.Algorithm == "" {
		return h, c, false
	}
	if len(parts) == 5 { // RFC 7516 section 3.1: what it says is encrypted
		h.Algorithm += " " + h.Encryption
		return h, c, h.Encryption != ""
	}
	return h, c, readPart(parts[1], &c)
}

func readPart(part string, into any) bool {
	part = strings.TrimRight(part, "=")
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		raw, err = base64.RawStdEncoding.DecodeString(part)
	}
	return err == nil && json.Unmarshal(raw, into) == nil
}

// sortOfName says what sort of name a subject is; the name itself is nobody's business in a report.
func sortOfName(name string) string {
	const uuid = 36
	switch {
	case name == "":
		return ""
	case isOf(name, isDigit):
		return "a number"
	case len(name) == uuid && strings.Count(name, "-") == 4:
		return "a UUID"
	case strings.Contains(name, "://"):
		return "a URL"
	case strings.Contains(name, "@"):
		return "an e-mail address"
	case strings.HasPrefix(name, "system:serviceaccount:"):
		return "a Kubernetes service account"
	}
	return "a name"
}
