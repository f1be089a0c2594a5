package audit_test

import (
	"context"
	"testing"

	"keysweep/host/bundle"
	"keysweep/host/hosttest"
	"keysweep/policy/audit"
)

// TestCollectedMachinesAreJudgedAlike judges machines once as they are, and once by what is collected of them.
func TestCollectedMachinesAreJudgedAlike(t *testing.T) {
	ssh := "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
	machines := map[string]*hosttest.Machine{
		"closed":  guarded("/var/log/auth.log", ""),
		"open":    ruled(allow+end, allow+end, "00000000:1538", "00000000:1F40", "0100007F:2161"),
		"address": ruled(deny+"-A INPUT -d 192.0.2.10/32 -p tcp --dport 8000 -j ACCEPT\n"+ssh+end, saved6, "00000000:1F40"),
		"journal": guarded("/etc/fail2ban/jail.local", "[sshd]\nbackend = systemd\nport = 2222\n", "/usr/lib/python3/dist-packages/systemd/__init__.py", ""),
		"docker":  ruled(deny+end, saved6, "00000000:1F90").File("/proc/7/comm", "docker-proxy\n").Link("/proc/7/fd/4", "socket:[101]"),
		"neither": hosttest.New(map[string]string{"/proc/net/tcp": socketTable("0A", "00000000:1F40"), "/proc/net/udp": socketTable("07")}).Dir("/etc/systemd/system").Dir("/sys/class/net/eth0"),
	}
	for name, m := range machines {
		b, err := bundle.Collect(context.Background(), m, bundle.About{Host: "test"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range audit.HostChecks() {
			switch c.Area {
			case "firewall", "ports", "fail2ban":
				if live, saved := outcome(t, m, audit.Baseline(), c.ID), outcome(t, b, audit.Baseline(), c.ID); live != saved {
					t.Errorf("%s, %s: %q, and when it is collected %q", name, c.ID, live, saved)
				}
			}
		}
	}
}
