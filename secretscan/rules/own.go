package rules

import (
	"slices"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/narrow"
	"keysweep/secretscan/rules/internal/proven"
)

// KeysweepOrigin is the Origin of the rules that are keysweep's own.
const KeysweepOrigin = "keysweep"

// Own returns keysweep's own rules, which are in force beside gitleaks'. The list is the caller's; the lists inside of it must not be
// changed. It may be called concurrently.
func Own() []secretscan.Rule { return slices.Concat(readers(), proven.Rules(), catalogRules) }

// readers returns the rules that find what surroundings call a credential.
func readers() []secretscan.Rule {
	return []secretscan.Rule{
		{
			ID: "generic-password", Reader: secretscan.ReadPassword, Severity: finding.High,
			Title: "Password", Description: "A value that its key calls a password.",
			Why:        "Opens whatever account, database or machine it was set for; people use the same one elsewhere, too.",
			Allowlists: narrow.Reader(secretscan.ReadPassword),
		},
		{
			ID: "generic-secret", Reader: secretscan.ReadToken, Severity: finding.High,
			Title: "Secret, key or token of unknown kind", Description: "A value that its key calls a secret, a token or a key.",
			Why: "Whatever it opens is open to everyone who can read this.",
		},
		{
			ID: "url-credentials", Reader: secretscan.ReadURL, Severity: finding.High,
			Title: "Password in a URL", Description: "The password between user and host of a URL.",
			Why:        "Logs in to the host that stands right behind it, and URLs end up in logs and process lists.",
			Allowlists: narrow.Reader(secretscan.ReadURL),
		},
		{
			ID: "authorization-header", Reader: secretscan.ReadHeader, Severity: finding.High,
			Title: "Credential in an authorization header", Description: "What follows Bearer, Basic or another scheme in an HTTP header.",
			Why: "Makes the same requests as its owner until it is revoked or expires.",
		},
	}
}

// described returns what people need to know about a rule of ours that is not of the catalog.
func described(id string) (info, bool) {
	if i, ok := inCatalog(id); ok {
		c := &catalogRules[i]
		return info{c.Title, c.Provider, c.RotateURL, c.Why, c.Severity}, true
	}
	for _, r := range slices.Concat(readers(), proven.Rules()) {
		if r.ID == id {
			return info{r.Title, r.Provider, r.RotateURL, r.Why, r.Severity}, true
		}
	}
	return info{}, false
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
