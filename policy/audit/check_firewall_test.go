package audit_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/observe"
	"keysweep/policy/audit"
)

// socketTable is /proc/net/tcp with listeners at "ADDRESS:PORT" as the kernel writes them.
func socketTable(state string, at ...string) string {
	text := "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	for i, a := range at {
		text += fmt.Sprintf("   %d: %s 00000000:0000 %s 00000000:00000000 00:00000000 00000000     0        0 %d 1\n", i, a, state, 100+i)
	}
	return text
}

const (
	saved6  = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n"
	nothing = `{"nftables": [{"metainfo": {"version": "1.0.6"}}]}`
)

// ruled is a machine whose kernel has rules of iptables, and where sshd and some others listen.
func ruled(rules4, rules6 string, tcp ...string) *hosttest.Machine {
	return hosttest.New(map[string]string{
		"/proc/net/tcp": socketTable("0A", append([]string{"00000000:0016"}, tcp...)...), "/proc/net/udp": socketTable("07"),
		"/etc/ssh/sshd_config": "Port 22\n", "/usr/sbin/sshd": "", "/usr/sbin/iptables": "",
		"/etc/iptables/rules.v4": "", "/sys/class/net/eth0/": "", "/sys/class/net/lo/": "",
		"/proc/net/fib_trie": "Local:\n  |-- 192.0.2.10\n     /32 host LOCAL\n", "/proc/net/if_inet6": "20010db8000000000000000000000001 02 40 00 80 eth0\n",
	}).Link("/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service", "/lib/systemd/system/netfilter-persistent.service").
		Program("iptables-save", rules4).Program("ip6tables-save", rules6).Program("nft -j list ruleset", nothing)
}

