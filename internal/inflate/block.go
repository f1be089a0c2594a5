package inflate

// block decompresses a block with the given codes.
func (s *stream) block(t *tables) Error {
	if ended, e := s.fast(t); ended || e != 0 {
		return e
	}
	for {
		s.refill()
		entry := t.litlen[s.buf&litlenMask]
		if entry&link != 0 {
			entry = t.litlen[s.follow(entry)]
		}
		bits := s.take(int(entry & 255))
		if s.bits < 0 {
			return ErrTruncated
		}
		switch {
		case entry&literal != 0:
			if s.out >= len(s.dst) {
				return ErrTooLong
			}
			s.dst[s.out] = byte(entry >> 16)
			s.out++
			continue
		case entry&end != 0:
			return 0
		case entry&odd != 0:
			return s.orTruncated(ErrSymbol)
		}
		length := entry>>16 + uint32(bits>>(entry>>8&63))
		if e := s.match(t, int(length)); e != 0 {
			return e
		}
	}
}

// match reads the distance of a match of the given length and copies it.
func (s *stream) match(t *tables, length int) Error {
	s.refill()
	entry := t.dist[s.buf&distMask]
	if entry&link != 0 {
		entry = t.dist[s.follow(entry)]
	}
	bits := s.take(int(entry & 255))
	if s.bits < 0 {
		return ErrTruncated
	}
	if entry&odd != 0 {
		return s.orTruncated(ErrSymbol)
	}
	dist := int(entry>>16) + int(bits>>(entry>>8&63))
	if dist > s.out {
		return ErrDistance
	}
	fits := repeat(s.dst, s.out, dist, length)
	s.out += fits
	if fits < length {
		return ErrTooLong
	}
	return 0
}

// follow takes the bits of a link and returns the index that it leads to.
func (s *stream) follow(entry uint32) uint32 {
	s.take(int(entry & 255))
	return entry>>16 + uint32(s.buf)&(1<<(entry>>8&15)-1)
}

// orTruncated returns e, or that the source has ended, if the bits that made no sense were not all there.
func (s *stream) orTruncated(e Error) Error {
	if s.bits < longest {
		return ErrTruncated
	}
	return e
}
