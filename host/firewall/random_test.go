package firewall_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// tcp are the ports that rules are about, and that are tried.
var tcp = []uint16{22, 80, 443, 1024, 3000, 5432, 8080, 65535}

// pick returns one of some values.
func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func port(r *rand.Rand) string { return fmt.Sprint(pick(r, tcp...)) }

func portRange(r *rand.Rand, separator string) string {
	a, b := tcp[r.IntN(4)], tcp[4+r.IntN(4)]
	return fmt.Sprintf("%d%s%d", a+pick[uint16](r, 0, 0, 1), separator, b-pick[uint16](r, 0, 0, 1))
}

func prefix4(r *rand.Rand) string {
	return pick(r, "10.1.0.2", "10.1.0.0/24", "10.0.0.0/8", "192.0.2.0/24", "192.0.0.0/3", "203.0.113.9", "172.16.0.0/12", "128.0.0.0/1", "8.8.8.8")
}

func prefix6(r *rand.Rand) string {
	return pick(r, "fd01::2", "fd01::/64", "2001:db8::/32", "2001:db8:1::/48", "fc00::/7", "2001:db8:2::9", "8000::/1")
}

// nftMatch is a condition of nftables that a new TCP connection may meet.
func nftMatch(r *rand.Rand) string {
	op := pick(r, "", "", "", "!= ")
	switch r.IntN(17) {
	case 0:
		return "tcp dport " + op + port(r)
	case 1:
		return "tcp dport " + op + "{ " + port(r) + ", " + portRange(r, "-") + ", 7 }"
	case 2:
		return "tcp dport " + op + portRange(r, "-")
	case 3:
		return "ip saddr " + op + prefix4(r)
	case 4:
		return "ip6 saddr " + op + prefix6(r)
	case 5:
		return "ip saddr " + op + "@some4"
	case 6:
		return "ip6 saddr " + op + "@some6"
	case 7:
		return "iifname " + op + pick(r, `"eth0"`, `"eth1"`, `"eth*"`, `"lo"`, `"wg0"`, `{ "eth1", "wg*" }`)
	case 8:
		return "meta nfproto " + pick(r, "ipv4", "ipv6")
	case 9:
		return "ct state " + pick(r, "new", "established,related", "invalid", "{ new, untracked }", "!= new")
	case 10:
		return pick(r, "meta l4proto tcp", "meta l4proto { tcp, udp }", "meta l4proto udp", "ip protocol tcp", "ip6 nexthdr tcp")
	case 11:
		return pick(r, "tcp flags & (fin|syn|rst|ack) == syn", "tcp flags & (fin|syn|rst|ack) != syn", "tcp flags syn", "tcp flags & (syn|ack) == syn|ack", "tcp flags != syn")
	case 12:
		return "ip daddr " + op + pick(r, "10.1.0.1", "10.2.0.0/24", "10.0.0.0/8", "127.0.0.1")
	case 13:
		return pick(r, "ip saddr . tcp dport @pairs", "ip saddr . tcp dport { 10.1.0.2 . 22, 192.0.2.7 . 80, 203.0.113.9 . 443 }")
	case 14:
		return "iif " + pick(r, "lo", "eth0", "eth1")
	case 15:
		return "tcp dport " + pick(r, "> ", "< ", ">= ", "<= ") + pick(r, "80", "443", "1024", "5432")
	}
	return pick(r, "fib daddr type local", "pkttype host", "ct direction original", "tcp sport >= 1024", "fib saddr oif missing", "limit rate over 9000/second burst 60000 packets", "ct count over 60000")
}

