package proof

import (
	"encoding/base32"
	"fmt"
	"strings"

	"keysweep/finding"
)

// awsKinds says what a key id of Amazon Web Services is by its first four characters
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, "Understanding unique ID prefixes").
func awsKinds() map[string]string {
	return map[string]string{
		"AKIA": "long-term access key", "ASIA": "temporary access key", "ABIA": "bearer token of a service",
		"ACCA": "credential for one purpose",
	}
}

// proveAWS tells the kind of an access key's id and the account that it belongs to. The account is the 40 bits behind the first of
// what the characters behind the prefix say in base 32. Ids of today have that first bit set; older ones, without it, tell nothing.
func proveAWS(s *Subject, p *Proof) bool {
	const length, prefix = 20, 4
	if len(s.Text) != length {
		return false
	}
	kind, known := awsKinds()[s.Text[:prefix]]
	if !known {
		return false
	}
	raw, err := base32.StdEncoding.DecodeString(s.Text[prefix:])
	if err != nil || strings.Contains(s.Text, "=") {
		return false
	}
	p.say(finding.FactKind, kind)
	var bits uint64
	for _, b := range raw[:6] {
		bits = bits<<8 | uint64(b)
	}
	const marked, below, accounts = 1 << 47, 7, 1_000_000_000_000 // numbers of accounts have 12 digits
	if account := (bits &^ marked) >> below; bits&marked != 0 && account > 0 && account < accounts {
		p.say(finding.FactAccount, fmt.Sprintf("%012d", account))
	}
	return true
}
