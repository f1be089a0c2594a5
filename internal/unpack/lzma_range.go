package unpack

import (
	"errors"
	"io"
)

// rangeDecoder decodes bits that were packed by their probabilities.
type rangeDecoder struct {
	src   []byte    // what was read ahead
	more  io.Reader // what follows; nil: nothing
	room  []byte
	width uint32
	code  uint32
	err   error
}

// start reads the first bytes.
func (r *rangeDecoder) start() error {
	r.width, r.code, r.err = 0xffffffff, 0, nil
	if r.next() != 0 {
		return damagedf("LZMA does not start with a zero")
	}
	for range 4 {
		r.code = r.code<<8 | uint32(r.next())
	}
	return r.err
}

// next returns the next byte.
func (r *rangeDecoder) next() byte {
	if len(r.src) == 0 {
		r.refill()
		if r.err != nil {
			return 0
		}
	}
	b := r.src[0]
	r.src = r.src[1:]
	return b
}

func (r *rangeDecoder) refill() {
	if r.more == nil {
		r.err = io.ErrUnexpectedEOF
		return
	}
	if r.room == nil {
		r.room = make([]byte, 32<<10)
	}
	for tries := 0; len(r.src) == 0 && r.err == nil; tries++ {
		n, err := r.more.Read(r.room)
		r.src = r.room[:n]
		switch {
		case n > 0:
		case errors.Is(err, io.EOF):
			r.err = io.ErrUnexpectedEOF
		case err != nil:
			r.err = err
		case tries > 100:
			r.err = io.ErrNoProgress
		}
	}
}

// bit decodes a bit and learns from it.
func (r *rangeDecoder) bit(p *uint16) uint32 {
	prob := uint32(*p)
	bound := r.width >> lzmaBitModel * prob
	var bit uint32
	if r.code < bound {
		*p = uint16(prob + (1<<lzmaBitModel-prob)>>lzmaMove)
		r.width = bound
	} else {
		*p = uint16(prob - prob>>lzmaMove)
		r.width -= bound
		r.code -= bound
		bit = 1
	}
	if r.width < lzmaTop {
		r.width <<= 8
		r.code = r.code<<8 | uint32(r.next())
	}
	return bit
}

// tree decodes a number of n bits, the highest first.
func (r *rangeDecoder) tree(probs []uint16, n uint) uint32 {
	m := uint32(1)
	for range n {
		m = m<<1 | r.bit(&probs[m])
	}
	return m - 1<<n
}

// reverse decodes a number of n bits, the lowest first.
func (r *rangeDecoder) reverse(probs []uint16, n uint32) (number uint32) {
	m := uint32(1)
	for i := range n {
		bit := r.bit(&probs[m])
		m = m<<1 | bit
		number |= bit << i
	}
	return number
}

// direct decodes n bits that have no model.
func (r *rangeDecoder) direct(n uint32) (number uint32) {
	for range n {
		r.width >>= 1
		number <<= 1
		if r.code >= r.width {
			r.code -= r.width
			number |= 1
		}
		if r.width < lzmaTop {
			r.width <<= 8
			r.code = r.code<<8 | uint32(r.next())
		}
	}
	return number
}

// lzmaWindow is what was decoded last: as much as matches may reach back to, and what was not handed on.
type lzmaWindow struct {
	buf    []byte
	dict   int    // how far matches reach back
	limit  int64  // how large the window may grow
	from   int    // where what was not handed on starts
	at     int    // where the next byte goes
	total  uint64 // bytes since the window was emptied
	filled int    // bytes that matches may reach, from at backwards
}

// makeRoom makes room for n bytes more. The buffer grows as it fills, so that a header that asks for much gets nothing by that.
func (w *lzmaWindow) makeRoom(n int) error {
	if w.at+n <= len(w.buf) {
		return nil
	}
	full := w.dict + max(w.dict/4, 2*lzmaPiece)
	if want := min(max(2*len(w.buf), 4*lzmaPiece), full); want > len(w.buf) {
		if int64(want) > w.limit+2*lzmaPiece {
			return failf(NoMemory, "unpacking it takes more than %s of memory", size(w.limit))
		}
		larger := make([]byte, want)
		copy(larger, w.buf[:w.at])
		w.buf = larger
		if w.at+n <= len(w.buf) {
			return nil
		}
	}
	keep := min(w.filled, w.dict)
	copy(w.buf, w.buf[w.at-keep:w.at])
	w.at, w.from, w.filled = keep, keep, keep
	return nil
}

// empty forgets everything.
func (w *lzmaWindow) empty() { w.total, w.filled = 0, 0 }

func (w *lzmaWindow) put(b byte) {
	w.buf[w.at] = b
	w.at++
	w.total++
	w.filled++
}

// reaches reports whether a match may start a distance back; 0 is the last byte.
func (w *lzmaWindow) reaches(distance uint32) bool {
	return int64(distance) < int64(min(w.filled, w.dict))
}

// back returns the byte at a distance, or 0.
func (w *lzmaWindow) back(distance uint32) byte {
	if !w.reaches(distance) {
		return 0
	}
	return w.buf[w.at-1-int(distance)]
}

// copy repeats n bytes from a distance that is reached. It may repeat what it wrote.
func (w *lzmaWindow) copy(distance, n uint32) uint32 {
	from, d := w.at-1-int(distance), int(distance)+1
	for left := int(n); left > 0; {
		k := copy(w.buf[w.at:w.at+min(left, d)], w.buf[from:])
		w.at += k
		left -= k
		d += k // what was written follows what it is a copy of
	}
	w.total += uint64(n)
	w.filled += int(n)
	return n
}
