package inflate

const (
	endSymbol = 256 // of the first code: below are bytes, this one ends the block, above are lengths
	symbols   = 288
	mostLits  = 286 // symbols that a block may describe; 286 and 287 have fixed codes and stand for nothing
	mostDists = 30  // likewise 30 and 31
)

// lengthEntries are the entries of the symbols from 256 on: the end of the block, then the shortest match length of the
// symbol and the bits behind it that are added (RFC 1951 section 3.2.5).
var lengthEntries = [32]uint32{
	odd | end,
	3<<16 | 0, 4<<16 | 0, 5<<16 | 0, 6<<16 | 0, 7<<16 | 0, 8<<16 | 0, 9<<16 | 0, 10<<16 | 0,
	11<<16 | 1, 13<<16 | 1, 15<<16 | 1, 17<<16 | 1, 19<<16 | 2, 23<<16 | 2, 27<<16 | 2, 31<<16 | 2,
	35<<16 | 3, 43<<16 | 3, 51<<16 | 3, 59<<16 | 3, 67<<16 | 4, 83<<16 | 4, 99<<16 | 4, 115<<16 | 4,
	131<<16 | 5, 163<<16 | 5, 195<<16 | 5, 227<<16 | 5, 258<<16 | 0, odd, odd,
}

// distEntries are the entries of the symbols of the second code: the shortest distance and the bits that are added.
var distEntries = [32]uint32{
	1<<16 | 0, 2<<16 | 0, 3<<16 | 0, 4<<16 | 0, 5<<16 | 1, 7<<16 | 1, 9<<16 | 2, 13<<16 | 2,
	17<<16 | 3, 25<<16 | 3, 33<<16 | 4, 49<<16 | 4, 65<<16 | 5, 97<<16 | 5, 129<<16 | 6, 193<<16 | 6,
	257<<16 | 7, 385<<16 | 7, 513<<16 | 8, 769<<16 | 8, 1025<<16 | 9, 1537<<16 | 9, 2049<<16 | 10, 3073<<16 | 10,
	4097<<16 | 11, 6145<<16 | 11, 8193<<16 | 12, 12289<<16 | 12, 16385<<16 | 13, 24577<<16 | 13, odd, odd,
}

// header is the description of the codes of a block, and what is needed for reading it.
type header struct {
	litlen code
	dist   code
	table  [1 << longestShort]uint8 // of the code in which the lengths are written: symbol<<3 | bits, 0 is no code
	mask   uint64
}

// longestShort is the length of the longest code in which lengths of codes can be written.
const longestShort = 7

// fixedTables returns the tables of the codes that every decoder knows (RFC 1951 section 3.2.6).
func (d *Decoder) fixedTables() *tables {
	if d.haveFixed {
		return &d.fixed
	}
	h := &d.header
	h.clear()
	for symbol := range symbols {
		switch {
		case symbol < 144 || symbol >= 280:
			h.litlen.set(symbol, 8)
		case symbol < 256:
			h.litlen.set(symbol, 9)
		default:
			h.litlen.set(symbol, 7)
		}
	}
	for symbol := range 32 {
		h.dist.set(symbol, 5)
	}
	h.build(&d.fixed)
	d.haveFixed = true
	return &d.fixed
}

func (h *header) clear() {
	h.litlen.clear()
	h.dist.clear()
}

func (h *header) build(t *tables) Error {
	if e := h.litlen.build(t.litlen[:], litlenBits, endSymbol, &lengthEntries); e != 0 {
		return e
	}
	return h.dist.build(t.dist[:], distBits, 0, &distEntries)
}

// dynamicTables reads the description of a block's codes (RFC 1951 section 3.2.7) and builds its tables.
func (d *Decoder) dynamicTables(s *stream) Error {
	h := &d.header
	h.clear()
	s.refill()
	lits, dists, shorts := int(s.take(5))+257, int(s.take(5))+1, int(s.take(4))+4
	if s.bits < 0 {
		return ErrTruncated
	}
	if lits > mostLits || dists > mostDists {
		return ErrLengths
	}
	if e := h.readShort(s, shorts); e != 0 {
		return e
	}
	if e := h.readLengths(s, lits, lits+dists); e != 0 {
		return e
	}
	return h.build(&d.dynamic)
}

// readShort reads the lengths, each of 3 bits, of the codes in which the lengths of the other codes are written.
func (h *header) readShort(s *stream, n int) Error {
	order := [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	var lengths, count [19]uint8
	space, top, used := 0, 0, 0
	s.refill()
	for i, symbol := range order[:n] {
		if i == 16 {
			s.refill()
		}
		length := int(s.take(3))
		if s.bits < 0 {
			return ErrTruncated
		}
		if length != 0 {
			lengths[symbol] = uint8(length)
			count[length]++
			space += 1 << (longestShort - length)
			top = max(top, length)
			used++
		}
	}
	if space != 1<<longestShort && !(used == 1 && top == 1) {
		return ErrCode
	}
	h.short(&lengths, top)
	return 0
}

// short makes the table of the code in which lengths are written.
func (h *header) short(lengths *[19]uint8, top int) {
	h.mask = 1<<top - 1
	h.table[1] = 0 // of a single code
	word := uint32(0)
	for length := 1; length <= top; length++ {
		for symbol, l := range lengths {
			if int(l) != length {
				continue
			}
			for i := word; i < 1<<top; i += 1 << length {
				h.table[i] = uint8(symbol<<3 | length)
			}
			word = after(word, length)
		}
	}
}

// readLengths reads the lengths of the symbols of both codes: all symbols up to lits are of the first, from there to all of the second.
func (h *header) readLengths(s *stream, lits, all int) Error {
	const repeat, zeros, moreZeros = 16, 17, 18
	last := 0
	for i := 0; i < all; {
		s.refill()
		short := h.table[s.buf&h.mask]
		s.take(int(short & 7))
		length, n := int(short>>3), 1
		switch {
		case short == 0:
			return ErrSymbol
		case length == repeat:
			if i == 0 {
				return ErrLengths
			}
			length, n = last, 3+int(s.take(2))
		case length == zeros:
			length, n = 0, 3+int(s.take(3))
		case length == moreZeros:
			length, n = 0, 11+int(s.take(7))
		}
		if s.bits < 0 {
			return ErrTruncated
		}
		if n > all-i {
			return ErrLengths
		}
		last = length
		for end := i + n; i < end; i++ {
			switch {
			case length == 0:
			case i < lits:
				h.litlen.set(i, length)
			default:
				h.dist.set(i-lits, length)
			}
		}
	}
	return 0
}
