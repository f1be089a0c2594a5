package firewall

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"keysweep/host"
)

// nftFile reads a file for nft -f, as far as its language is known here: tables with sets, maps, chains and rules, variables, included
// files. What is not known makes it an error, for it may be any rule.
func nftFile(s host.Source, name string) ([]*table, error) {
	if name == "" {
		return nil, nil
	}
	p := nftParser{source: s, vars: map[string][]nftWord{}, reader: nftReader{tables: map[string]*table{}, sets: map[string][]any{}}}
	if err := p.file(name, 0); err != nil {
		return nil, err
	}
	for _, r := range p.rules {
		n := nftRule{reader: &p.reader, table: r.table, prefix: r.table.name + " ", rule: rule{origin: r.origin}}
		c := r.table.chain(r.chain)
		c.rules = append(c.rules, n.read(r.expr)...)
	}
	return p.reader.list, nil
}

// nftParser reads files of rules into the form that nft -j has. Rules wait until all sets are known.
type nftParser struct {
	source host.Source
	reader nftReader
	vars   map[string][]nftWord
	rules  []nftPending
	words  []nftWord
	at     int
	path   string
	lines  []string
	steps  int
	copied int // words that variables moved
}

// nftPending is a rule that waits.
type nftPending struct {
	table  *table
	chain  string
	expr   []map[string]any
	origin host.Origin
}

var errNftEnd = errors.New("the file ends too early")

