package firewall_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/hosttest"
)

// holds looks at what must be so of every answer: who is surely let in may be let in, and a difference has a cause.
func holds(t *testing.T, f *firewall.Firewall) {
	t.Helper()
	for _, q := range []firewall.Query{{Family: firewall.IPv4, Protocol: "tcp", Port: 22}, {Family: firewall.IPv6, Protocol: "udp", Port: 65535}} {
		a := f.Reach(q)
		for _, g := range a.Gates {
			if !g.Sure.Minus(g.Maybe).Empty() || a.Cause == nil && !g.Sure.Equal(g.Maybe) || f.Err != nil && (!g.Sure.Empty() || g.Maybe.Share() != 1) {
				t.Errorf("%+v: surely %v, perhaps %v, %v", q, g.Sure, g.Maybe, a.Cause)
			}
		}
	}
	for _, class := range f.Classes() {
		if class[0] > class[1] {
			t.Errorf("ports %v", class)
		}
	}
	f.Policy("input", firewall.IPv4)
	f.Logs()
	f.LimitsPort(22)
	_ = f.Rules(firewall.IPv6) && f.Loaded("ufw") && f.String() == ""
}

const nothing = `{"nftables": []}`

func FuzzIptables(f *testing.F) {
	f.Add("*filter\n:INPUT DROP [0:0]\n:c - [0:0]\n-A INPUT ! -s 10.0.0.0/255.0.0.0 -p tcp -m multiport --dports 22,80:90 -j c\n[1:2] -A c -g c\nCOMMIT\n")
	f.Add(randomFamily(rand.New(rand.NewPCG(1, 1)), true))
	f.Add("*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 22 -j REDIRECT --to-ports 65535\n-A PREROUTING -j DNAT --to-destination [::1]:80\nCOMMIT\n")
	f.Fuzz(func(t *testing.T, text string) {
		holds(t, firewall.Look(context.Background(), hosttest.New(nil).Program("iptables-save", text).Program("ip6tables-save", text).Program("nft -j list ruleset", nothing)))
	})
}

