// Package about has what people need to know about what the rules of gitleaks' default configuration find. It is a package of its own because the
// generator of tables needs it, too.
//
// Start at Of.
package about

import (
	"sort"

	"keysweep/finding"
)

// Info is what a person needs to know about what a rule finds.
type Info struct {
	Title     string           // what it is, in a few words: "GitHub personal access token"; no period
	Provider  string           // who issued it: "GitHub"; "" for generic rules
	RotateURL string           // https page of the provider where it is revoked or rotated, or that says how; "" if there is none
	Why       string           // one sentence: what someone who has it can do
	Severity  finding.Severity // how much that is, if the secret is live
}

// Entry is one row of the table of what is known about rules: a rule id of gitleaks' default configuration, and the rest.
//
// The severities follow one scale. Critical: cloud accounts, source code, published packages, production systems, money,
// stores of other secrets, and private keys. High: an account or a service's API. Medium: test modes, webhooks, one half of a
// pair, tokens that are weak or soon expire, and matches of unknown kind. Low: identifiers, keys meant to be published, and
// keys of services that are gone. The id of an AWS key pair is critical all the same: gitleaks has no rule for the secret half.
type Entry struct {
	ID string
	Info
}

// Of returns what is known about the rule with this id of gitleaks' default configuration, and whether anything is.
// It may be called concurrently.
func Of(id string) (Info, bool) {
	for _, part := range Table() {
		i := sort.Search(len(part), func(i int) bool { return part[i].ID >= id })
		if i < len(part) && part[i].ID == id {
			return part[i].Info, true
		}
	}
	return Info{}, false
}

// Table returns the whole table, in parts that follow each other by id. Nobody may change it.
func Table() [4][]Entry {
	return [...][]Entry{providersAToC, providersDToG, providersHToO, providersPToZ}
}
