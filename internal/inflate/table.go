package inflate

import "math/bits"

// An entry of a decoding table is found by the next bits of the stream. From the lowest bit:
//
//	8 bits  how many bits to take: those of the code, and the extra bits behind it
//	4 bits  how many of these are the code's
//	1 bit   unused
//	3 bits  flags: end, link, odd
//	15 bits the byte, or the shortest length or distance, or where the second table starts
//	1 bit   flag: literal
//
// For codes longer than the index of the first table, the entry there is a link: its first number is how many bits the index
// has, its second how many more bits are the index of the second table.
const (
	literal = 1 << 31
	odd     = 1 << 15 // neither literal nor match: if not link or end, bits that are no code
	link    = 1 << 14
	end     = 1 << 13
	each    = 1<<8 | 1 // a bit more in both numbers
	longest = 15       // bits of a code
	noCode  = 31       // where the entry for bits that are no code stands among those of symbols
)

const (
	litlenBits = 11
	litlenMask = 1<<litlenBits - 1
	distBits   = 8
	distMask   = 1<<distBits - 1
	// No code of 286 symbols needs more second tables if 10 bits index the first, and none of 30 symbols if 8 bits do.
	litlenSize = 2342
	distSize   = 402
)

// tables are the two codes of a block, ready for decoding.
type tables struct {
	litlen [litlenSize]uint32
	dist   [distSize]uint32
}

// lengthEntries are the entries of the symbols from 256 on: the end of the block, then the shortest length that the
// symbol stands for, and how many bits behind it are to be added (RFC 1951 section 3.2.5).
var lengthEntries = [32]uint32{
	odd | end,
	3 << 16, 4 << 16, 5 << 16, 6 << 16, 7 << 16, 8 << 16, 9 << 16, 10 << 16,
	11<<16 | 1, 13<<16 | 1, 15<<16 | 1, 17<<16 | 1, 19<<16 | 2, 23<<16 | 2, 27<<16 | 2, 31<<16 | 2,
	35<<16 | 3, 43<<16 | 3, 51<<16 | 3, 59<<16 | 3, 67<<16 | 4, 83<<16 | 4, 99<<16 | 4, 115<<16 | 4,
	131<<16 | 5, 163<<16 | 5, 195<<16 | 5, 227<<16 | 5, 258 << 16, odd, noCode: odd,
}

// distEntries are the entries of the second code: the shortest distance, and how many bits are to be added.
var distEntries = [32]uint32{
	1 << 16, 2 << 16, 3 << 16, 4 << 16, 5<<16 | 1, 7<<16 | 1, 9<<16 | 2, 13<<16 | 2,
	17<<16 | 3, 25<<16 | 3, 33<<16 | 4, 49<<16 | 4, 65<<16 | 5, 97<<16 | 5, 129<<16 | 6, 193<<16 | 6,
	257<<16 | 7, 385<<16 | 7, 513<<16 | 8, 769<<16 | 8, 1025<<16 | 9, 1537<<16 | 9, 2049<<16 | 10, 3073<<16 | 10,
	4097<<16 | 11, 6145<<16 | 11, 8193<<16 | 12, 12289<<16 | 12, 16385<<16 | 13, 24577<<16 | 13, odd, noCode: odd,
}

// builder makes tables. It is only room to work in.
type builder struct {
	entries [litlenRoom]uint32 // of the symbols that have a code, in the order of their codes
}

func (b *builder) litlen(t *tables, lengths *[litlenRoom]uint8, count *[longest + 1]uint16) Error {
	return b.build(t.litlen[:], litlenBits, lengths[:], count, endSymbol, &lengthEntries)
}

func (b *builder) dist(t *tables, lengths *[distRoom]uint8, count *[longest + 1]uint16) Error {
	return b.build(t.dist[:], distBits, lengths[:], count, 0, &distEntries)
}

