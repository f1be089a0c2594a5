package secretscan

import (
	"encoding/binary"
	"strings"
)

// A prefilter finds every place where one of a set of literals stands, in one pass that looks at each byte once.
//
// A literal is looked for by four of its bytes. Where the signs (pairs.go) of the first two stand next to each other, and those of the
// second and the third, all four are looked at: the first three choose a word of a table by a hash, the fourth one of its bits.
// The table fits the first-level cache. Where it has the bit, the literals that are looked for by these four bytes, or by others with the same
// hash, are compared, eight bytes at a time. The pairs are found 32 places at a time on processors that can (pairs_amd64.s).
//
// Folding is |0x20: it maps upper-case ASCII letters to lower case, and some other bytes onto each other, so a hit may be
// false (the verifier and the regexp see to that) but none is missed. Literals are folded the same way.
//
// The shortest keywords have three bytes ("key", "api", "lob"); they, and those that are looked for by their last three, have all bits of
// their word, and are compared where a word has all. Shorter ones are extended by the class that follows them (literal.go).
type prefilter struct {
	*LiteralTable
	signs [256]byte
	wide  *widePairs // Pairs; nil: this processor cannot
	wide2 *widePairs // Seconds
}

// LiteralTable says how literals are looked for, as data that can be kept; nobody may change it. Its fields are for Compile alone.
type LiteralTable struct {
	Pairs   [signs]uint32 // a pairSet: of the first two bytes
	Seconds [signs]uint32 // of the second and the third
	Fours   *[threeWords]uint32
	Start   *[literalLists + 1]uint16 // what is looked for by bytes with the hash n is Entries[Start[n]:Start[n+1]]
	Entries []LiteralEntry
	Texts   string      // the literals, one behind the other
	Sets    [][4]uint64 // sets of bytes, which entries refer to
	Back    int         // the greatest of the entries'
}

// LiteralEntry is a literal with what stands around the three bytes by which it is looked for: the eight bytes from there on, and the
// eight before. Without a pointer in it, thousands are no work for the garbage collector.
type LiteralEntry struct {
	Ahead, AheadMask   uint64 // what the literal has there, and where it has anything
	Behind, BehindMask uint64
	Text, Length       uint32 // where in the table's texts it is
	Rule, Anchor       int32  // a target
	Back               uint8  // where in the literal the three bytes are
	Word               bool   // \b holds before the literal, unless it stands behind an escape
	More, Set          uint8  // so many bytes behind it are in this set
}

// text returns the literal of an entry.
func (t *LiteralTable) text(e *LiteralEntry) string { return t.Texts[e.Text:][:e.Length] }

func (e *LiteralEntry) target() target { return target{e.Rule, e.Anchor} }

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
	// fourLists is how many lists there are of what is looked for by four bytes, shortLists of what is looked for by three.
	fourBits, shortBits   = 12, 8
	fourLists, shortLists = 1 << fourBits, 1 << shortBits
	literalLists          = fourLists + shortLists
	// allFours is a word of the table with all bits.
	allFours = 1<<32 - 1
	// chunk is how many bytes are looked through for pairs at once.
	chunk = 4096
)

func foldByte(b byte) byte { return b | 0x20 }

// prefilterTargets collects literals and what to do where one stands. The zero value is empty.
type prefilterTargets struct {
	order   []string
	targets []target
	triples string                            // what is known of chosen's answer; see Ruleset.Triples
	after   func(rule, anchor int32) sequence // what starts with the literals of an anchor; nil: not known
}

// prefilterMost is how many literals a prefilter can have.
const prefilterMost = 1<<16 - 1

func (c *prefilterTargets) add(text string, t target) {
	c.order, c.targets = append(c.order, text), append(c.targets, t)
}

// newPrefilter makes what is not kept.
func newPrefilter(t *LiteralTable) *prefilter {
	p := &prefilter{LiteralTable: t, wide: newWidePairs((*pairSet)(&t.Pairs)), wide2: newWidePairs((*pairSet)(&t.Seconds))}
	for b := range p.signs {
		p.signs[b] = signOf(byte(b))
	}
	return p
}

// newLiteralTable builds the tables; every literal has at least literalLeast bytes, and there are at most prefilterMost.
func newLiteralTable(c *prefilterTargets) *LiteralTable {
	t := &LiteralTable{Fours: new([threeWords]uint32), Start: new([literalLists + 1]uint16), Entries: make([]LiteralEntry, len(c.order)),
		Texts: strings.Join(c.order, "")}
	backs := c.chosen()
	lists := make([]uint16, len(c.order))
	for i, back := range backs {
		text := c.order[i][back:]
		four := fourOf(text)
		if three := threeOf(four); len(text) > literalLeast {
			t.Fours[three] |= 1 << bitOf(four)
			lists[i] = uint16(listOf(four))
		} else {
			t.Fours[three] = allFours
			lists[i] = uint16(shortListOf(four))
		}
		t.Start[lists[i]+1]++
		(*pairSet)(&t.Pairs).add(signOf(text[0]), signOf(text[1]))
		(*pairSet)(&t.Seconds).add(signOf(text[1]), signOf(text[2]))
		t.Back = max(t.Back, int(back))
	}
	for n := range literalLists {
		t.Start[n+1] += t.Start[n]
	}
	next, at := *t.Start, 0 // of those in the list n
	for i, n := range lists {
		t.Entries[next[n]].set(c.order[i], at, c.targets[i], backs[i])
		next[n]++
		at += len(c.order[i])
	}
	return t
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

// listOf returns which list holds what is looked for by four bytes.
func listOf(four uint32) uint32 { return four * threeFactor >> (32 - fourBits) }

// shortListOf returns which list holds what is looked for by the first three of four bytes.
func shortListOf(four uint32) uint32 { return fourLists + four<<8*threeFactor>>(32-shortBits) }

// bitOf returns which bit of a word the fourth of four bytes has.
func bitOf(four uint32) uint32 { return four >> 24 & 31 }

// set makes the entry of a literal, which is the text at a place.
func (e *LiteralEntry) set(text string, at int, t target, back uint8) {
	e.Text, e.Length, e.Rule, e.Anchor, e.Back = uint32(at), uint32(len(text)), t.rule, t.anchor, back
	e.Ahead, e.AheadMask = eight(text[back:])
	if n := int(back); n > 0 {
		word, mask := eight(text[max(0, n-8):n])
		shift := 8 * max(0, 8-n)
		e.Behind, e.BehindMask = word<<shift, mask<<shift
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
