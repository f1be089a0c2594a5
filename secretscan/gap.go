package secretscan

import "math/bits"

// A gap is what rules of one kind have between a name and its value: characters that may be missing, of one class and then of
// another, and then one that neither has, such as the = of
//
//	[ \t\w.-]{0,20}[\s'"]{0,3}(?:=|>|:{1,3}=|...)
//
// From one place that is told by a run and the byte behind it, which nearly always is the wrong one.
type gap struct {
	between byteSet // what one of the classes has
	behind  byteSet // what follows; none of those
	most    int     // how long the run can be
}

// gapMost is the length of a gap that surely is within the places of a walk, if it starts before gapFrom.
const gapMost, gapFrom = 32, 31

// withGaps returns seq with its gaps marked. seq is changed.
func (seq sequence) withGaps() sequence {
	for i := range seq {
		seq[i].gap = seq[i:].gapHere()
	}
	return seq
}

// gapHere returns the gap that seq starts with, or nil.
func (seq sequence) gapHere() *gap {
	var g gap
	for k := range seq {
		s := &seq[k]
		if s.op == stepClass && s.min == 0 && s.max >= 0 && g.most+int(s.max) <= gapMost {
			g.between.union(s.set)
			g.most += int(s.max)
			continue
		}
		if k == 0 {
			return nil
		}
		behind := firstOf([]sequence{seq[k:]})
		if behind == nil || g.between.meets(behind) {
			return nil
		}
		return &gap{g.between, *behind, g.most}
	}
	return nil
}

// closed reports whether nothing that comes behind the gap stands where it can, if the gap starts at the only place of the set.
func (g *gap) closed(data []byte, at int, set uint64) bool {
	i := bits.TrailingZeros64(set)
	if set&(set-1) != 0 || i >= gapFrom {
		return false
	}
	rest := data[min(at+i, len(data)):]
	for n, b := range rest[:min(len(rest), g.most+1)] {
		if g.behind.has(b) {
			return false
		}
		if n == g.most || !g.between.has(b) {
			return true
		}
	}
	return true
}

// meets reports whether the sets have a member in common.
func (s *byteSet) meets(o *byteSet) bool {
	for i := range s {
		if s[i]&o[i] != 0 {
			return true
		}
	}
	return false
}
