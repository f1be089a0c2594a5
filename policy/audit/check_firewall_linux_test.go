package audit_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/host/firewall"
	"keysweep/host/listen"
	"keysweep/host/live"
	"keysweep/host/observe"
	"keysweep/internal/testneed"
	"keysweep/policy/audit"
)

// networkEnv says that the test runs in namespaces of its own.
const networkEnv = "KEYSWEEP_TEST_OWN_NETWORK"

// real are states of a machine, made by the real programs, and what checks say of them.
var real = []struct {
	name, make string
	want       map[string]string
}{
	{"nothing", "true", map[string]string{"firewall.enabled": "fail high", "firewall.default-deny": "not-applicable", "net.unexpected-listener": "fail high 0.0.0.0:8000/tcp; pass",
		"net.sensitive-exposed": "fail critical 0.0.0.0:5432/tcp", "net.rpc-exposed": "fail critical 0.0.0.0:8545/tcp", "logs.network": "not-applicable"}},
	{"ufw", "ufw default deny incoming; ufw allow 22/tcp; ufw --force enable", map[string]string{"firewall.enabled": "pass", "firewall.default-deny": "pass IPv4; pass IPv6", "firewall.any-source": "pass",
		"logs.network": "pass", "net.unexpected-listener": "pass 0.0.0.0:8000/tcp; pass", "net.sensitive-exposed": "pass 0.0.0.0:5432/tcp", "net.rpc-exposed": "pass 0.0.0.0:8545/tcp", "p2p.per-ip-limit": "fail low"}},
	{"ufw that allows", "ufw default allow incoming; ufw logging off; ufw deny 8545; ufw --force enable", map[string]string{"firewall.enabled": "pass", "firewall.default-deny": "fail high IPv4; fail high IPv6",
		"firewall.any-source": "fail high 1-8544/tcp; fail high 8546-65535/tcp; fail high 1-8544/udp; fail high 8546-65535/udp", "logs.network": "fail low", "net.unexpected-listener": "fail high 0.0.0.0:8000/tcp; pass", "net.rpc-exposed": "pass 0.0.0.0:8545/tcp"}},
	{"ufw for some", "ufw allow from 192.0.2.0/24 to any port 5432; ufw allow from 10.0.0.0/8; ufw limit 22/tcp; ufw --force enable", map[string]string{"firewall.any-source": "pass", "net.unexpected-listener": "pass 0.0.0.0:8000/tcp; pass",
		"net.sensitive-exposed": "pass 0.0.0.0:5432/tcp", "net.rpc-exposed": "fail medium 0.0.0.0:8545/tcp", "p2p.per-ip-limit": "pass"}},
	{"ufw, disabled again", "ufw allow 5432; ufw --force enable; ufw disable", map[string]string{"firewall.enabled": "fail high", "net.sensitive-exposed": "fail critical 0.0.0.0:5432/tcp"}},
	{"ufw for an interface", "ufw allow in on wg0 to any port 5432; ufw allow 8000; ufw --force enable", map[string]string{"net.sensitive-exposed": "pass 0.0.0.0:5432/tcp", "net.unexpected-listener": "fail high 0.0.0.0:8000/tcp; pass"}},
	{"nft", "nft 'table inet f { chain i { type filter hook input priority 0; policy drop; iifname lo accept; ct state established accept; tcp dport { 22, 5432 } accept; }; }'", map[string]string{"firewall.enabled": "pass",
		"firewall.default-deny": "pass IPv4; pass IPv6", "firewall.any-source": "fail high 5432/tcp", "net.sensitive-exposed": "fail critical 0.0.0.0:5432/tcp", "logs.network": "fail low", "firewall.default-out": "pass"}},
	{"nft for IPv4", "nft 'table ip f { chain i { type filter hook input priority 0; policy drop; tcp dport 22 accept; }; }'", map[string]string{"firewall.enabled": "fail high IPv6", "firewall.default-deny": "pass IPv4"}},
	{"nft with a last drop", "nft 'table inet f { chain i { type filter hook input priority 0; policy accept; tcp dport 22 accept; tcp dport 8333 ct count over 5 drop; log prefix \"x\"; drop; }; }'",
		map[string]string{"firewall.default-deny": "pass IPv4; pass IPv6", "logs.network": "pass", "p2p.per-ip-limit": "pass", "net.sensitive-exposed": "pass 0.0.0.0:5432/tcp"}},
	{"nft in another family", "nft 'table bridge f { chain i { type filter hook input priority 0; policy drop; }; }'", map[string]string{"firewall.enabled": "fail high"}},
	{"iptables", "for p in iptables ip6tables; do $p -P INPUT DROP; $p -A INPUT -i lo -j ACCEPT; $p -A INPUT -p tcp --dport 22 -j ACCEPT; $p -A INPUT -s ::/0 -j LOG 2>/dev/null || true; done", map[string]string{"firewall.enabled": "pass",
		"firewall.default-deny": "pass IPv4; pass IPv6", "net.unexpected-listener": "pass 0.0.0.0:8000/tcp; pass", "firewall.default-out": "pass"}},
	{"iptables without ip6tables", "iptables -P INPUT DROP; iptables -A INPUT -p tcp --dport 8545 -j ACCEPT", map[string]string{"firewall.enabled": "fail high IPv6", "net.rpc-exposed": "fail critical 0.0.0.0:8545/tcp"}},
	{"iptables-legacy", "iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -p tcp --dport 8545 -j ACCEPT; ip6tables-legacy -P INPUT DROP", map[string]string{"firewall.enabled": "pass",
		"firewall.default-deny": "pass IPv4; pass IPv6", "net.rpc-exposed": "fail critical 0.0.0.0:8545/tcp", "net.sensitive-exposed": "pass 0.0.0.0:5432/tcp"}},
	{"nft's table with iptables' name", "iptables-legacy -F; iptables-legacy -P INPUT ACCEPT; ip6tables-legacy -P INPUT ACCEPT; nft 'table ip filter { chain INPUT { type filter hook input priority 0; policy drop; tcp dport { 22, 5432 } accept; }; }'; ip6tables -P INPUT DROP",
		map[string]string{"firewall.enabled": "pass", "net.sensitive-exposed": "fail critical 0.0.0.0:5432/tcp", "net.unexpected-listener": "pass 0.0.0.0:8000/tcp; pass"}},
	{"nft's chain in a table with ip6tables' name", "nft 'table ip6 filter { chain in { type filter hook input priority 0; policy drop; }; }'; iptables -P INPUT DROP", map[string]string{"firewall.enabled": "pass"}},
	{"nft's rule among iptables' own", "iptables -P INPUT DROP; ip6tables -P INPUT DROP; iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; nft add rule ip filter INPUT tcp dport '{ 22, 5432 }' drop; iptables -A INPUT -p tcp -m multiport --dports 8000,5432 -j ACCEPT",
		map[string]string{"net.sensitive-exposed": "pass 0.0.0.0:5432/tcp", "net.unexpected-listener": "fail high 0.0.0.0:8000/tcp; pass"}},
	{"iptables, and nft on top", "iptables -A INPUT -p tcp --dport 5432 -j ACCEPT; nft 'table inet f { chain i { type filter hook input priority 10; policy drop; tcp dport 22 accept; }; }'",
		map[string]string{"firewall.enabled": "pass", "net.sensitive-exposed": "pass 0.0.0.0:5432/tcp"}},
	{"iptables with a set", "nft 'table ip x { }'; iptables -P INPUT DROP; ip6tables -P INPUT DROP; iptables -A INPUT -m mark --mark 7 -j ACCEPT", map[string]string{"firewall.default-deny": "unknown IPv4; pass IPv6",
		"net.sensitive-exposed": "unknown 0.0.0.0:5432/tcp"}},
}

