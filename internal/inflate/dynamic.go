package inflate

const (
	endSymbol = 256 // of the first code: those below are bytes, this one ends the block, those above are lengths of matches
	mostLits  = 286 // symbols of the first code that a block may describe
	mostDists = 30  // and of the second, distances of matches
	mostShort = 19  // symbols of the code in which the others are described

	litlenRoom = 5 * 64 // for lengths of codes, as build takes them
	distRoom   = 64
	shortRoom  = 24

	shortBits = 7 // longest code of the code in which the others are described
)

// header is what is needed for reading the description of a block's codes, and for making their tables.
type header struct {
	builder builder
	// lengths are those of the codes of both alphabets, one after the other. A run can go beyond the last, and is
	// written by 8 at a time.
	lengths [mostLits + mostDists + tooLong + 8]uint8
	short   [1 << shortBits]uint32
}

// fixedTables returns the tables of the codes that need no description (RFC 1951 section 3.2.6).
func (d *Decoder) fixedTables() *tables {
	if d.haveFixed {
		return &d.fixed
	}
	var litlen [litlenRoom]uint8
	fill(litlen[:144], 8)
	fill(litlen[144:256], 9)
	fill(litlen[256:280], 7)
	fill(litlen[280:288], 8)
	var dist [distRoom]uint8
	fill(dist[:32], 5)
	_ = d.header.builder.litlen(&d.fixed, &litlen, &[longest + 1]uint16{7: 24, 8: 152, 9: 112})
	_ = d.header.builder.dist(&d.fixed, &dist, &[longest + 1]uint16{5: 32}) // both are complete
	d.haveFixed = true
	return &d.fixed
}

func fill(lengths []uint8, length uint8) {
	for i := range lengths {
		lengths[i] = length
	}
}

// dynamicTables reads the description of a block's codes (RFC 1951 section 3.2.7) and makes their tables.
func (d *Decoder) dynamicTables(s *stream) Error {
	h := &d.header
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
	var litlenCount, distCount [longest + 1]uint16
	if e := h.readLengths(s, lits, lits+dists, &litlenCount, &distCount); e != 0 {
		return e
	}
	var dist [distRoom]uint8
	copy(dist[:], h.lengths[lits:lits+dists])
	litlen := (*[litlenRoom]uint8)(h.lengths[:])
	clear(litlen[lits:])
	if e := h.builder.litlen(&d.dynamic, litlen, &litlenCount); e != 0 {
		return e
	}
	return h.builder.dist(&d.dynamic, &dist, &distCount)
}

// shortOrder is the order in which the lengths of the short codes are written.
const shortOrder = "\x10\x11\x12\x00\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"

// readShort reads the code in which the other codes are described: n lengths of 3 bits.
func (h *header) readShort(s *stream, n int) Error {
	var lengths [shortRoom]uint8
	var count [longest + 1]uint16
	for i := 0; i < n; {
		s.refill()
		part := min(n-i, 16)
		for lengthBits := s.take(3 * part); part > 0; part-- {
			lengths[shortOrder[i]] = uint8(lengthBits & 7)
			count[lengthBits&7]++
			lengthBits >>= 3
			i++
		}
		if s.bits < 0 {
			return ErrTruncated
		}
	}
	count[0] = 0
	return h.builder.build(h.short[:], shortBits, lengths[:], &count, 0, &shortEntries)
}

// An entry for a symbol of the short code is about a run of equal lengths. From the lowest bit: 8 bits are how many bits to take, 4
// how many of these are the code's, 12 the shortest run, 4 the length, 4 a mask for the length before, which is the run's in
// symbol 16. Bits that are no code make a run that is too long for any description, and are noticed by that.
const (
	run     = 1 << 12
	tooLong = mostLits + mostDists + 1
)

var shortEntries = [32]uint32{
	0<<24 | 1*run, 1<<24 | 1*run, 2<<24 | 1*run, 3<<24 | 1*run, 4<<24 | 1*run, 5<<24 | 1*run, 6<<24 | 1*run, 7<<24 | 1*run,
	8<<24 | 1*run, 9<<24 | 1*run, 10<<24 | 1*run, 11<<24 | 1*run, 12<<24 | 1*run, 13<<24 | 1*run, 14<<24 | 1*run, 15<<24 | 1*run,
	15<<28 | 3*run | 2, 3*run | 3, 11*run | 7, noCode: tooLong * run,
}

// readLengths reads the lengths of the codes, of which the first lits are those of the first code, and counts them for each code.
//
// It takes each symbol for a run and writes 8 lengths at once, so that there is nothing to decide and to guess: what was
// written too much is written again by the next run, and of longer runs, which are all of zeros, the rest is zero already.
func (h *header) readLengths(s *stream, lits, all int, litlen, dist *[longest + 1]uint16) Error {
	clear(h.lengths[:])
	s.refill()
	if h.short[s.buf&(1<<shortBits-1)]>>28 != 0 {
		return ErrLengths // repeats the length before the first
	}
	i, last := h.readRuns(s, 0, lits, 0, litlen)
	if over := i - lits; over > 0 {
		litlen[last] -= uint16(over)
		dist[last] += uint16(over)
	}
	if i < all {
		i, _ = h.readRuns(s, i, all, last, dist)
	}
	if s.bits < 0 {
		return ErrTruncated
	}
	if i != all {
		return ErrLengths
	}
	return 0
}

// readRuns reads lengths from i until at least end of them are known, or the source has ended, and returns how many are, and the last one.
func (h *header) readRuns(s *stream, i, end int, last uint32, count *[longest + 1]uint16) (int, uint32) {
	for i < end && s.bits >= 0 {
		s.refill()
		buf, taken := s.buf, 0
		for range 4 { // of 14 bits each at most
			entry := h.short[buf&(1<<shortBits-1)]
			last = entry>>24&15 | last&(entry>>28)
			n := int(entry>>12&0xfff) + int(buf&(1<<(entry&63)-1)>>(entry>>8&15))
			buf >>= entry & 63
			taken += int(entry & 63)
			store(h.lengths[:], i, uint64(last)*0x0101010101010101)
			count[last] += uint16(n)
			i += n
			if i >= end {
				break
			}
		}
		s.buf, s.bits = buf, s.bits-taken
	}
	return i, last
}