// nftRule is a rule with up to three conditions.
func nftRule(r *rand.Rand, verdicts ...string) string {
	var parts []string
	if r.IntN(12) == 0 {
		verdicts = slices.DeleteFunc(slices.Clone(verdicts), func(v string) bool { return v == "reject" })
		ways := "tcp dport vmap @ways"
		if !slices.Contains(verdicts, "jump c0") {
			ways = "tcp dport vmap { 80 : drop }"
		}
		key := pick(r, ways, "tcp dport vmap { 22 : "+pick(r, verdicts...)+", 80-443 : "+pick(r, verdicts...)+", 3000 : "+pick(r, verdicts...)+" }",
			"iifname vmap { \"eth0\" : "+pick(r, verdicts...)+", \"lo\" : accept }", "ct state vmap { established : accept, invalid : drop }")
		return key
	}
	for range 1 + r.IntN(3) {
		if part := nftMatch(r); fits(strings.Join(append(parts, part), " ")) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ") + pick(r, " ", " counter ", " log prefix \"x: \" ") + pick(r, verdicts...)
}

// fits reports whether nft takes a rule: it refuses those that ask for two protocols at once.
func fits(rule string) bool {
	v4 := strings.Contains(rule, "ip saddr") || strings.Contains(rule, "ip daddr") || strings.Contains(rule, "ip protocol") || strings.Contains(rule, "ipv4")
	v6 := strings.Contains(rule, "ip6 ") || strings.Contains(rule, "ipv6")
	return !(v4 && v6) && !(strings.Contains(rule, "udp") && strings.Contains(rule, "tcp ")) && strings.Count(rule, "l4proto") < 2
}

// randomNft makes tables with one or two base chains, sets, maps, and chains that are jumped to.
func randomNft(r *rand.Rand) string {
	var b strings.Builder
	for i := range 1 + r.IntN(5)/3 {
		fmt.Fprintf(&b, "table inet t%d {\n set some4 { type ipv4_addr; flags interval; elements = { %s, 10.9.0.1-10.9.0.7, 44.0.0.0/8 } }\n", i, pick(r, "10.1.0.0/24", "192.0.2.7", "203.0.113.0/24, 172.16.5.5"))
		fmt.Fprintf(&b, " set some6 { type ipv6_addr; flags interval; elements = { %s, fe80::/10 } }\n", pick(r, "fd01::/64", "2001:db8:1::/48, fd01::2", "2001:db8::/32"))
		b.WriteString(" set pairs { type ipv4_addr . inet_service; elements = { 10.1.0.2 . 8080, 203.0.113.9 . 22, 172.16.5.5 . 3000 } }\n")
		fmt.Fprintf(&b, " map ways { type inet_service : verdict; elements = { 80 : jump c0, 443 : %s, 8080 : %s } }\n", pick(r, "accept", "drop"), pick(r, "accept", "goto c0"))
		for j := range 3 {
			verdicts := []string{"accept", "drop", "return", "reject", "accept"}
			if j > 0 {
				verdicts = append(verdicts, fmt.Sprintf("jump c%d", j-1), fmt.Sprintf("goto c%d", j-1))
			}
			fmt.Fprintf(&b, " chain c%d {\n", j)
			for range r.IntN(4) {
				fmt.Fprintf(&b, "  %s\n", nftRule(r, verdicts...))
			}
			b.WriteString(" }\n")
		}
		fmt.Fprintf(&b, " chain in {\n  type filter hook %s priority %d; policy %s;\n", pick(r, "input", "input", "input", "prerouting"), i, pick(r, "drop", "accept", "drop"))
		// Neighbours must be found, answers come back, and connections of the machine itself work.
		b.WriteString("  meta l4proto ipv6-icmp accept\n  ct state established accept\n")
		for range 2 + r.IntN(8) {
			fmt.Fprintf(&b, "  %s\n", nftRule(r, "accept", "accept", "drop", "reject", "jump c0", "jump c1", "jump c2", "goto c2"))
		}
		b.WriteString(" }\n}\n")
	}
	return b.String()
}

