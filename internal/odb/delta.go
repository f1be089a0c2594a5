package odb

import (
	"encoding/binary"
	"errors"
)

// Copy says that Len bytes of an object, from To on, are those of its base from From on.
type Copy = struct{ From, To, Len uint32 }

var (
	errDeltaCut   = errors.New("its delta is cut off")
	errDeltaBase  = errors.New("its delta was made for a base of another size")
	errDeltaRange = errors.New("its delta copies from outside of the base")
	errDeltaSize  = errors.New("its delta does not give the size it promises")
	errDeltaCode  = errors.New("its delta has an unknown instruction")
)

// deltaSizes reads what stands before the instructions of a delta: the sizes of the base and of the result.
func deltaSizes(delta []byte) (base, result uint64, instructions []byte, err error) {
	if base, delta, err = deltaNumber(delta); err != nil {
		return 0, 0, nil, err
	}
	result, delta, err = deltaNumber(delta)
	return base, result, delta, err
}

func deltaNumber(delta []byte) (n uint64, rest []byte, err error) {
	for i, b := range delta {
		if i > 8 {
			break
		}
		n |= uint64(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			return n, delta[i+1:], nil
		}
	}
	return 0, nil, errDeltaCut
}

// patch carries out the instructions of a delta: it fills dst exactly. It appends what was copied to copies, one after the
// other and adjacent ones joined.
//
// Most copies and insertions are short. As many bytes as most have are moved at once, whether or not all of them belong to it, which is
// faster than a call: what is too much is written over by what follows.
func patch(dst, base, in []byte, copies []Copy) ([]Copy, error) {
	const few, fewer = 64, 16 // bytes of a copy, and of an insertion
	first, to := len(copies), 0
	for i := 0; i < len(in); {
		op := in[i]
		i++
		if op&0x80 == 0 {
			n := int(op)
			if e := checkInsertion(n, len(in)-i, len(dst)-to); e != nil {
				return copies, e
			}
			if n <= fewer && to+fewer <= len(dst) && i+fewer <= len(in) {
				*(*[fewer]byte)(dst[to:]) = *(*[fewer]byte)(in[i:])
			} else {
				copy(dst[to:], in[i:i+n])
			}
			i, to = i+n, to+n
			continue
		}
		var operands uint64 // the first byte is the lowest
		if i+8 <= len(in) {
			operands = binary.LittleEndian.Uint64(in[i:])
		} else {
			operands = lastOperands(in[i:])
		}
		a, b := operandBits[op&15], operandBits[op>>4&7]
		i += int(a&bitsOnly+b&bitsOnly) >> 3
		if (a|b)&gaps != 0 {
			operands, a, b = spread(operands, op), 32, 24
		}
		offset, size := operands&(1<<(a&bitsOnly)-1), operands>>(a&bitsOnly)&(1<<(b&bitsOnly)-1)
		if size == 0 {
			size = 1 << 16
		}
		if i > len(in) || offset+size > uint64(len(base)) || size > uint64(len(dst)-to) {
			return copies, wrongCopy(i > len(in), offset+size > uint64(len(base)))
		}
		from, n := int(offset), int(size)
		if to+few <= len(dst) && from+few <= len(base) {
			move((*[few]byte)(dst[to:]), (*[few]byte)(base[from:]))
			if n > few {
				copy(dst[to+few:], base[from+few:from+n])
			}
		} else {
			copy(dst[to:], base[from:from+n])
		}
		if k := len(copies) - 1; k >= first && copies[k].From+copies[k].Len == uint32(from) && copies[k].To+copies[k].Len == uint32(to) {
			copies[k].Len += uint32(n)
		} else {
			copies = append(copies, Copy{uint32(from), uint32(to), uint32(n)})
		}
		to += n
	}
	if to != len(dst) {
		return copies, errDeltaSize
	}
	return copies, nil
}

// move copies in pieces that fit registers: the compiler would call a function for all at once.
func move(to, from *[64]byte) {
	*(*[16]byte)(to[:16]) = *(*[16]byte)(from[:16])
	*(*[16]byte)(to[16:32]) = *(*[16]byte)(from[16:32])
	*(*[16]byte)(to[32:48]) = *(*[16]byte)(from[32:48])
	*(*[16]byte)(to[48:]) = *(*[16]byte)(from[48:])
}

// checkInsertion says what is wrong with an insertion of n bytes, for which so many are there, and room for so many.
func checkInsertion(n, have, room int) error {
	switch {
	case n == 0:
		return errDeltaCode
	case n > have:
		return errDeltaCut
	case n > room:
		return errDeltaSize
	}
	return nil
}

// wrongCopy says what is wrong with a copy.
func wrongCopy(cut, outside bool) error {
	switch {
	case cut:
		return errDeltaCut
	case outside:
		return errDeltaRange
	}
	return errDeltaSize
}

const (
	bitsOnly = 0x3f
	gaps     = 0x80 // not just the highest bytes are left out
)

// operandBits says how many bits are there of a number, for each set of its four bytes that are not left out, and whether there are
// gaps.
var operandBits = [16]uint8{
	0, 8, gaps | 8, 16, gaps | 8, gaps | 16, gaps | 16, 24, gaps | 8, gaps | 16, gaps | 16, gaps | 24, gaps | 16, gaps | 24, gaps | 24, 32,
}

// spread puts the operands of a copy instruction where they would be if none were left out.
func spread(operands uint64, op byte) (all uint64) {
	for bit := range 7 {
		if op>>bit&1 != 0 {
			all |= operands & 0xff << (8 * bit)
			operands >>= 8
		}
	}
	return all
}

// copyRange reads the operands of a copy instruction; next is past the end of the delta if they are cut off. Bytes that are
// left out are zero, and a size of zero means 65,536.
func copyRange(in []byte, i int, op byte) (from, n uint32, next int) {
	operands := spread(lastOperands(in[i:]), op)
	from, n = uint32(operands), uint32(operands>>32)
	if n == 0 {
		n = 1 << 16
	}
	return from, n, i + int(operandBits[op&15]&bitsOnly+operandBits[op>>4&7]&bitsOnly)>>3
}

func lastOperands(in []byte) uint64 {
	var all [8]byte
	copy(all[:], in)
	return binary.LittleEndian.Uint64(all[:])
}

// checkDelta goes through the instructions without carrying them out. It is for results so large that memory for them should
// not be asked for on the word of a header.
func checkDelta(result uint64, instructions []byte) error {
	in := instructions
	total := uint64(0)
	for i := 0; i < len(in); {
		op := in[i]
		i++
		if op&0x80 == 0 {
			i, total = i+int(op), total+uint64(op)
			continue
		}
		_, n, next := copyRange(in, i, op)
		i, total = next, total+uint64(n)
	}
	if total != result {
		return errDeltaSize
	}
	return nil
}
