package odb

import (
	"math/bits"
	"slices"
)

// start is where the object at a position of an index begins in the pack.
type start struct {
	offset   uint64
	position uint32
}

// byOffset returns the positions of an index, ordered by where the objects begin in the pack, and where that is.
func (x *index) byOffset() (positions []uint32, offsets []uint64) {
	starts, spare := make([]start, x.n), make([]start, x.n)
	highest := uint64(0)
	for pos := range starts {
		starts[pos] = start{x.offset(pos), uint32(pos)}
		highest = max(highest, starts[pos].offset)
	}
	const digit = 10 // bits that are sorted by at a time: so many cache lines can be written to in turns
	for shift := 0; shift < bits.Len64(highest); shift += digit {
		var next [1<<digit + 1]uint32
		for i := range starts {
			next[starts[i].offset>>shift&(1<<digit-1)+1]++
		}
		for d := range 1 << digit {
			next[d+1] += next[d]
		}
		for _, s := range starts {
			d := s.offset >> shift & (1<<digit - 1)
			spare[next[d]] = s
			next[d]++
		}
		starts, spare = spare, starts
	}
	positions, offsets = make([]uint32, x.n), make([]uint64, x.n)
	for i, s := range starts {
		positions[i], offsets[i] = s.position, s.offset
	}
	return positions, offsets
}

// offsetTable finds an offset among sorted ones. They are cut into equal stretches, about as many as there are offsets, so that
// few are in each.
type offsetTable struct {
	offsets []uint64
	shift   int
	first   []uint32 // the number of the first offset that is in a stretch or after it
}

func newOffsetTable(offsets []uint64) *offsetTable {
	t := &offsetTable{offsets: offsets}
	n := len(offsets)
	last := offsets[n-1]
	t.shift = bits.Len64(last / uint64(n))
	t.first = make([]uint32, last>>t.shift+2)
	stretch := uint64(0)
	for i, offset := range offsets {
		for ; stretch <= offset>>t.shift; stretch++ {
			t.first[stretch] = uint32(i)
		}
	}
	t.first[stretch] = uint32(n)
	return t
}

func (t *offsetTable) find(offset uint64) (int, bool) {
	stretch := offset >> t.shift
	if stretch >= uint64(len(t.first)-1) {
		return 0, false
	}
	from := int(t.first[stretch])
	i, ok := slices.BinarySearch(t.offsets[from:t.first[stretch+1]], offset)
	return from + i, ok
}
