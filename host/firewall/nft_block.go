package firewall

import (
	"fmt"
	"strings"

	"keysweep/host"
)

// set reads a set or a map: its elements, and which families of values they are does not matter here.
func (p *nftParser) set(t *table) error {
	name, err := p.next()
	if err != nil {
		return err
	}
	if err := p.expect("{"); err != nil {
		return err
	}
	key := t.name + " " + name.text
	p.reader.sets[key] = []any{}
	for {
		p.ends()
		w, err := p.next()
		if err != nil || w.text == "}" && !w.quoted {
			return err
		}
		if w.text != "elements" {
			if err := p.skipLine(); err != nil {
				return err
			}
			continue
		}
		if err := p.expect("="); err != nil {
			return err
		}
		list, err := p.braces()
		if err != nil {
			return err
		}
		p.reader.sets[key] = list
	}
}

// skipLine passes over the rest of a statement.
func (p *nftParser) skipLine() error {
	for p.peek() != "\n" && p.peek() != ";" && p.peek() != "}" {
		if _, err := p.next(); err != nil {
			return err
		}
	}
	return nil
}

// chain reads "chain input { type filter hook input priority 0; policy drop; ... }".
func (p *nftParser) chain(t *table) error {
	name, err := p.next()
	if err != nil {
		return err
	}
	if err := p.expect("{"); err != nil {
		return err
	}
	p.reader.chain(t, name.text, "", "", "", nil)
	for {
		p.ends()
		start := p.at
		w, err := p.next()
		if err != nil || w.text == "}" && !w.quoted {
			return err
		}
		switch w.text {
		case "type":
			err = p.hook(t, name.text)
		case "policy":
			err = p.policy(t, name.text)
		case "comment":
			err = p.skipLine()
		default:
			p.at = start
			err = p.rule(t, name.text)
		}
		if err != nil {
			return err
		}
	}
}

// hook reads "filter hook input device eth0 priority filter + 10".
func (p *nftParser) hook(t *table, name string) error {
	kind, err := p.next()
	if err != nil {
		return err
	}
	hook, devices := "", []string(nil)
	for p.peek() != ";" && p.peek() != "\n" {
		w, err := p.next()
		if err != nil {
			return err
		}
		switch w.text {
		case "hook":
			if w, err = p.next(); err != nil {
				return err
			}
			hook = w.text
		case "device":
			if w, err = p.next(); err != nil {
				return err
			}
			devices = append(devices, w.text)
		case "devices":
			if err := p.expect("="); err != nil {
				return err
			}
			list, err := p.braces()
			if err != nil {
				return err
			}
			for _, e := range list {
				devices = append(devices, fmt.Sprint(e))
			}
		}
	}
	p.reader.chain(t, name, kind.text, hook, "", devices)
	p.place(t, name)
	return nil
}

// place says where a base chain stands in the file.
func (p *nftParser) place(t *table, name string) {
	for i := range t.bases {
		if t.bases[i].chain == name {
			t.bases[i].origin = p.origin()
		}
	}
}

func (p *nftParser) origin() host.Origin {
	n := p.words[max(0, min(p.at, len(p.words))-1)].line
	o := host.Origin{Path: p.path, Line: n}
	if n <= len(p.lines) {
		o.Text = strings.TrimSpace(p.lines[n-1])
	}
	return o
}

func (p *nftParser) policy(t *table, name string) error {
	w, err := p.next()
	if err != nil {
		return err
	}
	for i := range t.bases {
		if t.bases[i].chain == name {
			t.bases[i].policy = accept
			if w.text == "drop" {
				t.bases[i].policy = drop
			}
		}
	}
	p.place(t, name)
	return nil
}

// rule reads a rule into the form of JSON.
func (p *nftParser) rule(t *table, chain string) error {
	var list []map[string]any
	var where host.Origin
	for p.peek() != "\n" && p.peek() != ";" && p.peek() != "}" {
		if p.at >= len(p.words) {
			return errNftEnd
		}
		e, err := p.expression()
		if err != nil {
			return err
		}
		if where.Line == 0 {
			where = p.origin()
		}
		if e != nil {
			list = append(list, e)
		}
	}
	p.rules = append(p.rules, nftPending{t, chain, list, where})
	return nil
}

// braces reads the elements between braces; braces inside of them are what variables brought along.
func (p *nftParser) braces() ([]any, error) {
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	var list []any
	for {
		for p.peek() == "\n" || p.peek() == "," {
			p.at++
		}
		switch p.peek() {
		case "}":
			p.at++
			return list, nil
		case "{":
			inner, err := p.braces()
			if err != nil {
				return nil, err
			}
			list = append(list, inner...)
			continue
		}
		e, err := p.element()
		if err != nil {
			return nil, err
		}
		if inner, ok := e.([]any); ok && len(inner) > 0 && inner[0] == flattened {
			list = append(list, inner[1:]...)
			continue
		}
		list = append(list, e)
	}
}

// flattened marks a list of elements that a variable stood for.
const flattened = "\x00"

// element reads "22", "10.0.0.1 . 22", "22 : accept", "10.0.0.1 timeout 5m".
func (p *nftParser) element() (any, error) {
	v, err := p.joined()
	if err != nil {
		return nil, err
	}
	for {
		switch p.peek() {
		case ",", "}":
			return v, nil
		case "\n":
			p.at++
			continue
		case "{":
			return nil, fmt.Errorf("%q in an element", "{")
		case ":":
			p.at++
			to, err := p.expression()
			if err != nil {
				return nil, err
			}
			v = []any{v, map[string]any(to)}
			continue
		}
		if _, err := p.next(); err != nil { // timeout, expires, comment, counter: they change nothing
			return nil, err
		}
	}
}

// joined reads a value, or several with dots between them.
func (p *nftParser) joined() (any, error) {
	if p.peek() != "" && strings.HasPrefix(p.peek(), "$") { // a variable may hold a whole set
		name := p.peek()[1:]
		if value := p.vars[name]; len(value) > 0 && value[0].text == "{" && !value[0].quoted {
			at := p.at
			if _, err := p.next(); err != nil {
				return nil, err
			}
			p.at = at
			list, err := p.braces()
			return append([]any{flattened}, list...), err
		}
	}
	first, err := p.value()
	if err != nil || p.peek() != "." {
		return first, err
	}
	parts := []any{first}
	for p.peek() == "." {
		p.at++
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		parts = append(parts, v)
	}
	return map[string]any{"concat": parts}, nil
}
