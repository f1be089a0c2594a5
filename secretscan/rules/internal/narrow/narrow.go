// Package narrow has allowlists for rules of gitleaks, for what they match by accident. They are in force where keysweep's own rules are. It is
// a package of its own because the generator of tables needs them, too.
package narrow

import (
	"slices"

	"keysweep/secretscan"
)

// Rules gives the rules of an origin in a list, which is the caller's own, our allowlists for them.
func Rules(list []secretscan.Rule, origin string) {
	for i := range list {
		r := &list[i]
		if a, ok := lists[r.ID]; ok && r.Origin == origin {
			r.Allowlists = append(slices.Clip(r.Allowlists), a)
		}
	}
}

var lists = map[string]secretscan.Allowlist{
	"generic-api-key": {
		Description: "the signature of one request to Azure's storage, with the account's name before it, and what was packed by zlib or gzip",
		Regexes: []string{
			`(?i)SharedKey(?:Lite)?[ \t]+[a-z0-9]{3,24}:`,               // https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
			"[=:>,\x60'\"\\s](?:eJ[w-z]|eN[o-r]|H4sI)[A-Za-z0-9+/]{60}", // RFC 1950 section 2.2, RFC 1952 section 2.3.1
		},
		Target: secretscan.TargetMatch,
	},
	"square-access-token": {
		Description: "within base64, where EAAA is what zero bytes look like, and + and / end no word",
		Regexes:     []string{`[A-Za-z0-9+/]{16}[+/]EAAA`},
		Target:      secretscan.TargetLine,
	},
}
