package rules

import (
	"slices"

	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/about"
	"keysweep/secretscan/rules/internal/narrow"
	"keysweep/secretscan/rules/internal/proven"
	"keysweep/secretscan/rules/internal/readers"
)

// KeysweepOrigin is the Origin of the rules that are keysweep's own.
const KeysweepOrigin = "keysweep"

// Own returns keysweep's own rules, which are in force beside gitleaks'. The list is the caller's; the lists inside of it must not be
// changed. It may be called concurrently.
func Own() []secretscan.Rule { return slices.Concat(readers.Rules(), proven.Rules(), catalogRules()) }

// described returns what people need to know about a rule of ours that is not of the catalog.
func described(id string) (about.Info, bool) {
	if i, ok := inCatalog(id); ok {
		return aboutRule(&catalogRules()[i]), true
	}
	for _, r := range slices.Concat(readers.Rules(), proven.Rules()) {
		if r.ID == id {
			return aboutRule(&r), true
		}
	}
	return about.Info{}, false
}

func aboutRule(r *secretscan.Rule) about.Info {
	return about.Info{Title: r.Title, Provider: r.Provider, RotateURL: r.RotateURL, Why: r.Why, Severity: r.Severity}
}

// withOwn returns a ruleset with keysweep's own rules, but for those whose ids are taken.
func withOwn(set secretscan.Ruleset) secretscan.Ruleset {
	set.Rules, set.Checks = slices.Clone(set.Rules), proven.CheckNamed
	narrow.Rules(set.Rules, GitleaksOrigin)
	taken := make(map[string]bool, len(set.Rules))
	for i := range set.Rules {
		taken[set.Rules[i].ID] = true
	}
	own := Own()
	set.Rules = slices.Grow(set.Rules, len(own))
	for i := range own {
		if !taken[own[i].ID] {
			own[i].Origin = KeysweepOrigin
			set.Rules = append(set.Rules, own[i])
		}
	}
	return set
}
