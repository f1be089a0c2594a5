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
func patch(dst, base, in []byte, copies []Copy) ([]Copy, error) {
	to, last := 0, Copy{}
	for i := 0; i < len(in); {
		op := in[i]
		i++
		if op&0x80 == 0 {
			n := int(op)
			if n == 0 {
				return copies, errDeltaCode
			}
			if n > len(in)-i {
				return copies, errDeltaCut
			}
			if n > len(dst)-to {
				return copies, errDeltaSize
			}
			insert(dst[to:], in[i:], n)
			i, to = i+n, to+n
			continue
		}
		from, n, next := copyRange(in, i, op)
		switch {
		case next > len(in):
			return copies, errDeltaCut
		case uint64(from)+uint64(n) > uint64(len(base)):
			return copies, errDeltaRange
		case int(n) > len(dst)-to:
			return copies, errDeltaSize
		}
		copy(dst[to:to+int(n)], base[from:from+n])
		if last.From+last.Len == from && last.To+last.Len == uint32(to) && last.Len != 0 {
			last.Len += n
		} else {
			if last.Len != 0 {
				copies = append(copies, last)
			}
			last = Copy{From: from, To: uint32(to), Len: n}
		}
		i, to = next, to+int(n)
	}
	if last.Len != 0 {
		copies = append(copies, last)
	}
	if to != len(dst) {
		return copies, errDeltaSize
	}
	return copies, nil
}

// insert copies n bytes, of which both have enough. Most are few: 16 at once are faster than a call.
func insert(dst, src []byte, n int) {
	const few = 16
	if n <= few && len(dst) >= few && len(src) >= few {
		*(*[few]byte)(dst) = *(*[few]byte)(src)
		return
	}
	copy(dst[:n], src)
}

// copyRange reads the operands of a copy instruction; next is past the end of the delta if they are cut off. Bytes that are
// left out are zero, and a size of zero means 65,536.
func copyRange(in []byte, i int, op byte) (from, n uint32, next int) {
	var operands uint64 // the bytes after the instruction, the first one lowest
	if len(in)-i >= 8 {
		operands = binary.LittleEndian.Uint64(in[i:])
	} else {
		operands = lastOperands(in[i:])
	}
	if op&0x01 != 0 {
		from, operands, i = uint32(operands&0xff), operands>>8, i+1
	}
	if op&0x02 != 0 {
		from, operands, i = from|uint32(operands&0xff)<<8, operands>>8, i+1
	}
	if op&0x0c != 0 { // only in files of more than 64 KiB
		if op&0x04 != 0 {
			from, operands, i = from|uint32(operands&0xff)<<16, operands>>8, i+1
		}
		if op&0x08 != 0 {
			from, operands, i = from|uint32(operands&0xff)<<24, operands>>8, i+1
		}
	}
	if op&0x10 != 0 {
		n, operands, i = uint32(operands&0xff), operands>>8, i+1
	}
	if op&0x20 != 0 {
		n, operands, i = n|uint32(operands&0xff)<<8, operands>>8, i+1
	}
	if op&0x40 != 0 {
		n, i = n|uint32(operands&0xff)<<16, i+1
	}
	if n == 0 {
		n = 1 << 16
	}
	return from, n, i
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
