package rules

import (
	"slices"

	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/proven"
)

//go:generate go run ./gen

// GitleaksOrigin is the Origin of the rules of gitleaks' default configuration.
const GitleaksOrigin = "gitleaks"

// GitleaksVersion is the version of gitleaks that the default rules come from; go.mod asks for the same.
const GitleaksVersion = "8.30.1"

// Default returns the rules that are in force where no configuration says otherwise: gitleaks', and behind them keysweep's
// own. The lists of rules and allowlists are the caller's own; the lists inside of them (Keywords, Regexes, ...) are
// shared by all callers and must not be changed. It may be called concurrently.
func Default() secretscan.Ruleset {
	set := inForce()
	set.Rules, set.Allowlists = slices.Clone(set.Rules), slices.Clone(set.Allowlists)
	set.Prepared = defaultPrepared.For(set.Rules)
	return set
}

// inForce is Default with lists of rules and allowlists that all callers share, too: to make or copy a third of a megabyte would take a tenth
// of the time of a hook.
func inForce() secretscan.Ruleset {
	return secretscan.Ruleset{
		Title:      gitleaksTitle,
		Rules:      allRules[:],
		Allowlists: gitleaksAllowlists,
		Analyses:   gitleaksAnalyses,
		Plans:      gitleaksPlans,
		Triples:    defaultTriples,
		Checks:     proven.CheckNamed,
		Prepared:   defaultPrepared.For(allRules[:]),
	}
}

// withOurs returns a ruleset with all rules of ours, but for those whose ids are taken or switched off.
func withOurs(set secretscan.Ruleset, off []string) secretscan.Ruleset {
	set = withOwn(set)
	if len(off) > 0 {
		set.Rules = slices.DeleteFunc(set.Rules, func(r secretscan.Rule) bool {
			return r.Origin == KeysweepOrigin && slices.Contains(off, r.ID)
		})
	}
	return set
}

// Gitleaks returns the rules and allowlists of gitleaks' default configuration, in its order, described for people. For its lists goes
// what is said of Default's.
func Gitleaks() secretscan.Ruleset {
	set := secretscan.Ruleset{
		Title:      gitleaksTitle,
		Rules:      slices.Clone(gitleaksRules),
		Allowlists: slices.Clone(gitleaksAllowlists),
		Analyses:   gitleaksAnalyses,
		Plans:      gitleaksPlans,
		Triples:    gitleaksTriples,
	}
	for i := range set.Rules {
		Describe(&set.Rules[i])
		set.Rules[i].Judged = judged(set.Rules[i].ID, set.Rules[i].Regex)
	}
	return set
}

// judged reports whether what a rule finds has no form of its own: gitleaks' rule for anything beside a word such as "key", in its default
// configuration or copied from there.
func judged(id, expr string) bool {
	const generic = "generic-api-key"
	return id == generic && slices.ContainsFunc(gitleaksRules, func(r secretscan.Rule) bool { return r.ID == generic && r.Regex == expr })
}
