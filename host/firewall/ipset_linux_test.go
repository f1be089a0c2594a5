package firewall_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// TestIpsetAgreesWithTheNetwork makes random sets and rules that name them, reads both, and has another machine try all connections.
func TestIpsetAgreesWithTheNetwork(t *testing.T) {
	testneed.Program(t, "ipset")
	if !inside(t) {
		return
	}
	n := newNetwork(t)
	var sum tally
	const rounds = 14
	for seed := range uint64(rounds) {
		script := randomSets(rand.New(rand.NewPCG(seed, 3)), seed)
		sh(t, "nft flush ruleset") // the sets of each round have other names: the kernel lets go of them late
		if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
			t.Fatalf("%d: %v: %s\n%s", seed, err, out, script)
		}
		c := n.compare(look(t), fmt.Sprintf("sets %d", seed))
		sum = tally{sum.open + c.open, sum.closed + c.closed, sum.unknown + c.unknown}
		if t.Failed() {
			t.Fatal(script)
		}
	}
	t.Logf("%d open, %d closed, %d unknown", sum.open, sum.closed, sum.unknown)
	if known := sum.open + sum.closed; sum.open*10 < known || sum.closed*10 < known || sum.unknown*10 > known {
		t.Errorf("the sets show little: %+v", sum)
	}
}

// randomSets makes a script of ipset, iptables and ip6tables.
func randomSets(r *rand.Rand, round uint64) string {
	var b strings.Builder
	for _, family := range []string{"inet", "inet6"} {
		prefix, program := prefix4, "iptables"
		single := func() string {
			return pick(r, "10.1.0.2", "10.1.0.9", "192.0.2.7", "203.0.113.9", "172.16.5.5", "8.8.8.8")
		}
		if family == "inet6" {
			prefix, program = prefix6, "ip6tables"
			single = func() string { return pick(r, "fd01::2", "2001:db8:1::5", "2001:db8:2::9", "2001:db8::1") }
		}
		mine := fmt.Sprint(family, "-", round)
		name := func(s string) string { return s + mine }
		b.WriteString(strings.NewReplacer("@", mine, "%", family).Replace("ipset create ip@ hash:ip family % timeout 900\nipset create net@ hash:net family % comment\nipset create pair@ hash:ip,port family %\n" +
			"ipset create nets@ hash:net,port family %\nipset create all@ list:set\nipset add all@ ip@\nipset add all@ net@\n"))
		for range 1 + r.IntN(3) {
			fmt.Fprintf(&b, "ipset -exist add %s %s\nipset -exist add %s %s%s\nipset -exist add %s %s,%s:%s\nipset -exist add %s %s,tcp:%s\n", name("ip"), single(),
				name("net"), prefix(r), pick(r, "", "", " nomatch", " comment \"add net 1.2.3.4\""), name("pair"), single(), pick(r, "tcp", "tcp", "udp"), port(r), name("nets"), prefix(r), port(r))
		}
		if family == "inet" {
			fmt.Fprintf(&b, "ipset create ports%d bitmap:port range 0-65535\nipset -exist add ports%[1]d %s\nipset -exist add ports%[1]d %[3]s\n", round, port(r), portRange(r, "-"))
			fmt.Fprintf(&b, "ipset create range%d bitmap:ip range 10.1.0.0/24\nipset -exist add range%[1]d 10.1.0.4-10.1.0.12\n", round)
		}
		fmt.Fprintf(&b, "%s -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n", program)
		if family == "inet6" {
			b.WriteString("ip6tables -A INPUT -p ipv6-icmp -j ACCEPT\n")
		}
		for range 1 + r.IntN(4) {
			sets := []string{name("ip") + " src", name("net") + " src", name("pair") + " src,dst", name("nets") + " src,dst", name("all") + " src", fmt.Sprintf("ports%d dst", round), name("net") + " dst"}
			if family == "inet" {
				sets = append(sets, fmt.Sprintf("range%d src", round))
			}
			fmt.Fprintf(&b, "%s -A INPUT -p tcp -m set %s--match-set %s -j %s\n", program, pick(r, "", "", "! "), pick(r, sets...), pick(r, "ACCEPT", "ACCEPT", "DROP", "REJECT"))
		}
		fmt.Fprintf(&b, "%s -P INPUT %s\n", program, pick(r, "DROP", "DROP", "ACCEPT"))
	}
	return b.String()
}
