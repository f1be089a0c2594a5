package firewall

import "testing"

func TestParseSets(t *testing.T) {
	const good = "create a hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1\nadd a 10.0.0.0/8\nadd a 10.1.0.0/16 nomatch\nadd a 10.1.2.0/24 comment \"x nomatch y\"\nadd a 192.0.2.7 timeout 5\n"
	sets, err := parseSets(good)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"10.0.0.1": true, "10.1.0.1": false, "10.1.3.9": false, "10.1.2.9": true, "192.0.2.7": true, "192.0.2.8": false} {
		a, _ := parseAddress(text)
		if got := !sets["a"].addresses().Intersect(a).Empty(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, bad := range []string{"add a 10.0.0.1\n", "create a\n", "flush a\n", "create a hash:ip\nadd a x\n", "create a hash:ip,port\nadd a 1.2.3.4\n", "create a bitmap:port\nadd a 70000\n", "create a hash:ip\nadd a 1.2.3.4-::1\n"} {
		if _, err := parseSets(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestSetsThatAreNotUnderstood must come out as unknown.
func TestSetsThatAreNotUnderstood(t *testing.T) {
	const rule = "*filter\n:INPUT DROP\n-A INPUT -m set --match-set a src -j ACCEPT\nCOMMIT\n"
	const set = "create a hash:ip family inet\nadd a 192.0.2.7\n"
	for name, c := range map[string]struct {
		sets, rules string
		known       bool
	}{
		"understood":        {set, rule, true},
		"no such set":       {"", rule, false},
		"masked":            {"create a hash:ip family inet netmask 24\nadd a 192.0.2.0\n", rule, false},
		"of MAC addresses":  {"create a hash:mac\nadd a 00:11:22:33:44:55\n", rule, false},
		"changed by a rule": {set, "*filter\n:INPUT DROP\n-A INPUT -j SET --add-set a src --exist\n-A INPUT -m set --match-set a src -j ACCEPT\nCOMMIT\n", false},
		"odd flags":         {set, "*filter\n:INPUT DROP\n-A INPUT -m set --match-set a -j ACCEPT\nCOMMIT\n", false},
		"list of itself":    {"create a list:set\nadd a a\n", rule, false},
	} {
		sets, err := parseSets(c.sets)
		if err != nil {
			t.Fatal(err)
		}
		tables, err := parseWithSets(IPv4, "iptables", "", c.rules, sets)
		if err != nil {
			t.Fatal(err)
		}
		f := &Firewall{Interfaces: []string{"eth0"}}
		if err := f.finish(tables); err != nil {
			t.Fatal(err)
		}
		g := f.Reach(Query{Family: IPv4, Protocol: "tcp", Port: 22}).Gates[0]
		if known := g.Sure.Equal(g.Maybe) && !g.Sure.Empty(); known != c.known {
			t.Errorf("%s: sure %s, perhaps %s", name, g.Sure, g.Maybe)
		}
	}
}

func FuzzSets(f *testing.F) {
	f.Add("create a hash:net\nadd a 10.0.0.0/8 nomatch\ncreate b list:set\nadd b a\ncreate c hash:ip,port\nadd c ::1,tcp:80-90\n")
	f.Fuzz(func(t *testing.T, text string) {
		sets, err := parseSets(text)
		if err != nil {
			return
		}
		table := newTable("iptables", "x", IPv4, IPv6)
		for name := range sets {
			table.inSet(sets, name, []string{"src", "dst"}, 0)(&packet{family: IPv4, all: All(IPv4), protocol: "tcp"})
		}
	})
}
