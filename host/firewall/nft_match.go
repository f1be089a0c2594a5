package firewall

import (
	"fmt"
	"net/netip"
	"slices"
)

// nftKey is what a rule of nftables looks at, and how values are compared with it.
type nftKey struct {
	needs condition             // what a packet must be to have it at all: "tcp dport" needs TCP
	among func([]any) condition // that it is one of some values
}

// match reads {"op": "==", "left": ..., "right": ...}.
func (n *nftRule) match(value any) condition {
	m, ok := value.(map[string]any)
	if !ok {
		return unsure
	}
	op, _ := m["op"].(string)
	if c := n.masked(op, m["left"], m["right"]); c != nil {
		return c
	}
	key := n.key(m["left"])
	if op == "<" || op == ">" || op == "<=" || op == ">=" {
		return both(key.needs, n.compare(op, m["left"], m["right"], key))
	}
	list, known := n.elements(m["right"])
	if !known {
		return both(key.needs, unsure)
	}
	c := key.among(list)
	if op == "!=" {
		n.rule.ports, n.rule.goal = nil, Set{}
		c = not(c)
	}
	return both(key.needs, c)
}

// compare reads comparisons of ports.
func (n *nftRule) compare(op string, left, right any, key nftKey) condition {
	port, ok := right.(float64)
	field, isPort := payloadField(left)
	if !ok || !isPort || (field != "dport" && field != "sport") {
		return unsure
	}
	low, high := 0.0, 65535.0
	switch op {
	case "<":
		high = port - 1
	case "<=":
		high = port
	case ">":
		low = port + 1
	case ">=":
		low = port
	}
	return key.among([]any{map[string]any{"range": []any{low, high}}})
}

func payloadField(left any) (string, bool) {
	m, _ := left.(map[string]any)
	p, ok := m["payload"].(map[string]any)
	field, _ := p["field"].(string)
	return field, ok
}

// masked reads comparisons of TCP's flags and of a connection's state, which are bits. It returns nil for everything else.
func (n *nftRule) masked(op string, left, right any) condition {
	m, _ := left.(map[string]any)
	mask := []string(nil)
	if and, ok := m["&"].([]any); ok && len(and) == 2 {
		m, _ = and[0].(map[string]any)
		if mask = texts(and[1]); mask == nil {
			return unsure
		}
	}
	field, _ := payloadField(m)
	ct, _ := m["ct"].(map[string]any)
	switch {
	case field == "flags":
		return both(speaks("tcp"), holds(synFits(op, mask, right)))
	case mask != nil && ct["key"] == "state":
		isNew := slices.Contains(mask, "new")
		wantsNone := right == float64(0)
		if !wantsNone && op == "==" {
			return unsure
		}
		return tracked(isNew != (wantsNone && op == "=="), slices.Contains(mask, "untracked") != (wantsNone && op == "=="))
	case mask != nil:
		return unsure
	}
	return nil
}

// synFits reports whether the flags of a connection's first packet, SYN alone, are met.
func synFits(op string, mask []string, right any) bool {
	m, _ := right.(map[string]any)
	if set, ok := m["set"].([]any); ok {
		fits := slices.ContainsFunc(set, func(e any) bool { return synFits("==", mask, e) })
		return fits != (op == "!=")
	}
	want := texts(right)
	has := mask == nil || slices.Contains(mask, "syn")
	if op == "in" {
		return has && slices.Contains(want, "syn")
	}
	same := has && slices.Equal(want, []string{"syn"}) || !has && len(want) == 0
	return same != (op == "!=")
}