// iptablesMatch is a condition of iptables.
func iptablesMatch(r *rand.Rand, six bool) string {
	no := pick(r, "", "", "", "! ")
	prefix := prefix4
	if six {
		prefix = prefix6
	}
	switch r.IntN(14) {
	case 0, 1:
		return "-p tcp " + no + "--dport " + port(r)
	case 2:
		return "-p tcp " + no + "--dport " + portRange(r, ":")
	case 3:
		return "-p tcp -m multiport " + no + "--dports " + port(r) + "," + portRange(r, ":")
	case 4, 5:
		return no + "-s " + prefix(r)
	case 6:
		return no + "-i " + pick(r, "eth0", "eth1", "eth+", "lo", "wg0")
	case 7:
		return "-m conntrack " + no + "--ctstate " + pick(r, "NEW", "ESTABLISHED,RELATED", "INVALID", "NEW,UNTRACKED")
	case 8:
		return no + "-p " + pick(r, "tcp", "udp")
	case 9:
		return "-p tcp " + pick(r, no+"--syn", "--tcp-flags SYN,ACK SYN", "--tcp-flags SYN,ACK SYN,ACK", no+"--tcp-flags ALL NONE", "--tcp-flags ALL ALL")
	case 10:
		if six {
			return no + "-d " + pick(r, "fd01::1", "fd02::/64", "fd00::/8", "::1")
		}
		return no + "-d " + pick(r, "10.1.0.1", "10.2.0.0/24", "10.0.0.0/8", "127.0.0.0/8")
	case 11:
		return "-m addrtype " + no + "--dst-type LOCAL"
	case 12:
		if !six {
			return "-m iprange " + no + "--src-range " + pick(r, "10.1.0.1-10.1.0.3", "192.0.2.0-203.0.113.9")
		}
	}
	return pick(r, "-m limit --limit 9000/sec --limit-burst 10000", "-m connlimit --connlimit-above 60000", "-m comment --comment \"a -j DROP 'b\"", "-m pkttype --pkt-type unicast",
		"-p tcp --sport 1024:65535", "-m recent --name here --set", "-m hashlimit --hashlimit-above 9000/sec --hashlimit-burst 10000 --hashlimit-name h")
}

// randomFamily makes what iptables-restore or ip6tables-restore reads.
func randomFamily(r *rand.Rand, six bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*filter\n:INPUT %s [0:0]\n:c0 - [0:0]\n:c1 - [0:0]\n:c2 - [0:0]\n", pick(r, "DROP", "ACCEPT", "DROP"))
	for j := range 3 {
		verdicts := []string{"-j ACCEPT", "-j DROP", "-j RETURN", "-j ACCEPT", "-j LOG"}
		if j > 0 {
			verdicts = append(verdicts, fmt.Sprintf("-j c%d", j-1), fmt.Sprintf("-g c%d", j-1))
		}
		for range r.IntN(4) {
			fmt.Fprintf(&b, "-A c%d %s %s\n", j, iptablesMatch(r, six), pick(r, verdicts...))
		}
	}
	b.WriteString("-A INPUT -p ipv6-icmp -j ACCEPT\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n")
	for range 2 + r.IntN(8) {
		match, second := iptablesMatch(r, six), iptablesMatch(r, six)
		if r.IntN(3) == 0 && !strings.Contains(match+second, "-p") && !strings.Contains(match, "-m") &&
			strings.TrimPrefix(match, "! ")[:2] != strings.TrimPrefix(second, "! ")[:2] {
			match += " " + second
		}
		fmt.Fprintf(&b, "-A INPUT %s %s\n", match, pick(r, "-j ACCEPT", "-j ACCEPT", "-j DROP", "-j REJECT", "-j c0", "-j c1", "-j c2", "-g c2", "-j LOG"))
	}
	b.WriteString("COMMIT\n")
	if r.IntN(4) == 0 {
		table, chain, _ := strings.Cut(pick(r, "raw PREROUTING", "mangle PREROUTING", "mangle INPUT"), " ")
		fmt.Fprintf(&b, "*%s\n-A %s -i eth0 %s -j DROP\nCOMMIT\n", table, chain, pick(r, "-p tcp --dport 80", "-p tcp --dport 3000:9000"))
	}
	return b.String()
}
