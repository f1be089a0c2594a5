package sshd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"keysweep/host"
)

// Values are what holds for one connection.
type Values struct {
	config *Config
	start  map[string][]hit // what sshd reads at its start
	under  map[string][]hit // what Match blocks set for the connection
}

// Value is what holds of a keyword.
type Value struct {
	Keyword  string
	Words    []string      // as sshd -T prints them; of a keyword that adds up, all of them
	Origin   host.Origin   // of the line that sets it; the zero Origin is the default
	Origins  []host.Origin // of all lines that set it
	Shadowed []Setting     // lines that would set it and are never reached
	Err      error         // why it is not known; Words are then what would hold without the doubt
}

// String returns the value as sshd -T prints it.
func (v Value) String() string { return strings.Join(v.Words, " ") }

func (v Value) is(word string) bool { return len(v.Words) == 1 && strings.EqualFold(v.Words[0], word) }

// Is reports whether the value is known to be one word.
func (v Value) Is(word string) bool { return v.Err == nil && v.is(word) }

// hit is a setting that counts for the connection, or may.
type hit struct {
	setting *Setting
	gap     error
	state   certainty
	seq     int
}

// Resolve says what holds for a connection.
func (c *Config) Resolve(conn Connection) Values {
	v := Values{c, map[string][]hit{}, map[string][]hit{}}
	var gaps []hit
	for i, s := range c.steps {
		if state := meetAll(s.chain, nil, c.Version); state != no {
			v.note(v.start, &gaps, hit{s.setting, s.gap, state, i})
		}
	}
	v.spread(v.start, gaps)
	gaps = nil
	for i, s := range c.steps {
		if len(s.chain) == 0 && s.gap == nil {
			continue
		}
		if state := meetAll(s.chain, &conn, c.Version); state != no {
			v.note(v.under, &gaps, hit{s.setting, s.gap, state, i})
		}
	}
	v.spread(v.under, gaps)
	return v
}

func (v Values) note(list map[string][]hit, gaps *[]hit, h hit) {
	if h.gap != nil {
		h.state = maybe
		*gaps = append(*gaps, h)
		return
	}
	list[h.setting.Keyword] = append(list[h.setting.Keyword], h)
}

// spread puts gaps where each keyword would be set.
func (v Values) spread(list map[string][]hit, gaps []hit) {
	if len(gaps) == 0 {
		return
	}
	for name := range v.config.keys {
		all := append(slices.Clone(list[name]), gaps...)
		slices.SortFunc(all, func(a, b hit) int { return a.seq - b.seq })
		list[name] = all
	}
}

// Get returns the value of a keyword, given in any case. Of one that this version of sshd does not have, Words is nil.
func (v Values) Get(name string) Value { return v.get(name, v.under) }

// global returns the value that holds before any Match block.
func (v Values) global(name string) Value { return v.get(name, nil) }

func (v Values) get(name string, under map[string][]hit) Value {
	name = strings.ToLower(name)
	if a, ok := aliases()[name]; ok && a.since.in(v.config.Version) {
		name = a.name
	}
	k := v.config.keys[name]
	if k == nil || !k.since.in(v.config.Version) {
		return Value{Keyword: name}
	}
	var over []hit
	if k.match.allows(v.config.Version) {
		over = under[name]
	}
	value := v.settle(k, v.start[name], over)
	v.complete(k, &value)
	return value
}

