package cli

import (
	"slices"
	"testing"

	"keysweep/finding"
	"keysweep/policy"
	"keysweep/policy/audit"
	"keysweep/remedy"
)

// TestFixesAreOfChecks shows that what a check promises to fix by itself has a fix, and that each fix is of a check.
func TestFixesAreOfChecks(t *testing.T) {
	checks := append(audit.HostChecks(), audit.RepoChecks()...)
	for _, c := range checks {
		if _, ok := remedy.Find(c.ID); c.FixBy == finding.FixAuto && !ok {
			t.Errorf("%s says that keysweep fix does it, and there is no such fix", c.ID)
		}
	}
	for _, c := range policy.KeyChecks() {
		checks = append(checks, audit.Check{ID: c.ID})
	}
	for _, f := range remedy.Fixes() {
		if !slices.ContainsFunc(checks, func(c audit.Check) bool { return c.ID == f.ID }) {
			t.Errorf("%s is no check", f.ID)
		}
	}
}

func TestPrintableLines(t *testing.T) {
	if got := printableLines("a\tb\n\x1b[31mred\u202e\x00\n"); got != "a\tb\n\ufffd[31mred\ufffd\ufffd\n" {
		t.Errorf("%q", got)
	}
}

func TestParentOf(t *testing.T) {
	for stat, want := range map[string]int{"12 (a) b) S 7 12 12": 7, "12 (x) S": 0, "": 0, "1 (y) S x 1": 0} {
		if got := parentOf(stat); got != want {
			t.Errorf("%q: %d", stat, got)
		}
	}
}

func TestSessionOf(t *testing.T) {
	s := sessionOf([]string{"SSH_CONNECTION=192.0.2.7 50000 198.51.100.1 2222", "USER=root", "SUDO_USER=alice"})
	if s == nil || s.User != "alice" || s.Addr != "192.0.2.7" || s.LocalPort != 2222 {
		t.Errorf("%+v", s)
	}
	if s = sessionOf([]string{"SSH_CONNECTION=x", "USER=root"}); s != nil {
		t.Errorf("%+v", s)
	}
}
