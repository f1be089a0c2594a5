package audit_test

import (
	"io/fs"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/policy/audit"
)

// guarded is a machine with sshd and Debian's fail2ban, and some more files.
func guarded(files ...string) *hosttest.Machine {
	m := ruled(deny+"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"+end, saved6).
		File("/usr/bin/fail2ban-server", "").
		File("/etc/fail2ban/jail.conf", "[DEFAULT]\nbackend = auto\nenabled = false\nport = 0:65535\nbanaction = iptables-multiport\naction = %(banaction)s[port=\"%(port)s\"]\n"+
			"[sshd]\nport = ssh\nlogpath = /var/log/auth.log\n").
		File("/etc/fail2ban/jail.d/defaults-debian.conf", "[sshd]\nenabled = true\n").
		Link("/etc/systemd/system/multi-user.target.wants/fail2ban.service", "/lib/systemd/system/fail2ban.service").
		Program("fail2ban-client ping", "Server replied: pong\n").Program("fail2ban-client -t", "OK: configuration test is successful\n")
	for i := 0; i+1 < len(files); i += 2 {
		m.File(files[i], files[i+1])
	}
	return m
}

func TestFail2banChecks(t *testing.T) {
	const log, local, python = "/var/log/auth.log", "/etc/fail2ban/jail.local", "/usr/lib/python3/dist-packages/systemd/__init__.py"
	limit := deny + "-A INPUT -p tcp -m tcp --dport 22 -m recent --name x --set\n-A INPUT -p tcp -m tcp --dport 22 -m recent --name x --update --seconds 30 --hitcount 6 -j DROP\n" +
		"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n" + end
	dead := host.Output{Exit: 255, Stderr: []byte("Failed to access socket path: /var/run/fail2ban/fail2ban.sock. Is fail2ban running?\n")}
	broken := host.Output{Exit: 255, Stderr: []byte("2026-11-21 10:00:00,000 fail2ban [7]: ERROR   Failed during configuration: Have not found any log file for sshd jail\n")}
	tests := []struct {
		name, id string
		machine  *hosttest.Machine
		want     string
	}{
		{"on", "f2b.enabled", guarded(log, ""), "pass"},
		{"not installed", "f2b.enabled", ruled(deny+end, saved6), "fail medium"},
		{"jail off", "f2b.enabled", guarded(local, "[sshd]\nenabled = false\n"), "fail medium"},
		{"not running", "f2b.enabled", guarded(log, "").Result("fail2ban-client ping", dead), "fail medium"},
		{"no rights", "f2b.enabled", guarded().Deny("/etc/fail2ban/jail.d/defaults-debian.conf"), "unknown"},
		{"ufw limit", "f2b.enabled", ruled(limit, saved6), "pass"},
		{"sshguard", "f2b.enabled", ruled(deny+end, saved6).File("/usr/sbin/sshguard", "").Link("/etc/systemd/system/multi-user.target.wants/sshguard.service", "/lib/systemd/system/sshguard.service"), "pass"},
		{"sshguard off", "f2b.enabled", ruled(deny+end, saved6).File("/usr/sbin/sshguard", ""), "fail medium"},
		{"no sshd", "f2b.enabled", hosttest.New(nil), "not-applicable"},

		{"a file", "f2b.log-source", guarded(log, ""), "pass"},
		{"no rsyslog", "f2b.log-source", guarded(), "fail high"},
		{"no rsyslog, and it says so", "f2b.log-source", guarded(log, "").Result("fail2ban-client -t", broken), "fail high"},
		{"journal", "f2b.log-source", guarded(local, "[sshd]\nbackend = systemd\n", python, ""), "pass"},
		{"journal without module", "f2b.log-source", guarded(local, "[sshd]\nbackend = systemd\n"), "fail high"},
		{"journal unknown", "f2b.log-source", guarded(local, "[sshd]\nbackend = systemd\n").Broken("fail2ban-client -t", fs.ErrPermission).NotCollected("/usr/lib/python3/dist-packages/systemd"), "unknown"},
		{"image without log", "f2b.log-source", guarded().As(host.Image), "fail high"},
		{"off", "f2b.log-source", guarded(local, "[sshd]\nenabled = false\n"), "not-applicable"},

		{"22", "f2b.ssh-port", guarded(log, ""), "pass"},
		{"moved", "f2b.ssh-port", guarded("/etc/ssh/sshd_config", "Port 2222\n"), "fail high"},
		{"moved, both", "f2b.ssh-port", guarded("/etc/ssh/sshd_config", "Port 2222\n", local, "[sshd]\nport = ssh,2222\n"), "pass"},
		{"one of two", "f2b.ssh-port", guarded("/etc/ssh/sshd_config", "Port 2222\nPort 22\n"), "fail high"},
		{"range", "f2b.ssh-port", guarded("/etc/ssh/sshd_config", "Port 2222\n", local, "[sshd]\nport = 1:65535\n"), "pass"},
		{"all ports", "f2b.ssh-port", guarded("/etc/ssh/sshd_config", "Port 2222\n", local, "[DEFAULT]\nbanaction = nftables[type=allports]\n"), "pass"},
		{"odd name", "f2b.ssh-port", guarded("/etc/ssh/sshd_config", "Port 2222\n", local, "[sshd]\nport = my-ssh\n"), "unknown"},
	}
	for _, tt := range tests {
		if got := outcome(t, tt.machine, audit.Baseline(), tt.id); got != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.id, tt.name, got, tt.want)
		}
	}
}
