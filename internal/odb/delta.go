package odb

import "errors"

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
func patch(dst, base, instructions []byte, copies []Copy) ([]Copy, error) {
	in, to := instructions, 0
	last := Copy{}
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
			copy(dst[to:to+n], in[i:i+n])
			i, to = i+n, to+n
			continue
		}
		from, n, next := copyRange(in, i, op)
		if next > len(in) {
			return copies, errDeltaCut
		}
		i = next
		if uint64(from)+uint64(n) > uint64(len(base)) {
			return copies, errDeltaRange
		}
		if int(n) > len(dst)-to {
			return copies, errDeltaSize
		}
		copy(dst[to:to+int(n)], base[from:from+n])
		if last.Len != 0 && last.From+last.Len == from && last.To+last.Len == uint32(to) {
			last.Len += n
		} else {
			if last.Len != 0 {
				copies = append(copies, last)
			}
			last = Copy{From: from, To: uint32(to), Len: n}
		}
		to += int(n)
	}
	if last.Len != 0 {
		copies = append(copies, last)
	}
	if to != len(dst) {
		return copies, errDeltaSize
	}
	return copies, nil
}

// copyRange reads the operands of a copy instruction; next is past the end of the delta if they are cut off. Bytes that are
// left out are zero, and a size of zero means 65,536.
func copyRange(in []byte, i int, op byte) (from, n uint32, next int) {
	var operands [8]byte
	tail := in[i:]
	at := 0
	if len(tail) >= 7 {
		tail = tail[:7]
	} else {
		copy(operands[:], tail)
		tail = operands[:7]
	}
	for bit := range 4 {
		if op>>bit&1 != 0 {
			from |= uint32(tail[at&7]) << (8 * bit)
			at++
		}
	}
	for bit := range 3 {
		if op>>(4+bit)&1 != 0 {
			n |= uint32(tail[at&7]) << (8 * bit)
			at++
		}
	}
	if n == 0 {
		n = 1 << 16
	}
	return from, n, i + at
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
