package practice

import (
	"slices"
	"testing"

	"keysweep/policy"
	"keysweep/policy/audit"
	"keysweep/script"
	"keysweep/secretscan/rules"
)

// planned are checks that are named and not there yet.
func planned() []string { return ids("secrets.env-permissions secrets.shell-rc secrets.shell-history") }

// everyCheck returns what tells whether there is a check or a rule of an id.
func everyCheck(t *testing.T) func(string) bool {
	t.Helper()
	known := planned()
	for _, c := range append(audit.HostChecks(), audit.RepoChecks()...) {
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

// derived are checks that no guide asks for: they say that what a guide asks for would not hold.
func derived() []string { return ids("") }

// TestEveryCheckIsAskedFor wants the results of every check to cite a line.
func TestEveryCheckIsAskedFor(t *testing.T) {
	var all []string
	for _, c := range slices.Concat(audit.HostChecks(), audit.RepoChecks()) {
		all = append(all, c.ID)
	}
	for _, c := range append(policy.KeyChecks(), policy.CredentialChecks()...) {
		all = append(all, c.ID)
	}
	for _, r := range script.Rules() {
		all = append(all, r.ID)
	}
	for _, id := range all {
		if asked := len(For(id)) > 0; asked == slices.Contains(derived(), id) {
			t.Errorf("%s cites a line: %t", id, asked)
		}
	}
	for _, id := range planned() {
		if slices.Contains(all, id) {
			t.Errorf("%s is planned, and there already", id)
		}
	}
}
