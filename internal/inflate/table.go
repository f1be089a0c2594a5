package inflate

import "math/bits"

// An entry of a decoding table is found by the next bits of the stream. From the lowest bit:
//
//	8 bits  how many bits to take: those of the code, and the extra bits behind it
//	4 bits  how many of these are the code's
//	1 bit   unused
//	3 bits  flags: end of block, link, odd
//	15 bits the byte, the shortest length or distance, or where the second table starts
//	1 bit   flag: literal
//
// For codes longer than the first table's index, its entry is a link: 8 bits are the bits of the index to take, the next 4 bits how
// many bits index the second table.
const (
	literal = 1 << 31
	odd     = 1 << 15 // neither literal nor match: with end or link, or else no code at all
	link    = 1 << 14
	end     = 1 << 13
	each    = 1<<8 | 1 // the two numbers of bits
	longest = 15       // bits of a code
)

const (
	litlenBits = 10
	distBits   = 8
	litlenMask = 1<<litlenBits - 1
	distMask   = 1<<distBits - 1
	// For the given bits of the first table no code of 286 and 30 symbols needs more entries, see TestTableSizes.
	litlenSize = 1332
	distSize   = 402
)

// tables are the two codes of a block, ready for decoding.
type tables struct {
	litlen [litlenSize]uint32
	dist   [distSize]uint32
}

// code is a code as a block describes it.
type code struct {
	count   [longest + 1]uint16 // symbols by the length of their code
	n       int                 // symbols that have a code
	used    [symbols]uint16     // these in rising order, each with the length of its code in the low 4 bits
	entries [symbols]uint32     // their entries in the order of the codes
}

func (c *code) clear() {
	c.count = [longest + 1]uint16{}
	c.n = 0
}

func (c *code) set(symbol, length int) {
	c.count[length&longest]++
	c.used[c.n] = uint16(symbol<<4 | length)
	c.n++
}

// build makes the decoding table, whose first table is indexed by root bits. Symbols below bytes are literals, the others have the entries
// of others.
//
// Codes are given out in the order of their lengths, then of their symbols, and stand in the stream with the first bit
// lowest. So the table is filled from short codes to long ones and doubled between: with the codes a=0, b=10, c=110, d=111 it is
// [a ?], [a b a ?], [a b a c a b a d].
func (c *code) build(table []uint32, root int, bytes uint16, others *[32]uint32) Error {
	if !c.sound() {
		return ErrCode
	}
	c.sort(bytes, others)
	if c.n <= 1 {
		c.single(table[:1<<root])
		return 0
	}
	word, at := uint32(0), 0
	for length := 1; ; length++ {
		for range c.count[length] {
			table[word] = c.entries[at] + uint32(length)*each
			word = after(word, length)
			at++
		}
		if length == root {
			break
		}
		copy(table[1<<length:], table[:1<<length])
	}
	if at < c.n {
		c.second(table, root, word, at)
	}
	return 0
}

// single makes the table of a code with one symbol or none.
func (c *code) single(table []uint32) {
	for i := range table {
		table[i] = odd | each
		if c.n == 1 && i&1 == 0 {
			table[i] = c.entries[0] + each
		}
	}
}

// sound reports whether the code is complete, or one that zlib and compress/flate take all the same: a single symbol of one
// bit, or none at all.
func (c *code) sound() bool {
	space := 0
	for length := 1; length <= longest; length++ {
		space += int(c.count[length]) << (longest - length)
	}
	return space == 1<<longest || c.n == 0 || c.n == 1 && c.count[1] == 1
}

// sort puts the entries in the order of the codes.
func (c *code) sort(bytes uint16, others *[32]uint32) {
	var next [longest + 2]uint16
	for length := 1; length <= longest; length++ {
		next[length+1] = next[length] + c.count[length]
	}
	for _, u := range c.used[:c.n] {
		symbol, length := u>>4, u&longest
		entry := literal | uint32(symbol)<<16
		if symbol >= bytes {
			entry = others[(symbol-bytes)&31]
		}
		c.entries[next[length]] = entry
		next[length]++
	}
}

// second appends the second tables, which hold the rest of codes longer than root, whose first code is word and whose first
// entry is at. All codes that begin with the same root bits follow each other, and fill a table of as many bits as the longest of
// them needs.
func (c *code) second(table []uint32, root int, word uint32, at int) {
	free, mask := 1<<root, uint32(1)<<root-1
	prefix, start := mask+1, 0
	for length := root + 1; length <= longest; length++ {
		for ; c.count[length] > 0; c.count[length]-- {
			if word&mask != prefix {
				prefix, start = word&mask, free
				width := c.width(root, length)
				table[prefix] = uint32(start)<<16 | odd | link | uint32(width)<<8 | uint32(root)
				free += 1 << width
			}
			entry := c.entries[at] + uint32(length-root)*each
			for i := start + int(word>>root); i < free; i += 1 << (length - root) {
				table[i] = entry
			}
			word = after(word, length)
			at++
		}
	}
}

// width returns how many bits index the second table for the codes that are left, of which the first has the given length.
func (c *code) width(root, length int) int {
	filled := int(c.count[length])
	for filled < 1<<(length-root) && length < longest {
		length++
		filled = 2*filled + int(c.count[length])
	}
	return length - root
}

// after returns the code of length bits that follows word, where both have their first bit lowest: it adds 1 from the other
// end. What follows the last one is of no use.
func after(word uint32, length int) uint32 {
	zeros := word ^ (1<<length - 1)
	highest := uint32(1) << ((bits.Len32(zeros) - 1) & 31)
	return word&(highest-1) | highest
}
