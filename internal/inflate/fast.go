package inflate

import "encoding/binary"

// fast decompresses as much of a block as it can without care for the end of the source: it goes on while two refills are
// certain, each of 56 bits or more. A match takes at most 48 of them, so that three literals whose codes the first table knows fit before
// it if there is a refill between length and distance. It reports whether the block's end was met.
func (s *stream) fast(t *tables) (ended bool, e Error) {
	src, in, dst, out := s.src, s.in, s.dst, s.out
	buf, bits := s.buf, uint8(s.bits)
	for len(src)-in >= 16 {
		buf |= load(src, in) << (bits & 63)
		in += int(bits&63^63) >> 3
		bits |= 56
		entry := t.litlen[buf&litlenMask]
		if int32(entry) < 0 {
			if uint(out) >= uint(len(dst)) {
				e = ErrTooLong
				break
			}
			dst[out] = byte(entry >> 16)
			out++
			buf >>= entry & 63
			bits -= uint8(entry)
			entry = t.litlen[buf&litlenMask]
			if int32(entry) < 0 {
				if uint(out) >= uint(len(dst)) {
					e = ErrTooLong
					break
				}
				dst[out] = byte(entry >> 16)
				out++
				buf >>= entry & 63
				bits -= uint8(entry)
				entry = t.litlen[buf&litlenMask]
				if int32(entry) < 0 {
					if uint(out) >= uint(len(dst)) {
						e = ErrTooLong
						break
					}
					dst[out] = byte(entry >> 16)
					out++
					buf >>= entry & 63
					bits -= uint8(entry)
					entry = t.litlen[buf&litlenMask]
					if int32(entry) < 0 {
						if uint(out) >= uint(len(dst)) {
							e = ErrTooLong
							break
						}
						dst[out] = byte(entry >> 16)
						out++
						buf >>= entry & 63
						bits -= uint8(entry)
						continue
					}
				}
			}
		}
		if entry&odd != 0 {
			if entry&link != 0 {
				buf >>= entry & 63
				bits -= uint8(entry)
				entry = t.litlen[entry>>16+uint32(buf)&(1<<(entry>>8&15)-1)]
				if int32(entry) < 0 {
					if uint(out) >= uint(len(dst)) {
						e = ErrTooLong
						break
					}
					dst[out] = byte(entry >> 16)
					out++
					buf >>= entry & 63
					bits -= uint8(entry)
					continue
				}
			}
			if entry&odd != 0 {
				buf >>= entry & 63
				bits -= uint8(entry)
				ended = entry&end != 0
				if !ended {
					e = ErrSymbol
				}
				break
			}
		}
		length := int(entry>>16) + int(buf&(1<<(entry&63)-1)>>(entry>>8&63))
		buf >>= entry & 63
		bits -= uint8(entry)

		buf |= load(src, in) << (bits & 63)
		in += int(bits&63^63) >> 3
		bits |= 56
		entry = t.dist[buf&distMask]
		if entry&odd != 0 {
			if entry&link != 0 {
				buf >>= entry & 63
				bits -= uint8(entry)
				entry = t.dist[entry>>16+uint32(buf)&(1<<(entry>>8&15)-1)]
			}
			if entry&odd != 0 {
				e = ErrSymbol
				break
			}
		}
		dist := int(entry>>16) + int(buf&(1<<(entry&63)-1)>>(entry>>8&63))
		buf >>= entry & 63
		bits -= uint8(entry)
		if dist > out {
			e = ErrDistance
			break
		}
		if dist < 8 || len(dst)-out < length+16 {
			n := repeat(dst, out, dist, length)
			out += n
			if n < length {
				e = ErrTooLong
				break
			}
			continue
		}
		from := out - dist
		store(dst, out, load(dst, from))
		store(dst, out+8, load(dst, from+8))
		for i := 16; i < length; i += 8 {
			store(dst, out+i, load(dst, from+i))
		}
		out += length
	}
	s.in, s.out, s.buf, s.bits = in, out, buf, int(bits)
	return ended, e
}

// repeat copies a match as far as it fits and returns how many bytes did. What is copied from can overlap what is written: it repeats
// then, and each turn copies twice as much as the one before.
func repeat(dst []byte, out, dist, length int) int {
	length = min(length, len(dst)-out)
	from, to := dst[out-dist:], dst[out:out+length]
	for done := copy(to, from[:dist]); done < length; done *= 2 {
		copy(to[done:], to[:done])
	}
	return length
}

func load(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at : at+8 : at+8]) }

func store(b []byte, at int, v uint64) { binary.LittleEndian.PutUint64(b[at:at+8:at+8], v) }
