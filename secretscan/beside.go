package secretscan

import "math/bits"

// A literal that stands in many texts is seldom what a rule looks for: what has to stand right beside it tells them apart for much less
// than verify takes. "pat" begins a token of Airtable's only at the start of a word, and if fourteen letters or digits follow.

// beside is what stands right beside an anchor's literal wherever a match can be: no is sure.
type beside struct {
	word bool    // \b holds before it, or it stands behind an escape
	more int     // how many bytes behind it are in set
	set  byteSet // of those
}

const (
	// besideLong is the length past which a literal is rare enough as it is.
	besideLong = 8
	// besideMost is how many bytes behind a literal are looked at at most, besideSeldom how seldom they are of the set by chance to be
	// worth it.
	besideMost, besideSeldom = 16, .8
	// besideFew is how many literals can be asked about at a start: those of the default rules would take as long as all the rest.
	besideFew = 256
	// besideSets is how many different sets there can be.
	besideSets = 1 << 8
)

// besideOf returns what a match that goes on like seq, which starts with a literal's text, has beside that.
func besideOf(seq sequence, text string) (b beside) {
	b.word = len(seq) > 0 && seq[0].op == stepWord
	if len(text) > besideLong {
		return b
	}
	f := front{text: text, most: min(len(text)+besideMost, 63)}
	ends := f.through(seq, 1)
	far := min(bits.TrailingZeros64(ends), f.most) - len(text)
	least := besideSeldom
	var set byteSet
	for n := 1; n <= far; n++ {
		set.union(&f.may[len(text)+n-1])
		chance := 1.0
		for range n {
			chance *= set.share()
		}
		if chance < least {
			least, b.more, b.set = chance, n, set
		}
	}
	return b
}

// front goes through a sequence from the start of a text, and notes what bytes can come behind it.
type front struct {
	text string
	most int         // the last place that matters
	may  [64]byteSet // what stands at each place, from the text's start on
}

// take reports whether the byte at a place can be one of a set, which the text tells as far as it goes.
func (f *front) take(at int, set *byteSet) bool {
	if at >= len(f.text) {
		f.may[at].union(set)
		return true
	}
	folded := foldByte(f.text[at])
	return set.has(folded) || set.has(folded&^foldByte(0))
}

// through moves a set of places through a sequence; bit i stands for place i. Those behind the last one are left out.
func (f *front) through(seq sequence, set uint64) uint64 {
	for i := range seq {
		switch s := &seq[i]; s.op {
		case stepClass:
			set = f.throughClass(s, set)
		case stepAlt:
			var out uint64
			for _, alt := range s.alts {
				out |= f.through(alt, set)
			}
			set = out
		case stepRepeat:
			set = f.throughRepeat(s, set)
		case stepWord, stepNoWord, stepEnd, stepFree:
		}
	}
	return set
}

func (f *front) throughClass(s *step, set uint64) (out uint64) {
	for ; set != 0; set &= set - 1 {
		from := bits.TrailingZeros64(set)
		for at := from; at <= f.most; at++ {
			n := int32(at - from)
			if n >= s.min {
				out |= 1 << at
			}
			if n == s.max || !f.take(at, s.set) {
				break
			}
		}
	}
	return out
}

// throughRepeat goes through what is repeated until there are no new places.
func (f *front) throughRepeat(s *step, set uint64) (out uint64) {
	var seen uint64
	for n := int32(0); set != 0 && (s.max < 0 || n <= s.max); n++ {
		if n >= s.min {
			out |= set
			if set&^seen == 0 {
				break
			}
			seen |= set
		}
		set = f.through(s.alts[0], set)
	}
	return out
}

// share guesses which part of ordinary text is made of the set's bytes.
func (s *byteSet) share() (share float64) {
	for i := range shares {
		kind, n := &shares[i], 0
		for w := range s {
			n += bits.OnesCount64(s[w] & kind.set[w])
		}
		share += float64(n) * kind.each
	}
	return min(share, 1)
}

// shares guesses how often bytes stand in ordinary text, each of a set.
var shares = [...]struct {
	set  byteSet
	each float64
}{
	{byteSet{1: 0x07fffffe << 32}, .6 / 26},                  // a to z
	{byteSet{1: 0x07fffffe}, .07 / 26},                       // A to Z
	{byteSet{0: 0x3ff << '0'}, .05 / 10},                     // digits
	{byteSet{0: 1 << ' '}, .12},                              // spaces
	{byteSet{0: 1<<'\n' | 1<<'\t'}, .03},                     // ends of lines and tabs
	{byteSet{0xfc00fffe << 32, 0x78000001f8000001}, .1 / 32}, // signs
}

// isBeside reports whether there is beside a literal at data[at:] what its entry asks for.
func (p *prefilter) isBeside(data []byte, at int, e *LiteralEntry) bool {
	if e.Word && !boundary(data, at) && !behindEscape(data, at) {
		return false
	}
	if e.More == 0 {
		return true
	}
	from := at + int(e.Length)
	to := from + int(e.More)
	if to > len(data) {
		return false
	}
	set := &p.Sets[e.Set]
	for _, b := range data[from:to] {
		if set[b>>6]>>(b&63)&1 == 0 {
			return false
		}
	}
	return true
}

// ask has the literals of anchors looked for with what stands beside them; sequences are those that start with the anchors of rules.
func (t *LiteralTable) ask(sequences func(rule, anchor int32) sequence) {
	known := make(map[byteSet]int)
	t.Sets = nil
	for i := range t.Entries {
		e := &t.Entries[i]
		if e.Anchor < 0 {
			continue
		}
		b := besideOf(sequences(e.Rule, e.Anchor), t.text(e))
		if e.Word = b.word; b.more == 0 {
			continue
		}
		n, ok := known[b.set]
		if !ok && len(known) < besideSets {
			n, ok = len(known), true
			known[b.set], t.Sets = n, append(t.Sets, b.set)
		}
		if ok {
			e.More, e.Set = uint8(b.more), uint8(n)
		}
	}
}
