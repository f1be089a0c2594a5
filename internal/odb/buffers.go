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
	near     = 4            // sizes that are looked at for one that is free: up to less than twice as large
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
	for larger := number; larger < min(number+near, classes); larger++ {
		if len(b.free[larger]) > 0 {
			return b.take(larger)[:n]
		}
	}
	return make([]byte, n, size)
}

// take takes the memory out that came last of those of a size.
func (b *buffers) take(number int) []byte {
	last := len(b.free[number]) - 1
	data := b.free[number][last]
	b.free[number][last] = nil
	b.free[number] = b.free[number][:last]
	b.kept -= cap(data)
	return data
}

// put takes memory back that get returned. Where there is too much of it, that of other sizes is given up: a version of a file
// is mostly about as large as the one before.
func (b *buffers) put(data []byte) {
	number, size := class(cap(data))
	if number >= classes || size != cap(data) || size > keep {
		return
	}
	for other := classes - 1; other >= 0 && b.kept+size > keep; other-- {
		for other != number && len(b.free[other]) > 0 && b.kept+size > keep {
			b.take(other)
		}
	}
	if b.kept+size > keep {
		return
	}
	b.kept += size
	b.free[number] = append(b.free[number], data)
}
