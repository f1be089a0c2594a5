package unpack

import "encoding/binary"

// sevenParser reads a header. After something that makes no sense every read gives nothing.
type sevenParser struct {
	b    []byte
	most int // members that there can be: each has a name
	bad  bool
}

func (p *sevenParser) take(n int) []byte {
	if n < 0 || n > len(p.b) {
		p.bad, p.b = true, nil
		return nil
	}
	part := p.b[:n]
	p.b = p.b[n:]
	return part
}

func (p *sevenParser) byte() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

// number reads a number: the bits that lead the first byte say how many bytes follow.
func (p *sevenParser) number() int64 {
	first := p.byte()
	var n uint64
	for i := range 8 {
		mask := byte(0x80) >> i
		if first&mask == 0 {
			n |= uint64(first&(mask-1)) << (8 * i)
			break
		}
		n |= uint64(p.byte()) << (8 * i)
	}
	if n > 1<<62 {
		p.bad, p.b = true, nil
		return 0
	}
	return int64(n)
}

// count reads how many of something follow. Each takes some part of a byte of what is there, so that a number that lies does not cost
// memory.
func (p *sevenParser) count() int {
	n := p.number()
	if n > 8*int64(len(p.b))+64 {
		p.bad, p.b = true, nil
		return 0
	}
	return int(n)
}

// bits reads n bits.
func (p *sevenParser) bits(n int) []bool {
	raw := p.take((n + 7) / 8)
	if p.bad {
		return nil
	}
	list := make([]bool, n)
	for i := range list {
		list[i] = raw[i/8]&(0x80>>(i%8)) != 0
	}
	return list
}

// sums reads checksums: which of n there are, and then these.
func (p *sevenParser) sums(n int) (have []bool, sums []uint32) {
	if p.byte() == 0 {
		have = p.bits(n)
	} else if n <= len(p.b)/4 {
		have = make([]bool, n)
		for i := range have {
			have[i] = true
		}
	} else {
		p.bad = true
	}
	sums = make([]uint32, len(have))
	for i := range have {
		if b := []byte(nil); have[i] {
			if b = p.take(4); b != nil {
				sums[i] = binary.LittleEndian.Uint32(b)
			}
		}
	}
	return have, sums
}
