package firewall

import (
	"slices"
	"strings"
)

// extension reads an option of a match, or of the target.
func (p *ruleReader) extension(word string, negate bool) {
	switch word {
	case "--dport", "--destination-port", "--dports", "--destination-ports", "--sport", "--source-port", "--sports", "--source-ports", "--ports", "--port":
		p.port(word, negate)
	case "--ctstate", "--state":
		states := strings.Split(strings.ToUpper(p.value(&negate)), ",")
		isNew, untracked := slices.Contains(states, "NEW"), slices.Contains(states, "UNTRACKED")
		p.add(tracked(isNew != negate, untracked != negate), false)
	case "--ctdir":
		p.add(holds(strings.EqualFold(p.pop(), "ORIGINAL")), negate)
	case "--syn":
		p.add(speaks("tcp"), negate)
	case "--tcp-flags":
		mask, want := p.value(&negate), p.pop()
		p.add(synHas(strings.Split(mask, ","), strings.Split(want, ",")), negate)
	case "--icmp-type", "--icmpv6-type":
		p.pop()
		p.add(never, false)
	case "--src-range", "--dst-range":
		p.addressRange(word, p.value(&negate), negate)
	case "--dst-type":
		p.add(p.kindOfTarget(p.value(&negate)), negate)
	case "--pkt-type":
		p.add(holds(!slices.Contains([]string{"multicast", "broadcast"}, p.value(&negate))), negate)
	case "--uid-owner", "--gid-owner", "--socket-exists", // of packets that the machine itself sends
		"--rt-type", "--rt-segsleft", "--rt-len", "--fragid", "--fragfirst", "--fragmore": // of headers that ordinary packets do not have
		p.skip()
		p.add(never, negate)
	case "--to-destination", "--to-ports", "--to-port":
		p.moveTo(p.pop())
	case "--match-set":
		name := p.value(&negate)
		p.add(p.table.inSet(p.sets, name, strings.Split(p.pop(), ","), 0), negate)
	case "--update-counters", "--update-subcounters": // of the set's entries
	default:
		p.rate(word, negate)
	}
}

func (p *ruleReader) port(word string, negate bool) {
	list, ok := parsePorts(p.value(&negate), ":")
	switch {
	case !ok:
		p.add(unsure, false)
	case strings.HasPrefix(word, "--d"):
		if !negate {
			p.rule.ports = list
		}
		p.add(p.table.toPort(list), negate)
	case strings.HasPrefix(word, "--s"):
		p.add(fromPort(list), negate)
	default:
		p.add(either(p.table.toPort(list), fromPort(list)), negate)
	}
}

// synHas is the condition that of some flags of TCP just the wanted ones are set in the first packet of a connection, which has SYN alone.
func synHas(mask, want []string) condition {
	set := slices.Contains(mask, "SYN") || slices.Contains(mask, "ALL")
	wants := len(want) == 1 && want[0] == "SYN"
	none := len(want) == 1 && want[0] == "NONE"
	ok := set && wants || !set && none
	return when(func(p *packet) bool { return p.protocol == "tcp" && ok })
}

func (p *ruleReader) addressRange(word, value string, negate bool) {
	low, high, ok := strings.Cut(value, "-")
	a, err1 := parseAddress(low)
	b, err2 := parseAddress(high)
	if !ok || err1 != nil || err2 != nil || familyOf(a.spans[0].from) != familyOf(b.spans[0].from) {
		p.add(unsure, false)
		return
	}
	s := setOf([]span{{a.spans[0].from, b.spans[0].to}})
	if word == "--src-range" {
		p.add(from(s), negate)
		return
	}
	p.add(p.table.destination(s), negate)
}

// kindOfTarget is the condition of addrtype: a connection is made to an address of the machine, not to all machines at once. What is
// for a container is not its own.
func (p *ruleReader) kindOfTarget(value string) condition {
	kinds := strings.Split(strings.ToUpper(value), ",")
	local, unicast := slices.Contains(kinds, "LOCAL"), slices.Contains(kinds, "UNICAST")
	return when(func(k *packet) bool {
		if k.forward {
			return unicast
		}
		return local
	})
}

// rate reads the matches that count packets or connections. They are answered for a source that has not come before: a limit lets it
// through.
func (p *ruleReader) rate(word string, negate bool) {
	switch word {
	case "--limit", "--hashlimit-upto", "--hashlimit":
		p.pop()
		p.add(always, negate)
	case "--hashlimit-above":
		p.pop()
		p.add(never, negate)
	case "--connlimit-upto", "--connlimit-above":
		p.value(&negate)
		p.rule.perIP = true
		p.add(holds(word == "--connlimit-upto"), negate)
	case "--set": // of recent: notes the address; of ipset's old form: has a name behind it
		p.skip()
		p.add(always, negate)
	case "--rcheck", "--update", "--remove":
		p.seen, p.negated = true, negate
	case "--hitcount":
		p.counts = p.pop() != "1"
	case "--comment", "--limit-burst", "--seconds", "--name", "--mask", "--hashlimit-burst", "--hashlimit-mode", "--hashlimit-name", "--hashlimit-srcmask",
		"--hashlimit-dstmask", "--hashlimit-htable-size", "--hashlimit-htable-max", "--hashlimit-htable-expire", "--hashlimit-htable-gcinterval",
		"--connlimit-mask":
		p.pop()
	case "--rsource", "--rdest", "--reap", "--rttl", "--connlimit-saddr", "--connlimit-daddr":
	default:
		p.skip()
		if p.target == "" {
			p.add(unsure, false)
		}
	}
}

// recent is the condition that an address came before. That it came often does not hold of a new one; whether it came at all, after
// knocking at another port, nobody knows.
func (p *ruleReader) recent() condition {
	if p.counts {
		p.rule.perIP = true
		return never
	}
	return unsure
}
