package audit

import (
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
	} {
		results := []finding.Result{{Check: "ssh.root-login", Subject: "Match User root", State: finding.Fail}}
		notices := Settle(results, []Waiver{c.w}, "bastion-1", now)
		kind := ""
		if len(notices) > 0 {
			kind = notices[0].Kind
		}
		if results[0].State != c.state || kind != c.notice || (results[0].Waiver != nil) != (c.state == finding.Waived) {
			t.Errorf("%s: state %s, notice %q; want %s, %q", name, results[0].State, kind, c.state, c.notice)
		}
	}
	unknown := []finding.Result{{Check: "firewall.default-deny", State: finding.Undetermined}}
	Settle(unknown, []Waiver{{Check: "firewall.default-deny", Unknown: true, Until: day(30)}}, "x", now)
	if unknown[0].State != finding.Waived {
		t.Errorf("an accepted unknown is %s", unknown[0].State)
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
