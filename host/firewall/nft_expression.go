package firewall

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// value reads a number, a word, a prefix or a range.
func (p *nftParser) value() (any, error) {
	w, err := p.next()
	if err != nil {
		return nil, err
	}
	if w.quoted {
		return w.text, nil
	}
	if len(w.text) == 1 && strings.Contains("{},;=<>&|()!:\n", w.text) {
		return nil, fmt.Errorf("%q where a value is expected", w.text)
	}
	return nftValue(w.text), nil
}

func nftValue(text string) any {
	if n, err := strconv.ParseUint(text, 0, 32); err == nil {
		return float64(n)
	}
	if addr, bits, ok := strings.Cut(text, "/"); ok {
		if n, err := strconv.Atoi(bits); err == nil {
			return map[string]any{"prefix": map[string]any{"addr": addr, "len": float64(n)}}
		}
	}
	if low, high, ok := strings.Cut(text, "-"); ok && low != "" && high != "" {
		_, err1 := netip.ParseAddr(low)
		_, err2 := strconv.ParseUint(low, 10, 16)
		if err1 == nil || err2 == nil {
			return map[string]any{"range": []any{nftValue(low), nftValue(high)}}
		}
	}
	return text
}

// expression reads a condition or a statement of a rule. nil is one that changes nothing.
func (p *nftParser) expression() (map[string]any, error) {
	w, err := p.next()
	if err != nil {
		return nil, err
	}
	switch w.text {
	case "accept", "drop", "return", "continue", "notrack":
		return map[string]any{w.text: nil}, nil
	case "jump", "goto":
		to, err := p.next()
		if err == nil && to.text == "{" {
			err = fmt.Errorf("a chain without a name is not understood")
		}
		return map[string]any{w.text: map[string]any{"target": to.text}}, err
	case "reject":
		return p.reject()
	case "counter", "log", "masquerade", "comment", "last":
		return map[string]any{w.text: nil}, p.options()
	case "limit":
		return p.limit("limit")
	case "add", "update":
		return p.dynamic()
	case "dnat", "redirect", "snat":
		return p.moved(w.text)
	case "ct":
		if p.peek() == "count" {
			p.at++
			return p.limit("ct count")
		}
	}
	p.at--
	return p.condition()
}

// options passes over the words of a statement that do not matter: log prefix "x" level info, counter packets 0 bytes 0.
func (p *nftParser) options() error {
	for p.at < len(p.words) {
		if p.words[p.at].quoted {
			p.at++
			continue
		}
		w := p.peek()
		_, number := nftValue(w).(float64)
		if !number && !slices.Contains([]string{"prefix", "level", "flags", "group", "snaplen", "queue-threshold", "packets", "bytes", "name", "all", "skuid", "ether", "emerg", "alert", "crit",
			"err", "warn", "notice", "info", "debug", "audit", "random", "persistent", "fully-random", "never", "used"}, w) {
			return nil
		}
		p.at++
	}
	return nil
}

func (p *nftParser) reject() (map[string]any, error) {
	if p.peek() != "with" {
		return map[string]any{"reject": nil}, nil
	}
	p.at++
	w, err := p.next()
	if err != nil {
		return nil, err
	}
	kind := w.text
	switch {
	case kind == "tcp" && p.peek() == "reset":
		p.at++
		kind = "tcp reset"
	default:
		if p.peek() == "type" {
			p.at++
		}
		if _, err := p.value(); err != nil {
			return nil, err
		}
	}
	return map[string]any{"reject": map[string]any{"type": kind}}, nil
}

// limit reads "rate over 5/second burst 5 packets", "name x", and "over 5" of ct count.
func (p *nftParser) limit(name string) (map[string]any, error) {
	over := false
	for p.at < len(p.words) {
		w := p.peek()
		isNumber := w != "" && w[0] >= '0' && w[0] <= '9'
		switch {
		case w == "over":
			over = true
		case w == "rate" || w == "burst" || w == "packets" || w == "bytes" || w == "name" || w == "kbytes" || w == "mbytes" || isNumber || p.words[p.at].quoted:
		default:
			return map[string]any{name: map[string]any{"inv": over}}, nil
		}
		p.at++
	}
	return nil, errNftEnd
}

