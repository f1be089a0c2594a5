package odb

import "math/bits"

// byOffset returns the positions of an index, ordered by where the objects begin in the pack, and where that is.
func (x *index) byOffset() (positions []uint32, offsets []uint64) {
	at := make([]uint64, x.n)
	highest := uint64(0)
	for pos := range at {
		at[pos] = x.offset(pos)
		highest = max(highest, at[pos])
	}
	positions = make([]uint32, x.n)
	for i := range positions {
		positions[i] = uint32(i)
	}
	spare := make([]uint32, x.n)
	const digit = 11 // bits that are sorted by at a time: 2,048 counters stay in the first-level cache
	for shift := 0; shift < bits.Len64(highest); shift += digit {
		var starts [1<<digit + 1]uint32
		for _, offset := range at {
			starts[offset>>shift&(1<<digit-1)+1]++
		}
		for d := range 1 << digit {
			starts[d+1] += starts[d]
		}
		for _, pos := range positions {
			d := at[pos] >> shift & (1<<digit - 1)
			spare[starts[d]] = pos
			starts[d]++
		}
		positions, spare = spare, positions
	}
	offsets = make([]uint64, x.n)
	for i, pos := range positions {
		offsets[i] = at[pos]
	}
	return positions, offsets
}

// lookup returns which of the sorted offsets one is, looking first near a place that is not before it.
func lookup(offsets []uint64, offset uint64, near int) (int, bool) {
	lo, hi := 0, near
	for step := 8; near-step > 0; step *= 2 { // most bases are a few objects before their deltas
		if offsets[near-step] <= offset {
			lo = near - step
			break
		}
		hi = near - step
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if offsets[mid] < offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(offsets) && offsets[lo] == offset
}