// Keywords returns the keywords that have a value, in the order of their names.
func (v Values) Keywords() []string {
	var list []string
	for name := range v.config.keys {
		if value := v.Get(name); value.Words != nil && value.Keyword == name {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// settle makes a value out of what sshd reads at the start and what stands under Match. What may count is tried both ways.
func (v Values) settle(k *keyword, start, under []hit) Value {
	certain := func(h hit) bool { return h.state == yes }
	value := v.merge(k, keep(start, certain), keep(under, certain))
	doubts := keep(slices.Concat(start, under), func(h hit) bool { return h.state == maybe })
	for i := range doubts {
		d := doubts[i]
		also := func(h hit) bool { return h.state == yes || h == d }
		if d.gap == nil && slices.Equal(v.merge(k, keep(start, also), keep(under, also)).Words, value.Words) {
			continue
		}
		if d.gap != nil && !v.reached(k, keep(start, also), keep(under, also), d) {
			continue
		}
		if value.Err = d.gap; value.Err == nil {
			value.Err = fmt.Errorf("%s sets it under a Match criterion that is not known here", d.setting.Origin)
		}
		break
	}
	return value
}

// reached reports whether a gap stands where it could change the value.
func (v Values) reached(k *keyword, start, under []hit, gap hit) bool {
	if k.merge != first && k.merge != firstLine && k.merge != partly {
		return true
	}
	if slices.Contains(under, gap) {
		return under[0] == gap || k.merge == partly
	}
	return len(under) == 0 && (start[0] == gap || k.merge == partly)
}

func keep(list []hit, wanted func(hit) bool) []hit {
	var kept []hit
	for _, h := range list {
		if wanted(h) {
			kept = append(kept, h)
		}
	}
	return kept
}

// errUnset says that no line sets a value.
var errUnset = errors.New("nothing sets it")

// merge makes a value out of lines that all count.
func (v Values) merge(k *keyword, start, under []hit) Value {
	value := Value{Keyword: k.name}
	standard := []string(nil)
	if k.standard != nil {
		standard = k.standard(v.config.Version)
	}
	list, used, err := v.combine(k, under, nil)
	rest := slices.Concat(under, start)
	if err != nil {
		list, used, err = v.combine(k, start, standard)
	} else if k.merge == partly { // a part that no Match sets is the global one
		below, more, err := v.combine(k, start, standard)
		if err != nil {
			below = standard
		}
		for i := range list {
			if list[i] == "" {
				list[i] = below[i]
			}
		}
		used = append(used, more...)
	}
	if err != nil {
		value.Words = slices.Clone(standard)
		used = nil
	} else {
		value.Words = list
	}
	for _, h := range rest {
		switch {
		case h.setting == nil:
		case slices.Contains(used, h.setting):
			value.Origins = append(value.Origins, h.setting.Origin)
		default:
			value.Shadowed = append(value.Shadowed, *h.setting)
		}
	}
	if len(value.Origins) > 0 {
		value.Origin = value.Origins[0]
	}
	return value
}

// Under says what holds for a connection that meets the criteria of a block and no others. What an earlier block sets for some of these
// connections does not count.
func (c *Config) Under(b *Block) Values {
	v := Values{c, map[string][]hit{}, map[string][]hit{}}
	var startGaps, underGaps []hit
	for i, s := range c.steps {
		if state := meetAll(s.chain, nil, c.Version); state != no {
			v.note(v.start, &startGaps, hit{s.setting, s.gap, state, i})
		}
		inside := len(s.chain) > 0
		for _, k := range s.chain {
			inside = inside && (slices.Contains(b.chain, k) || meetAll([]*condition{k}, nil, c.Version) == yes)
		}
		if inside || s.gap != nil {
			v.note(v.under, &underGaps, hit{s.setting, s.gap, yes, i})
		}
	}
	v.spread(v.start, startGaps)
	v.spread(v.under, underGaps)
	return v
}

// Concerns reports whether a user can be one that the block is about.
func (b *Block) Concerns(user string, groups []string) bool {
	conn := Connection{User: user, Groups: groups}
	for _, c := range b.Criteria {
		if (c.Name == "user" || c.Name == "group") && c.met(&conn, Version{}) == no || c.Name == "invalid-user" {
			return false
		}
	}
	return true
}

// Always reports whether every connection meets the block.
func (b *Block) Always(v Version) bool { return meetAll(b.chain, nil, v) == yes }

// Narrow reports whether the block is about one user by name, or about private addresses only.
func (b *Block) Narrow() bool {
	for _, c := range b.Criteria {
		switch c.Name {
		case "user":
			if !strings.ContainsAny(c.Arg, "*?!,") {
				return true
			}
		case "address", "localaddress":
			if private(c.Arg) {
				return true
			}
		}
	}
	return false
}

// private reports whether a list holds addresses only that nobody outside has (RFC 1918, 4193, 3927, 4291, and loopback).
func private(list string) bool {
	for e := range strings.SplitSeq(list, ",") {
		p, kind := parseNetwork(strings.TrimPrefix(e, "!"))
		if strings.HasPrefix(e, "!") && kind == aNetwork {
			continue
		}
		a := p.Addr()
		if kind != aNetwork || !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() || p.Bits() < 7 {
			return false
		}
	}
	return true
}
