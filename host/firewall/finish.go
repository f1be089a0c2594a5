package firewall

import (
	"fmt"
	"slices"
)

// maxPaths is how many rules a packet may meet at most, with all jumps followed. Large rulesets of real machines have some thousands.
const maxPaths = 100_000

// maxNames is how many interfaces rules may name, and maxInterfaces how many are looked at.
const (
	maxNames      = 500
	maxInterfaces = 2000
)

// finish takes tables over: it joins rules that ban one address after the other, and refuses what cannot be followed in good time. A kernel
// takes no loops, but a file or a made-up bundle may hold some.
func (f *Firewall) finish(tables []*table) error {
	for _, t := range tables {
		for _, c := range t.chains {
			c.rules = joined(c.rules)
			for _, r := range c.rules {
				if r.do == moved {
					f.moves = append(f.moves, move{t, r})
				}
			}
		}
		length := map[string]int{}
		for _, b := range t.bases {
			if n := t.paths(b.chain, length, 0); n > maxPaths {
				return fmt.Errorf("follow the rules of %s: %w", t.name, ErrTooMany)
			}
		}
		if len(t.names) > maxNames {
			return fmt.Errorf("follow the rules of %s: %w", t.name, ErrTooMany)
		}
		for name := range t.names {
			f.names = append(f.names, name)
		}
		for _, b := range t.bases {
			f.names = append(f.names, b.device...)
		}
		f.targets = f.targets || t.byTarget
		f.loose = f.loose || t.untrack
	}
	slices.Sort(f.names)
	f.names = slices.Compact(f.names)
	if len(f.names) > maxNames {
		return fmt.Errorf("follow the rules: they name too many interfaces: %w", ErrTooMany)
	}
	f.tables = tables
	return nil
}

// move is a rule that sends packets to another port or address.
type move struct {
	table *table
	rule
}

// paths counts the rules that a packet meets at most in a chain. A chain that is still being counted is one that leads to itself.
func (t *table) paths(name string, length map[string]int, depth int) int {
	if n, known := length[name]; known {
		return n
	}
	c := t.chains[name]
	if c == nil {
		return 1
	}
	if depth > maxDepth {
		return maxPaths + 1
	}
	length[name] = maxPaths + 1
	sum := 1
	for _, r := range c.rules {
		sum++
		if r.do == jump || r.do == leap {
			sum += t.paths(r.target, length, depth+1)
		}
		if sum > maxPaths {
			sum = maxPaths + 1
			break
		}
	}
	length[name] = sum
	return sum
}

// joined makes one rule of neighbours that accept or drop by nothing but the source: a program that bans adds one for each address.
func joined(rules []rule) []rule {
	var out []rule
	for i := 0; i < len(rules); {
		end := i + 1
		for end < len(rules) && alike(&rules[i], &rules[end]) {
			end++
		}
		one := rules[i]
		if end > i+1 {
			var spans []span
			for _, r := range rules[i:end] {
				spans = append(spans, r.source.spans...)
			}
			one.when = []condition{from(setOf(spans))}
		}
		out = append(out, one)
		i = end
	}
	return slices.Clip(out)
}

func alike(a, b *rule) bool {
	bans := func(r *rule) bool { return len(r.when) == 1 && !r.source.Empty() && (r.do == accept || r.do == drop) }
	return bans(a) && bans(b) && a.do == b.do && a.logs == b.logs && familyOf(a.source.spans[0].from) == familyOf(b.source.spans[0].from)
}
