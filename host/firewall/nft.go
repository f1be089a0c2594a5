package firewall

import (
	"encoding/json"
	"fmt"

	"keysweep/host"
)

// nftReader reads what "nft -j list ruleset" says (libnftables-json(5)).
type nftReader struct {
	tables map[string]*table
	sets   map[string][]any // elements, by table and name; of maps: pairs
	list   []*table
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

// parseNft reads a ruleset. skip says which tables are left out, by family and name: those of iptables, whose matches stand in it without
// their values.
func parseNft(data []byte, skip func(family, name string) bool) ([]*table, error) {
	var doc struct{ Nftables []nftObject }
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("read rules of nftables: %w", err)
	}
	r := nftReader{tables: map[string]*table{}, sets: map[string][]any{}}
	for _, o := range doc.Nftables {
		switch {
		case o.Table != nil && !skip(o.Table.Family, o.Table.Name) && !contains(o.Table.Flags, "dormant"):
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
			c := t.chain(o.Rule.Chain)
			n := nftRule{reader: &r, table: t, prefix: name + " ", rule: rule{origin: host.Origin{Text: "nft chain " + name + " " + o.Rule.Chain + ": " + nftText(o.Rule.Expr)}}}
			c.rules = append(c.rules, n.read(o.Rule.Expr)...)
		}
	}
	return r.list, nil
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
