package secretscan

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// A prefilter finds every place where one of a set of literals stands, in one pass that looks at each byte once.
//
// A literal is looked for by three of its bytes. Where the signs (pairs.go) of the first two stand next to each other, which in
// ordinary text is at one place in thirty, the third is looked at; a bitmap of all 2^15 triples of signs fits the first-level cache.
// Where that has a bit, the literals that are looked for by this triple are compared, eight bytes at a time. The pairs are found 32
// places at a time on processors that can (pairs_amd64.s).
//
// Folding is |0x20: it maps upper-case ASCII letters to lower case, and some other bytes onto each other, so a hit may be
// false (the verifier and the regexp see to that) but none is missed. Literals are folded the same way.
//
// Three bytes, because the shortest keywords have three ("key", "api", "lob") and shorter ones are extended by the class that
// follows them (literal.go).
type prefilter struct {
	signs   [256]byte
	pairs   pairSet
	triples [tripleWords]uint64
	rank    [tripleWords]uint16 // how many triples there are in the words before
	start   []uint16            // the n-th triple has entries[start[n]:start[n+1]]
	entries []prefilterEntry
	back    int        // the greatest of the entries'
	wide    *widePairs // nil: this processor cannot
}

// prefilterEntry is a literal with what stands around the three bytes by which it is looked for: the eight bytes from there on, and the
// eight before.
type prefilterEntry struct {
	ahead, aheadMask   uint64 // what the literal has there, and where it has anything
	behind, behindMask uint64
	text               string // folded
	target             target
	back               uint8 // where in the literal the triple is
}

// target is what to do at a hit: try an anchor of a rule, or note that a keyword is there.
type target struct {
	rule   int32
	anchor int32 // index in the rule's anchors; gateTarget: the literal is a keyword that stands on its own; wordTarget or less: see readWord
}

const (
	gateTarget = -1
	foldBytes  = 0x2020202020202020
	// tripleWords is how many words a bit for every triple of signs takes.
	tripleWords = 1 << (3*signBits - 6)
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
	keys := make([]uint32, len(c.order)) // a triple and which of the literals it is for, which keeps their order
	backs := c.chosen()
	for i, back := range backs {
		text := c.order[i]
		t := p.triple(text[back], text[back+1], text[back+2])
		keys[i] = t<<16 | uint32(i)
		p.triples[t>>6] |= 1 << (t & 63)
		p.pairs.add(signOf(text[back]), signOf(text[back+1]))
		p.back = max(p.back, int(back))
	}
	slices.Sort(keys)
	for n, key := range keys {
		if n == 0 || keys[n-1]>>16 != key>>16 {
			p.start = append(p.start, uint16(n))
		}
		i := key & (1<<16 - 1)
		p.entries[n] = newEntry(c.order[i], c.targets[i], backs[i])
	}
	p.start = append(p.start, uint16(len(keys)))
	for w := 1; w < len(p.rank); w++ {
		p.rank[w] = p.rank[w-1] + uint16(bits.OnesCount64(p.triples[w-1]))
	}
	p.wide = newWidePairs(&p.pairs)
	return p
}

func newEntry(text string, t target, back uint8) prefilterEntry {
	var around, masks [16]byte
	folded := foldAll(text)
	for i, b := range folded {
		if at := 8 + i - int(back); at >= 0 && at < len(around) {
			around[at], masks[at] = b, 0xff
		}
	}
	word := binary.LittleEndian.Uint64
	return prefilterEntry{word(around[8:]), word(masks[8:]), word(around[:8]), word(masks[:8]), string(folded), t, back}
}

func foldAll(text string) []byte {
	out := []byte(text)
	for i, b := range out {
		out[i] = foldByte(b)
	}
	return out
}

// triple returns the number of three bytes' signs.
func (p *prefilter) triple(b0, b1, b2 byte) uint32 {
	return uint32(p.signs[b0])<<(2*signBits) | uint32(p.signs[b1])<<signBits | uint32(p.signs[b2])
}