// TestRealFirewalls makes each state in a network of its own, with listeners at 8000, 5432 and 8545.
func TestRealFirewalls(t *testing.T) {
	if os.Getenv(networkEnv) == "" {
		for _, name := range []string{"unshare", "ufw", "nft", "iptables", "ip6tables", "iptables-legacy", "ip6tables-legacy", "ip"} {
			testneed.Program(t, name)
		}
		if out, err := exec.Command("unshare", "--net", "--mount", "true").CombinedOutput(); err != nil {
			testneed.Missing(t, "namespaces of its own, which this user may not make here: %v: %s", err, out)
		}
		cmd := exec.Command("unshare", "--net", "--mount", os.Args[0], "-test.run=^TestRealFirewalls$")
		cmd.Env = append(os.Environ(), networkEnv+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	shell(t, "mount -t sysfs none /sys; ip link set lo up; ip link add eth0 type veth peer name eth1; ip link set eth0 up; ip addr add 192.0.2.10/24 dev eth0; ip addr add 2001:db8::10/64 dev eth0 nodad")
	for _, port := range []int{8000, 5432, 8545} {
		l, err := net.Listen("tcp4", fmt.Sprintf("0.0.0.0:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
	}
	for _, tt := range real {
		dir := t.TempDir()
		shell(t, "nft flush ruleset; umount /etc/ufw /etc/default/ufw 2>/dev/null || true; cp -r /etc/ufw "+dir+"/ufw; cp /etc/default/ufw "+dir+"/default; cp /usr/share/ufw/iptables/user*.rules "+dir+"/ufw/; "+
			"mount --bind "+dir+"/ufw /etc/ufw; mount --bind "+dir+"/default /etc/default/ufw; sed -i s/ENABLED=.*/ENABLED=no/ /etc/ufw/ufw.conf; "+tt.make)
		for id, want := range tt.want {
			if got := liveOutcome(id); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.name, id, got, want)
			}
		}
	}
}

func shell(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, script)
	}
}

// liveOutcome judges this machine by one check, with sshd at port 22 whatever the machine's own does.
func liveOutcome(id string) string {
	s := live.New(live.Options{Now: time.Now})
	m := &observe.Machine{Source: s, Firewall: firewall.Look(context.Background(), s), Sockets: listen.Look(s)}
	for i := range m.Firewall.Managers {
		m.Firewall.Managers[i].Enabled = false // what else is installed where the test runs does not matter
	}
	rules := audit.Baseline()
	rules.Public = []audit.Port{{First: 22, Last: 22, Protocol: "tcp"}}
	rules.NodeServices = []string{"node.service"}
	for _, c := range audit.HostChecks() {
		if c.ID != id {
			rules.Off = append(rules.Off, c.ID)
		}
	}
	var all []string
	for _, r := range audit.Host(m, rules, time.Now()) {
		if r.Check != id {
			continue
		}
		text := string(r.State)
		if r.State == finding.Fail {
			text += " " + r.Severity.String()
		}
		if r.Subject != "" {
			text += " " + r.Subject
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, "; ")
}
