package audit

import (
	"strings"
	"testing"
	"time"

	"keysweep/finding"
)

func TestSettle(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		w      Waiver
		state  finding.State // of a failed ssh.root-login of "Match User root" on bastion-1
		notice string
	}{
		"covers":             {Waiver{Check: "ssh.root-login", Until: day(22)}, finding.Waived, ""},
		"a group of checks":  {Waiver{Check: "ssh.*", Until: day(30)}, finding.Waived, ""},
		"of this machine":    {Waiver{Check: "ssh.root-login", Host: "bastion*", Until: day(30)}, finding.Waived, ""},
		"of another machine": {Waiver{Check: "ssh.root-login", Host: "web*", Until: day(30)}, finding.Fail, ""},
		"of this subject":    {Waiver{Check: "ssh.root-login", Subject: "Match User root", Until: day(30)}, finding.Waived, ""},
		"of another subject": {Waiver{Check: "ssh.root-login", Subject: "Match User bob", Until: day(30)}, finding.Fail, "stale"},
		"ended":              {Waiver{Check: "ssh.root-login", Until: day(21)}, finding.Fail, "expired"},
		"of another check":   {Waiver{Check: "ssh.password-auth", Until: day(30)}, finding.Fail, "stale"},
		"of what is unknown": {Waiver{Check: "ssh.root-login", Unknown: true, Until: day(30)}, finding.Fail, "stale"},
		"no pattern":         {Waiver{Check: "ssh.[", Until: day(30)}, finding.Fail, "stale"},
		"of this file":       {Waiver{Check: "ssh.*", Path: "/etc/ssh/*", Until: day(30)}, finding.Waived, ""},
		"of another file":    {Waiver{Check: "ssh.*", Path: "/srv/*", Until: day(30)}, finding.Fail, "stale"},
		"a path alone":       {Waiver{Path: "/srv/*", Until: day(30)}, finding.Fail, ""},
	} {
		results := []finding.Result{{Check: "ssh.root-login", Subject: "Match User root", State: finding.Fail, Where: finding.Spot{Path: "/etc/ssh/sshd_config"}}}
		a := finding.Audit{Results: results}
		Settle(&a, []Waiver{c.w}, Site{Host: "bastion-1"}, now)
		kind := ""
		if len(a.Notices) > 0 {
			kind = a.Notices[0].Kind
		}
		if results[0].State != c.state || kind != c.notice || (results[0].Waiver != nil) != (c.state == finding.Waived) {
			t.Errorf("%s: state %s, notice %q; want %s, %q", name, results[0].State, kind, c.state, c.notice)
		}
	}
}

// TestSettleUnknown accepts what could not be looked at: by check and subject, and by path also where no check speaks of it. Nothing else is
// taken away with it, and what is accepted stays visible.
func TestSettleUnknown(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	until, ended := now.AddDate(0, 0, 5), now.AddDate(0, 0, -5)
	fresh := func() *finding.Audit {
		return &finding.Audit{
			Results: []finding.Result{
				{Check: "firewall.default-deny", Subject: "nftables", State: finding.Undetermined},
				{Check: "firewall.default-deny", Subject: "ufw", State: finding.Undetermined},
				{Check: "client.data", State: finding.Undetermined, Where: finding.Spot{Path: "/srv/a/b"}},
				{Check: "client.data", State: finding.Fail, Where: finding.Spot{Path: "/srv/a/c"}},
			},
			Problems: []finding.Problem{{Where: "/srv/a/x.sh", Err: "permission denied"}, {Where: "/opt/y.sh", Err: "permission denied"}, {Where: "../b/z.sh", Err: "gone"}},
		}
	}
	for _, tt := range []struct {
		name  string
		w     Waiver
		want  string // the states
		left  int    // problems
		notes string
	}{
		{"a check", Waiver{Check: "firewall.default-deny", Unknown: true, Until: until}, "waived waived unknown fail", 3, ""},
		{"its subject", Waiver{Check: "firewall.*", Subject: "ufw", Unknown: true, Until: until}, "unknown waived unknown fail", 3, ""},
		{"of another machine", Waiver{Check: "firewall.*", Host: "db*", Unknown: true, Until: until}, "unknown unknown unknown fail", 3, ""},
		{"a path", Waiver{Path: "/srv/*", Unknown: true, Until: until}, "unknown unknown waived fail", 1, "accepted accepted"},
		{"from the root", Waiver{Path: "/srv/b/*", Unknown: true, Until: until}, "unknown unknown unknown fail", 2, "accepted"},
		{"a path that has ended", Waiver{Path: "/srv/*", Unknown: true, Until: ended}, "unknown unknown unknown fail", 3, "expired"},
		{"a path of one check", Waiver{Check: "client.data", Path: "/srv/*", Unknown: true, Until: until}, "unknown unknown waived fail", 3, ""},
		{"no unknown", Waiver{Check: "client.data", Path: "/srv/*", Until: until}, "unknown unknown unknown waived", 3, ""},
	} {
		a, states, notes := fresh(), []string{}, []string{}
		Settle(a, []Waiver{tt.w}, Site{Host: "web1", Dir: "/srv/b"}, now)
		for _, r := range a.Results {
			states = append(states, string(r.State))
		}
		for _, n := range a.Notices {
			notes = append(notes, n.Kind)
		}
		if got := strings.Join(states, " "); got != tt.want || len(a.Problems) != tt.left || strings.Join(notes, " ") != tt.notes {
			t.Errorf("%s: %s, %d problems, notices %q; want %s, %d, %q", tt.name, got, len(a.Problems), notes, tt.want, tt.left, tt.notes)
		}
	}
}

func TestSort(t *testing.T) {
	results := []finding.Result{
		{Area: "sshd", State: finding.Pass}, {Area: "firewall", State: finding.Fail, Severity: finding.Low},
		{Area: "sshd", State: finding.Fail, Severity: finding.Low}, {Area: "sshd", State: finding.Fail, Severity: finding.High}, {Area: "sshd", State: finding.Undetermined},
	}
	Sort(results, []finding.Area{{ID: "firewall"}})
	got := ""
	for _, r := range results {
		got += r.Area + " " + string(r.State) + " " + r.Severity.String() + "; "
	}
	if want := "firewall fail low; sshd fail high; sshd fail low; sshd unknown info; sshd pass info; "; got != want {
		t.Errorf("the order is %s; want %s", got, want)
	}
}
