package audit_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/host/folder"
	"keysweep/host/hosttest"
	"keysweep/host/observe"
	"keysweep/policy/audit"
)

// TestClientKeys has private keys lie with data of clients, and places of which that is not known.
func TestClientKeys(t *testing.T) {
	key := "-----BEGIN " + "OPENSSH PRIVATE " + "KEY-----\n"
	for name, c := range map[string]struct {
		machine *hosttest.Machine
		inside  bool
		want    string
	}{
		"none":          {hosttest.New(map[string]string{"/srv/c/a": "x"}), true, "pass /srv/c"},
		"one":           {hosttest.New(map[string]string{"/srv/c/a": "x\n" + key}), true, "fail critical /srv/c/a"},
		"not readable":  {hosttest.New(map[string]string{"/srv/c/a": "x", "/srv/c/b": key}).Deny("/srv/c/b"), true, "unknown /srv/c"},
		"one, and more": {hosttest.New(map[string]string{"/srv/c/a": key, "/srv/c/b": key}).Deny("/srv/c/b"), true, "fail critical /srv/c/a; unknown /srv/c"},
		"not read":      {hosttest.New(map[string]string{"/srv/c/a": "x"}), false, "unknown /srv/c"},
		"gone":          {hosttest.New(nil), true, "not-applicable /srv/c"},
	} {
		rules := audit.Baseline()
		rules.Clients = audit.ClientData{Paths: []string{"/srv/c"}}
		m := observe.Look(context.Background(), c.machine)
		look := folder.Look
		if c.inside {
			look = folder.LookInside
		}
		m.Folders = map[string]*folder.Facts{"/srv/c": look(c.machine, "/srv/c")}
		var got []string
		for _, r := range audit.Host(m, rules, time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)) {
			if r.Check != "client.private-key" {
				continue
			}
			text := string(r.State)
			if r.State == finding.Fail {
				text += " " + r.Severity.String()
			}
			got = append(got, text+" "+r.Subject)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %s, not %s", name, strings.Join(got, "; "), c.want)
		}
	}
}

func TestClientData(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	tree := func() *hosttest.Machine {
		return hosttest.New(map[string]string{"/srv/c/a": "x"}).Mode("/srv/c", 0o750).Touch("/srv/c/a", now.AddDate(0, 0, -10))
	}
	tests := []struct {
		name       string
		machine    *hosttest.Machine
		paths      []string
		days       int
		permission finding.State
		age        finding.State
	}{
		{"none named", tree(), nil, 30, finding.NotApplicable, finding.NotApplicable},
		{"closed and young", tree(), []string{"/srv/c"}, 30, finding.Pass, finding.Pass},
		{"open", tree().Mode("/srv/c", 0o755), []string{"/srv/c"}, 30, finding.Fail, finding.Pass},
		{"old", tree(), []string{"/srv/c"}, 9, finding.Pass, finding.Fail},
		{"no end named", tree(), []string{"/srv/c"}, 0, finding.Pass, finding.NotApplicable},
		{"gone", tree(), []string{"/srv/d"}, 30, finding.NotApplicable, finding.NotApplicable},
		{"not to be listed", tree().Deny("/srv/c"), []string{"/srv/c"}, 30, finding.Undetermined, finding.Undetermined},
		{"not collected", tree().NotCollected("/srv/c"), []string{"/srv/c"}, 30, finding.Undetermined, finding.Undetermined},
	}
	for _, tt := range tests {
		rules := audit.Baseline()
		rules.Clients = audit.ClientData{Paths: tt.paths, Days: tt.days}
		m := observe.Look(context.Background(), tt.machine)
		m.Folders = map[string]*folder.Facts{}
		for _, p := range tt.paths {
			m.Folders[p] = folder.Look(tt.machine, p)
		}
		got := map[string]finding.State{}
		for _, r := range audit.Host(m, rules, now) {
			got[r.Check] = r.State
		}
		if got["client.data-permissions"] != tt.permission || got["client.data-retention"] != tt.age {
			t.Errorf("%s: %v, want %s and %s", tt.name, got, tt.permission, tt.age)
		}
	}
}
