package secretscan

import (
	"math/bits"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// A sequence is a rule's regexp seen as steps over bytes. It stands for at least what the regexp matches and is asked three
// questions, each far cheaper than the regexp:
//
//	verify  could a match go on like this from here?    (no: not a hit)
//	reach   how far right can a match starting here or before end?
//	lead    how far left can a match start whose anchor is here?
//
// For "api[_-]?key\s{0,3}=[a-z]+" and the anchor "api", with the anchor at |:
//
//	foo = bar  api_key = abcdef; baz
//	           |--------------->      reach: api, one of _-, key, 3 spaces, =, the run of a to z
type sequence []step

type stepOp uint8

const (
	stepClass  stepOp = iota // min to max bytes of set
	stepAlt                  // one of alts
	stepRepeat               // min to max times alts[0]
	stepWord                 // \b
	stepNoWord               // \B
	stepEnd                  // end of the text
	stepFree                 // a zero-width condition that is not looked at
)

type step struct {
	op       stepOp
	min, max int32 // max < 0: no limit
	chars    int32 // of stepClass: as max, in characters; 0: max says it all
	set      *byteSet
	alts     []sequence
	first    *byteSet  // of stepAlt: bytes that a choice can start with; nil if one of them can be empty
	starts   []byteSet // of stepAlt, if first is known: what each choice can start with
	gap      *gap      // that starts here; nil: none
}

// sequenceOf translates a syntax tree.
func sequenceOf(re *syntax.Regexp) sequence {
	if runes := runesOf(re); runes != nil {
		return encoded(runes)
	}
	switch re.Op {
	case syntax.OpLiteral:
		var seq sequence
		for _, r := range re.Rune {
			runes := foldRune(r, re.Flags&syntax.FoldCase != 0)
			seq = append(seq, encoded(runes)...)
		}
		return seq
	case syntax.OpConcat:
		var seq sequence
		for _, sub := range re.Sub {
			seq = append(seq, sequenceOf(sub)...)
		}
		return seq
	case syntax.OpAlternate:
		alt := step{op: stepAlt}
		for _, sub := range re.Sub {
			alt.alts = append(alt.alts, sequenceOf(sub))
		}
		alt.first, alt.starts = firstsOf(alt.alts)
		return sequence{alt}
	case syntax.OpCapture:
		return sequenceOf(re.Sub[0])
	case syntax.OpStar:
		return repeat(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		return repeat(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		return repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		return repeat(re.Sub[0], re.Min, re.Max)
	case syntax.OpWordBoundary:
		return sequence{{op: stepWord}}
	case syntax.OpNoWordBoundary:
		return sequence{{op: stepNoWord}}
	case syntax.OpEndText:
		return sequence{{op: stepEnd}}
	case syntax.OpEmptyMatch:
		return nil
	case syntax.OpNoMatch:
		return sequence{{op: stepClass, min: 1, max: 1, set: new(byteSet)}}
	}
	return sequence{{op: stepFree}} // ^, (?m)^ and $
}

// encoded returns the steps for one rune of a literal: exact for ASCII.
func encoded(runes runeSet) sequence {
	return sequence{classStep(runes, 1, 1)}
}

// classStep returns the step for least to most runes of a class.
func classStep(runes runeSet, least, most int) step {
	s := step{op: stepClass, min: int32(least), max: -1, set: runes.bytes()}
	if wide := runes.width(); most >= 0 {
		s.max = int32(most * wide)
		if wide > 1 {
			s.chars = int32(most)
		}
	}
	return s
}

// mostIn returns max for runs that start in text and do not come further than it shows: of what is ASCII, a character is a byte.
func (s *step) mostIn(text []byte) int32 {
	if s.chars > 0 && asciiOnly(text) {
		return s.chars
	}
	return s.max
}

// foldRune returns the runes that a literal's rune matches.
func foldRune(r rune, fold bool) runeSet {
	set := runeSet{r, r}
	if fold {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			set = append(set, f, f)
		}
	}
	return set
}

func repeat(sub *syntax.Regexp, least, most int) sequence {
	if runes := runesOf(sub); runes != nil {
		return sequence{classStep(runes, least, most)}
	}
	inner := sequenceOf(sub)
	if least == 0 && most == 1 {
		return sequence{{op: stepAlt, alts: []sequence{inner, nil}}}
	}
	return sequence{{op: stepRepeat, min: int32(least), max: int32(most), alts: []sequence{inner}}}
}

// firstOf returns the bytes that one of the choices can start with, or nil if one can be empty or starts with a condition.
func firstOf(alts []sequence) *byteSet {
	set := new(byteSet)
	for _, seq := range alts {
		if len(seq) == 0 {
			return nil
		}
		switch s := seq[0]; {
		case s.op == stepClass && s.min > 0:
			set.union(s.set)
		case s.op == stepAlt && s.first != nil:
			set.union(s.first)
		default:
			return nil
		}
	}
	return set
}

// firstsOf is firstOf with what each of the choices can start with.
func firstsOf(alts []sequence) (all *byteSet, each []byteSet) {
	if all = firstOf(alts); all == nil {
		return nil, nil
	}
	for i := range alts {
		each = append(each, *firstOf(alts[i : i+1]))
	}
	return all, each
}

// verify reports whether a match can go on with seq at data[at]. It looks at most 64 bytes ahead and is then content: true
// may be wrong, false never is. It looks at no byte but one before data[at] and look from there on.
func (seq sequence) verify(data []byte, at int) bool {
	to, rest := at, seq
	for ; len(rest) > 0 && to-at < 64; rest = rest[1:] {
		if s := &rest[0]; s.op == stepWord {
			if !boundary(data, to) {
				return false
			}
		} else if s.op != stepClass || s.min != s.max && !s.oneByte(data, to) {
			break
		} else if !s.runs(data, to) {
			return false
		} else {
			to += int(s.min)
		}
	}
	if to-at >= 64 {
		return true
	}
	set, sure := rest.walk(data, at, 1<<(to-at))
	return sure || set != 0
}

// runs reports whether the step's class has as many bytes as it asks for at data[at].
func (s *step) runs(data []byte, at int) bool {
	if len(data)-at < int(s.min) {
		return false
	}
	for _, b := range data[at : at+int(s.min)] {
		if !s.set.has(b) {
			return false
		}
	}
	return true
}

// oneByte reports whether the step takes one character and one byte at data[at].
func (s *step) oneByte(data []byte, at int) bool {
	return s.min == 1 && s.chars == 1 && at < len(data) && data[at] < utf8.RuneSelf
}

// look returns how many bytes verify looks at: 64, or if at the end of those it is in a run of a class, that run's least length
// more; but not past where a match can end, and one for \b there.
func (seq sequence) look() int {
	most := 64 + seq.longest()
	if n := seq.most(); n >= 0 && n < most {
		return n + 1
	}
	return most
}

// atMost returns seq with runs of least lengths of most n: it stands for what seq does, and more.
func (seq sequence) atMost(n int32) sequence {
	out := slices.Clone(seq)
	for i := range out {
		if out[i].op == stepClass {
			out[i].min = min(out[i].min, n)
		}
		out[i].alts = slices.Clone(out[i].alts)
		for k, alt := range out[i].alts {
			out[i].alts[k] = alt.atMost(n)
		}
	}
	return out
}

// longest returns the greatest least length of the runs in seq.
func (seq sequence) longest() (n int) {
	for i := range seq {
		if seq[i].op == stepClass {
			n = max(n, int(seq[i].min))
		}
		for _, alt := range seq[i].alts {
			n = max(n, alt.longest())
		}
	}
	return n
}

// most returns the greatest length of a match of seq, or -1 if there is none.
func (seq sequence) most() int {
	total := 0
	for i := range seq {
		s, n := &seq[i], 0
		switch s.op {
		case stepClass:
			n = int(s.max)
		case stepAlt:
			for _, alt := range s.alts {
				b := alt.most()
				if b < 0 {
					return -1
				}
				n = max(n, b)
			}
		case stepRepeat:
			if n = s.alts[0].most(); n < 0 || n > 0 && s.max < 0 {
				return -1
			}
			n *= max(int(s.max), 0)
		}
		if n < 0 {
			return -1
		}
		total += n
	}
	return total
}

// walk moves a set of positions through seq. Bit i of the set stands for data[at+i]. It stops with sure when a position has
// left the 64 that fit, or when what follows is not worth following.
func (seq sequence) walk(data []byte, at int, set uint64) (_ uint64, sure bool) {
	for i := range seq {
		if set == 0 {
			return 0, false
		}
		switch s := &seq[i]; s.op {
		case stepClass:
			if s.gap != nil && s.gap.closed(data, at, set) {
				return 0, false
			}
			set, sure = s.walkClass(data, at, set)
		case stepAlt:
			set, sure = s.walkAlt(data, at, set)
		case stepRepeat:
			if s.min == 0 {
				return set, true
			}
			set, sure = s.walkRepeat(data, at, set)
		case stepWord, stepNoWord, stepEnd:
			set = s.filter(data, at, set)
		case stepFree:
		}
		if sure {
			return set, true
		}
	}
	return set, false
}

// walkRepeat goes as often as it must through what is repeated, and then gives up. Once for each of the 64 places is enough.
func (s *step) walkRepeat(data []byte, at int, set uint64) (_ uint64, sure bool) {
	for n := min(s.min, 64); n > 0; n-- {
		if set, sure = s.alts[0].walk(data, at, set); sure || set == 0 {
			return set, sure
		}
	}
	return set, true
}

// walkClass goes through the places from the first of the set on, run by run of the class: where it has come to, the step can
// end if a place of the set stands at least min and at most max bytes before it in the same run. A single byte is the short way.
func (s *step) walkClass(data []byte, at int, set uint64) (_ uint64, sure bool) {
	var out uint64
	if s.min == 1 && s.max == 1 && set>>63 == 0 {
		for t := set; t != 0; t &= t - 1 {
			if i := bits.TrailingZeros64(t); at+i < len(data) && s.set.has(data[at+i]) {
				out |= 2 << i
			}
		}
		return out, false
	}
	if set&(set-1) == 0 {
		return s.walkRun(data, at, bits.TrailingZeros64(set))
	}
	if s.min == 0 {
		out = set
	}
	least, most := max(int(s.min), 1), 64
	last := 63 - bits.LeadingZeros64(set)
	run := bits.TrailingZeros64(set)
	if limit := s.mostIn(within(data, at+run, at+min(last+int(s.chars), 64))); limit >= 0 && limit < 64 {
		most = int(limit)
	}
	for i := run; i < 64 && i-last < most && at+i < len(data); i++ {
		if !s.set.has(data[at+i]) {
			if i >= last {
				break
			}
			i += bits.TrailingZeros64(set >> (i + 1))
			run = i + 1
			continue
		}
		if from := max(run, i+1-most); i == 63 {
			if n := 64 - (from + bits.TrailingZeros64(set>>from)); s.longEnough(data, at+i, int32(n)) {
				return 0, true
			}
		} else if to := i + 1 - least; from <= to && set>>from<<from<<(63-to) != 0 {
			out |= 1 << (i + 1)
		}
	}
	return out, false
}

// walkRun is walkClass from the one place i.
func (s *step) walkRun(data []byte, at, i int) (out uint64, sure bool) {
	end := min(64, len(data)-at)
	if most := s.mostIn(within(data, at+i, at+i+int(s.chars))); most >= 0 {
		end = min(end, i+int(most))
	}
	to := i
	for to < end && s.set.has(data[at+to]) {
		to++
	}
	if to == 64 {
		if s.longEnough(data, at+63, int32(64-i)) {
			return 0, true
		}
		to = 63
	}
	if from := i + int(s.min); from <= to {
		out = (2<<to - 1) &^ (1<<from - 1)
	}
	return out, false
}

// longEnough counts on where a class's run has reached the last of the 64 positions, at i, as byte number n of the run: is the
// run min bytes long?
func (s *step) longEnough(data []byte, i int, n int32) bool {
	for ; n < s.min; n++ {
		if i++; i >= len(data) || !s.set.has(data[i]) {
			return false
		}
	}
	return true
}

func (s *step) walkAlt(data []byte, at int, set uint64) (_ uint64, sure bool) {
	if s.first != nil {
		for t := set; t != 0; t &= t - 1 {
			i := bits.TrailingZeros64(t)
			if at+i >= len(data) || !s.first.has(data[at+i]) {
				set &^= 1 << i
			}
		}
		if set == 0 {
			return 0, false
		}
	}
	var out uint64
	one := set&(set-1) == 0 && s.first != nil
	for k, seq := range s.alts {
		if one && !s.starts[k].has(data[at+bits.TrailingZeros64(set)]) {
			continue
		}
		next, sure := seq.walk(data, at, set)
		if sure {
			return 0, true
		}
		out |= next
	}
	return out, false
}

// filter keeps the positions at which a zero-width condition holds.
func (s *step) filter(data []byte, at int, set uint64) uint64 {
	for t := set; t != 0; t &= t - 1 {
		i := bits.TrailingZeros64(t)
		if at+i > len(data) {
			set &^= 1 << i
			continue
		}
		holds := s.op == stepEnd && at+i == len(data) ||
			s.op == stepWord && boundary(data, at+i) || s.op == stepNoWord && !boundary(data, at+i)
		if !holds {
			set &^= 1 << i
		}
	}
	return set
}