// key reads the left side of a match.
func (n *nftRule) key(left any) nftKey {
	m, _ := left.(map[string]any)
	if p, ok := m["payload"].(map[string]any); ok {
		return n.payload(fmt.Sprint(p["protocol"]), fmt.Sprint(p["field"]))
	}
	if p, ok := m["meta"].(map[string]any); ok {
		return n.meta(fmt.Sprint(p["key"]))
	}
	if p, ok := m["ct"].(map[string]any); ok {
		return nftConnection(fmt.Sprint(p["key"]))
	}
	if p, ok := m["fib"].(map[string]any); ok {
		return nftRoute(fmt.Sprint(p["result"]), p["flags"])
	}
	if list, ok := m["concat"].([]any); ok {
		return n.concat(list)
	}
	if _, ok := m["exthdr"]; ok { // a header that ordinary packets do not have
		return nftKey{never, unknownValue}
	}
	return nftKey{always, unknownValue}
}

func unknownValue([]any) condition { return unsure }

func (n *nftRule) payload(protocol, field string) nftKey {
	key := nftKey{always, unknownValue}
	switch protocol {
	case "ip":
		key.needs = when(func(p *packet) bool { return p.family == IPv4 })
	case "ip6":
		key.needs = when(func(p *packet) bool { return p.family == IPv6 })
	case "th", "ether", "vlan":
	default:
		key.needs = speaks(protocol)
		n.rule.speaks = protocol
	}
	switch field {
	case "saddr":
		key.among = func(list []any) condition { return addresses(list, from) }
	case "daddr":
		key.among = func(list []any) condition {
			return addresses(list, func(s Set) condition {
				n.rule.goal = s
				return n.table.destination(s)
			})
		}
	case "dport":
		key.among = func(list []any) condition {
			return nftPorts(list, func(l ports) condition {
				n.rule.ports = l
				return n.table.toPort(l)
			})
		}
	case "sport":
		key.among = func(list []any) condition { return nftPorts(list, fromPort) }
	case "protocol", "nexthdr":
		key.among = nftProtocols
	}
	return key
}

func (n *nftRule) meta(name string) nftKey {
	key := nftKey{always, unknownValue}
	switch name {
	case "iif", "iifname":
		key.among = func(list []any) condition {
			var names []condition
			for _, e := range list {
				names = append(names, n.table.entering(fmt.Sprint(plain(e))))
			}
			return either(names...)
		}
	case "oif", "oifname":
		key.needs = when(func(p *packet) bool { return p.forward })
	case "l4proto":
		key.among = nftProtocols
	case "nfproto", "protocol":
		key.among = func(list []any) condition {
			v4, v6 := hasWord(list, "ipv4") || hasWord(list, "ip"), hasWord(list, "ipv6") || hasWord(list, "ip6")
			return when(func(p *packet) bool { return p.family == IPv4 && v4 || p.family == IPv6 && v6 })
		}
	case "pkttype":
		key.among = func(list []any) condition { return holds(hasWord(list, "host") || hasWord(list, "unicast")) }
	}
	return key
}

// nftConnection is what is known of a new connection. One that was sent to another port has the status "dnat".
func nftConnection(name string) nftKey {
	key := nftKey{always, unknownValue}
	switch name {
	case "state":
		key.among = func(list []any) condition { return tracked(hasWord(list, "new"), hasWord(list, "untracked")) }
	case "status":
		key.among = func(list []any) condition {
			return func(p *packet) tri {
				if p.sent || p.forward || !hasWord(list, "dnat") {
					return unsure(p)
				}
				return tri{}
			}
		}
	case "direction":
		key.among = func(list []any) condition { return holds(hasWord(list, "original")) }
	}
	return key
}

// nftRoute is what the routes say: of the type of the address that a packet is for, and whether answers find their way back.
func nftRoute(result string, flags any) nftKey {
	key := nftKey{always, unknownValue}
	switch {
	case result == "type" && contains(flags, "daddr"):
		key.among = func(list []any) condition {
			return when(func(p *packet) bool {
				return hasWord(list, "local") && !p.forward || hasWord(list, "unicast") && p.forward
			})
		}
	case contains(flags, "saddr"):
		key.among = func(list []any) condition {
			if len(list) == 1 && (list[0] == false || list[0] == "missing") {
				return never // there is a way back to every ordinary source
			}
			if len(list) == 1 && (list[0] == true || list[0] == "exists") {
				return always
			}
			return unsure
		}
	}
	return key
}

