package unpack

// The sizes that LZMA's model has (the LZMA specification of the SDK, section "LZMA decoder").
const (
	lzmaStates      = 12
	lzmaPosStates   = 16
	lzmaLenStates   = 4
	lzmaEndPos      = 14
	lzmaDistances   = 128
	lzmaAlignBits   = 4
	lzmaLiterals    = 0x300
	lzmaMinMatch    = 2
	lzmaProbInit    = 1 << 10
	lzmaBitModel    = 11
	lzmaMove        = 5
	lzmaTop         = 1 << 24
	lzmaHighestLcLp = 4 // of LZMA2; LZMA has up to 8 + 4
)

// lzmaProps are the three numbers that a byte holds: how many bits of the byte before a literal, and of its position, choose its model,
// and how many bits of the position choose all others.
type lzmaProps struct{ lc, lp, pb uint }

func lzmaPropsOf(b byte) (lzmaProps, bool) {
	if b >= 9*5*5 {
		return lzmaProps{}, false
	}
	return lzmaProps{uint(b % 9), uint(b / 9 % 5), uint(b / 45)}, true
}

// lzmaModel is what LZMA learned so far.
type lzmaModel struct {
	props   lzmaProps
	state   uint32
	reps    [4]uint32
	literal []uint16
	match   [lzmaStates << 4]uint16
	rep     [lzmaStates]uint16
	rep0    [lzmaStates]uint16
	rep1    [lzmaStates]uint16
	rep2    [lzmaStates]uint16
	long    [lzmaStates << 4]uint16
	slot    [lzmaLenStates][64]uint16
	spec    [1 + lzmaDistances - lzmaEndPos]uint16
	align   [1 << lzmaAlignBits]uint16
	lens    lzmaLengths
	repLens lzmaLengths
}

// lzmaLengths is the model of lengths.
type lzmaLengths struct {
	choice, choice2 uint16
	low, mid        [lzmaPosStates][8]uint16
	high            [256]uint16
}

func fresh(p []uint16) {
	for i := range p {
		p[i] = lzmaProbInit
	}
}

// reset forgets everything.
func (m *lzmaModel) reset(props lzmaProps) {
	n := lzmaLiterals << (props.lc + props.lp)
	if cap(m.literal) < n {
		m.literal = make([]uint16, n)
	}
	m.props, m.literal = props, m.literal[:n]
	m.state, m.reps = 0, [4]uint32{}
	for _, p := range [][]uint16{m.literal, m.match[:], m.rep[:], m.rep0[:], m.rep1[:], m.rep2[:], m.long[:], m.spec[:], m.align[:]} {
		fresh(p)
	}
	for i := range m.slot {
		fresh(m.slot[i][:])
	}
	m.lens.reset()
	m.repLens.reset()
}

func (l *lzmaLengths) reset() {
	l.choice, l.choice2 = lzmaProbInit, lzmaProbInit
	for i := range l.low {
		fresh(l.low[i][:])
		fresh(l.mid[i][:])
	}
	fresh(l.high[:])
}

// lzmaDecoder decodes LZMA into a window.
type lzmaDecoder struct {
	lzmaModel
	rc   rangeDecoder
	win  lzmaWindow
	left uint32 // of a match that did not fit
}

// decode decodes n bytes, for which there is room in the window, or less if the end mark comes.
func (d *lzmaDecoder) decode(n int) (ended bool, err error) {
	w := &d.win
	end := w.at + n
	for w.at < end {
		if d.left > 0 {
			d.left -= w.copy(d.reps[0], min(d.left, uint32(end-w.at)))
			continue
		}
		posState := uint32(w.total) & (1<<d.props.pb - 1)
		if d.rc.bit(&d.match[d.state<<4+posState]) == 0 {
			d.oneLiteral()
		} else if ended, err = d.oneMatch(posState); ended || err != nil {
			return ended, err
		}
		if d.rc.err != nil {
			return false, d.rc.err
		}
	}
	return false, nil
}

