package firewall_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"keysweep/host/firewall"
	"keysweep/host/hosttest"
)

// docker is what iptables-save says of a machine with two containers, one of which is published for the machine alone.
const docker = `*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
-A DOCKER -d 127.0.0.1/32 ! -i docker0 -p tcp -m tcp --dport 5432 -j DNAT --to-destination 172.17.0.3:5432
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER -d 172.17.0.3/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 5432 -j ACCEPT
RULE
COMMIT
`

func TestForwards(t *testing.T) {
	for name, tt := range map[string]struct{ rule, from string }{
		"as Docker makes it": {"-A DOCKER-USER -j RETURN", "any address"},
		"for some":           {"-A DOCKER-USER -i eth0 ! -s 10.0.0.0/8 -j DROP", "10.0.0.0/8"},
		"for nobody":         {"-A DOCKER-USER -i eth0 -j DROP", "nobody"},
		"other interface":    {"-A DOCKER-USER -i eth1 -j DROP", "any address"},
	} {
		m := hosttest.New(map[string]string{"/sys/class/net/eth0/": "", "/sys/class/net/docker0/": "", "/proc/net/fib_trie": " |-- 192.0.2.10\n /32 host LOCAL\n"}).
			Program("iptables-save", strings.Replace(docker, "RULE", tt.rule, 1)).Program("ip6tables-save", "").Program("nft -j list ruleset", nothing)
		f := firewall.Look(context.Background(), m)
		list := f.Forwards()
		if f.Err != nil || len(list) != 2 || list[0].String() != "8080/tcp to 172.17.0.2:80" || list[0].Loopback() || !list[1].Loopback() || list[1].First != 5432 {
			t.Fatalf("%s: %v, %+v", name, f.Err, list)
		}
		eth := func(iface string) bool { return iface == "eth0" }
		if got := f.ReachForward(list[0]).Maybe(eth).String(); got != tt.from {
			t.Errorf("%s: open to %s, want %s", name, got, tt.from)
		}
		direct := f.Reach(firewall.Query{Family: firewall.IPv4, Protocol: "tcp", Port: 8080, To: netip.MustParseAddr("192.0.2.10")})
		if !direct.Maybe(eth).Empty() {
			t.Errorf("%s: the machine's own port is open to %v", name, direct.Maybe(eth))
		}
	}
}

// TestDockerConfiguration reads whether the daemon makes rules at all.
func TestDockerConfiguration(t *testing.T) {
	for text, want := range map[string]firewall.Docker{
		`{"iptables": false}`: {Config: "/etc/docker/daemon.json", NoRules: true},
		`{"iptables": true}`:  {Config: "/etc/docker/daemon.json"},
		`{}`:                  {Config: "/etc/docker/daemon.json"},
	} {
		if got := firewall.Look(context.Background(), hosttest.New(map[string]string{"/etc/docker/daemon.json": text})).Docker; got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := firewall.Look(context.Background(), hosttest.New(map[string]string{"/etc/docker/daemon.json": "{"})).Docker; got.ConfigErr == nil {
		t.Errorf("broken: %+v", got)
	}
}

// TestRulesThatLetIn names the rules that decide: of ufw's limits the one with the port, and not the last one of the chain that it jumps to.
func TestRulesThatLetIn(t *testing.T) {
	rules := "*filter\n:INPUT DROP\n:ok -\n:in -\n-A INPUT -j in\n-A in -p tcp --dport 22 -j ok\n-A in -p tcp --dport 80 -j ACCEPT\n-A ok -j ACCEPT\nCOMMIT\n"
	f := firewall.Look(context.Background(), hosttest.New(nil).Program("iptables-save", rules).Program("ip6tables-save", "*filter\n:INPUT ACCEPT\nCOMMIT\n"))
	for _, tt := range []struct {
		family firewall.Family
		port   uint16
		want   string
	}{
		{firewall.IPv4, 22, "iptables -A in -p tcp --dport 22 -j ok"},
		{firewall.IPv4, 80, "iptables -A in -p tcp --dport 80 -j ACCEPT"},
		{firewall.IPv4, 81, ""},
		{firewall.IPv6, 81, "ip6tables -P INPUT ACCEPT"},
	} {
		got := ""
		for _, o := range f.Reach(firewall.Query{Family: tt.family, Protocol: "tcp", Port: tt.port}).By(func(string) bool { return true }) {
			got += o.Text
		}
		if got != tt.want {
			t.Errorf("%v %d: %q, want %q", tt.family, tt.port, got, tt.want)
		}
	}
}
