package secretscan

import (
	"encoding/binary"
)

// A prefilter finds every place where one of a set of literals could start, in one pass that looks at each byte once. Three
// bytes at a time are folded, hashed and looked up in a bitmap small enough for the first-level cache; only where the bit is
// set is the literal itself compared.
//
// Folding is |0x20: it maps upper-case ASCII letters to lower case, and some other bytes onto each other, so a hit may be
// false (the verifier and the regexp see to that) but none is missed. Literals are folded the same way.
//
// Three bytes, because the shortest keywords have three ("key", "api", "lob") and shorter ones are extended by the class that
// follows them (literal.go). A table of all 2^24 triples would not fit any cache; 2^15 bits with the literals of gitleaks' rules
// are set to about 2 %, and stay in 4 KiB.
type prefilter struct {
	bitmap  [1 << (prefilterBits - 6)]uint64
	start   [1<<prefilterBits + 1]uint16 // bucket h is entries[start[h]:start[h+1]]
	entries []prefilterEntry
}

type prefilterEntry struct {
	text    string // folded
	targets []target
}

// target is what to do at a hit: try an anchor of a rule, or note that a keyword is there.
type target struct {
	rule   int32
	anchor int32 // index in the rule's anchors; gateTarget: the literal is a keyword that stands on its own
}

const (
	prefilterBits = 15
	gateTarget    = -1
	foldBytes     = 0x2020202020202020
)

func foldByte(b byte) byte { return b | 0x20 }

func triple(b0, b1, b2 byte) uint32 {
	return uint32(foldByte(b0)) | uint32(foldByte(b1))<<8 | uint32(foldByte(b2))<<16
}

// hashTriple spreads a triple over prefilterBits bits (Knuth's multiplicative hashing).
func hashTriple(v uint32) uint32 { return v * 0x9E3779B1 >> (32 - prefilterBits) }

// prefilterTargets collects literals and what to do where one stands. The zero value is empty.
type prefilterTargets struct {
	byText map[string][]target
	order  []string
}

// prefilterMost is how many literals a prefilter can have.
const prefilterMost = 1<<16 - 1

func (c *prefilterTargets) add(text string, t target) {
	if c.byText == nil {
		c.byText = make(map[string][]target)
	}
	if c.byText[text] == nil {
		c.order = append(c.order, text)
	}
	c.byText[text] = append(c.byText[text], t)
}

// newPrefilter builds the tables; every literal has at least literalLeast bytes, and there are at most prefilterMost.
func newPrefilter(c *prefilterTargets) *prefilter {
	p := new(prefilter)
	buckets := make(map[uint32][]prefilterEntry)
	for _, text := range c.order {
		folded := string(foldAll(text))
		h := hashTriple(triple(folded[0], folded[1], folded[2]))
		p.bitmap[h>>6] |= 1 << (h & 63)
		buckets[h] = append(buckets[h], prefilterEntry{folded, c.byText[text]})
	}
	for h := range uint32(1 << prefilterBits) {
		p.start[h] = uint16(len(p.entries))
		p.entries = append(p.entries, buckets[h]...)
	}
	p.start[1<<prefilterBits] = uint16(len(p.entries))
	return p
}

func foldAll(text string) []byte {
	out := []byte(text)
	for i, b := range out {
		out[i] = foldByte(b)
	}
	return out
}

// scan calls hit for every target of every literal that could start in data[from:to], in the order of their places. Literals
// may reach over to.
func (p *prefilter) scan(data []byte, from, to int, hit func(target, int)) {
	i := from
	// Six triples in each eight bytes.
	for ; i+8 <= len(data) && i < to; i += 6 {
		w := binary.LittleEndian.Uint64(data[i:]) | foldBytes
		h0 := hashTriple(uint32(w) & 0xffffff)
		h1 := hashTriple(uint32(w>>8) & 0xffffff)
		h2 := hashTriple(uint32(w>>16) & 0xffffff)
		h3 := hashTriple(uint32(w>>24) & 0xffffff)
		h4 := hashTriple(uint32(w>>32) & 0xffffff)
		h5 := hashTriple(uint32(w >> 40))
		any := p.bitmap[h0>>6]>>(h0&63) | p.bitmap[h1>>6]>>(h1&63) | p.bitmap[h2>>6]>>(h2&63) |
			p.bitmap[h3>>6]>>(h3&63) | p.bitmap[h4>>6]>>(h4&63) | p.bitmap[h5>>6]>>(h5&63)
		if any&1 == 0 {
			continue
		}
		for k, h := range [...]uint32{h0, h1, h2, h3, h4, h5} {
			if p.bitmap[h>>6]>>(h&63)&1 != 0 && i+k < to {
				p.compare(data, i+k, h, hit)
			}
		}
	}
	for ; i+literalLeast <= len(data) && i < to; i++ {
		if h := hashTriple(triple(data[i], data[i+1], data[i+2])); p.bitmap[h>>6]>>(h&63)&1 != 0 {
			p.compare(data, i, h, hit)
		}
	}
}

func (p *prefilter) compare(data []byte, at int, h uint32, hit func(target, int)) {
	for e := p.start[h]; e < p.start[h+1]; e++ {
		entry := &p.entries[e]
		if !hasFolded(data[at:], entry.text) {
			continue
		}
		for _, t := range entry.targets {
			hit(t, at)
		}
	}
}

func hasFolded(data []byte, text string) bool {
	if len(data) < len(text) {
		return false
	}
	for i := range len(text) {
		if foldByte(data[i]) != text[i] {
			return false
		}
	}
	return true
}
