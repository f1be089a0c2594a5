package secretscan

import "encoding/binary"

// A prefilter finds every place where one of a set of literals stands, in one pass that looks at each byte once.
//
// A literal is looked for by four of its bytes. Where the signs (pairs.go) of the first two stand next to each other, and those of the
// second and the third, all four are looked at: the first three choose a word of a table by a hash, the fourth one of its bits.
// The table fits the first-level cache. Where it has the bit, the literals that are looked for by these three bytes, or by others with the same
// hash, are compared, eight bytes at a time. The pairs are found 32 places at a time on processors that can (pairs_amd64.s).
//
// Folding is |0x20: it maps upper-case ASCII letters to lower case, and some other bytes onto each other, so a hit may be
// false (the verifier and the regexp see to that) but none is missed. Literals are folded the same way.
//
// The shortest keywords have three bytes ("key", "api", "lob") and have all bits of their word; shorter ones are extended by the class
// that follows them (literal.go).
type prefilter struct {
	signs   [256]byte
	pairs   pairSet // of the first two bytes
	seconds pairSet // of the second and the third
	fours   [threeWords]uint32
	start   [threeWords + 1]uint16 // what is looked for by three bytes with the hash n is entries[start[n]:start[n+1]]
	entries []prefilterEntry
	back    int        // the greatest of the entries'
	wide    *widePairs // pairs; nil: this processor cannot
	wide2   *widePairs // seconds
}

// prefilterEntry is a literal with what stands around the three bytes by which it is looked for: the eight bytes from there on, and the
// eight before.
type prefilterEntry struct {
	ahead, aheadMask   uint64 // what the literal has there, and where it has anything
	behind, behindMask uint64
	text               string
	target             target
	back               uint8 // where in the literal the three bytes are
}

// target is what to do at a hit: try an anchor of a rule, or note that a keyword is there.
type target struct {
	rule   int32
	anchor int32 // index in the rule's anchors; gateTarget: the literal is a keyword that stands on its own; wordTarget or less: see readWord
}

const (
	gateTarget = -1
	foldBytes  = 0x2020202020202020
	foldFour   = 0x20202020
	// threeBits is how many bits the hash of three bytes has; the table takes 16 KiB.
	threeBits  = 12
	threeWords = 1 << threeBits
	// threeFactor spreads the bytes over the bits above it. Of three hundred random odd numbers it is the one with which the default
	// rules' tables take least of Go's, Elixir's and Python's sources for a literal.
	threeFactor = 1978998645
	// chunk is how many bytes are looked through for pairs at once.
	chunk = 4096
)

func foldByte(b byte) byte { return b | 0x20 }

// prefilterTargets collects literals and what to do where one stands. The zero value is empty.
type prefilterTargets struct {
	order   []string
	targets []target
	triples string // what is known of chosen's answer; see Ruleset.Triples
}

// prefilterMost is how many literals a prefilter can have.
const prefilterMost = 1<<16 - 1

func (c *prefilterTargets) add(text string, t target) {
	c.order, c.targets = append(c.order, text), append(c.targets, t)
}

// newPrefilter builds the tables; every literal has at least literalLeast bytes, and there are at most prefilterMost.
func newPrefilter(c *prefilterTargets) *prefilter {
	p := &prefilter{entries: make([]prefilterEntry, len(c.order))}
	for b := range p.signs {
		p.signs[b] = signOf(byte(b))
	}
	backs := c.chosen()
	threes := make([]uint16, len(c.order))
	for i, back := range backs {
		text := c.order[i][back:]
		four := fourOf(text)
		threes[i] = uint16(threeOf(four))
		p.start[threes[i]+1]++
		if len(text) > literalLeast {
			p.fours[threes[i]] |= 1 << bitOf(four)
		} else {
			p.fours[threes[i]] = 1<<32 - 1
		}
		p.pairs.add(p.signs[text[0]], p.signs[text[1]])
		p.seconds.add(p.signs[text[1]], p.signs[text[2]])
		p.back = max(p.back, int(back))
	}
	for n := range threeWords {
		p.start[n+1] += p.start[n]
	}
	next := p.start // of those with the hash n
	for i, n := range threes {
		p.entries[next[n]].set(c.order[i], c.targets[i], backs[i])
		next[n]++
	}
	p.wide, p.wide2 = newWidePairs(&p.pairs), newWidePairs(&p.seconds)
	return p
}

// fourOf returns the first four bytes of a text, folded; 0 stands for a missing one.
func fourOf[T string | []byte](text T) uint32 {
	if len(text) >= 4 {
		return (uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24) | foldFour
	}
	var four uint32
	for i := range len(text) {
		four |= uint32(foldByte(text[i])) << (8 * i)
	}
	return four
}

// threeOf returns the hash of the first three of four bytes.
func threeOf(four uint32) uint32 { return four << 8 * threeFactor >> (32 - threeBits) }

// bitOf returns which bit of a word the fourth of four bytes has.
func bitOf(four uint32) uint32 { return four >> 24 & 31 }

// set makes the entry of a literal.
func (e *prefilterEntry) set(text string, t target, back uint8) {
	e.text, e.target, e.back = text, t, back
	e.ahead, e.aheadMask = eight(text[back:])
	if n := int(back); n > 0 {
		word, mask := eight(text[max(0, n-8):n])
		shift := 8 * max(0, 8-n)
		e.behind, e.behindMask = word<<shift, mask<<shift
	}
}

// eight returns the first eight bytes of a text, folded, and where it has any.
func eight(text string) (word, mask uint64) {
	if len(text) >= 8 {
		return binary.LittleEndian.Uint64([]byte(text[:8])) | foldBytes, 1<<64 - 1
	}
	for i := range len(text) {
		word |= uint64(foldByte(text[i])) << (8 * i)
		mask |= 0xff << (8 * i)
	}
	return word, mask
}

// foldAll returns a text with every byte folded.
func foldAll(text string) []byte {
	out := []byte(text)
	for i, b := range out {
		out[i] = foldByte(b)
	}
	return out
}