// oneLiteral decodes a byte that is no match.
func (d *lzmaDecoder) oneLiteral() {
	w := &d.win
	at := (uint32(w.total)&(1<<d.props.lp-1))<<d.props.lc + uint32(w.back(0))>>(8-d.props.lc)
	probs := d.literal[lzmaLiterals*at:][:lzmaLiterals]
	symbol := uint32(1)
	if d.state >= 7 {
		matched := uint32(w.back(d.reps[0]))
		for symbol < 0x100 {
			want := matched >> 7 & 1
			matched <<= 1
			bit := d.rc.bit(&probs[(1+want)<<8+symbol])
			symbol = symbol<<1 | bit
			if bit != want {
				break
			}
		}
	}
	for symbol < 0x100 {
		symbol = symbol<<1 | d.rc.bit(&probs[symbol])
	}
	w.put(byte(symbol))
	switch {
	case d.state < 4:
		d.state = 0
	case d.state < 10:
		d.state -= 3
	default:
		d.state -= 6
	}
}

// oneMatch decodes a match and leaves its length in d.left.
func (d *lzmaDecoder) oneMatch(posState uint32) (ended bool, err error) {
	var length uint32
	if d.rc.bit(&d.rep[d.state]) == 0 {
		d.reps[3], d.reps[2], d.reps[1] = d.reps[2], d.reps[1], d.reps[0]
		length = d.lens.decode(&d.rc, posState)
		d.state = after(d.state, 7, 10)
		if d.reps[0] = d.distance(length); d.reps[0] == 0xffffffff {
			return true, d.rc.err
		}
	} else {
		if short := d.repeated(posState); short {
			d.state = after(d.state, 9, 11)
			length = 0
			if d.win.reaches(d.reps[0]) {
				d.win.put(d.win.back(d.reps[0]))
				return false, nil
			}
			return false, errDistance()
		}
		length = d.repLens.decode(&d.rc, posState)
		d.state = after(d.state, 8, 11)
	}
	if !d.win.reaches(d.reps[0]) {
		return false, errDistance()
	}
	d.left = length + lzmaMinMatch
	return false, nil
}

func errDistance() error { return damagedf("a match starts before the content") }

// after is the state that follows a match.
func after(state, low, high uint32) uint32 {
	if state < 7 {
		return low
	}
	return high
}

// repeated moves the distance that is used again to the front, and reports whether the match has only one byte.
func (d *lzmaDecoder) repeated(posState uint32) (short bool) {
	if d.rc.bit(&d.rep0[d.state]) == 0 {
		return d.rc.bit(&d.long[d.state<<4+posState]) == 0
	}
	r := &d.reps
	switch {
	case d.rc.bit(&d.rep1[d.state]) == 0:
		r[0], r[1] = r[1], r[0]
	case d.rc.bit(&d.rep2[d.state]) == 0:
		r[0], r[1], r[2] = r[2], r[0], r[1]
	default:
		r[0], r[1], r[2], r[3] = r[3], r[0], r[1], r[2]
	}
	return false
}

// decode decodes a length, less the smallest there is.
func (l *lzmaLengths) decode(rc *rangeDecoder, posState uint32) uint32 {
	if rc.bit(&l.choice) == 0 {
		return rc.tree(l.low[posState][:], 3)
	}
	if rc.bit(&l.choice2) == 0 {
		return 8 + rc.tree(l.mid[posState][:], 3)
	}
	return 16 + rc.tree(l.high[:], 8)
}

// distance decodes the distance of a match of a length.
func (d *lzmaDecoder) distance(length uint32) uint32 {
	slot := d.rc.tree(d.slot[min(length, lzmaLenStates-1)][:], 6)
	if slot < 4 {
		return slot
	}
	direct := slot>>1 - 1
	dist := (2 | slot&1) << direct
	if slot < lzmaEndPos {
		return dist + d.rc.reverse(d.spec[dist-slot:], direct)
	}
	dist += d.rc.direct(direct-lzmaAlignBits) << lzmaAlignBits
	return dist + d.rc.reverse(d.align[:], lzmaAlignBits)
}
