package firewall_test

import (
	"context"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/hosttest"
)

// nftImage is an image whose nftables service loads a file.
func nftImage(text string, more ...string) host.Source {
	m := hosttest.New(map[string]string{"/usr/sbin/nft": "", "/etc/nftables.conf": text}).
		Link("/etc/systemd/system/sysinit.target.wants/nftables.service", "/lib/systemd/system/nftables.service").As(host.Image)
	for i := 0; i+1 < len(more); i += 2 {
		m.File(more[i], more[i+1])
	}
	return m
}

// handwritten are rulesets as people write them.
var handwritten = []string{
	"#!/usr/sbin/nft -f\n\nflush ruleset\n\ntable inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter;\n\t}\n\tchain forward {\n\t\ttype filter hook forward priority filter;\n\t}\n}\n",
	"flush ruleset\ndefine admins = { 10.1.0.2, 192.0.2.0/24 }\ndefine web = { 80, 443 }\ndefine one = eth0\ntable inet f {\n set allowed { type inet_service\n flags interval\n elements = { 22, $web,\n 8000-8080 } }\n" +
		" chain in { type filter hook input priority 0; policy drop;\n  iifname lo accept comment \"the loopback\"\n  ct state vmap { established: accept, related: accept, invalid: drop }\n" +
		"  ip saddr $admins tcp dport 22 accept\n  iifname $one tcp dport $web accept; tcp dport { $web, 3000 } log prefix \"a } b: \" level info counter accept\n  tcp dport @allowed ct state new limit rate 10/second burst 5 packets accept\n" +
		"  meta l4proto { icmp, icmpv6 } accept\n  counter packets 0 bytes 0 reject with icmpx type port-unreachable\n }\n}\n",
	"table ip a {\n set bad { type ipv4_addr; flags dynamic,timeout; timeout 1h; size 1000; }\n chain i {\n  type filter hook input priority -10; policy accept;\n" +
		"  ip saddr @bad drop\n  tcp dport 5432 ct state new add @bad { ip saddr limit rate over 100/minute } drop\n  tcp flags syn / fin,syn,rst,ack tcp dport 22 ct count over 100 reject with tcp reset\n" +
		"  ip daddr { 10.1.0.1, 127.0.0.1 } tcp dport 1-79 drop\n }\n}\ntable ip6 b { chain i { type filter hook input priority 0; policy drop; tcp dport . ip6 saddr { 22 . fd01::2, 80-443 . 2001:db8::/32 } accept; ip6 saddr fe80::/10 accept;\n }\n}\n",
	"table inet n {\n chain pre { type nat hook prerouting priority dstnat; policy accept; tcp dport 80 redirect to :8080; }\n chain in { type filter hook input priority 0; policy drop; tcp dport 8080 accept; rt type 0 drop; tcp dport 22 jump s; }\n" +
		" chain s { ip saddr 10.0.0.0/8 return; accept\n }\n}\n",
	"table bridge y {\n chain z { type filter hook input priority 0; policy drop;\n }\n}\n",
}

// TestNftablesFilesThatAreNotUnderstood must come out as unknown.
func TestNftablesFilesThatAreNotUnderstood(t *testing.T) {
	for text, want := range map[string]string{
		"table inet f {":                                            "ends too early",
		"table inet f { chain i { \"x":                              "not closed",
		"add rule inet f i accept\n":                                "add",
		"delete table inet f\n":                                     "delete",
		"table inet f { chain i { osf name x accept\n } }":          "osf",
		"table inet f { chain i { tcp dport $x accept\n } }":        "x is not defined",
		"table inet f { chain i { jump { accept } } }":              "without a name",
		"define a = $a\ntable inet f {}":                            "a is not defined",
		"include \"/etc/nftables.conf\"\n":                          "include each other",
		"include \"/etc/none.nft\"\n":                               "none.nft",
		"table inet f { chain i { tcp flags == syn,ack accept; } }": "bits",
	} {
		f := firewall.Look(context.Background(), nftImage(text))
		if f.Err == nil || !strings.Contains(f.Err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, f.Err, want)
		}
	}
	f := firewall.Look(context.Background(), nftImage("include \"/etc/nftables.d/*.nft\"\n", "/etc/nftables.d/a.nft", "table inet f { chain i { type filter hook input priority 0; policy drop; } }"))
	if f.Err != nil || !f.Rules(firewall.IPv6) {
		t.Errorf("included: %v", f.Err)
	}
	if _, o := f.Policy("input", firewall.IPv4); o.Path != "/etc/nftables.d/a.nft" || o.Line != 1 {
		t.Errorf("the policy stands at %v", o)
	}
}

// TestRulesOfDevices: what is dropped as it comes in by some device. nft's JSON does not name it; the file does.
func TestRulesOfDevices(t *testing.T) {
	f := firewall.Look(context.Background(), nftImage("table netdev w { chain x { type filter hook ingress device \"eth0\" priority 0; policy accept; tcp dport 443 drop; } }"))
	f.Interfaces = []string{"eth0", "eth1"}
	a := f.Reach(firewall.Query{Family: firewall.IPv4, Protocol: "tcp", Port: 443})
	if f.Err != nil || !a.Gates[0].Maybe.Empty() || a.Gates[1].Sure.Share() != 1 {
		t.Errorf("%v, %+v", f.Err, a)
	}
	f = firewall.Look(context.Background(), hosttest.New(map[string]string{"/sys/class/net/eth0/": ""}).Program("nft -j list ruleset", `{"nftables": [{"table": {"family": "netdev", "name": "w"}},
		{"chain": {"family": "netdev", "table": "w", "name": "x", "type": "filter", "hook": "ingress", "prio": 0, "policy": "accept"}},
		{"rule": {"family": "netdev", "table": "w", "chain": "x", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 443}}, {"drop": null}]}}]}`))
	a = f.Reach(firewall.Query{Family: firewall.IPv4, Protocol: "tcp", Port: 443})
	if f.Err != nil || !a.Gates[0].Sure.Empty() || a.Gates[0].Maybe.Share() != 1 || a.Cause == nil {
		t.Errorf("%v, %+v", f.Err, a)
	}
}
