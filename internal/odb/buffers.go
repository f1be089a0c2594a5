package odb

import "math/bits"

// buffers keeps the memory of contents that are no longer needed for those to come. It is for one goroutine.
type buffers struct {
	free [classes][][]byte
	kept int // bytes
}

const (
	smallest = 1 << 8       // bytes; smaller contents get this much
	classes  = (31 - 8) * 4 // four sizes for each doubling: at most a fifth of a buffer is wasted
	keep     = 16 << 20     // bytes that are kept free for each worker
)

// class returns the number of the smallest size of buffers that holds n bytes, and that size.
func class(n int) (number, size int) {
	if n <= smallest {
		return 0, smallest
	}
	shift := bits.Len(uint(n-1)) - 3 // of n-1, the highest three bits count
	step := (n-1)>>shift + 1
	return (shift-6)*4 + step - 4, step << shift
}

// get returns n bytes of any content.
func (b *buffers) get(n int) []byte {
	number, size := class(n)
	if number >= classes {
		return make([]byte, n)
	}
	if last := len(b.free[number]) - 1; last >= 0 {
		data := b.free[number][last]
		b.free[number] = b.free[number][:last]
		b.kept -= cap(data)
		return data[:n]
	}
	return make([]byte, n, size)
}

// put takes memory back that get returned.
func (b *buffers) put(data []byte) {
	number, size := class(cap(data))
	if number >= classes || size != cap(data) || b.kept+size > keep {
		return
	}
	b.kept += size
	b.free[number] = append(b.free[number], data)
}
