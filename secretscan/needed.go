package secretscan

import (
	"math"
	"math/bits"
)

// needed is what stands somewhere in every match of an expression: length bytes of a set in a row. It is for expressions without
// an anchor, such as \b[0-9a-f]{40}\b: where there is no such run, nothing needs to be tried. Length 0: nothing is known.
type needed struct {
	set    byteSet
	length int
}

// rarity is a guess of how rare such a run is, in bits: fifteen digits are rarer than thirty letters, digits and dashes.
func (n *needed) rarity() float64 {
	members := 0
	for _, word := range n.set {
		members += bits.OnesCount64(word)
	}
	return float64(n.length) * (8 - math.Log2(float64(members)))
}

// needs returns the rarest run that a sequence cannot do without.
func (seq sequence) needs() (best needed) {
	for i := range seq {
		var n needed
		switch s := &seq[i]; s.op {
		case stepClass:
			if s.min > 0 {
				n = needed{*s.set, int(s.min)}
			}
		case stepAlt:
			n = needsOfAll(s.alts)
		case stepRepeat:
			if s.min > 0 {
				n = s.alts[0].needs()
			}
		}
		if n.length > 0 && (best.length == 0 || n.rarity() > best.rarity()) {
			best = n
		}
	}
	return best
}

// needsOfAll returns what each of the choices needs: a byte of one of their sets, as often in a row as the most modest of them.
func needsOfAll(alts []sequence) (all needed) {
	for i, alt := range alts {
		n := alt.needs()
		if i == 0 || n.length < all.length {
			all.length = n.length
		}
		all.set.union(&n.set)
	}
	return all
}

// in reports whether there is such a run in data.
func (n *needed) in(data []byte) bool { return n.length == 0 || n.next(data, 0) >= 0 }

// next returns where the first such run starts in data[from:], or -1. It looks where a run would have to end, and goes back from
// there.
func (n *needed) next(data []byte, from int) int {
	for end := from + n.length - 1; end < len(data); {
		i := end
		for i > end-n.length && n.set.has(data[i]) {
			i--
		}
		if i == end-n.length {
			return i + 1
		}
		end = i + n.length
	}
	return -1
}

// starts goes through the places of data at which a match of an expression without an anchor may start.
type starts struct {
	*plan
	data []byte
	run  int // where the next run starts that a match needs
}

// starts returns the places from at on, or nil if the expression does not tell them: its matches need nothing, or have no
// greatest length.
func (p *plan) starts(data []byte, at int) *starts {
	if p.needs.length == 0 || p.most < 0 {
		return nil
	}
	return &starts{p, data, p.needs.next(data, at)}
}

// next returns the first place from at on, or -1. A match has a whole run in it, so it starts at the run or before, and ends behind it.
func (s *starts) next(at int) int {
	for s.run >= 0 {
		for at = max(at, s.run+s.needs.length-s.most); at <= s.run; at++ {
			if s.whole.verify(s.data, at) {
				return at
			}
		}
		if end := s.run + s.needs.length; end < len(s.data) && s.needs.set.has(s.data[end]) {
			s.run++
		} else {
			s.run = s.needs.next(s.data, s.run+1)
		}
	}
	return -1
}