// build makes a table whose first part is indexed by root bits. Symbols below bytes are literals, the others have the entries
// of others. The lengths of the codes are 0 for symbols that have none, and fill a multiple of 8 bytes; count says how often
// each length from 1 on is among them, and is used up.
//
// Codes are given out in the order of their lengths, then of their symbols, and stand in the stream with their first bit
// lowest. So the table is filled from short codes to long ones and doubled between: with the codes a=0, b=10, c=110, d=111 it is
// [a -], then [a b a -], then [a b a c a b a d].
func (b *builder) build(table []uint32, root int, lengths []uint8, count *[longest + 1]uint16, bytes int, others *[32]uint32) Error {
	n, ok := sound(count)
	if !ok {
		return ErrCode
	}
	b.sort(lengths, count, bytes, others)
	if n <= 1 {
		b.single(table[:1<<root], n, others[noCode])
		return 0
	}
	word, at := uint32(0), 0
	for length := 1; ; length++ {
		for range count[length] {
			table[reversed(word, length)] = b.entries[at] + uint32(length)*each
			word++
			at++
		}
		if length == root {
			break
		}
		if at > 0 {
			copy(table[1<<length:], table[:1<<length])
			word <<= 1
		}
	}
	if at < n {
		b.second(table, root, count, word, at)
	}
	return 0
}

// reversed returns the code of length bits with its first bit lowest.
func reversed(word uint32, length int) uint32 {
	return uint32(bits.Reverse16(uint16(word)) >> ((16 - length) & 15))
}

// single makes the table of a code with one symbol of one bit, or with none.
func (b *builder) single(table []uint32, n int, none uint32) {
	for i := range table {
		table[i] = none + each
		if n == 1 && i&1 == 0 {
			table[i] = b.entries[0] + each
		}
	}
}

// sound returns how many symbols have a code, and whether the code is complete, or one that compress/flate takes all the
// same: a single symbol of one bit, or none at all.
func sound(count *[longest + 1]uint16) (n int, ok bool) {
	space := 0
	for length := 1; length <= longest; length++ {
		n += int(count[length])
		space += int(count[length]) << (longest - length)
	}
	return n, space == 1<<longest || n == 0 || n == 1 && count[1] == 1
}

// sort puts the entries in the order of the codes.
func (b *builder) sort(lengths []uint8, count *[longest + 1]uint16, bytes int, others *[32]uint32) {
	var next [longest + 1]uint16
	for length := 1; length < longest; length++ {
		next[length+1] = next[length] + count[length]
	}
	for base := 0; base < len(lengths); base += 64 {
		for set := present(lengths[base:min(base+64, len(lengths))]); set != 0; set &= set - 1 {
			symbol := base + bits.TrailingZeros64(set)
			length := lengths[symbol] & longest
			entry := literal | uint32(symbol)<<16
			if base >= bytes {
				entry = others[(symbol-bytes)&31]
			}
			b.entries[next[length]] = entry
			next[length]++
		}
	}
}

// present returns which of at most 64 lengths are not 0.
func present(lengths []uint8) (set uint64) {
	const low, all, gather = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f, 0x0102040810204080
	for i := 0; i+8 <= len(lengths); i += 8 {
		ones := (load(lengths, i) + all) >> 7 & low
		set |= ones * gather >> 56 << (i & 63)
	}
	return set
}

// second appends the second tables, which hold the rest of codes longer than root, of which word is the first, and whose
// entries start at. All codes that begin with the same root bits follow each other, and fill a table of as many bits as the
// longest of them needs.
func (b *builder) second(table []uint32, root int, count *[longest + 1]uint16, word uint32, at int) {
	free := 1 << root
	start := 0
	prefix := ^uint32(0)
	for length := root + 1; length <= longest; length++ {
		word <<= 1
		for ; count[length] > 0; count[length]-- {
			if first := word >> (length - root); first != prefix {
				prefix, start = first, free
				width := width(count, root, length)
				free += 1 << width
				table[reversed(first, root)] = uint32(start)<<16 | odd | link | uint32(width)<<8 | uint32(root)
			}
			rest := length - root
			entry := b.entries[at] + uint32(rest)*each
			for i := start + int(reversed(word&(1<<rest-1), rest)); i < free; i += 1 << rest {
				table[i] = entry
			}
			word++
			at++
		}
	}
}

// width returns how many bits index the second table for the codes that are left, the first of which has the given length.
func width(count *[longest + 1]uint16, root, length int) int {
	filled := int(count[length])
	for filled < 1<<(length-root) && length < longest {
		length++
		filled = 2*filled + int(count[length])
	}
	return length - root
}