// outcome is what a check of a machine came to, its worst first: "fail high", "pass".
func outcome(t *testing.T, m host.Source, rules *audit.Rules, id string) string {
	t.Helper()
	var all []string
	for _, r := range audit.Host(observe.Look(context.Background(), m), rules, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
		if r.Check != id {
			continue
		}
		text := string(r.State)
		if r.State == finding.Fail {
			text += " " + r.Severity.String()
			if r.Found == "" || r.Wanted == "" || r.Fix == "" || r.Where == (finding.Spot{}) || r.Why == "" {
				t.Errorf("%s: a fail says too little: %+v", id, r)
			}
		}
		if r.State == finding.Undetermined && r.Cause == "" {
			t.Errorf("%s: an unknown does not say why: %+v", id, r)
		}
		if r.Subject != "" {
			text += " " + r.Subject
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

const (
	deny  = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
	allow = "*filter\n:INPUT ACCEPT [0:0]\n"
	end   = "COMMIT\n"
)

func TestFirewallChecks(t *testing.T) {
	ssh := "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
	with := func(ports ...audit.Port) *audit.Rules {
		r := audit.Baseline()
		r.Allow = ports
		return r
	}
	required := audit.Baseline()
	required.Required = []audit.Port{{First: 16127, Last: 16127, Protocol: "tcp"}}
	postgres, flux := "00000000:1538", "00000000:3EFF"
	tests := []struct {
		name, id string
		machine  *hosttest.Machine
		rules    *audit.Rules
		want     string
	}{
		{"on", "firewall.enabled", ruled(deny+ssh+end, saved6), nil, "pass"},
		{"off", "firewall.enabled", ruled(allow+end, allow+end), nil, "fail high"},
		{"no tables", "firewall.enabled", ruled("", ""), nil, "fail high"},
		{"only bans", "firewall.enabled", ruled(allow+":f2b-sshd - [0:0]\n-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd\n-A f2b-sshd -s 198.51.100.7/32 -j REJECT\n-A f2b-sshd -j RETURN\n"+end, allow+end), nil, "fail high"},
		{"one port closed", "firewall.enabled", ruled(allow+"-A INPUT -p tcp --dport 23 -j DROP\n"+end, allow+"-A INPUT -p tcp --dport 23 -j DROP\n"+end), nil, "pass"},
		{"IPv6 open", "firewall.enabled", ruled(deny+ssh+end, allow+end), nil, "fail high IPv6"},
		{"no rights", "firewall.enabled", ruled("", "").Result("iptables-save", host.Output{Exit: 4, Stderr: []byte("Permission denied (you must be root)")}), nil, "unknown"},
		{"not collected", "firewall.enabled", ruled("", "").Broken("nft -j list ruleset", fs.ErrPermission), nil, "unknown"},
		{"at boot", "firewall.boot-enabled", ruled(deny+ssh+end, saved6), nil, "pass"},
		{"by hand", "firewall.boot-enabled", hosttest.New(map[string]string{"/usr/sbin/nft": ""}).Program("iptables-save", deny+end).Program("ip6tables-save", saved6).Program("nft -j list ruleset", nothing), nil, "fail high"},
		{"masked", "firewall.boot-enabled", ruled(deny+ssh+end, saved6).Link("/etc/systemd/system/netfilter-persistent.service", "/dev/null"), nil, "fail high"},
		{"rules without service", "firewall.boot-enabled", hosttest.New(map[string]string{"/usr/sbin/iptables": "", "/etc/iptables/rules.v4": deny + end, "/sys/class/net/eth0/": ""}).Program("iptables-save", deny+end).Program("ip6tables-save", saved6), nil, "fail high"},
		{"not known", "firewall.boot-enabled", ruled(deny+ssh+end, saved6).Deny("/etc/systemd/system"), nil, "unknown"},
		{"none", "firewall.boot-enabled", ruled(allow+end, allow+end), nil, "not-applicable"},
		{"deny", "firewall.default-deny", ruled(deny+ssh+end, saved6), nil, "pass IPv4; pass IPv6"},
		{"accept with a drop", "firewall.default-deny", ruled(allow+"-A INPUT -p tcp --dport 23 -j DROP\n"+end, saved6), nil, "fail high IPv4; pass IPv6"},
		{"accept with a last drop", "firewall.default-deny", ruled(allow+ssh+"-A INPUT -j REJECT\n"+end, saved6), nil, "pass IPv4; pass IPv6"},
		{"high ports", "firewall.default-deny", ruled(deny+"-A INPUT -p tcp --dport 1024:65535 -j ACCEPT\n"+end, saved6), nil, "fail high IPv4; pass IPv6"},
		{"a set", "firewall.default-deny", ruled(deny+"-A INPUT -m set --match-set friends src -j ACCEPT\n"+end, saved6), nil, "unknown IPv4; pass IPv6"},
		{"private sources", "firewall.default-deny", ruled(deny+"-A INPUT -s 10.0.0.0/8 -j ACCEPT\n"+end, saved6), nil, "pass IPv4; pass IPv6"},
		{"ssh", "firewall.ssh-allowed", ruled(deny+ssh+end, saved6), nil, "pass 22/tcp"},
		{"ssh from one", "firewall.ssh-allowed", ruled(deny+"-A INPUT -s 192.0.2.1/32 -p tcp --dport 22 -j ACCEPT\n"+end, saved6), nil, "pass 22/tcp"},
		{"ssh moved", "firewall.ssh-allowed", ruled(deny+ssh+end, saved6).File("/etc/ssh/sshd_config", "Port 2222\n"), nil, "fail critical 2222/tcp"},
		{"ssh closed", "firewall.ssh-allowed", ruled(deny+end, saved6), nil, "fail critical 22/tcp"},
		{"ssh by a set", "firewall.ssh-allowed", ruled(deny+"-A INPUT -m set --match-set friends src -j ACCEPT\n"+end, saved6), nil, "unknown 22/tcp"},
		{"only ssh", "firewall.any-source", ruled(deny+ssh+end, saved6), nil, "pass"},
		{"database", "firewall.any-source", ruled(deny+ssh+"-A INPUT -p tcp --dport 5432 -j ACCEPT\n"+end, saved6), nil, "fail high 5432/tcp"},
		{"web and more", "firewall.any-source", ruled(deny+"-A INPUT -p tcp --dport 80 -j ACCEPT\n-A INPUT -p udp --dport 5000:5001 -j ACCEPT\n"+end, saved6), nil, "fail low 80/tcp; fail medium 5000-5001/udp"},
		{"named", "firewall.any-source", ruled(deny+"-A INPUT -p tcp --dport 8080 -j ACCEPT\n"+end, saved6), with(audit.Port{First: 8080, Last: 8080, Protocol: "tcp"}), "pass"},
		{"no log", "logs.network", ruled(deny+ssh+end, saved6), nil, "fail low"},
		{"log", "logs.network", ruled(deny+ssh+"-A INPUT -j LOG --log-prefix \"drop: \"\n"+end, saved6), nil, "pass"},
		{"log elsewhere", "logs.network", ruled(deny+ssh+":OTHER - [0:0]\n-A OTHER -j LOG\n"+end, saved6), nil, "fail low"},
		{"limit", "p2p.per-ip-limit", ruled(deny+"-A INPUT -p tcp -m connlimit --connlimit-above 9 -j REJECT\n"+end, saved6), required, "pass"},
		{"no limit", "p2p.per-ip-limit", ruled(deny+ssh+end, saved6), required, "fail low"},
		{"no node", "p2p.per-ip-limit", ruled(deny+ssh+end, saved6), nil, "not-applicable"},

		{"quiet", "net.unexpected-listener", ruled(deny+ssh+end, saved6), nil, "pass"},
		{"open", "net.unexpected-listener", ruled(deny+"-A INPUT -p tcp --dport 8000 -j ACCEPT\n"+end, saved6, "00000000:1F40"), nil, "fail high 0.0.0.0:8000/tcp; pass"},
		{"blocked", "net.unexpected-listener", ruled(deny+ssh+end, saved6, "00000000:1F40"), nil, "pass 0.0.0.0:8000/tcp; pass"},
		{"some", "net.unexpected-listener", ruled(deny+"-A INPUT -s 10.0.0.0/8 -p tcp --dport 8000 -j ACCEPT\n"+end, saved6, "00000000:1F40"), nil, "pass 0.0.0.0:8000/tcp; pass"},
		{"named", "net.unexpected-listener", ruled(allow+end, saved6, "00000000:1F40"), with(audit.Port{First: 8000, Last: 8000, Protocol: "tcp"}), "pass"},
		{"loopback", "net.unexpected-listener", ruled(allow+end, saved6, "0100007F:1F40"), nil, "pass"},
		{"no firewall", "net.unexpected-listener", ruled("", "", "00000000:1F40"), nil, "fail high 0.0.0.0:8000/tcp; pass"},
		{"rules unknown", "net.unexpected-listener", ruled("", "", "00000000:1F40").Broken("iptables-save", fs.ErrPermission), nil, "unknown 0.0.0.0:8000/tcp; pass"},
		{"image", "net.unexpected-listener", ruled("", "").As(host.Image), nil, "unknown"},
		{"database", "net.sensitive-exposed", ruled(deny+"-A INPUT -p tcp --dport 5432 -j ACCEPT\n"+end, saved6, postgres), nil, "fail critical 0.0.0.0:5432/tcp"},
		{"database for some", "net.sensitive-exposed", ruled(deny+"-A INPUT -s 10.0.0.0/8 -p tcp --dport 5432 -j ACCEPT\n"+end, saved6, postgres), nil, "pass 0.0.0.0:5432/tcp"},
		{"database blocked", "net.sensitive-exposed", ruled(deny+ssh+end, saved6, postgres), nil, "pass 0.0.0.0:5432/tcp"},
		{"database at home", "net.sensitive-exposed", ruled(allow+end, saved6, "0100007F:1538"), nil, "pass 127.0.0.1:5432/tcp"},
		{"none", "net.sensitive-exposed", ruled(allow+end, saved6), nil, "pass"},
		{"rpc", "net.rpc-exposed", ruled(allow+end, saved6, "00000000:2161"), nil, "fail critical 0.0.0.0:8545/tcp"},
		{"rpc for some", "net.rpc-exposed", ruled(deny+"-A INPUT -s 10.0.0.0/8 -j ACCEPT\n"+end, saved6, "00000000:208C"), nil, "fail medium 0.0.0.0:8332/tcp"},
		{"rpc at home", "net.rpc-exposed", ruled(allow+end, saved6, "0100007F:2161"), nil, "pass 127.0.0.1:8545/tcp"},
		{"rpc by a setting", "net.rpc-exposed", ruled(deny+end, saved6).File("/etc/bitcoin/bitcoin.conf", "rpcallowip=0.0.0.0/0\n"), nil, "fail high bitcoin.conf; pass"},
		{"rpc of an image", "net.rpc-exposed", ruled("", "").As(host.Image).File("/etc/systemd/system/geth.service", "[Service]\nExecStart=geth --http.addr 0.0.0.0\n"), nil, "fail high geth.service; unknown"},
		{"required", "net.required-ports", ruled(deny+"-A INPUT -p tcp --dport 16124:16129 -j ACCEPT\n"+end, saved6, flux), required, "pass 16127/tcp"},
		{"required blocked", "net.required-ports", ruled(deny+ssh+end, saved6, flux), required, "fail medium 16127/tcp"},
		{"required not started", "net.required-ports", ruled(allow+end, saved6), required, "fail medium 16127/tcp"},
		{"nothing required", "net.required-ports", ruled(allow+end, saved6), nil, "not-applicable"},
		{"docker", "net.docker-bypass", ruled(deny+end, saved6, "00000000:1F90").File("/proc/7/comm", "docker-proxy\n").Link("/proc/7/fd/4", "socket:[101]"), nil, "fail high 0.0.0.0:8080/tcp"},
		{"docker without rules", "net.docker-bypass", ruled(deny+end, saved6, "00000000:1F90").File("/proc/7/comm", "docker-proxy\n").Link("/proc/7/fd/4", "socket:[101]").File("/etc/docker/daemon.json", `{"iptables": false}`), nil, "pass 0.0.0.0:8080/tcp"},
		{"docker by rules", "net.docker-bypass", ruled("*nat\n:PREROUTING ACCEPT\n:DOCKER -\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n"+end+
			deny+end, saved6, "00000000:1F90").File("/proc/7/comm", "docker-proxy\n").Link("/proc/7/fd/4", "socket:[101]"), nil, "fail high 8080/tcp to 172.17.0.2:80"},
		{"docker for some", "net.docker-bypass", ruled("*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n"+end+
			deny+":FORWARD ACCEPT\n-A FORWARD ! -s 10.0.0.0/8 -j DROP\n"+end, saved6), nil, "pass 8080/tcp to 172.17.0.2:80"},
		{"docker at home", "net.docker-bypass", ruled(deny+end, saved6, "0100007F:1F90").File("/proc/7/comm", "docker-proxy\n").Link("/proc/7/fd/4", "socket:[101]"), nil, "pass 127.0.0.1:8080/tcp"},
		{"no docker", "net.docker-bypass", ruled(deny+end, saved6), nil, "not-applicable"},
	}
	for _, tt := range tests {
		rules := tt.rules
		if rules == nil {
			rules = audit.Baseline()
		}
		if got := outcome(t, tt.machine, rules, tt.id); got != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.id, tt.name, got, tt.want)
		}
	}
}

// TestFirewalldStands is a machine whose firewalld is switched on and does not run: it is started, no second firewall is set up.
func TestFirewalldStands(t *testing.T) {
	m := hosttest.New(map[string]string{
		"/proc/net/tcp": socketTable("0A", "00000000:0016"), "/proc/net/udp": socketTable("07"), "/etc/ssh/sshd_config": "Port 22\n", "/usr/sbin/sshd": "",
		"/usr/sbin/firewalld": "", "/etc/firewalld/firewalld.conf": "DefaultZone=public\n",
		"/usr/lib/systemd/system/firewalld.service": "[Service]\nExecStart=/usr/sbin/firewalld\n",
	}).Program("nft -j list ruleset", nothing).
		Link("/etc/systemd/system/multi-user.target.wants/firewalld.service", "/usr/lib/systemd/system/firewalld.service")
	look := func(kind host.Kind) (r finding.Result) {
		for _, r = range audit.Host(observe.Look(context.Background(), m.As(kind)), audit.Baseline(), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
			if r.Check == "firewall.enabled" {
				return r
			}
		}
		return r
	}
	if r := look(host.Live); r.State != finding.Fail || r.Fix != "firewall-offline-cmd --add-port=22/tcp && systemctl start firewalld" {
		t.Errorf("%s: %q, %q", r.State, r.Title, r.Fix)
	}
	m.File("/etc/firewalld/zones/public.xml", "<zone><port port=\"22\" protocol=\"tcp\"/></zone>\n")
	if r := look(host.Image); r.Title != "firewalld, by files of firewalld" {
		t.Errorf("%s: %q", r.State, r.Title)
	}
}

// TestNobodyComes has the firewall let some, all and nobody come to sshd: where nobody comes, no practice is followed by that.
func TestNobodyComes(t *testing.T) {
	const drop6 = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"
	for rules, want := range map[string]string{
		deny + end: "not-applicable",
		deny + "-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT\n" + end: "pass",
		deny + "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n" + end:                 "fail medium",
	} {
		if got := outcome(t, ruled(rules, drop6), audit.Baseline(), "ssh.source-restricted"); got != want {
			t.Errorf("%s: %s, not %s", rules, got, want)
		}
	}
}
