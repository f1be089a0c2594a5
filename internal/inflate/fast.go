package inflate

import "encoding/binary"

// window is the bits at hand, as stream has them. Of its number of bits only the lowest 6 bits mean something, so that nothing
// but the lowest byte of an entry has to be cut out for counting.
type window struct {
	buf  uint64
	bits uint8
}

// fill takes in what stands next in the source; then there are 56 bits or more, and the source goes on missing bytes later.
func (w window) fill(next uint64) (filled window, missing int) {
	return window{w.buf | next<<(w.bits&63), w.bits | 56}, int(w.bits&63^63) >> 3
}

// drop takes the bits of an entry.
func (w window) drop(entry uint32) window {
	return window{w.buf >> (entry & 63), w.bits - uint8(entry)}
}

// value returns what an entry and the extra bits behind its code stand for.
func (w window) value(entry uint32) int {
	return int(entry>>16) + int(w.buf&(1<<(entry&63)-1)>>(entry>>8&63))
}

// fast decompresses as much of a block as it can without looking at the end of the source at every step: it goes on while there are
// 16 bytes for two fillings. The first is enough for three literals and the length of a match, 53 bits at most, the second for its
// distance. It stops before a symbol that is too much for it: a long code, or a literal for which there is no room. It
// reports whether the block's end was met.
//
// The lines for a literal stand there four times: as a loop they take up to a tenth more time.
func (s *stream) fast(t *tables) (ended bool, e Error) {
	src, in, dst, out := s.src, s.in, s.dst, s.out
	w := window{s.buf, uint8(s.bits)}
	for len(src)-in >= 16 {
		var n int
		w, n = w.fill(load(src, in))
		in += n
		entry := t.litlen[w.buf&litlenMask]
		if int32(entry) < 0 {
			if uint(out) >= uint(len(dst)) {
				break
			}
			dst[out] = byte(entry >> 16)
			w, out = w.drop(entry), out+1
			entry = t.litlen[w.buf&litlenMask]
			if int32(entry) < 0 {
				if uint(out) >= uint(len(dst)) {
					break
				}
				dst[out] = byte(entry >> 16)
				w, out = w.drop(entry), out+1
				entry = t.litlen[w.buf&litlenMask]
				if int32(entry) < 0 {
					if uint(out) >= uint(len(dst)) {
						break
					}
					dst[out] = byte(entry >> 16)
					w, out = w.drop(entry), out+1
					entry = t.litlen[w.buf&litlenMask]
					if int32(entry) < 0 {
						if uint(out) >= uint(len(dst)) {
							break
						}
						dst[out] = byte(entry >> 16)
						w, out = w.drop(entry), out+1
						continue
					}
				}
			}
		}
		if entry&odd != 0 {
			if ended = entry&end != 0; ended {
				w = w.drop(entry)
			}
			break
		}
		length := w.value(entry)
		w, n = w.drop(entry).fill(load(src, in))
		in += n
		entry = t.dist[w.buf&distMask]
		if entry&odd != 0 {
			w, entry = t.far(w, entry)
		}
		dist := w.value(entry)
		w = w.drop(entry)
		if entry&odd != 0 || dist > out {
			e = wrongDistance(entry)
			break
		}
		if dist < 8 || len(dst)-out < length+16 {
			n = repeat(dst, out, dist, length)
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
	s.in, s.out, s.buf, s.bits = in, out, w.buf, int(w.bits&63)
	return ended, e
}

// far follows the link to a distance with a long code.
func (t *tables) far(w window, entry uint32) (window, uint32) {
	if entry&link == 0 {
		return w, entry
	}
	w = w.drop(entry)
	return w, t.dist[entry>>16+uint32(w.buf)&(1<<(entry>>8&15)-1)]
}

func wrongDistance(entry uint32) Error {
	if entry&odd != 0 {
		return ErrSymbol
	}
	return ErrDistance
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
