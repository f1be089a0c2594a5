package inflate

// block decompresses a block with the given codes.
func (s *stream) block(t *tables) Error {
	for {
		if ended, e := s.fast(t); ended || e != 0 {
			return e
		}
		if ended, e := s.symbol(t); ended || e != 0 {
			return e
		}
	}
}

// symbol decompresses a literal or a match, or reports that it is the end of the block.
func (s *stream) symbol(t *tables) (ended bool, e Error) {
	s.refill()
	entry := t.litlen[s.buf&litlenMask]
	if entry&link != 0 {
		entry = t.litlen[s.follow(entry)]
	}
	bits := s.take(int(entry & 255))
	switch {
	case s.bits < 0:
		return false, ErrTruncated
	case entry&literal != 0:
		if s.out >= len(s.dst) {
			return false, ErrTooLong
		}
		s.dst[s.out] = byte(entry >> 16)
		s.out++
		return false, 0
	case entry&end != 0:
		return true, 0
	case entry&odd != 0:
		return false, s.orTruncated(ErrSymbol)
	}
	length := entry>>16 + uint32(bits>>(entry>>8&63))
	return false, s.match(t, int(length))
}

// match reads the distance of a match of the given length and copies it.
func (s *stream) match(t *tables, length int) Error {
	s.refill()
	entry := t.dist[s.buf&distMask]
	if entry&link != 0 {
		entry = t.dist[s.follow(entry)]
	}
	bits := s.take(int(entry & 255))
	switch {
	case s.bits < 0:
		return ErrTruncated
	case entry&odd != 0:
		return s.orTruncated(ErrSymbol)
	}
	dist := int(entry>>16) + int(bits>>(entry>>8&63))
	if dist > s.out {
		return ErrDistance
	}
	n := repeat(s.dst, s.out, dist, length)
	s.out += n
	if n < length {
		return ErrTooLong
	}
	return 0
}

// follow takes the bits of a link and returns the index that it leads to.
func (s *stream) follow(entry uint32) uint32 {
	s.take(int(entry & 255))
	return entry>>16 + uint32(s.buf)&(1<<(entry>>8&15)-1)
}

// orTruncated returns e, or that the source has ended, if the bits that make no sense were not all there.
func (s *stream) orTruncated(e Error) Error {
	if s.bits < longest {
		return ErrTruncated
	}
	return e
}
