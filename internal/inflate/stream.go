package inflate

import "encoding/binary"

// stream is where a decompression is in its source and destination.
//
// Bits are taken from the low end of buf. The bits there above the lowest s.bits are either 0 or already those of the next
// bytes of src, so that or-ing these in again changes nothing: refill relies on it.
type stream struct {
	src []byte
	in  int // src[in:] is not yet counted in bits
	buf uint64
	// bits are how many bits of buf count; negative after more were taken than src has. Whoever takes bits looks at that
	// before believing in them.
	bits int
	dst  []byte
	out  int // dst[:out] is written
}

// refill makes 56 bits or more available, if src has them.
func (s *stream) refill() {
	if len(s.src)-s.in >= 8 {
		s.buf |= binary.LittleEndian.Uint64(s.src[s.in:]) << (s.bits & 63)
		s.in += (63 - s.bits) >> 3
		s.bits |= 56
		return
	}
	for s.bits < 56 && s.in < len(s.src) {
		s.buf |= uint64(s.src[s.in]) << (s.bits & 63)
		s.in++
		s.bits += 8
	}
}

// take takes n bits, at most 63.
func (s *stream) take(n int) uint64 {
	v := s.buf & (1<<(n&63) - 1)
	s.buf >>= n & 63
	s.bits -= n
	return v
}

// align drops the rest of the current byte and gives whole bytes back to src.
func (s *stream) align() {
	s.in -= s.bits >> 3
	s.buf, s.bits = 0, 0
}
