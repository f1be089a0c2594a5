package unpack

import "encoding/binary"

// deltaSize returns the size of what a difference makes of a base. It goes through the instructions without carrying them out: memory is
// not asked for on the word of a header.
func deltaSize(delta []byte, base int) (int64, error) {
	from, to, instructions, ok := deltaStart(delta)
	total := uint64(0)
	for ok && len(instructions) > 0 {
		var step deltaStep
		step, instructions, ok = nextStep(instructions)
		ok = ok && (step.insert != nil || step.from+step.size <= uint64(base))
		total += step.size
	}
	if !ok || from != uint64(base) || total != to {
		return 0, damagedf("a difference does not fit its base")
	}
	return int64(total), nil
}

// applyDelta carries out a difference that deltaSize found to be sound.
func applyDelta(to, delta, base []byte) []byte {
	_, _, instructions, ok := deltaStart(delta)
	for ok && len(instructions) > 0 {
		var step deltaStep
		if step, instructions, ok = nextStep(instructions); step.insert != nil {
			to = append(to, step.insert...)
		} else {
			to = append(to, base[step.from:step.from+step.size]...)
		}
	}
	return to
}

// deltaStart reads the sizes of base and result.
func deltaStart(delta []byte) (from, to uint64, rest []byte, ok bool) {
	from, n := binary.Uvarint(delta)
	if n <= 0 {
		return 0, 0, nil, false
	}
	to, m := binary.Uvarint(delta[n:])
	if m <= 0 {
		return 0, 0, nil, false
	}
	return from, to, delta[n+m:], true
}

// deltaStep is an instruction: bytes to insert, or a range of the base to copy.
type deltaStep struct {
	insert     []byte
	from, size uint64
}

// nextStep reads an instruction. One of the first byte zero has no meaning.
func nextStep(in []byte) (s deltaStep, rest []byte, ok bool) {
	op := in[0]
	if in = in[1:]; op&0x80 == 0 {
		if op == 0 || int(op) > len(in) {
			return s, nil, false
		}
		return deltaStep{insert: in[:op], size: uint64(op)}, in[op:], true
	}
	for bit := range 7 {
		if op>>bit&1 == 0 {
			continue
		}
		if len(in) == 0 {
			return s, nil, false
		}
		if bit < 4 {
			s.from |= uint64(in[0]) << (8 * bit)
		} else {
			s.size |= uint64(in[0]) << (8 * (bit - 4))
		}
		in = in[1:]
	}
	if s.size == 0 {
		s.size = 1 << 16
	}
	return s, in, true
}
