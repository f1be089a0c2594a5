package unpack

import (
	"encoding/binary"
	"math/bits"
)

// The primes of XXH64 (the xxHash specification, version 0.1.1).
const (
	xxh1 uint64 = 0x9e3779b185ebca87
	xxh2 uint64 = 0xc2b2ae3d27d4eb4f
	xxh3 uint64 = 0x165667b19e3779f9
	xxh4 uint64 = 0x85ebca77c2b2ae63
	xxh5 uint64 = 0x27d4eb2f165667c5
)

// xxh64 computes the checksum of zstd's frames.
type xxh64 struct {
	lanes [4]uint64
	rest  [32]byte
	have  int
	total uint64
}

func newXXH64() xxh64 {
	one, two := xxh1, xxh2
	return xxh64{lanes: [4]uint64{one + two, two, 0, -one}}
}

func xxhRound(lane, input uint64) uint64 {
	return bits.RotateLeft64(lane+input*xxh2, 31) * xxh1
}

func (x *xxh64) stripe(b []byte) {
	for i := range x.lanes {
		x.lanes[i] = xxhRound(x.lanes[i], binary.LittleEndian.Uint64(b[8*i:]))
	}
}

func (x *xxh64) write(b []byte) {
	x.total += uint64(len(b))
	if x.have > 0 {
		n := copy(x.rest[x.have:], b)
		x.have += n
		b = b[n:]
		if x.have < len(x.rest) {
			return
		}
		x.stripe(x.rest[:])
		x.have = 0
	}
	for len(b) >= len(x.rest) {
		x.stripe(b)
		b = b[len(x.rest):]
	}
	x.have = copy(x.rest[:], b)
}

func (x *xxh64) value() uint64 {
	h := x.lanes[2] + xxh5
	if x.total >= uint64(len(x.rest)) {
		l := x.lanes
		h = bits.RotateLeft64(l[0], 1) + bits.RotateLeft64(l[1], 7) + bits.RotateLeft64(l[2], 12) + bits.RotateLeft64(l[3], 18)
		for _, lane := range l {
			h = (h^xxhRound(0, lane))*xxh1 + xxh4
		}
	}
	h += x.total
	b := x.rest[:x.have]
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^xxhRound(0, binary.LittleEndian.Uint64(b)), 27)*xxh1 + xxh4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(b))*xxh1, 23)*xxh2 + xxh3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*xxh5, 11) * xxh1
	}
	h = (h ^ h>>33) * xxh2
	h = (h ^ h>>29) * xxh3
	return h ^ h>>32
}
