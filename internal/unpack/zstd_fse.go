package unpack

import (
	"encoding/binary"
	"math/bits"
)

// reverseBits reads a stream of bits from its end, where a one marks the last bit.
type reverseBits struct {
	data []byte
	left int // bits; below zero: more were taken than there were
}

func newReverseBits(data []byte) (reverseBits, bool) {
	if len(data) == 0 || data[len(data)-1] == 0 {
		return reverseBits{}, false
	}
	return reverseBits{data, 8*len(data) - bits.LeadingZeros8(data[len(data)-1]) - 1}, true
}

// peek returns the next n bits, 32 at the most; behind the end there are zeros.
func (r *reverseBits) peek(n int) uint32 {
	start := r.left - n
	if start < 0 {
		if r.left <= 0 {
			return 0
		}
		return uint32(r.load(0)&(1<<r.left-1)) << -start
	}
	return uint32(r.load(start) & (1<<n - 1))
}

// load returns 57 bits or more from a position on.
func (r *reverseBits) load(bit int) uint64 {
	at := bit >> 3
	if at+8 <= len(r.data) {
		return binary.LittleEndian.Uint64(r.data[at:]) >> (bit & 7)
	}
	var b [8]byte
	copy(b[:], r.data[at:])
	return binary.LittleEndian.Uint64(b[:]) >> (bit & 7)
}

func (r *reverseBits) take(n int) uint32 {
	v := r.peek(n)
	r.left -= n
	return v
}

// fseState is what a state of a finite-state entropy code stands for, and where it leads.
type fseState struct {
	symbol uint8
	bits   uint8
	base   uint16
}

// fseTable is a code.
type fseTable struct {
	log    int
	states []fseState
}

// readFSE reads the description of a code (RFC 8878, section 4.1.1), and returns how many bytes it takes.
func readFSE(data []byte, most, symbols int) (t fseTable, used int, err error) {
	pos := 0
	peek := func() uint32 {
		var b [8]byte
		if at := pos >> 3; at < len(data) {
			copy(b[:], data[at:])
		}
		return uint32(binary.LittleEndian.Uint64(b[:]) >> (pos & 7))
	}
	log := int(peek()&0xf) + 5
	pos = 4
	if log > most {
		return t, 0, errZstd()
	}
	var counts []int16
	remaining, threshold, width := 1<<log+1, 1<<log, log+1
	for remaining > 1 && len(counts) < symbols && pos <= 8*len(data) {
		v, short := int(peek()), 2*threshold-1-remaining
		count := v & (threshold - 1)
		if count < short {
			pos += width - 1
		} else {
			if count = v & (2*threshold - 1); count >= threshold {
				count -= short
			}
			pos += width
		}
		count--
		counts = append(counts, int16(count))
		remaining -= max(count, -count)
		for remaining < threshold && threshold > 1 {
			width--
			threshold >>= 1
		}
		if count != 0 {
			continue
		}
		for more := uint32(3); more == 3 && pos <= 8*len(data); { // how many more are zero
			more = peek() & 3
			pos += 2
			counts = append(counts, make([]int16, more)...)
		}
	}
	if used = (pos + 7) / 8; remaining != 1 || len(counts) > symbols || used > len(data) {
		return t, 0, errZstd()
	}
	return buildFSE(log, counts), used, nil
}

// buildFSE makes the table of a code from how often each symbol occurs; -1 stands for less than once.
func buildFSE(log int, counts []int16) fseTable {
	size := 1 << log
	t := fseTable{log, make([]fseState, size)}
	high := size - 1
	next := make([]uint32, len(counts))
	for s, n := range counts {
		next[s] = uint32(max(n, 1))
		if n == -1 {
			t.states[high].symbol = uint8(s)
			high--
		}
	}
	step, pos := size>>1+size>>3+3, 0
	for s, n := range counts {
		for range max(n, 0) {
			t.states[pos].symbol = uint8(s)
			for pos = (pos + step) & (size - 1); pos > high; {
				pos = (pos + step) & (size - 1)
			}
		}
	}
	for i := range t.states {
		st := &t.states[i]
		x := next[st.symbol]
		next[st.symbol]++
		st.bits = uint8(log - (bits.Len32(x) - 1))
		st.base = uint16(x<<st.bits - uint32(size))
	}
	return t
}

// zstdHuffman is the code of literals.
type zstdHuffman struct {
	bits  int // of the longest code; 0: there is none
	table [1 << zstdHuffmanMost]struct{ symbol, bits uint8 }
}

const zstdHuffmanMost = 11

// read reads the description of a code (RFC 8878, section 4.2.1), and returns how many bytes it takes.
func (h *zstdHuffman) read(data []byte) (used int, err error) {
	h.bits = 0
	if len(data) == 0 {
		return 0, errZstd()
	}
	var weights []uint8
	head := int(data[0])
	if head >= 128 {
		n := head - 127
		if used = 1 + (n+1)/2; used > len(data) {
			return 0, errZstd()
		}
		for i := range n {
			weights = append(weights, data[1+i/2]>>(4*(1-i%2))&0xf)
		}
	} else {
		if used = 1 + head; used > len(data) {
			return 0, errZstd()
		}
		if weights, err = fseWeights(data[1:used]); err != nil {
			return 0, err
		}
	}
	return used, h.build(weights)
}

// fseWeights unpacks weights: two states take turns until the bits are used up.
func fseWeights(data []byte) (weights []uint8, err error) {
	t, used, err := readFSE(data, 6, 256)
	if err != nil {
		return nil, err
	}
	r, ok := newReverseBits(data[used:])
	if !ok || r.left < 2*t.log {
		return nil, errZstd()
	}
	now, other := r.take(t.log), r.take(t.log)
	for len(weights) < 255 {
		st := t.states[now]
		weights = append(weights, st.symbol)
		if int(st.bits) > r.left {
			return append(weights, t.states[other].symbol), nil
		}
		now = uint32(st.base) + r.take(int(st.bits))
		now, other = other, now
	}
	return nil, errZstd()
}

// build makes the table. The weight of the last symbol follows from those of the others.
func (h *zstdHuffman) build(weights []uint8) error {
	sum := 0
	for _, w := range weights {
		if w > zstdHuffmanMost {
			return errZstd()
		}
		sum += 1 << w >> 1
	}
	if sum == 0 || len(weights) > 255 {
		return errZstd()
	}
	longest := bits.Len(uint(sum))
	left := 1<<longest - sum
	if longest > zstdHuffmanMost || left&(left-1) != 0 {
		return errZstd()
	}
	weights = append(weights, uint8(bits.Len(uint(left))))
	at := 0
	for w := 1; w <= longest; w++ {
		for s, weight := range weights {
			if int(weight) != w {
				continue
			}
			for range 1 << w >> 1 {
				h.table[at].symbol, h.table[at].bits = uint8(s), uint8(longest+1-w)
				at++
			}
		}
	}
	h.bits = longest
	return nil
}

// decode unpacks as many literals as there is room for: these, and no bit more, must be in the stream.
func (h *zstdHuffman) decode(out, data []byte) error {
	r, ok := newReverseBits(data)
	if !ok {
		return errZstd()
	}
	for i := range out {
		e := h.table[r.peek(h.bits)]
		out[i] = e.symbol
		if r.left -= int(e.bits); r.left < 0 {
			return errZstd()
		}
	}
	if r.left != 0 {
		return errZstd()
	}
	return nil
}
