package audit_test

import (
	"context"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/host/folder"
	"keysweep/host/hosttest"
	"keysweep/host/observe"
	"keysweep/policy/audit"
)

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
