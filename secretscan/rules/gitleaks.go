package rules

import (
	"slices"

	"keysweep/secretscan"
)

//go:generate go run ./gen

// GitleaksOrigin is the Origin of the rules of gitleaks' default configuration.
const GitleaksOrigin = "gitleaks"

// GitleaksVersion is the version of gitleaks that the default rules come from; go.mod asks for the same.
const GitleaksVersion = "8.30.1"

// Default returns the rules and allowlists of gitleaks' default configuration, in its order, described for people. The lists
// of rules and allowlists are the caller's own; the lists inside of them (Keywords, Regexes, ...) are shared by all callers and
// must not be changed. It may be called concurrently.
func Default() secretscan.Ruleset {
	set := secretscan.Ruleset{
		Title:      gitleaksTitle,
		Rules:      slices.Clone(gitleaksRules),
		Allowlists: slices.Clone(gitleaksAllowlists),
		Analyses:   gitleaksAnalyses,
		Triples:    gitleaksTriples,
	}
	for i := range set.Rules {
		Describe(&set.Rules[i])
	}
	return set
}
