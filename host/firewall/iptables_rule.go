package firewall

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ruleReader reads a rule of iptables (iptables(8), iptables-extensions(8)).
type ruleReader struct {
	*restore
	table    *table
	rule     rule
	words    []string
	protocol string // of -p
	target   string
	counts   bool // its "recent" match looks at how often an address came, and not only whether
	seen     bool // it has a "recent" match that looks whether an address is listed
	negated  bool // that one is negated
}

func (p *ruleReader) read() {
	for len(p.words) > 0 {
		word := p.pop()
		negate := word == "!"
		if negate {
			word = p.pop()
		}
		p.option(word, negate)
	}
	if p.seen {
		p.add(p.recent(), p.negated)
	}
	p.verdict()
}

func (p *ruleReader) pop() string {
	if len(p.words) == 0 {
		return ""
	}
	word := p.words[0]
	p.words = p.words[1:]
	return word
}

// value returns what belongs to an option; "! value" is an old way to negate it.
func (p *ruleReader) value(negate *bool) string {
	v := p.pop()
	if v == "!" {
		*negate = true
		v = p.pop()
	}
	return v
}

func (p *ruleReader) add(c condition, negate bool) {
	if negate {
		c = not(c)
	}
	p.rule.when = append(p.rule.when, c)
}

// option reads an option with its values. One that is not known makes the rule unsure; behind the target it is the target's.
func (p *ruleReader) option(word string, negate bool) {
	switch word {
	case "-p", "--protocol", "--proto":
		p.add(p.speaks(p.value(&negate)), negate)
		if !negate {
			p.rule.speaks = p.protocol
		}
	case "-s", "--source", "--src", "-d", "--destination", "--dst":
		p.address(word, p.value(&negate), negate)
	case "-i", "--in-interface":
		name := strings.Replace(p.value(&negate), "+", "*", 1)
		p.add(p.table.entering(name), negate)
	case "-o", "--out-interface":
		p.pop()
		p.add(when(func(k *packet) bool { return k.forward }), false)
		p.add(unsure, negate)
	case "-j", "--jump", "-g", "--goto":
		p.target = p.pop()
		p.rule.do = jump
		if word[len(word)-1] == 'g' || word == "--goto" {
			p.rule.do = leap
		}
	case "-m", "--match":
		if m := p.pop(); m == "rpfilter" { // real answers find their way back; --invert asks for the others
			p.add(holds(!slices.Contains(p.words, "--invert")), false)
			p.skip()
		}
	case "-4", "--ipv4":
		p.add(when(func(k *packet) bool { return k.family == IPv4 }), false)
	case "-6", "--ipv6":
		p.add(when(func(k *packet) bool { return k.family == IPv6 }), false)
	case "-c", "--set-counters":
		p.pop()
		p.pop()
	case "-f", "--fragment":
		p.add(never, negate)
	default:
		p.extension(word, negate)
	}
}

func (p *ruleReader) speaks(name string) condition {
	name = strings.ToLower(name)
	if known, ok := map[string]string{"6": "tcp", "17": "udp", "1": "icmp", "58": "ipv6-icmp", "icmpv6": "ipv6-icmp", "0": "all"}[name]; ok {
		name = known
	}
	p.protocol = name
	if name == "all" {
		return always
	}
	return speaks(name)
}

func (p *ruleReader) address(word, value string, negate bool) {
	s, err := parseAddresses(value)
	switch {
	case err != nil:
		p.add(unsure, false)
	case strings.HasPrefix(word, "-s") || strings.HasPrefix(word, "--s"):
		p.rule.source = s
		if negate {
			p.rule.source = All(p.family).Minus(s)
		}
		p.add(from(s), negate)
	default:
		if !negate {
			p.rule.goal = s
		}
		p.add(p.table.destination(s), negate)
	}
}

// skip passes over the values of an option that is not known.
func (p *ruleReader) skip() {
	for len(p.words) > 0 && p.words[0] != "!" && !strings.HasPrefix(p.words[0], "-") {
		p.pop()
	}
}

// verdict says what the rule does, by its target.
func (p *ruleReader) verdict() {
	r := &p.rule
	leaps := r.do == leap
	r.do = next
	switch p.target {
	case "":
	case "ACCEPT":
		r.do = accept
	case "DROP", "REJECT", "TARPIT", "STEAL":
		r.do = drop
	case "RETURN":
		r.do = back
	case "LOG", "NFLOG", "ULOG":
		r.logs = true
	case "DNAT", "REDIRECT":
		r.do = moved
	case "CT", "NOTRACK":
		p.table.untrack = p.table.untrack || p.target == "NOTRACK" || strings.Contains(r.origin.Text, "--notrack")
	case "MARK", "CONNMARK", "SET", "TCPMSS", "TOS", "DSCP", "CHECKSUM", "CLASSIFY", "TTL", "HL", "TEE", "TRACE", "AUDIT", "SECMARK", "CONNSECMARK",
		"SNAT", "MASQUERADE", "NETMAP", "TCPOPTSTRIP", "RATEEST", "IDLETIMER", "LED", "ECN":
	case "QUEUE", "NFQUEUE", "SYNPROXY", "TPROXY":
		r.do = opaque
	default:
		r.do, r.target = jump, p.target
		if leaps {
			r.do = leap
		}
	}
}

// moveTo reads where DNAT and REDIRECT send packets: "10.0.0.2:80", "[::1]:80", "8080", "8080-8090".
func (p *ruleReader) moveTo(value string) {
	first, _, _ := strings.Cut(value, "-")
	if n, err := strconv.ParseUint(first, 10, 16); err == nil {
		p.rule.port = uint16(n)
		return
	}
	if ap, err := netip.ParseAddrPort(first); err == nil {
		p.rule.newTo, p.rule.port = ap.Addr(), ap.Port()
	} else if a, err := netip.ParseAddr(strings.Trim(first, "[]")); err == nil {
		p.rule.newTo = a
	}
}

// parsePorts reads "22,80:90" with names of services.
func parsePorts(text, separator string) (ports, bool) {
	var list ports
	for part := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(part, separator)
		if !isRange {
			high = low
		}
		if isRange && low == "" {
			low = "0"
		}
		if isRange && high == "" {
			high = "65535"
		}
		a, ok1 := parsePort(low)
		b, ok2 := parsePort(high)
		if !ok1 || !ok2 {
			return nil, false
		}
		list = append(list, [2]uint16{a, b})
	}
	return list, true
}

// parsePort reads a number, or one of the names that stand in rules most often (services(5)).
func parsePort(text string) (uint16, bool) {
	if n, err := strconv.ParseUint(text, 10, 16); err == nil {
		return uint16(n), true
	}
	n, ok := map[string]uint16{"ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "http": 80, "pop3": 110,
		"sunrpc": 111, "ntp": 123, "imap": 143, "imap2": 143, "snmp": 161, "https": 443, "submission": 587, "imaps": 993, "pop3s": 995,
		"mysql": 3306, "postgresql": 5432, "mdns": 5353, "http-alt": 8080, "rdp": 3389, "ms-wbt-server": 3389}[text]
	return n, ok
}
