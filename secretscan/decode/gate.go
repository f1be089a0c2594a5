package decode

import "math/bits"

// The gate tells of each place two things: whether an escape may start there, and whether a letter or digit stands there. An escape is told by
// two bytes. By the first it is one of eight kinds, and each asks something of the second:
//
//	%  2 to 7              &  #
//	=  2 to 7              &  a, c, g, l, which an entity's name starts with
//	=  the end of a line   &  q, s
//	\  x, X, u, U          U  +
//
// Each of these is a set of high halves times a set of low halves of a byte, so that two tables of sixteen give all eight, and
// instructions that look up sixteen bytes at once can be used (gate_amd64.s). Only printable ASCII is worth decoding, hence 2 to 7.
// Letters and digits have a table of their own: for each low half the high halves that it may stand with.
const (
	gateBytes = 64
	// gateChunk is how many bytes are gone through at once.
	gateChunk = 4096
)

// gateMask holds a bit for each byte of 64: where an escape may start, and where letters and digits are.
type gateMask struct{ marks, words uint64 }

// gateMasks are those of a chunk.
type gateMasks [gateChunk / gateBytes]gateMask

// halves are two tables: what a byte is by its low half, and by its high half.
type halves struct{ low, high [16]byte }

func (h *halves) of(b byte) byte { return h.low[b&15] & h.high[b>>4] }

// gateTables are the tables for the first byte, for the second, and for letters and digits.
type gateTables struct{ first, second, word halves }

type kindSet struct{ high, low string }

var gateOf = gateTables{
	first:  gateHalves([8]kindSet{{"2", "5"}, {"3", "d"}, {"3", "d"}, {"5", "c"}, {"2", "6"}, {"2", "6"}, {"2", "6"}, {"5", "5"}}),
	second: gateHalves([8]kindSet{{"3", "234567"}, {"3", "234567"}, {"0", "ad"}, {"57", "58"}, {"2", "3"}, {"6", "137c"}, {"7", "13"}, {"2", "b"}}),
	word:   gateHalves([8]kindSet{{"3", "0123456789"}, {"46", "123456789abcdef"}, {"57", "0123456789a"}}),
}

func gateHalves(sets [8]kindSet) (h halves) {
	for bit, set := range sets {
		for i := range set.low {
			h.low[nibble(set.low[i])] |= 1 << bit
		}
		for i := range set.high {
			h.high[nibble(set.high[i])] |= 1 << bit
		}
	}
	return h
}

// gateSlow is gate without instructions for it: for 64 bytes of data and the one behind them.
func gateSlow(data []byte) (m gateMask) {
	data = data[:gateBytes+1]
	for i, b := range data[:gateBytes] {
		if gateOf.word.of(b) != 0 {
			m.words |= 1 << i
		}
		if gateOf.first.of(b)&gateOf.second.of(data[i+1]) != 0 {
			m.marks |= 1 << i
		}
	}
	return m
}

// fill fills masks for as much of data[from:to] as they hold, and returns how many of them, and how far that is. What is at to or after
// has no bits.
func (masks *gateMasks) fill(data []byte, from, to int) (blocks, end int) {
	blocks = min((to-from+gateBytes-1)/gateBytes, len(masks))
	if whole := (len(data) - 1 - from) / gateBytes; blocks <= whole {
		masks.of(data[from:], blocks)
	} else if blocks = whole; blocks > 0 {
		masks.of(data[from:], blocks)
	} else {
		var last [gateBytes + 1]byte
		copy(last[:], data[from:])
		blocks = 1
		masks.of(last[:], 1)
	}
	end = from + blocks*gateBytes
	if behind := end - to; behind > 0 {
		m := &masks[blocks-1]
		m.marks, m.words = m.marks<<behind>>behind, m.words<<behind>>behind
		end = to
	}
	return blocks, end
}

// of fills masks for blocks times 64 bytes of data, which has one byte more.
func (masks *gateMasks) of(data []byte, blocks int) {
	if gateWide(masks, data, blocks) {
		return
	}
	for k := range blocks {
		masks[k] = gateSlow(data[k*gateBytes:])
	}
}

// longWords returns a bit for the last of the first wordLeast letters and digits of each word that starts in a block, behind its first byte.
func longWords(words uint64) uint64 {
	one := words & (words + 1)
	two := one & (one << 1)
	four := two & (two << 2)
	eight := four & (four << 4)
	all := eight & (eight << 8)
	return all &^ (all << 1)
}

// goingOn is longWords for the word that starts with the block's first byte, or in blocks before, at whose end so many letters and digits
// stand together. It also returns how many there are at the end of this block.
func goingOn(words uint64, before int) (end uint64, after int) {
	if n := before + bits.TrailingZeros64(^words); before < wordLeast && n >= wordLeast {
		end = 1 << ((wordLeast - 1 - before) & 63)
	}
	if after = bits.LeadingZeros64(^words); after == gateBytes {
		after += before
	}
	return end, after
}

// scan looks at every place of data[from:to] that the gate is open at.
func (f *Finder) scan(from, to int) {
	letters := 0
	skip := f.settled(from)
	for from < to {
		blocks, end := f.masks.fill(f.data, from, to)
		for k := range f.masks[:blocks] {
			m := &f.masks[k]
			words := longWords(m.words)
			first, after := goingOn(m.words, letters)
			if letters = after; m.marks|words|first != 0 {
				skip = f.visit(from+k*gateBytes, m.marks, words|first, skip)
			}
		}
		if from = end; skip > from {
			from, letters = skip, 0
		}
	}
}

// visit looks at the places of a block at data[at:] that the gate is open at, from skip on, and returns from where on to look at others.
func (f *Finder) visit(at int, marks, words uint64, skip int) int {
	for open := marks | words; open != 0; open &= open - 1 {
		bit, i := open&-open, at+bits.TrailingZeros64(open)
		if i < skip {
			continue
		}
		if words&bit != 0 {
			skip = f.word(i)
		}
		if marks&bit != 0 && i >= skip {
			f.escape(i)
		}
	}
	return skip
}
