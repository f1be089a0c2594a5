package secretscan

import (
	"math/bits"
	"slices"
)

// verifyBehind reports whether a match can have come like seq to data[at]. It is verify the other way: it looks at most 64 bytes
// back, and is then content.
func (seq sequence) verifyBehind(data []byte, at int) bool {
	set, sure := seq.walkBack(data, at, 1)
	return sure || set != 0
}

// walkBack is walk the other way: bit i of the set stands for data[at-i], before which the rest of seq has to match.
func (seq sequence) walkBack(data []byte, at int, set uint64) (_ uint64, sure bool) {
	for i := len(seq) - 1; i >= 0 && set != 0; i-- {
		switch s := &seq[i]; s.op {
		case stepClass:
			set, sure = s.walkClassBack(data, at, set)
		case stepAlt:
			set, sure = s.walkAltBack(data, at, set)
		case stepRepeat:
			if s.min == 0 {
				return set, true
			}
			set, sure = s.alts[0].walkBack(data, at, set)
			sure = sure || set != 0
		case stepWord, stepNoWord:
			set = s.filterBack(data, at, set)
		case stepEnd, stepFree:
		}
		if sure {
			return set, true
		}
	}
	return set, false
}

func (s *step) walkClassBack(data []byte, at int, set uint64) (_ uint64, sure bool) {
	var out uint64
	if s.min == 0 {
		out = set
	}
	for n := int32(1); s.max < 0 || n <= s.max; n++ {
		var next uint64
		for t := set; t != 0; t &= t - 1 {
			i := bits.TrailingZeros64(t)
			if at-i <= 0 || !s.set.has(data[at-i-1]) {
				continue
			}
			if i == 63 {
				return 0, true
			}
			next |= 1 << (i + 1)
		}
		if set = next; set == 0 {
			break
		}
		if n >= s.min {
			out |= set
		}
	}
	return out, false
}

func (s *step) walkAltBack(data []byte, at int, set uint64) (_ uint64, sure bool) {
	var out uint64
	for _, seq := range s.alts {
		next, sure := seq.walkBack(data, at, set)
		if sure {
			return 0, true
		}
		out |= next
	}
	return out, false
}

func (s *step) filterBack(data []byte, at int, set uint64) uint64 {
	for t := set; t != 0; t &= t - 1 {
		i := bits.TrailingZeros64(t)
		if boundary(data, at-i) != (s.op == stepWord) {
			set &^= 1 << i
		}
	}
	return set
}

// lookBehind is how many bytes verifyBehind looks at.
const lookBehind = 64

// asks reports whether seq asks for any byte to stand there.
func (seq sequence) asks() bool {
	for i := range seq {
		switch s := &seq[i]; s.op {
		case stepClass:
			if s.min > 0 {
				return true
			}
		case stepAlt:
			if !slices.ContainsFunc(s.alts, func(alt sequence) bool { return !alt.asks() }) {
				return true
			}
		case stepRepeat:
			if s.min > 0 && s.alts[0].asks() {
				return true
			}
		}
	}
	return false
}
