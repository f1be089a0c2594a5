package firewall

import (
	"fmt"
	"slices"
)

// key reads what a rule looks at: "tcp dport", "iifname", "ct state", and several with dots between them.
func (p *nftParser) key() (map[string]any, error) {
	first, err := p.oneKey()
	if err != nil || p.peek() != "." {
		return first, err
	}
	parts := []any{first}
	for p.peek() == "." {
		p.at++
		k, err := p.oneKey()
		if err != nil {
			return nil, err
		}
		parts = append(parts, k)
	}
	return map[string]any{"concat": parts}, nil
}

func (p *nftParser) oneKey() (map[string]any, error) {
	w, err := p.next()
	if err != nil {
		return nil, err
	}
	switch w.text {
	case "ip", "ip6", "tcp", "udp", "th", "udplite", "sctp", "dccp", "icmp", "icmpv6", "ether", "vlan":
		field, err := p.word("saddr", "daddr", "sport", "dport", "flags", "protocol", "nexthdr", "type", "code", "length", "version", "ttl", "hoplimit", "dscp", "ecn", "id")
		return map[string]any{"payload": map[string]any{"protocol": w.text, "field": field}}, err
	case "meta":
		key, err := p.word("iif", "iifname", "oif", "oifname", "l4proto", "nfproto", "protocol", "pkttype", "mark", "skuid", "skgid", "length", "cpu", "iiftype", "priority", "day", "hour", "time")
		return map[string]any{"meta": map[string]any{"key": key}}, err
	case "iif", "iifname", "oif", "oifname", "pkttype", "mark", "skuid", "skgid", "l4proto", "nfproto", "iiftype":
		return map[string]any{"meta": map[string]any{"key": w.text}}, nil
	case "ct":
		key, err := p.word("state", "status", "direction", "mark", "expiration", "zone", "helper", "bytes", "packets")
		return map[string]any{"ct": map[string]any{"key": key}}, err
	case "fib":
		return p.route()
	case "rt", "frag", "hbh", "dst", "mh", "exthdr":
		_, err := p.next()
		return map[string]any{"exthdr": nil}, err
	}
	return nil, fmt.Errorf("%q is not understood in a rule", shortWord(w.text))
}

// word reads one of some words.
func (p *nftParser) word(known ...string) (string, error) {
	w, err := p.next()
	if err == nil && !slices.Contains(known, w.text) {
		err = fmt.Errorf("%q is not understood in a rule", shortWord(w.text))
	}
	return w.text, err
}

// route reads "fib saddr . iif oif missing" up to what is asked for; missing and exists are values.
func (p *nftParser) route() (map[string]any, error) {
	var flags []any
	for {
		w, err := p.word("saddr", "daddr", "mark", "iif", "oif")
		if err != nil {
			return nil, err
		}
		flags = append(flags, w)
		if p.peek() != "." {
			break
		}
		p.at++
	}
	result, err := p.word("oif", "oifname", "type")
	if err != nil {
		return nil, err
	}
	return map[string]any{"fib": map[string]any{"result": result, "flags": flags}}, nil
}
