package audit

import (
	"errors"
	"io/fs"
	"net/netip"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/host/hosttest"
	"keysweep/host/logins"
	"keysweep/host/observe"
)

// TestNewSources has people log in from places that were used before, that the policy knows, and from others.
func TestNewSources(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	login := func(days int, addr string) logins.Login {
		return logins.Login{At: now.AddDate(0, 0, -days), User: "ann", From: netip.MustParseAddr(addr), Method: "publickey", Key: "SHA256:k"}
	}
	for name, c := range map[string]struct {
		list  []logins.Login
		err   error
		known string
		want  string
	}{
		"none":                  {nil, nil, "", "pass"},
		"only of old":           {[]logins.Login{login(60, "192.0.2.7")}, nil, "", "pass"},
		"as before":             {[]logins.Login{login(60, "192.0.2.7"), login(2, "192.0.2.7"), login(1, "127.0.0.1")}, nil, "", "pass"},
		"the same network":      {[]logins.Login{login(60, "2001:db8::1"), login(2, "2001:db8::ffff")}, nil, "", "pass"},
		"new":                   {[]logins.Login{login(60, "192.0.2.7"), login(2, "192.0.2.8"), login(1, "192.0.2.8")}, nil, "", "fail ann from 192.0.2.8"},
		"two new":               {[]logins.Login{login(60, "192.0.2.7"), login(2, "192.0.2.8"), login(1, "2001:db8::1")}, nil, "", "fail ann from 192.0.2.8; fail ann from 2001:db8::1"},
		"nothing before":        {[]logins.Login{login(2, "192.0.2.8")}, nil, "", "unknown"},
		"the policy knows it":   {[]logins.Login{login(2, "192.0.2.8")}, nil, "192.0.2.0/24", "pass"},
		"the policy does not":   {[]logins.Login{login(2, "192.0.2.8")}, nil, "198.51.100.0/24", "fail ann from 192.0.2.8"},
		"not all can be read":   {[]logins.Login{login(60, "192.0.2.7")}, fs.ErrPermission, "", "unknown"},
		"new, and not all read": {[]logins.Login{login(60, "192.0.2.7"), login(2, "192.0.2.8")}, fs.ErrPermission, "", "fail ann from 192.0.2.8; unknown"},
		"no logs":               {nil, fs.ErrNotExist, "", "unknown"},
	} {
		rules := Baseline()
		if c.known != "" {
			rules.Known = []netip.Prefix{netip.MustParsePrefix(c.known)}
		}
		m := machine{Machine: &observe.Machine{Source: hosttest.New(nil), Visits: &logins.Facts{Logins: c.list, Err: c.err, Until: now, Sources: []string{"journal"}}}, rules: rules, now: now}
		judgeVisits(&m)
		var got []string
		for _, r := range m.results {
			got = append(got, strings.TrimSpace(string(r.State)+" "+r.Subject))
			if r.State == finding.Undetermined && r.Cause == "" || r.State == finding.Fail && (r.Found == "" || r.Where.Fact == "") {
				t.Errorf("%s: it says too little: %+v", name, r)
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %s, not %s", name, strings.Join(got, "; "), c.want)
		}
	}
}

// TestQuietServer has an sshd that does not say who logs in.
func TestQuietServer(t *testing.T) {
	const journal = "journalctl --no-pager --utc --output=short-iso --identifier=sshd --identifier=sshd-session --grep=^Accepted --lines=20000"
	for level, want := range map[string]string{"QUIET": "unknown", "INFO": "pass logins: journal"} {
		m := sshMachine("LogLevel "+level+"\n", nil).Program(journal, "")
		if got := briefs(results(t, m, "logs.new-login-source")); got != want {
			t.Errorf("LogLevel %s: %s", level, got)
		}
	}
	if got := results(t, sshMachine("", nil).Broken(journal, errors.New("it took longer than 20s")), "logs.new-login-source"); len(got) != 1 || got[0].State != finding.Undetermined {
		t.Errorf("without an answer it is %+v", got)
	}
}
