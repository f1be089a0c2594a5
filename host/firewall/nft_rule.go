package firewall

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
)

// nftRule reads a rule of nftables.
type nftRule struct {
	reader *nftReader
	table  *table
	prefix string // family and table, in front of names of sets
	rule   rule
	others []rule // the rule once for each element of its verdict map
	mapped bool
}

// read returns the rules that a list of expressions stands for: one, or with a verdict map one for each of its elements.
func (n *nftRule) read(list []map[string]any) []rule {
	for _, e := range list {
		for name, value := range e {
			n.statement(name, value)
		}
	}
	if n.mapped {
		return n.others
	}
	return []rule{n.rule}
}

func (n *nftRule) add(c condition) { n.rule.when = append(n.rule.when, c) }

// statement reads one; conditions stand in front of what they are for.
func (n *nftRule) statement(name string, value any) {
	switch name {
	case "match":
		n.add(n.match(value))
	case "accept", "drop", "reject", "return", "jump", "goto", "queue", "tproxy", "synproxy", "fwd":
		n.rule.do, n.rule.target = nftVerdict(map[string]any{name: value})
		n.implied(value)
	case "dnat", "redirect":
		n.rule.do = moved
		n.moveTo(value)
	case "vmap":
		n.verdictMap(value)
	case "log":
		n.rule.logs = true
	case "limit", "ct count", "quota":
		n.limit(name, value)
	case "set", "map", "meter":
		n.dynamic(value)
	case "notrack":
		n.table.untrack = true
	case "xt":
		n.foreign(value)
	case "counter", "continue", "snat", "masquerade", "mangle", "dup", "last", "flow", "secmark", "ct helper", "ct timeout", "ct expectation", "comment":
	default:
		n.add(unsure)
	}
}

// foreign is a match or a target of iptables, which stands here without its values.
func (n *nftRule) foreign(value any) {
	if m, ok := value.(map[string]any); ok && m["type"] == "target" {
		n.rule.do = opaque
		return
	}
	n.add(unsure)
}

// limit lets the first packets through that it counts; "over" is met only by those behind them.
func (n *nftRule) limit(name string, value any) {
	m, _ := value.(map[string]any)
	over, _ := m["inv"].(bool)
	if name == "ct count" {
		n.rule.perIP = true
	}
	n.add(holds(!over))
}

// dynamic notes the packet in a set; what stands inside of it counts for each element.
func (n *nftRule) dynamic(value any) {
	m, _ := value.(map[string]any)
	inner, ok := m["stmt"]
	n.rule.perIP = n.rule.perIP || ok
	switch inner := inner.(type) {
	case []any:
		for _, e := range inner {
			n.inner(e)
		}
	case map[string]any:
		n.inner(inner)
	default:
		if ok {
			n.add(unsure)
		}
	}
}

// implied adds what nft leaves out of a listing because the kind of a reject says it: "reject with icmpv6 ..." is only for IPv6.
func (n *nftRule) implied(value any) {
	m, _ := value.(map[string]any)
	switch m["type"] {
	case "icmp":
		n.add(when(func(p *packet) bool { return p.family == IPv4 }))
	case "icmpv6":
		n.add(when(func(p *packet) bool { return p.family == IPv6 }))
	case "tcp reset":
		n.add(speaks("tcp"))
	}
}

func (n *nftRule) inner(e any) {
	m, _ := e.(map[string]any)
	for name, value := range m {
		n.statement(name, value)
	}
}

// nftVerdict reads {"accept": null} or {"jump": {"target": "x"}}.
func nftVerdict(m map[string]any) (verdict, string) {
	for name, value := range m {
		switch name {
		case "accept":
			return accept, ""
		case "drop", "reject":
			return drop, ""
		case "return":
			return back, ""
		case "continue":
			return next, ""
		case "jump", "goto":
			to, _ := value.(map[string]any)
			target, _ := to["target"].(string)
			if name == "goto" {
				return leap, target
			}
			return jump, target
		}
	}
	return opaque, ""
}

// moveTo reads where packets are sent: {"addr": "10.0.0.2", "port": 80}, either may be missing.
func (n *nftRule) moveTo(value any) {
	m, _ := value.(map[string]any)
	if text, ok := m["addr"].(string); ok {
		n.rule.newTo, _ = netip.ParseAddr(text)
	}
	port, ok := m["port"].(float64)
	n.rule.port = uint16(port)
	if (m["port"] != nil && !ok) || (m["addr"] != nil && !n.rule.newTo.IsValid()) {
		n.rule.do = opaque
	}
}

// verdictMap makes a rule of each element of "tcp dport vmap { 22 : accept, 80 : jump web }". Its elements exclude each other.
func (n *nftRule) verdictMap(value any) {
	m, _ := value.(map[string]any)
	elements, known := n.elements(m["data"])
	n.mapped = known
	if !known {
		n.rule.do = opaque
		return
	}
	key := n.key(m["key"])
	var otherwise []rule
	for _, e := range elements {
		pair, ok := e.([]any)
		if !ok || len(pair) != 2 {
			n.mapped, n.rule.do = false, opaque
			return
		}
		one := n.rule
		verdicts, _ := pair[1].(map[string]any)
		one.do, one.target = nftVerdict(verdicts)
		if pair[0] == "*" {
			otherwise = append(otherwise, one)
			continue
		}
		one.when = append(slices.Clone(n.rule.when), key.needs, key.among([]any{pair[0]}))
		n.others = append(n.others, one)
	}
	n.others = append(n.others, otherwise...)
}

// elements returns those of {"set": [...]}, "@name", a list, or one value.
func (n *nftRule) elements(v any) ([]any, bool) {
	switch v := v.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, "@"); ok {
			list, known := n.reader.sets[n.prefix+name]
			return list, known
		}
	case map[string]any:
		if list, ok := v["set"].([]any); ok {
			return list, true
		}
		if one, ok := v["set"]; ok {
			return []any{one}, true
		}
	case []any:
		return v, true
	}
	return []any{v}, true
}

// nftText is a rule in JSON, shortened: what it looks like in nft's own language cannot be had together with it.
func nftText(list []map[string]any) string {
	data, err := json.Marshal(list)
	const most = 300
	switch {
	case err != nil:
		return ""
	case len(data) > most:
		return string(data[:most]) + "..."
	}
	return string(data)
}
