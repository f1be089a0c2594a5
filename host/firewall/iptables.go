package firewall

import (
	"fmt"
	"net/netip"
	"strings"

	"keysweep/host"
)

// maxRules is how many lines of rules are read: the kernel's own sets of iptables get unusable long before.
const maxRules = 200_000

// restore is the text of iptables-save, which iptables-restore reads, too (iptables-save(8)).
type restore struct {
	family Family
	kind   string // "iptables", "ufw"
	path   string // the file that it comes from; "" for the kernel
	tables map[string]*table
	names  []string // of tables, as they came
	sets   map[string]*ipset
}

// parseIptables reads what iptables-save says, or files of the same form, of a family.
func parseIptables(family Family, kind, path, text string) ([]*table, error) {
	return parseWithSets(family, kind, path, text, nil)
}

// parseWithSets does the same for rules that name sets of the kernel. What a set holds that rules change is not known.
func parseWithSets(family Family, kind, path, text string, sets map[string]*ipset) ([]*table, error) {
	r := restore{family: family, kind: kind, path: path, tables: map[string]*table{}, sets: map[string]*ipset{}}
	for name, s := range sets {
		if !strings.Contains(text, "--add-set "+name+" ") && !strings.Contains(text, "--del-set "+name+" ") && !strings.Contains(text, "--map-set "+name+" ") {
			r.sets[name] = s
		}
	}
	if err := r.read(path, text); err != nil {
		return nil, err
	}
	return r.list(), nil
}

func (r *restore) list() []*table {
	var list []*table
	for _, name := range r.names {
		list = append(list, r.tables[name])
	}
	return list
}

// read adds a file's rules; chains of its own that a file declares are emptied first, as iptables-restore --noflush does.
func (r *restore) read(path, text string) error {
	var t *table
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.TrimSpace(line)
		where := host.Origin{Path: path, Line: number, Text: line}
		switch {
		case line == "" || line[0] == '#':
		case number > maxRules:
			return fmt.Errorf("read rules of iptables: more than %d lines", maxRules)
		case line[0] == '*':
			t = r.table(line[1:])
		case t == nil:
			return fmt.Errorf("read rules of iptables: line %d: a rule before any table", number)
		case line[0] == ':':
			r.declare(t, line[1:], where)
		case line == "COMMIT":
			t = nil
		default:
			if err := r.rule(t, line, where); err != nil {
				return fmt.Errorf("read rules of iptables: line %d: %w", number, err)
			}
		}
	}
	return nil
}

func (r *restore) table(name string) *table {
	t := r.tables[name]
	if t == nil {
		t = newTable(r.kind, r.program()+" "+name, r.family)
		r.tables[name] = t
		r.names = append(r.names, name)
	}
	return t
}

func (r *restore) program() string {
	if r.family == IPv6 {
		return "ip6tables"
	}
	return "iptables"
}

// declare reads ":INPUT DROP [0:0]".
func (r *restore) declare(t *table, line string, where host.Origin) {
	name, rest, _ := strings.Cut(line, " ")
	policy, _, _ := strings.Cut(rest, " ")
	hook := map[string]string{"PREROUTING": "prerouting", "INPUT": "input", "FORWARD": "forward", "OUTPUT": "output"}[name]
	if hook == "" {
		t.chain(name).rules = nil
	} else {
		t.chain(name)
		t.setBase(base{chain: name, hook: hook, nat: strings.HasSuffix(t.name, " nat"), policy: policyOf(policy), origin: r.origin(t, "-P "+name+" "+policy, where)})
	}
}

// setBase adds a base chain, in place of one for the same chain.
func (t *table) setBase(b base) {
	for i := range t.bases {
		if t.bases[i].chain == b.chain {
			t.bases[i] = b
			return
		}
	}
	t.bases = append(t.bases, b)
}

func policyOf(word string) verdict {
	if strings.EqualFold(word, "ACCEPT") {
		return accept
	}
	return drop
}

// origin is where a rule stands: in a file, or in the kernel, then written as the command that makes it.
func (r *restore) origin(t *table, rule string, where host.Origin) host.Origin {
	if where.Path != "" {
		return where
	}
	program, name, _ := strings.Cut(t.name, " ")
	if name != "filter" {
		program += " -t " + name
	}
	return host.Origin{Text: program + " " + rule}
}

// rule reads "-A CHAIN ..." and "-I CHAIN ...", with counters before it or without.
func (r *restore) rule(t *table, line string, where host.Origin) error {
	words, err := split(line)
	if err != nil {
		return err
	}
	if len(words) > 0 && strings.HasPrefix(words[0], "[") {
		words, line = words[1:], strings.TrimSpace(line[strings.IndexByte(line, ']')+1:])
	}
	if len(words) < 2 {
		return fmt.Errorf("not a rule: %q", line)
	}
	p := ruleReader{restore: r, table: t, rule: rule{origin: r.origin(t, line, where)}, words: words[2:]}
	p.read()
	c := t.chain(words[1])
	switch words[0] {
	case "-A", "--append":
		c.rules = append(c.rules, p.rule)
	case "-I", "--insert":
		c.rules = append([]rule{p.rule}, c.rules...)
	case "-F", "--flush":
		c.rules = nil
	case "-N", "--new-chain", "-X", "-Z":
	default:
		t.unclear = "the command " + words[0] + " is not one that iptables-save writes"
	}
	return nil
}

// split takes a line apart into words; quotes and backslashes are those of iptables-restore.
func split(line string) (words []string, err error) {
	var word strings.Builder
	quote, inside := byte(0), false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && i+1 < len(line) && quote != '\'':
			i++
			word.WriteByte(line[i])
			inside = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, inside = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if inside {
				words = append(words, word.String())
			}
			word.Reset()
			inside = false
		default:
			word.WriteByte(c)
			inside = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote is not closed: %q", line)
	}
	if inside {
		words = append(words, word.String())
	}
	return words, nil
}

// parseAddresses reads "10.0.0.0/8", "10.0.0.0/255.0.0.0", "::1", or several of them with commas.
func parseAddresses(text string) (Set, error) {
	var sum Set
	for part := range strings.SplitSeq(text, ",") {
		s, err := parseAddress(part)
		if err != nil {
			return Set{}, err
		}
		sum = sum.Union(s)
	}
	return sum, nil
}

func parseAddress(text string) (Set, error) {
	addr, mask, masked := strings.Cut(text, "/")
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return Set{}, fmt.Errorf("address %q: not an address", text)
	}
	a = a.WithZone("")
	if !masked {
		return Of(netip.PrefixFrom(a, a.BitLen())), nil
	}
	if m, err := netip.ParseAddr(mask); err == nil {
		bits, ok := ones(m)
		if !ok || m.BitLen() != a.BitLen() {
			return Set{}, fmt.Errorf("address %q: the mask has holes", text)
		}
		mask = fmt.Sprint(bits)
	}
	p, err := netip.ParsePrefix(a.String() + "/" + mask)
	if err != nil {
		return Set{}, fmt.Errorf("address %q: not a prefix", text)
	}
	return Of(p), nil
}

// ones counts the bits of a mask; ok is false if there is a 1 behind a 0.
func ones(m netip.Addr) (bits int, ok bool) {
	end := false
	for _, b := range m.AsSlice() {
		for i := 7; i >= 0; i-- {
			one := b>>i&1 == 1
			if one && end {
				return 0, false
			}
			if one {
				bits++
			} else {
				end = true
			}
		}
	}
	return bits, true
}
