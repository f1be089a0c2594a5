package fail2ban_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/fail2ban"
	"keysweep/host/hosttest"
)

const debian = "[INCLUDES]\nbefore = paths-debian.conf\n[DEFAULT]\nbackend = auto\nenabled = false\nport = 0:65535\nbanaction = iptables-multiport\n" +
	"action_ = %(banaction)s[port=\"%(port)s\"]\naction = %(action_)s\n[sshd]\nport = ssh\nlogpath = %(sshd_log)s\nbackend = %(sshd_backend)s\n"

const paths = "[INCLUDES]\nafter = paths-overrides.local\n[DEFAULT]\ndefault_backend = %(default/backend)s\nsshd_log = /var/log/auth.log\nsshd_backend = %(default_backend)s\n"

// installed is a machine with Debian's configuration, and more files.
func installed(files map[string]string) *hosttest.Machine {
	all := map[string]string{"/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.conf": debian, "/etc/fail2ban/paths-debian.conf": paths, "/etc/fail2ban/jail.d/defaults-debian.conf": "[sshd]\nenabled = true\n"}
	for name, text := range files {
		all[name] = text
	}
	return hosttest.New(all)
}

func TestJail(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             string // enabled, port, backend, logs
		at               string // where enabled is set
	}{
		{"as Debian ships it", "", "", "true ssh auto /var/log/auth.log", "/etc/fail2ban/jail.d/defaults-debian.conf:2"},
		{"local over all", "/etc/fail2ban/jail.local", "[sshd]\nenabled=no\n", "false ssh auto /var/log/auth.log", "/etc/fail2ban/jail.local:2"},
		{"directory over local", "/etc/fail2ban/jail.d/zz.local", "[sshd]\nenabled = 1 ; really\nport: 2222\n", "true 2222 auto /var/log/auth.log", "/etc/fail2ban/jail.d/zz.local:2"},
		{"default section", "/etc/fail2ban/jail.local", "[DEFAULT]\nbackend = systemd\n", "true ssh systemd /var/log/auth.log", "/etc/fail2ban/jail.d/defaults-debian.conf:2"},
		{"overrides of paths", "/etc/fail2ban/paths-overrides.local", "[DEFAULT]\nsshd_log = /var/log/secure\n", "true ssh auto /var/log/secure", "/etc/fail2ban/jail.d/defaults-debian.conf:2"},
		{"local of what is included", "/etc/fail2ban/paths-debian.local", "[DEFAULT]\nsshd_log = /a\n  /b\n", "true ssh auto /a\n/b", "/etc/fail2ban/jail.d/defaults-debian.conf:2"},
		{"names", "/etc/fail2ban/jail.local", "[x]\ny = 7\n[sshd]\nPORT = %(known/port)s,%(x/y)s,%(default/port)s\n", "true ssh,7,0:65535 auto /var/log/auth.log", "/etc/fail2ban/jail.d/defaults-debian.conf:2"},
		{"comments", "/etc/fail2ban/jail.local", "[sshd]\n#enabled = false\n;enabled = false\nport = 22\n# x\n  2222\n", "true 22\n2222 auto /var/log/auth.log", "/etc/fail2ban/jail.d/defaults-debian.conf:2"},
	}
	for _, tt := range tests {
		m := installed(nil)
		if tt.file != "" {
			m = installed(map[string]string{tt.file: tt.text})
		}
		j := fail2ban.Look(context.Background(), m).Jail
		got := strings.Join([]string{map[bool]string{true: "true", false: "false"}[j.Enabled], j.Port.Text, j.Backend.Text, j.Logs.Text}, " ")
		if j.Err != nil || got != tt.want || j.EnabledAt.Origin.String() != tt.at {
			t.Errorf("%s: %q at %s, %v; want %q at %s", tt.name, got, j.EnabledAt.Origin, j.Err, tt.want, tt.at)
		}
	}
}

func TestWhatIsNotKnown(t *testing.T) {
	ctx := context.Background()
	if g := fail2ban.Look(ctx, hosttest.New(nil)); g.Installed || g.Jail.Enabled {
		t.Errorf("not installed: %+v", g)
	}
	for name, m := range map[string]*hosttest.Machine{
		"denied":    installed(nil).Deny("/etc/fail2ban/jail.d/defaults-debian.conf"),
		"loop":      installed(map[string]string{"/etc/fail2ban/jail.local": "[sshd]\nport = %(port)s\n"}),
		"not set":   installed(map[string]string{"/etc/fail2ban/jail.local": "[sshd]\nport = %(no)s\n"}),
		"open":      installed(map[string]string{"/etc/fail2ban/jail.local": "[sshd]\nport = %(no\n"}),
		"directory": installed(nil).Deny("/etc/fail2ban/jail.d"),
	} {
		if g := fail2ban.Look(ctx, m); g.Jail.Err == nil {
			t.Errorf("%s: %+v", name, g.Jail)
		}
	}
	g := fail2ban.Look(ctx, installed(nil).As(host.Image))
	if !g.Jail.Enabled || !errors.Is(g.Running.Err, host.ErrNotRun) || !errors.Is(g.TestErr, host.ErrNotRun) {
		t.Errorf("image: %+v", g)
	}
}

func TestAllPorts(t *testing.T) {
	for action, want := range map[string]bool{
		"iptables-multiport[port=\"ssh\"]": false, "iptables-allports[name=x]": true, "nftables[type=allports, port=\"0\"]": true, "nftables[type=multiport]": false,
		"ufw": true, "ufw[application=OpenSSH]": false, "route[blocktype=blackhole]": true, "sendmail-whois[name=x]\niptables-allports": true, "": false,
	} {
		if got := (fail2ban.Jail{Actions: fail2ban.Value{Text: action}}).AllPorts(); got != want {
			t.Errorf("%q: %v", action, got)
		}
	}
}

func FuzzLook(f *testing.F) {
	f.Add(debian, paths)
	f.Add("[INCLUDES]\nbefore = jail.conf\n x.conf\n[sshd]\na = %(b)s\nb=%(a)s", "[sshd]\nenabled=%(known/enabled)s")
	f.Fuzz(func(t *testing.T, main, local string) {
		m := hosttest.New(map[string]string{"/usr/bin/fail2ban-server": "", "/etc/fail2ban/jail.conf": main, "/etc/fail2ban/jail.local": local, "/etc/fail2ban/x.conf": local})
		fail2ban.Look(context.Background(), m).Jail.AllPorts()
	})
}
