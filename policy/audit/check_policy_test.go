package audit

import (
	"testing"
	"time"

	"keysweep/finding"
)

func TestPolicyItself(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	days := func(string) int { return 30 }
	on := func(n int) time.Time { return now.Truncate(day).AddDate(0, 0, -n) }
	all := func(n int) (list []Contact) {
		for _, role := range Roles() {
			list = append(list, Contact{Name: role, Role: role, Reach: "x", Reviewed: on(n), Where: "policy.toml:1"})
		}
		return list
	}
	for _, tt := range []struct {
		name  string
		rules Rules
		want  []finding.State
	}{
		{"nothing", Rules{}, nil},
		{"complete", Rules{Contacts: all(30)}, []finding.State{finding.Pass}},
		{"old", Rules{Contacts: all(31)}, []finding.State{finding.Fail}},
		{"to come", Rules{Contacts: all(-1)}, []finding.State{finding.Fail}},
		{"one missing", Rules{Contacts: all(1)[1:]}, []finding.State{finding.Fail}},
		{"channels", Rules{Channels: []Channel{{Name: "a", URL: "https://a.example", Reviewed: on(3)}}}, []finding.State{finding.Pass}},
		{"old channels", Rules{Contacts: all(1), Channels: []Channel{{Name: "a", Reviewed: on(99)}}}, []finding.State{finding.Pass, finding.Fail}},
	} {
		got := Policy(&tt.rules, days, now)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %+v", tt.name, got)
			continue
		}
		for i := range got {
			if got[i].State != tt.want[i] || !tt.rules.Holds(got[i].Check) || got[i].Fix == "" {
				t.Errorf("%s: %+v, want %s", tt.name, got[i], tt.want[i])
			}
		}
	}
}
