package rules

import (
	"sort"

	"keysweep/finding"
)

// info is what a person needs to know about what a rule finds.
type info struct {
	Title     string           // what it is, in a few words: "GitHub personal access token"; no period
	Provider  string           // who issued it: "GitHub"; "" for generic rules
	RotateURL string           // https page of the provider where it is revoked or rotated, or that says how; "" if there is none
	Why       string           // one sentence: what someone who has it can do
	Severity  finding.Severity // how much that is, if the secret is live
}

// entry is one row of the table of what is known about rules: a rule id of gitleaks' default configuration, and the rest.
//
// The severities follow one scale. Critical: cloud accounts, source code, published packages, production systems, money,
// stores of other secrets, and private keys. High: an account or a service's API. Medium: test modes, webhooks, one half of a
// pair, tokens that are weak or soon expire, and matches of unknown kind. Low: identifiers, keys meant to be published, and
// keys of services that are gone. The id of an AWS key pair is critical all the same: gitleaks has no rule for the secret half.
type entry struct {
	id string
	info
}

// provider returns what is known about the rule with this id of gitleaks' default configuration, and whether anything is.
// It may be called concurrently.
func provider(id string) (info, bool) {
	for _, part := range providerTable() {
		i := sort.Search(len(part), func(i int) bool { return part[i].id >= id })
		if i < len(part) && part[i].id == id {
			return part[i].info, true
		}
	}
	return info{}, false
}

// providerTable returns the whole table, in parts that follow each other by id.
func providerTable() [4][]entry {
	return [...][]entry{providersAToC, providersDToG, providersHToO, providersPToZ}
}
