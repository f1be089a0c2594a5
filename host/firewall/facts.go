package firewall

import (
	"fmt"
	"slices"
	"strings"

	"keysweep/host"
)

// Policy says what becomes of packets of a family that no rule is about, at a hook: "input", "output", "forward". Where is the
// policy that drops, or one that accepts; it is empty if there is none, and everything is accepted.
func (f *Firewall) Policy(hook string, family Family) (drops bool, where host.Origin) {
	for _, t := range f.tables {
		for _, b := range t.bases {
			if b.hook != hook || b.nat || !t.has(family) {
				continue
			}
			if where == (host.Origin{}) || b.policy == drop {
				where = b.origin
			}
			if b.policy == drop {
				return true, where
			}
		}
	}
	return false, where
}

// Logs reports whether some rule on the way of incoming packets writes to a log, and which.
func (f *Firewall) Logs() (host.Origin, bool) {
	return f.find(func(r rule) bool { return r.logs })
}

// LimitsPerAddress reports whether some rule on the way of incoming packets counts the connections of each address, and which.
func (f *Firewall) LimitsPerAddress() (host.Origin, bool) {
	return f.find(func(r rule) bool { return r.perIP })
}

// LimitsPort reports whether some rule for a port counts the connections of each address: "ufw limit ssh" makes one.
func (f *Firewall) LimitsPort(port uint16) (host.Origin, bool) {
	return f.find(func(r rule) bool { return r.perIP && r.ports.has(port) })
}

func (f *Firewall) find(is func(rule) bool) (host.Origin, bool) {
	for _, t := range f.tables {
		for _, b := range t.bases {
			if b.hook != "input" && b.hook != "prerouting" {
				continue
			}
			if r := t.findIn(b.chain, is, map[string]bool{}); r != nil {
				return r.origin, true
			}
		}
	}
	return host.Origin{}, false
}

// findIn looks in a chain and those that it jumps to.
func (t *table) findIn(name string, is func(rule) bool, seen map[string]bool) *rule {
	c := t.chains[name]
	if c == nil || seen[name] || len(seen) > maxChains {
		return nil
	}
	seen[name] = true
	for i := range c.rules {
		r := &c.rules[i]
		if is(*r) {
			return r
		}
		if r.do == jump || r.do == leap {
			if inner := t.findIn(r.target, is, seen); inner != nil {
				return inner
			}
		}
	}
	return nil
}

// maxChains is how many chains are looked through, one inside of the other.
const maxChains = 2000

// Rules reports whether there is a rule or policy in the way of incoming packets of a family that drops something.
func (f *Firewall) Rules(family Family) bool {
	for _, t := range f.tables {
		for _, b := range t.bases {
			if !t.has(family) || b.hook != "input" || b.nat {
				continue
			}
			if b.policy == drop || t.findIn(b.chain, func(r rule) bool { return r.do == drop || r.do == opaque }, map[string]bool{}) != nil {
				return true
			}
		}
	}
	return false
}

// Kinds names whose rules stand in the way of incoming packets: "nftables table inet filter", "iptables".
func (f *Firewall) Kinds() []string {
	var list []string
	for _, t := range f.tables {
		for _, b := range t.bases {
			name := t.kind
			if name == "nftables" {
				name += " table " + t.name
			}
			if b.hook == "input" && !b.nat && (b.policy == drop || len(t.chain(b.chain).rules) > 0) && !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	return list
}

// Loaded reports whether rules of a manager are in force, where they come from the kernel: ufw and firewalld are known by the names of
// their chains and tables.
func (f *Firewall) Loaded(manager string) bool {
	for _, t := range f.tables {
		switch manager {
		case "ufw":
			if t.chains["ufw-user-input"] != nil {
				return true
			}
		case "firewalld":
			if strings.HasSuffix(t.name, " firewalld") || t.chains["INPUT_ZONES"] != nil {
				return true
			}
		case "nftables":
			if t.kind == "nftables" && !strings.HasSuffix(t.name, " firewalld") && len(t.bases) > 0 {
				return true
			}
		}
	}
	return false
}

// String names the firewalls for people.
func (f *Firewall) String() string {
	kinds := f.Kinds()
	for _, m := range f.Managers {
		if (m.Name == "ufw" || m.Name == "firewalld") && f.Loaded(m.Name) && !slices.Contains(kinds, m.Name) {
			kinds = append([]string{m.Name}, kinds...)
		}
	}
	if len(kinds) == 0 {
		return "no rules"
	}
	return fmt.Sprintf("%s, by %s", strings.Join(kinds, " and "), f.From)
}