// dynamic reads "add @set { ip saddr limit rate over 5/second }".
func (p *nftParser) dynamic() (map[string]any, error) {
	if _, err := p.next(); err != nil {
		return nil, err
	}
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	if _, err := p.key(); err != nil {
		return nil, err
	}
	var inner []any
	for p.peek() != "}" {
		if p.peek() == "timeout" {
			p.at += 2
			continue
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		inner = append(inner, e)
	}
	p.at++
	if inner == nil {
		return map[string]any{"set": map[string]any{}}, nil
	}
	return map[string]any{"set": map[string]any{"stmt": inner}}, nil
}

// moved reads "dnat ip to 10.0.0.2:80" and "redirect to :8080".
func (p *nftParser) moved(name string) (map[string]any, error) {
	for p.peek() == "ip" || p.peek() == "ip6" {
		p.at++
	}
	where := map[string]any{}
	if p.peek() == "to" {
		p.at++
		if p.peek() == ":" {
			p.at++
		}
		w, err := p.next()
		if err != nil {
			return nil, err
		}
		text := strings.TrimPrefix(w.text, ":")
		if ap, err := netip.ParseAddrPort(text); err == nil {
			where["addr"], where["port"] = ap.Addr().String(), float64(ap.Port())
		} else if n, isNumber := nftValue(text).(float64); isNumber {
			where["port"] = n
		} else {
			where["addr"] = text // a name, a map, an address: what is no address makes the rule unclear
			if err := p.skipLine(); err != nil {
				return nil, err
			}
		}
	}
	return map[string]any{name: where}, p.options()
}

// condition reads a key, how it is compared, and the values.
func (p *nftParser) condition() (map[string]any, error) {
	left, err := p.key()
	if err != nil {
		return nil, err
	}
	switch op := p.peek(); op {
	case "vmap":
		p.at++
		data, err := p.right(false)
		return map[string]any{"vmap": map[string]any{"key": left, "data": data}}, err
	case "set": // meta mark set 1: it changes what is said of the packet, and no condition knows that
		p.at++
		_, err := p.right(false)
		return map[string]any{"mangle": nil}, err
	case "==", "!=", "<", ">", "<=", ">=":
		p.at++
		right, err := p.right(bits(left))
		if op == "==" && bits(left) && left["&"] == nil && len(texts(right)) > 1 {
			return nil, fmt.Errorf("a comparison of bits is not understood")
		}
		return match(op, left, right), err
	case "&":
		return p.mask(left)
	}
	right, err := p.right(bits(left))
	if err != nil {
		return nil, err
	}
	if rest, ok := strings.CutPrefix(p.peek(), "/"); ok && bits(left) {
		return p.slash(left, right, rest)
	}
	op := "=="
	if _, set := right.(map[string]any); bits(left) && !set {
		op = "in"
	}
	return match(op, left, right), nil
}

func match(op string, left map[string]any, right any) map[string]any {
	return map[string]any{"match": map[string]any{"op": op, "left": left, "right": right}}
}

// bits reports whether a key is one whose values are bits, which stand with commas or bars between them.
func bits(left map[string]any) bool {
	field, _ := payloadField(left)
	ct, _ := left["ct"].(map[string]any)
	return field == "flags" || ct["key"] == "state" || ct["key"] == "status"
}

// mask reads "tcp flags & (fin|syn) == syn".
func (p *nftParser) mask(left map[string]any) (map[string]any, error) {
	p.at++
	mask, err := p.right(true)
	if err != nil {
		return nil, err
	}
	op, err := p.next()
	if err != nil {
		return nil, err
	}
	if op.text != "==" && op.text != "!=" {
		return nil, fmt.Errorf("%q behind a mask", shortWord(op.text))
	}
	right, err := p.right(true)
	if texts(right) == nil && right != float64(0) {
		return nil, fmt.Errorf("a comparison of bits is not understood")
	}
	return match(op.text, map[string]any{"&": []any{left, mask}}, right), err
}

// slash reads "tcp flags syn / fin,syn,rst,ack", which is another way to write a mask.
func (p *nftParser) slash(left map[string]any, right any, rest string) (map[string]any, error) {
	if rest != "" {
		return nil, fmt.Errorf("%q behind flags", "/"+shortWord(rest))
	}
	p.at++
	mask, err := p.right(true)
	return match("==", map[string]any{"&": []any{left, mask}}, right), err
}

// right reads the values that a key is compared with. Of bits there may be several.
func (p *nftParser) right(several bool) (any, error) {
	if strings.HasPrefix(p.peek(), "$") {
		at := p.at
		if _, err := p.next(); err != nil {
			return nil, err
		}
		p.at = at
	}
	switch {
	case p.peek() == "{":
		list, err := p.braces()
		return map[string]any{"set": list}, err
	case strings.HasPrefix(p.peek(), "@"):
		w, err := p.next()
		return w.text, err
	}
	open := p.peek() == "("
	if open {
		p.at++
	}
	first, err := p.joined()
	if err != nil {
		return nil, err
	}
	list := []any{first}
	for several && (p.peek() == "," || p.peek() == "|") {
		p.at++
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	if open {
		if err := p.expect(")"); err != nil {
			return nil, err
		}
	}
	if len(list) == 1 {
		return first, nil
	}
	return list, nil
}
