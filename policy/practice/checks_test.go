package practice

import (
	"slices"
	"testing"

	"keysweep/policy"
	"keysweep/policy/audit"
	"keysweep/script"
	"keysweep/secretscan/rules"
)

// everyCheck returns what tells whether there is a check or a rule of an id.
func everyCheck(t *testing.T) func(string) bool {
	t.Helper()
	var known []string
	for _, c := range slices.Concat(audit.HostChecks(), audit.RepoChecks(), audit.IncidentChecks()) {
		known = append(known, c.ID)
	}
	for _, r := range script.Rules() {
		known = append(known, r.ID)
	}
	for _, c := range append(policy.KeyChecks(), policy.CredentialChecks()...) {
		known = append(known, c.ID)
	}
	for _, r := range append(rules.Default().Rules, rules.Own()...) {
		known = append(known, r.ID)
	}
	return func(id string) bool { return slices.Contains(known, id) }
}

// TestEveryCheckIsAskedFor wants the results of every check to cite a line.
func TestEveryCheckIsAskedFor(t *testing.T) {
	var all []string
	for _, c := range slices.Concat(audit.HostChecks(), audit.RepoChecks(), audit.IncidentChecks()) {
		all = append(all, c.ID)
	}
	for _, c := range append(policy.KeyChecks(), policy.CredentialChecks()...) {
		all = append(all, c.ID)
	}
	for _, r := range script.Rules() {
		all = append(all, r.ID)
	}
	for _, id := range all {
		if len(For(id)) == 0 {
			t.Errorf("%s cites no line", id)
		}
	}
}
