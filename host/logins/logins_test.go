package logins_test

import (
	"errors"
	"io/fs"
	"net/netip"
	"strings"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/logins"
)

const (
	journal = "journalctl --no-pager --utc --output=short-iso --identifier=sshd --identifier=sshd-session --grep=^Accepted --lines=20000"
	wtmp    = "last -w -F -i -n 5000"
	key     = "SHA256:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
	grep    = "grep -a -h -E sshd(-session)?.[0-9]+.:.Accepted.[a-z/-]+.for.+.from.+.port.[0-9]+ "
)

func files() string { return grep + strings.Join(logins.Files(), " ") }

// said is a login in a few words.
func said(f *logins.Facts) string {
	var list []string
	for _, l := range f.Logins {
		text := l.At.Format(time.DateTime) + " " + l.User + " " + l.From.String() + " " + l.Method
		if l.Key != "" {
			text += " key"
		}
		list = append(list, strings.TrimSpace(text))
	}
	return strings.Join(list, "\n")
}

func TestLook(t *testing.T) {
	missing := host.Output{Exit: 2, Stderr: []byte(strings.Repeat("grep: x: No such file or directory\n", len(logins.Files())))}
	for name, c := range map[string]struct {
		m         *hosttest.Machine
		want      string
		ignorance bool
	}{
		"journal": {hosttest.New(nil).Program(journal, "2026-10-31T09:00:00+0000 h sshd[7]: Accepted publickey for ann from 192.0.2.7 port 50000 ssh2: ED25519 "+key+"\n"+
			"2026-10-30T09:00:00+0200 h sshd-session[7]: Accepted password for Bob C from 2001:db8::7%eth0 port 50000 ssh2\n"),
			"2026-10-30 07:00:00 Bob C 2001:db8::7 password\n2026-10-31 09:00:00 ann 192.0.2.7 publickey key", false},
		"no word of others": {hosttest.New(nil).Program(journal, "2026-10-31T09:00:00+0000 h sshd[7]: Failed password for invalid user Accepted password for x from 1.2.3.4 port 5 ssh2 from 192.0.2.1 port 7 ssh2\n"+
			"2026-10-31T09:00:00+0000 h sshd[7]: Accepted password for x from 1.2.3.4 port 5 ssh2 from 192.0.2.1 port 7 ssh2\n2026-10-31T09:00:00+0000 h logger: Accepted password for x from 1.2.3.4 port 5 ssh2\n"+
			"2026-10-31T09:00:00+0000 h sshd[7]: Accepted password for x from name.example port 5 ssh2\n"), "", false},
		"syslog": {hosttest.New(nil).Result(files(), host.Output{Exit: 2, Stdout: []byte("Oct 31 03:04:05 h sshd[7]: Accepted password for ann from 192.0.2.7 port 5 ssh2\nNov  5 03:04:05 h sshd[7]: Accepted keyboard-interactive/pam for ann from ::ffff:192.0.2.8 port 5 ssh2\n" +
			"2026-10-31T04:00:00.123456+01:00 h sshd[7]: Accepted password for ann from 192.0.2.9 port 5 ssh2\n"), Stderr: []byte("grep: /var/log/secure: No such file or directory\n")}),
			"2025-11-05 03:04:05 ann 192.0.2.8 keyboard-interactive/pam\n2026-10-31 03:00:00 ann 192.0.2.9 password\n2026-10-31 03:04:05 ann 192.0.2.7 password", false},
		"wtmp": {hosttest.New(nil).Program(wtmp, "ann      pts/0        192.0.2.7        Sat Oct 31 10:00:00 2026   still logged in\nann      tty1         0.0.0.0          Sat Oct 31 10:00:00 2026 - crash\nreboot   system boot  0.0.0.0          Sat Oct 31 09:00:00 2026   still running\n\nwtmp begins Sat Oct 31 08:00:00 2026\n"),
			"2026-10-31 10:00:00 ann 192.0.2.7", true},
		"nothing":           {hosttest.New(nil), "", true},
		"no files":          {hosttest.New(nil).Result(files(), missing), "", true},
		"empty":             {hosttest.New(nil).Program(journal, "-- No entries --\n"), "", false},
		"hint":              {hosttest.New(nil).Result(journal, host.Output{Exit: 1, Stderr: []byte("Hint: You are currently not seeing messages from other users and the system.\n      Users in groups can.\n")}), "", true},
		"no journal":        {hosttest.New(nil).Result(journal, host.Output{Exit: 1, Stderr: []byte("No journal files were found.\n")}), "", true},
		"closed":            {hosttest.New(nil).Result(files(), host.Output{Exit: 2, Stderr: []byte("grep: /var/log/auth.log: Permission denied\n")}), "", true},
		"no root":           {hosttest.New(nil).Program(journal, "").User(), "", true},
		"no patterns":       {hosttest.New(nil).Result(journal, host.Output{Exit: 1, Stderr: []byte("Compiled without pattern matching support\n")}), "", true},
		"wtmp gone":         {hosttest.New(nil).Result(wtmp, host.Output{Exit: 1, Stderr: []byte("last: cannot open /var/log/wtmp: No such file or directory\n")}), "", true},
		"image":             {hosttest.New(map[string]string{"/var/log/auth.log": "2024-10-31T04:00:00+00:00 h sshd[7]: Accepted password for ann from 192.0.2.9 port 5 ssh2\n2024-11-02T04:00:00+00:00 h cron: x\n"}).As(host.Image), "2024-10-31 04:00:00 ann 192.0.2.9 password", false},
		"image, journal":    {hosttest.New(map[string]string{"/var/log/journal/": ""}).As(host.Image), "", true},
		"image, unreadable": {hosttest.New(map[string]string{"/var/log/auth.log": ""}).Deny("/var/log/auth.log").As(host.Image), "", true},
	} {
		f := logins.Look(t.Context(), c.m)
		if said(f) != c.want || (f.Err != nil) != c.ignorance {
			t.Errorf("%s: %q, %v, from %v", name, said(f), f.Err, f.Sources)
		}
		if name == "image" && f.Until.Format(time.DateOnly) != "2024-11-02" {
			t.Errorf("the image's log goes up to %s", f.Until)
		}
		if (name == "nothing" || name == "no files") && !errors.Is(f.Err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, f.Err)
		}
	}
}

func FuzzLook(f *testing.F) {
	f.Add("2026-10-31T09:00:00+0000 h sshd[7]: Accepted publickey for ann from 192.0.2.7 port 5 ssh2: ED25519 "+key, "ann pts/0 192.0.2.7 Sat Oct 31 10:00:00 2026")
	f.Add("Oct 31 03:04:05 h sshd[7]: Accepted password for a from ::1 port 5 ssh2", "x")
	f.Fuzz(func(t *testing.T, log, sessions string) {
		facts := logins.Look(t.Context(), hosttest.New(nil).Program(journal, log).Program(files(), log).Program(wtmp, sessions))
		for _, l := range facts.Logins {
			if l.From == (netip.Addr{}) || strings.Contains(l.User, "\n") {
				t.Errorf("%+v", l)
			}
		}
	})
}