// maxPairs is how many elements of a set of joined values are looked at one by one.
const maxPairs = 4000

func (n *nftRule) concat(parts []any) nftKey {
	var keys []nftKey
	var needs []condition
	for _, p := range parts {
		k := n.key(p)
		keys, needs = append(keys, k), append(needs, k.needs)
	}
	return nftKey{both(needs...), func(list []any) condition {
		if len(list) > maxPairs {
			return unsure
		}
		var pairs []condition
		for _, e := range list {
			m, _ := plain(e).(map[string]any)
			values, _ := m["concat"].([]any)
			if len(values) != len(keys) {
				return unsure
			}
			var all []condition
			for i, k := range keys {
				all = append(all, k.among([]any{values[i]}))
			}
			pairs = append(pairs, both(all...))
		}
		return either(pairs...)
	}}
}

// plain takes a value out of an element that has a comment or a time.
func plain(e any) any {
	if m, ok := e.(map[string]any); ok {
		if inner, ok := m["elem"].(map[string]any); ok {
			return inner["val"]
		}
	}
	return e
}

func hasWord(list []any, word string) bool {
	return slices.ContainsFunc(list, func(e any) bool { return plain(e) == word })
}

// addresses gathers values into one condition; one that is not understood makes it unsure.
func addresses(list []any, c func(Set) condition) condition {
	var spans []span
	for _, e := range list {
		s, ok := nftAddress(plain(e))
		if !ok {
			return unsure
		}
		spans = append(spans, s)
	}
	return c(setOf(spans))
}

// nftAddress reads "10.0.0.1", {"prefix": {"addr": "10.0.0.0", "len": 8}} or {"range": ["10.0.0.1", "10.0.0.9"]}.
func nftAddress(v any) (span, bool) {
	switch v := v.(type) {
	case string:
		a, err := netip.ParseAddr(v)
		return span{a, a}, err == nil && a.Zone() == ""
	case map[string]any:
		if p, ok := v["prefix"].(map[string]any); ok {
			bits, _ := p["len"].(float64)
			s, err := parseAddress(fmt.Sprintf("%v/%d", p["addr"], int(bits)))
			if err != nil {
				return span{}, false
			}
			return s.spans[0], true
		}
		if r, ok := v["range"].([]any); ok && len(r) == 2 {
			a, ok1 := nftAddress(r[0])
			b, ok2 := nftAddress(r[1])
			return span{a.from, b.to}, ok1 && ok2 && a.from.BitLen() == b.to.BitLen()
		}
	}
	return span{}, false
}

func nftPorts(list []any, c func(ports) condition) condition {
	var l ports
	for _, e := range list {
		r, ok := nftPort(plain(e))
		if !ok {
			return unsure
		}
		l = append(l, r)
	}
	return c(l)
}

func nftPort(v any) (r [2]uint16, ok bool) {
	switch v := v.(type) {
	case float64:
		return [2]uint16{uint16(v), uint16(v)}, v >= 0 && v <= 65535
	case string:
		n, ok := parsePort(v)
		return [2]uint16{n, n}, ok
	case map[string]any:
		if l, isRange := v["range"].([]any); isRange && len(l) == 2 {
			a, ok1 := nftPort(l[0])
			b, ok2 := nftPort(l[1])
			return [2]uint16{a[0], b[1]}, ok1 && ok2
		}
	}
	return r, false
}

// nftProtocols is the condition that a packet is of one of some protocols, by name or number (IANA's protocol numbers).
func nftProtocols(list []any) condition {
	var names []string
	for _, e := range list {
		switch v := plain(e).(type) {
		case string:
			names = append(names, v)
		case float64:
			names = append(names, map[float64]string{6: "tcp", 17: "udp"}[v])
		default:
			return unsure
		}
	}
	return speaks(names...)
}
