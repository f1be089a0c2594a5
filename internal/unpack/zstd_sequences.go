package unpack

// zstdSequences are the codes of the three numbers in a sequence: how many literals, how long the copy, and from where.
type zstdSequences struct {
	literals, offsets, matches fseTable
}

func (s *zstdSequences) reset() { *s = zstdSequences{} }

// zstdCode is a code that stands for a number: its least value, and how many bits are added.
type zstdCode struct {
	base uint32
	bits uint8
}

// The tables of RFC 8878, sections 3.1.1.3.2.1.1 and 3.1.1.3.2.2: what codes stand for, and how often they occur if nothing is said.
func zstdLiteralCodes() [36]zstdCode {
	return [36]zstdCode{
		{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0}, {10, 0}, {11, 0}, {12, 0}, {13, 0}, {14, 0}, {15, 0},
		{16, 1}, {18, 1}, {20, 1}, {22, 1}, {24, 2}, {28, 2}, {32, 3}, {40, 3}, {48, 4}, {64, 6}, {128, 7}, {256, 8}, {512, 9}, {1024, 10},
		{2048, 11}, {4096, 12}, {8192, 13}, {16384, 14}, {32768, 15}, {65536, 16},
	}
}

func zstdMatchCodes() (c [53]zstdCode) {
	for i := range 32 {
		c[i] = zstdCode{uint32(i + 3), 0}
	}
	copy(c[32:], []zstdCode{
		{35, 1}, {37, 1}, {39, 1}, {41, 1}, {43, 2}, {47, 2}, {51, 3}, {59, 3}, {67, 4}, {83, 4}, {99, 5}, {131, 7}, {259, 8}, {515, 9},
		{1027, 10}, {2051, 11}, {4099, 12}, {8195, 13}, {16387, 14}, {32771, 15}, {65539, 16},
	})
	return c
}

func zstdUsualLiterals() fseTable {
	return buildFSE(6, []int16{4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1})
}

func zstdUsualMatches() fseTable {
	return buildFSE(6, []int16{
		1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		-1, -1, -1, -1, -1, -1, -1,
	})
}

func zstdUsualOffsets() fseTable {
	return buildFSE(5, []int16{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1})
}

// read reads one of the codes: the usual one, a single symbol, a description, or the one of the block before.
func (t *fseTable) read(mode byte, b []byte, most, symbols int, usual func() fseTable) ([]byte, error) {
	switch mode {
	case 0:
		*t = usual()
	case 1:
		if len(b) == 0 || int(b[0]) >= symbols {
			return nil, errZstd()
		}
		*t = fseTable{0, []fseState{{symbol: b[0]}}}
		return b[1:], nil
	case 2:
		read, used, err := readFSE(b, most, symbols)
		if err != nil {
			return nil, err
		}
		*t = read
		return b[used:], nil
	case 3:
		if t.states == nil {
			return nil, errZstd()
		}
	}
	return b, nil
}

// sequences reads the sequences of a block, and writes what they say.
func (z *zstdReader) sequences(b []byte) error {
	if len(b) == 0 {
		return errZstd()
	}
	n, used := int(b[0]), 1
	switch {
	case n == 255 && len(b) >= 3:
		n, used = int(b[1])+int(b[2])<<8+0x7f00, 3
	case n >= 128 && n < 255 && len(b) >= 2:
		n, used = (n-128)<<8+int(b[1]), 2
	case n >= 128:
		return errZstd()
	}
	b = b[used:]
	if n == 0 {
		if len(b) != 0 {
			return errZstd()
		}
		z.win.append(z.lits)
		return nil
	}
	if len(b) == 0 || b[0]&3 != 0 {
		return errZstd()
	}
	modes, b := b[0], b[1:]
	b, err := z.seqs.literals.read(modes>>6, b, 9, 36, zstdUsualLiterals)
	if err == nil {
		b, err = z.seqs.offsets.read(modes>>4&3, b, 8, 32, zstdUsualOffsets)
	}
	if err == nil {
		b, err = z.seqs.matches.read(modes>>2&3, b, 9, 53, zstdUsualMatches)
	}
	if err != nil {
		return err
	}
	return z.execute(n, b)
}

// execute goes through n sequences.
func (z *zstdReader) execute(n int, b []byte) error {
	r, ok := newReverseBits(b)
	if !ok {
		return errZstd()
	}
	literalCodes, matchCodes := zstdLiteralCodes(), zstdMatchCodes()
	lt, ot, mt := &z.seqs.literals, &z.seqs.offsets, &z.seqs.matches
	ls, os, ms := lt.states[r.take(lt.log)], ot.states[r.take(ot.log)], mt.states[r.take(mt.log)]
	out := 0
	for i := range n {
		offset := uint32(1)<<os.symbol + r.take(int(os.symbol))
		m, l := matchCodes[ms.symbol], literalCodes[ls.symbol]
		match := m.base + r.take(int(m.bits))
		literals := int(l.base + r.take(int(l.bits)))
		distance := z.distance(offset, literals)
		if out += literals + int(match); r.left < 0 || literals > len(z.lits) || out > zstdBlockMost || distance == 0 {
			return errZstd()
		}
		z.win.append(z.lits[:literals])
		z.lits = z.lits[literals:]
		if !z.win.reaches(distance - 1) {
			return errDistance()
		}
		z.win.copy(distance-1, match)
		if i == n-1 {
			break
		}
		ls = lt.states[uint32(ls.base)+r.take(int(ls.bits))]
		ms = mt.states[uint32(ms.base)+r.take(int(ms.bits))]
		os = ot.states[uint32(os.base)+r.take(int(os.bits))]
	}
	if r.left != 0 || out+len(z.lits) > zstdBlockMost {
		return errZstd()
	}
	z.win.append(z.lits)
	return nil
}

// distance tells from where a copy comes: small numbers stand for the last ones (RFC 8878, section 3.1.1.5). 0: from nowhere.
func (z *zstdReader) distance(value uint32, literals int) uint32 {
	r := &z.reps
	if value > 3 {
		r[0], r[1], r[2] = value-3, r[0], r[1]
		return r[0]
	}
	if literals == 0 {
		value++
	}
	switch value {
	case 2:
		r[0], r[1] = r[1], r[0]
	case 3:
		r[0], r[1], r[2] = r[2], r[0], r[1]
	case 4:
		r[0], r[1], r[2] = r[0]-1, r[0], r[1]
	}
	return r[0]
}