func (p *nftParser) file(name string, depth int) error {
	const most = 8
	if depth > most {
		return fmt.Errorf("read %s: files include each other", name)
	}
	f, err := p.source.Read(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	words, err := nftWords(string(f.Data))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	outer := *p
	p.words, p.at, p.path, p.lines = words, 0, name, strings.Split(string(f.Data), "\n")
	for p.at < len(p.words) {
		if err := p.top(depth); err != nil {
			return fmt.Errorf("%s:%d: %w", name, p.line(), err)
		}
	}
	p.words, p.at, p.path, p.lines = outer.words, outer.at, outer.path, outer.lines
	return nil
}

func (p *nftParser) line() int {
	if len(p.words) == 0 {
		return 1
	}
	return p.words[min(p.at, len(p.words)-1)].line
}

func (p *nftParser) peek() string {
	if p.at >= len(p.words) || p.words[p.at].quoted {
		return ""
	}
	return p.words[p.at].text
}

// next returns the next word, with variables put in.
func (p *nftParser) next() (nftWord, error) {
	if p.steps++; p.steps > 4*maxRules {
		return nftWord{}, errors.New("too many words")
	}
	if p.at >= len(p.words) {
		return nftWord{}, errNftEnd
	}
	w := p.words[p.at]
	if name, ok := strings.CutPrefix(w.text, "$"); ok && !w.quoted {
		value, known := p.vars[name]
		if !known {
			return w, fmt.Errorf("the variable %s is not defined", name)
		}
		rest := p.words[p.at+1:]
		p.words = append(append(append([]nftWord{}, p.words[:p.at]...), value...), rest...)
		const most = 20_000_000
		if p.copied += len(p.words); len(p.words) > maxRules || p.copied > most {
			return w, errors.New("too many words")
		}
		return p.next()
	}
	p.at++
	return w, nil
}

func (p *nftParser) expect(sign string) error {
	w, err := p.next()
	if err == nil && (w.text != sign || w.quoted) {
		err = fmt.Errorf("%q where %q is expected", shortWord(w.text), sign)
	}
	return err
}

func shortWord(text string) string {
	const most = 40
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// ends passes over ends of lines and statements.
func (p *nftParser) ends() {
	for p.peek() == "\n" || p.peek() == ";" {
		p.at++
	}
}

// top reads something outside of tables.
func (p *nftParser) top(depth int) error {
	p.ends()
	if p.at >= len(p.words) {
		return nil
	}
	w, err := p.next()
	if err != nil {
		return err
	}
	switch w.text {
	case "flush":
		return p.flush()
	case "define", "redefine":
		return p.define()
	case "include":
		return p.include(depth)
	case "add":
		if p.peek() == "table" {
			p.at++
			return p.table()
		}
	case "table":
		return p.table()
	}
	return fmt.Errorf("%q is not understood outside of a table", shortWord(w.text))
}

// flush reads "flush ruleset": what was read so far goes away. "flush table" of a table that is written next is what people put before it.
func (p *nftParser) flush() error {
	if p.peek() == "ruleset" {
		p.at++
		p.reader, p.rules = nftReader{tables: map[string]*table{}, sets: map[string][]any{}}, nil
		return nil
	}
	if p.peek() != "table" {
		return errors.New("only a whole ruleset or a table is known to be flushed")
	}
	for p.peek() != "\n" && p.peek() != ";" && p.at < len(p.words) {
		p.at++
	}
	return nil
}

func (p *nftParser) define() error {
	name, err := p.next()
	if err != nil {
		return err
	}
	if err := p.expect("="); err != nil {
		return err
	}
	var value []nftWord
	for depth := 0; p.at < len(p.words) && (depth > 0 || p.peek() != "\n" && p.peek() != ";"); {
		w, err := p.next()
		if err != nil {
			return err
		}
		switch {
		case w.quoted:
		case w.text == "{":
			depth++
		case w.text == "}":
			depth--
		case w.text == "\n":
			continue
		}
		value = append(value, w)
	}
	p.vars[name.text] = value
	return nil
}

// include reads other files; a name with a * in it is a pattern, and none may fit.
func (p *nftParser) include(depth int) error {
	w, err := p.next()
	if err != nil {
		return err
	}
	name := w.text
	if !path.IsAbs(name) {
		name = path.Join("/etc", name)
	}
	files := []string{name}
	if strings.ContainsAny(name, "*?[") {
		entries, err := host.Glob(p.source, name)
		if err != nil {
			return fmt.Errorf("include %s: %w", name, err)
		}
		files = nil
		for _, e := range entries {
			files = append(files, path.Join(path.Dir(name), e.Name))
		}
	}
	for _, f := range files {
		if err := p.file(f, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// table reads "table inet filter { ... }"; the family is ip if it is not named.
func (p *nftParser) table() error {
	w, err := p.next()
	if err != nil {
		return err
	}
	family := "ip"
	switch w.text {
	case "ip", "ip6", "inet", "arp", "bridge", "netdev":
		family = w.text
		if w, err = p.next(); err != nil {
			return err
		}
	}
	name := family + " " + w.text
	if p.reader.tables[name] == nil {
		p.reader.table(family, w.text)
	}
	if p.peek() != "{" {
		return nil // it is made, and filled later
	}
	p.at++
	t := p.reader.tables[name]
	if t == nil {
		t = newTable("nftables", name) // of another kind of packets: read, and left
	}
	for {
		p.ends()
		w, err := p.next()
		if err != nil || w.text == "}" && !w.quoted {
			return err
		}
		switch w.text {
		case "chain":
			err = p.chain(t)
		case "set", "map":
			err = p.set(t)
		case "flags", "comment":
			err = p.property(t, w.text)
		case "counter", "quota", "limit", "ct", "flowtable", "secmark", "synproxy":
			err = p.skipBlock()
		default:
			err = fmt.Errorf("%q is not understood in a table", shortWord(w.text))
		}
		if err != nil {
			return err
		}
	}
}

func (p *nftParser) property(t *table, name string) error {
	w, err := p.next()
	if err == nil && name == "flags" && w.text == "dormant" {
		t.bases, t.families = nil, nil
	}
	return err
}

// skipBlock passes over an object of a table that is only referred to.
func (p *nftParser) skipBlock() error {
	for p.peek() != "{" {
		if _, err := p.next(); err != nil {
			return err
		}
	}
	depth := 0
	for {
		w, err := p.next()
		switch {
		case err != nil:
			return err
		case w.text == "{" && !w.quoted:
			depth++
		case w.text == "}" && !w.quoted:
			if depth--; depth == 0 {
				return nil
			}
		}
	}
}
