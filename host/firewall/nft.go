package firewall

import (
	"encoding/json"
	"fmt"
	"slices"

	"keysweep/host"
)

// nftReader reads what "nft -j list ruleset" says (libnftables-json(5)).
type nftReader struct {
	tables map[string]*table
	sets   map[string][]any // elements, by table and name; of maps: pairs
	list   []*table
	laid   map[string][]nftLaid // by table and chain: its rules, one by one
}

// nftLaid is a rule, which a verdict map may make several of.
type nftLaid struct {
	rules   []rule
	foreign bool // it holds a match or target of iptables, whose values do not stand in it
}

// nftObject is an entry of the list of a ruleset; what it is stands in the one field that is there.
type nftObject struct {
	Table *struct {
		Family, Name string
		Flags        any
	}
	Chain *struct {
		Family, Table, Name, Type, Hook, Policy string
		Dev                                     any
	}
	Rule *struct {
		Family, Table, Chain string
		Expr                 []map[string]any
	}
	Set, Map *struct {
		Family, Table, Name string
		Elem                []any
	}
}

// parseNft reads a ruleset. saved are iptables' own tables as iptables-save says them, by family and name: rules with matches of iptables
// are taken from there, because nft does not tell what these look for. The others are not, because iptables-save leaves out, without a word,
// what it does not know: of "tcp dport { 22, 80 } drop" it makes "-p tcp -j DROP".
func parseNft(data []byte, saved map[string]*table) ([]*table, error) {
	var doc struct{ Nftables []nftObject }
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("read rules of nftables: %w", err)
	}
	r := nftReader{tables: map[string]*table{}, sets: map[string][]any{}, laid: map[string][]nftLaid{}}
	for _, o := range doc.Nftables {
		switch {
		case o.Table != nil && !contains(o.Table.Flags, "dormant"):
			r.table(o.Table.Family, o.Table.Name)
		case o.Set != nil:
			r.sets[o.Set.Family+" "+o.Set.Table+" "+o.Set.Name] = o.Set.Elem
		case o.Map != nil:
			r.sets[o.Map.Family+" "+o.Map.Table+" "+o.Map.Name] = o.Map.Elem
		}
	}
	for _, o := range doc.Nftables {
		if c := o.Chain; c != nil {
			r.chain(r.tables[c.Family+" "+c.Table], c.Name, c.Type, c.Hook, c.Policy, texts(c.Dev))
		}
	}
	for _, o := range doc.Nftables {
		if o.Rule == nil {
			continue
		}
		name := o.Rule.Family + " " + o.Rule.Table
		if t := r.tables[name]; t != nil {
			t.chain(o.Rule.Chain)
			n := nftRule{reader: &r, table: t, prefix: name + " ", rule: rule{origin: host.Origin{Text: "nft chain " + name + " " + o.Rule.Chain + ": " + nftText(o.Rule.Expr)}}}
			key := name + "\x00" + o.Rule.Chain
			r.laid[key] = append(r.laid[key], nftLaid{n.read(o.Rule.Expr), slices.ContainsFunc(o.Rule.Expr, foreignTo)})
		}
	}
	for _, t := range r.list {
		r.lay(t, saved[t.name])
	}
	return r.list, nil
}

// foreignTo reports whether an expression is iptables'.
func foreignTo(e map[string]any) bool {
	_, is := e["xt"]
	return is
}

// lay puts the rules of a table into its chains. Those that are iptables' come from what iptables-save says, where they stand in the
// same order; if it does not have as many, they stay unclear.
func (r *nftReader) lay(t, saved *table) {
	mixed := false
	for name := range t.chains {
		mixed = mixed || slices.ContainsFunc(r.laid[t.name+"\x00"+name], func(l nftLaid) bool { return l.foreign })
	}
	if mixed {
		t.kind = "iptables"
	}
	for name, c := range t.chains {
		list := r.laid[t.name+"\x00"+name]
		var same []rule
		if saved != nil && saved.chains[name] != nil && len(saved.chains[name].rules) == len(list) {
			same = saved.chains[name].rules
		}
		for i, l := range list {
			switch {
			case same != nil && l.foreign:
				c.rules = append(c.rules, same[i])
			case same != nil && mixed:
				for _, one := range l.rules {
					one.origin = same[i].origin
					c.rules = append(c.rules, one)
				}
			default:
				c.rules = append(c.rules, l.rules...)
			}
		}
	}
	if mixed && saved != nil {
		t.adopt(saved)
	}
}

// adopt takes over what iptables' rules of a table say of the table as a whole, and how it is named.
func (t *table) adopt(saved *table) {
	for name := range saved.names {
		t.names[name] = true
	}
	for n := range saved.bounds {
		t.bounds[n] = true
	}
	t.byTarget, t.untrack = t.byTarget || saved.byTarget, t.untrack || saved.untrack
	t.name = saved.name
	for i := range t.bases {
		for _, b := range saved.bases {
			if b.chain == t.bases[i].chain {
				t.bases[i].origin = b.origin
			}
		}
	}
}

// table adds a table of a family that TCP and UDP over IP go through; those of bridges and ARP are not among them.
func (r *nftReader) table(family, name string) {
	families := map[string][]Family{"ip": {IPv4}, "ip6": {IPv6}, "inet": {IPv4, IPv6}, "netdev": {IPv4, IPv6}}[family]
	if families == nil {
		return
	}
	t := newTable("nftables", family+" "+name, families...)
	r.tables[t.name] = t
	r.list = append(r.list, t)
}

// chain adds a chain, with its hook if it has one. What "ingress" drops never comes to the others.
func (r *nftReader) chain(t *table, name, kind, hook, policy string, devices []string) {
	if t == nil {
		return
	}
	t.chain(name)
	if hook == "" {
		return
	}
	early := hook == "ingress"
	if early {
		hook = "prerouting"
	}
	b := base{anyDevice: early && len(devices) == 0, chain: name, hook: hook, nat: kind == "nat", policy: accept, device: devices}
	if policy == "drop" {
		b.policy = drop
	}
	b.origin = host.Origin{Text: fmt.Sprintf("nft chain %s %s: policy %s", t.name, name, policyName(b.policy))}
	t.setBase(b)
}

func policyName(v verdict) string {
	if v == drop {
		return "drop"
	}
	return "accept"
}

// texts returns a word or a list of words as a list.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}

func contains(v any, word string) bool {
	for _, s := range texts(v) {
		if s == word {
			return true
		}
	}
	return false
}