func FuzzNftJSON(f *testing.F) {
	f.Add(`{"nftables": [{"table": {"family": "inet", "name": "f"}}, {"set": {"family": "inet", "table": "f", "name": "s", "elem": [{"prefix": {"addr": "10.0.0.0", "len": 8}}, {"elem": {"val": {"range": ["::1", "::2"]}}}]}},
		{"chain": {"family": "inet", "table": "f", "name": "i", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}},
		{"rule": {"family": "inet", "table": "f", "chain": "i", "expr": [{"match": {"op": "!=", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@s"}}, {"vmap": {"key": {"concat": [{"meta": {"key": "iifname"}}, {"payload": {"protocol": "tcp", "field": "dport"}}]}, "data": {"set": [[{"concat": ["lo", 22]}, {"accept": null}], ["*", {"goto": {"target": "i"}}]]}}}]}},
		{"rule": {"family": "inet", "table": "f", "chain": "i", "expr": [{"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["syn"]]}, "right": "syn"}}, {"dnat": {"addr": "10.0.0.1", "port": 22}}, {"xt": {"type": "match"}}]}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		holds(t, firewall.Look(context.Background(), hosttest.New(nil).Program("iptables-save", "").Program("ip6tables-save", "").Program("nft -j list ruleset", text)))
	})
}

func FuzzNftFile(f *testing.F) {
	for _, text := range handwritten {
		f.Add(text)
	}
	f.Add(randomNft(rand.New(rand.NewPCG(1, 1))))
	f.Fuzz(func(t *testing.T, text string) { holds(t, firewall.Look(context.Background(), nftImage(text))) })
}

func FuzzUfwFiles(f *testing.F) {
	f.Add("ENABLED=yes\nLOGLEVEL=low\n", "IPV6=yes\nDEFAULT_INPUT_POLICY=\"REJECT\"\n", "*filter\n:ufw-user-input - [0:0]\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input -p tcp --dport 22 -j ACCEPT\nCOMMIT\n")
	f.Fuzz(func(t *testing.T, config, standard, user string) {
		m := hosttest.New(map[string]string{"/etc/ufw/ufw.conf": config, "/etc/default/ufw": standard, "/etc/ufw/user.rules": user, "/etc/ufw/user6.rules": user,
			"/etc/ufw/before.rules": "", "/etc/ufw/after.rules": "", "/etc/ufw/before6.rules": "", "/etc/ufw/after6.rules": ""}).As(host.Image)
		holds(t, firewall.Look(context.Background(), m))
	})
}

// TestChainsWithoutEnd: a made-up bundle may hold what a kernel refuses, and what takes for ever to follow. It must come out as unknown.
func TestChainsWithoutEnd(t *testing.T) {
	loop := "*filter\n:INPUT DROP\n:a -\n:b -\n-A INPUT -j a\n-A a -j b\n-A b -j a\nCOMMIT\n"
	tree := "*filter\n:INPUT DROP\n-A INPUT -j c0\n"
	for i := range 40 {
		tree += ":c" + string(rune('0'+i)) + " -\n" + strings.Repeat("-A c"+string(rune('0'+i))+" -p tcp -j c"+string(rune('1'+i))+"\n", 20)
	}
	for name, rules := range map[string]string{"a loop": loop, "a tree": tree + "COMMIT\n"} {
		f := firewall.Look(context.Background(), hosttest.New(nil).Program("iptables-save", rules).Program("ip6tables-save", ""))
		a := f.Reach(firewall.Query{Family: firewall.IPv4, Protocol: "tcp", Port: 22})
		if !errors.Is(f.Err, firewall.ErrTooMany) || !errors.Is(a.Cause, firewall.ErrTooMany) || !a.Gates[0].Sure.Empty() || a.Gates[0].Maybe.Share() != 1 {
			t.Errorf("%s: %v, %+v", name, f.Err, a)
		}
		holds(t, f)
	}
}

// TestMuchWorkEnds: each question may be cheap enough, and all of them together not.
func TestMuchWorkEnds(t *testing.T) {
	var rules strings.Builder
	rules.WriteString("*filter\n:INPUT DROP\n")
	for i := range 30_000 {
		fmt.Fprintf(&rules, "-A INPUT -i eth%d -p tcp --dport %d -j ACCEPT\n", i%100, i)
	}
	m := hosttest.New(nil).Program("iptables-save", rules.String()+"COMMIT\n").Program("ip6tables-save", "")
	f := firewall.Look(context.Background(), m)
	var err error
	for _, class := range f.Classes() {
		a := f.Reach(firewall.Query{Family: firewall.IPv4, Protocol: "tcp", Port: class[0]})
		if err = a.Cause; err != nil {
			break
		}
	}
	if !errors.Is(err, firewall.ErrTooMany) {
		t.Errorf("all ports of 30,000 rules by 100 interfaces: %v", err)
	}
}

// TestWhatIsNotKnown: rules that nobody may ask for are unknown, and not absent.
func TestWhatIsNotKnown(t *testing.T) {
	refused := host.Output{Exit: 4, Stderr: []byte("iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n")}
	for name, m := range map[string]*hosttest.Machine{
		"refused":             hosttest.New(nil).Result("iptables-save", refused).Program("ip6tables-save", ""),
		"broken":              hosttest.New(nil).Broken("nft -j list ruleset", fs.ErrPermission),
		"no JSON":             hosttest.New(nil).Program("nft -j list ruleset", "{"),
		"cut off":             hosttest.New(nil).Program("iptables-save", "-A INPUT -j ACCEPT\n").Program("ip6tables-save", ""),
		"tables, no program":  hosttest.New(map[string]string{"/proc/net/ip_tables_names": "filter\n"}),
		"image without right": hosttest.New(map[string]string{"/usr/sbin/ufw": "", "/etc/ufw/ufw.conf": "ENABLED=yes\n", "/etc/default/ufw": "IPV6=no\n", "/etc/ufw/before.rules": "", "/etc/ufw/after.rules": "", "/etc/ufw/user.rules": ""}).Deny("/etc/ufw/user.rules").As(host.Image),
	} {
		f := firewall.Look(context.Background(), m)
		if f.Err == nil {
			t.Errorf("%s: known", name)
		}
		holds(t, f)
	}
}

// BenchmarkManyBans asks about 40 ports of a machine that has banned 20,000 addresses.
func BenchmarkManyBans(b *testing.B) {
	var rules strings.Builder
	rules.WriteString("*filter\n:INPUT DROP\n:f2b-sshd -\n-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd\n")
	for i := range 20_000 {
		fmt.Fprintf(&rules, "-A f2b-sshd -s 198.%d.%d.%d/32 -j REJECT\n", i%100, i/100%256, i%256)
	}
	for i := range 100 {
		fmt.Fprintf(&rules, "-A INPUT -s 10.%d.0.0/16 -p tcp --dport %d -j ACCEPT\n", i, 1000+i)
	}
	rules.WriteString("-A f2b-sshd -j RETURN\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n")
	m := hosttest.New(nil).Program("iptables-save", rules.String()).Program("ip6tables-save", "")
	for b.Loop() {
		f := firewall.Look(context.Background(), m)
		for port := range uint16(40) {
			if a := f.Reach(firewall.Query{Family: firewall.IPv4, Protocol: "tcp", Port: port}); f.Err != nil || a.Cause != nil {
				b.Fatal(f.Err, a.Cause)
			}
		}
	}
}
