package inflate

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// writer writes deflate blocks as a test wants them, right or wrong.
type writer struct {
	data []byte
	n    int // bits
	// The codes of the block being written.
	litlen, dist []uint8
}

func newWriter() *writer { return &writer{data: []byte{0x78, 0x9c}, n: 16} }

func (w *writer) bits(v uint64, n int) {
	for i := range n {
		if w.n%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

// symbol writes a symbol's code among those of the given lengths.
func (w *writer) symbol(lengths []uint8, symbol int) {
	code := 0
	for length := uint8(1); length <= longest; length++ {
		for s, l := range lengths {
			if l == length {
				if s == symbol {
					w.bits(uint64(bits.Reverse16(uint16(code))>>(16-length)), int(length))
					return
				}
				code++
			}
		}
		code <<= 1
	}
	panic("symbol has no code")
}

// dynamic starts a block with the given codes, whose lengths it writes one by one or in runs.
func (w *writer) dynamic(final uint64, litlen, dist []uint8) {
	w.litlen, w.dist = litlen, dist
	short := []uint8{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5}
	w.header(final, len(litlen), len(dist), short)
	w.runs(short, append(slices.Clone(litlen), dist...))
}

func (w *writer) header(final uint64, lits, dists int, short []uint8) {
	w.bits(final|2<<1, 3)
	w.bits(uint64(lits-257), 5)
	w.bits(uint64(dists-1), 5)
	w.bits(19-4, 4)
	for _, symbol := range []byte(shortOrder) {
		w.bits(uint64(short[symbol]), 3)
	}
}

func (w *writer) runs(short, all []uint8) {
	for i := 0; i < len(all); {
		n := 1
		for i+n < len(all) && all[i+n] == all[i] {
			n++
		}
		switch {
		case all[i] == 0 && n >= 11:
			n = min(n, 138)
			w.symbol(short, 18)
			w.bits(uint64(n-11), 7)
		case all[i] == 0 && n >= 3:
			w.symbol(short, 17)
			w.bits(uint64(n-3), 3)
		case i > 0 && all[i] == all[i-1] && n >= 3:
			n = min(n, 6)
			w.symbol(short, 16)
			w.bits(uint64(n-3), 2)
		default:
			n = 1
			w.symbol(short, int(all[i]))
		}
		i += n
	}
}

func (w *writer) fixed(final uint64) {
	w.bits(final|1<<1, 3)
	w.litlen = make([]uint8, 288)
	fill(w.litlen, 8)
	fill(w.litlen[144:256], 9)
	fill(w.litlen[256:280], 7)
	w.dist = make([]uint8, 32)
	fill(w.dist, 5)
}

func (w *writer) literals(text string) {
	for _, b := range []byte(text) {
		w.symbol(w.litlen, int(b))
	}
}

// match writes a match with the given symbols, and the bits behind these.
func (w *writer) match(lengthSymbol int, lengthBits uint64, distSymbol int, distBits uint64) {
	w.symbol(w.litlen, lengthSymbol)
	w.bits(lengthBits, int(lengthEntries[lengthSymbol-endSymbol]&255))
	w.symbol(w.dist, distSymbol)
	w.bits(distBits, int(distEntries[distSymbol]&255))
}

// end ends a block. After the last one comes the checksum of contents.
func (w *writer) end() { w.symbol(w.litlen, endSymbol) }

func (w *writer) stream(contents []byte) []byte {
	return binary.BigEndian.AppendUint32(slices.Clone(w.data), adler32(contents))
}

// lengthsOf returns the lengths of n codes: those given, and 0.
func lengthsOf(n int, lengths map[int]uint8) []uint8 {
	list := make([]uint8, n)
	for symbol, length := range lengths {
		list[symbol] = length
	}
	return list
}

// Codes of 2 bits for a, b, the end and the shortest match, and a code of one bit for a distance of 1.
var (
	ab  = lengthsOf(258, map[int]uint8{'a': 2, 'b': 2, endSymbol: 2, 257: 2})
	one = lengthsOf(1, map[int]uint8{0: 1})
)

var writtenBlocks = []struct {
	name  string
	write func(w *writer)
	want  string
	err   Error
}{
	{"fixed", func(w *writer) { w.fixed(1); w.literals("ab"); w.match(258, 0, 1, 0); w.end() }, "ababab", 0},
	{"length 258 in two ways", func(w *writer) {
		w.fixed(1)
		w.literals("a")
		w.match(285, 0, 0, 0)
		w.match(284, 31, 0, 0)
		w.end()
	}, string(slices.Repeat([]byte("a"), 517)), 0},
	{"fixed symbol 286", func(w *writer) { w.fixed(1); w.symbol(w.litlen, 286) }, "", ErrSymbol},
	{"fixed symbol 287", func(w *writer) { w.fixed(1); w.symbol(w.litlen, 287) }, "", ErrSymbol},
	{"fixed distance 30", func(w *writer) { w.fixed(1); w.literals("a"); w.symbol(w.litlen, 257); w.symbol(w.dist, 30) }, "aaaa", ErrSymbol},
	{"distance before the start", func(w *writer) { w.fixed(1); w.literals("ab"); w.match(257, 0, 2, 0) }, "abxxx", ErrDistance},
	{"match at the start", func(w *writer) { w.fixed(1); w.match(257, 0, 0, 0) }, "xxx", ErrDistance},
	{"empty blocks", func(w *writer) {
		w.fixed(0)
		w.end()
		w.fixed(0)
		w.end()
		w.fixed(1)
		w.end()
	}, "", 0},
	{"reserved block", func(w *writer) { w.bits(7, 3) }, "", ErrBlock},
	{"one distance", func(w *writer) { w.dynamic(1, ab, one); w.literals("ab"); w.match(257, 0, 0, 0); w.end() }, "abbbb", 0},
	{"the other bit of one distance", func(w *writer) {
		w.dynamic(1, ab, one)
		w.literals("ab")
		w.symbol(w.litlen, 257)
		w.bits(1, 1)
	}, "abbbb", ErrSymbol},
	{"one distance of two bits", func(w *writer) { w.dynamic(1, ab, []uint8{2}); w.literals("a"); w.end() }, "a", ErrCode},
	{"no distances", func(w *writer) { w.dynamic(1, ab, []uint8{0}); w.literals("ab"); w.end() }, "ab", 0},
	{"match without distances", func(w *writer) { w.dynamic(1, ab, []uint8{0}); w.literals("ab"); w.symbol(ab, 257) }, "abbbb", ErrSymbol},
	{"only an end", func(w *writer) { w.dynamic(1, lengthsOf(257, map[int]uint8{endSymbol: 1}), []uint8{0}); w.end() }, "", 0},
	{"the other bit of only an end", func(w *writer) {
		w.dynamic(1, lengthsOf(257, map[int]uint8{endSymbol: 1}), []uint8{0})
		w.bits(1, 1)
	}, "", ErrSymbol},
	{"no codes", func(w *writer) { w.dynamic(1, make([]uint8, 257), []uint8{0}) }, "", ErrSymbol},
	{"incomplete code", func(w *writer) { w.dynamic(1, lengthsOf(257, map[int]uint8{'a': 2, endSymbol: 1}), one) }, "", ErrCode},
	{"over-subscribed code", func(w *writer) { w.dynamic(1, lengthsOf(257, map[int]uint8{'a': 1, 'b': 1, endSymbol: 1}), one) }, "", ErrCode},
	{"over-subscribed distances", func(w *writer) { w.dynamic(1, ab, []uint8{1, 1, 1}) }, "", ErrCode},
	{"incomplete distances", func(w *writer) { w.dynamic(1, ab, []uint8{1, 2}) }, "", ErrCode},
	{"287 symbols", func(w *writer) { w.dynamic(1, lengthsOf(287, map[int]uint8{'a': 1, endSymbol: 1}), one) }, "", ErrLengths},
	{"31 distances", func(w *writer) { w.dynamic(1, ab, make([]uint8, 31)) }, "", ErrLengths},
	{"repeats nothing", func(w *writer) {
		short := lengthsOf(19, map[int]uint8{16: 1, 18: 1})
		w.header(1, 257, 1, short)
		w.symbol(short, 16)
		w.bits(0, 2)
	}, "", ErrLengths},
	{"repeats a zero", func(w *writer) {
		short := lengthsOf(19, map[int]uint8{16: 2, 18: 2, 1: 2, 0: 2})
		w.header(1, 257, 1, short)
		w.symbol(short, 0)
		w.symbol(short, 16)
		w.bits(3, 2)
		w.symbol(short, 18)
		w.bits(127, 7)
		w.symbol(short, 18)
		w.bits(111-11, 7)
		w.symbol(short, 1)
		w.symbol(short, 0)
		w.bits(0, 1)
	}, "", 0},
	{"run over the end", func(w *writer) {
		short := lengthsOf(19, map[int]uint8{1: 1, 18: 1})
		w.header(1, 257, 1, short)
		w.symbol(short, 1)
		w.symbol(short, 18)
		w.bits(127, 7)
		w.symbol(short, 18)
		w.bits(127, 7)
	}, "", ErrLengths},
	{"over-subscribed short code", func(w *writer) { w.header(1, 257, 1, lengthsOf(19, map[int]uint8{1: 1, 2: 1, 18: 1})) }, "", ErrCode},
	{"incomplete short code", func(w *writer) { w.header(1, 257, 1, lengthsOf(19, map[int]uint8{1: 1, 2: 2})) }, "", ErrCode},
	{"no short codes", func(w *writer) { w.header(1, 257, 1, make([]uint8, 19)) }, "", ErrLengths},
	{"the other bit of a single short code", func(w *writer) {
		w.header(1, 257, 1, lengthsOf(19, map[int]uint8{1: 1}))
		w.bits(1, 1)
	}, "", ErrLengths},
	{"stored, wrong complement", func(w *writer) { w.bits(1, 8); w.bits(1, 16); w.bits(1, 16) }, "x", ErrStored},
}

func TestWrittenBlocks(t *testing.T) {
	var d Decoder
	for _, c := range writtenBlocks {
		t.Run(c.name, func(t *testing.T) {
			w := newWriter()
			c.write(w)
			got := agree(t, &d, append(w.stream([]byte(c.want)), make([]byte, 40)...), len(c.want))
			if c.err == 0 && got != nil || c.err != 0 && got != error(c.err) {
				t.Errorf("error %v, want %v", got, c.err)
			}
			// The same at the end of the source, where another loop is at work.
			if got := agree(t, &d, w.stream([]byte(c.want)), len(c.want)); (got != nil) != (c.err != 0) {
				t.Errorf("at the end: error %v, want %v", got, c.err)
			}
		})
	}
}

// TestRandomCodes writes blocks with codes as no compressor makes them: deep, crooked, and with every symbol.
func TestRandomCodes(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	var d Decoder
	for range 300 {
		w := newWriter()
		var contents []byte
		for blocks := 1 + r.IntN(3); blocks > 0; blocks-- {
			var count [longest + 1]uint16
			litlen, dist := make([]uint8, mostLits), make([]uint8, mostDists)
			for litlen[endSymbol] == 0 {
				clear(litlen)
				randomCode(r, litlen, &count)
			}
			randomCode(r, dist, &count)
			final := uint64(0)
			if blocks == 1 {
				final = 1
			}
			w.dynamic(final, litlen, dist)
			contents = w.random(r, contents, 1+r.IntN(400))
			w.end()
		}
		src := w.stream(contents)
		if err := agree(t, &d, append(src, make([]byte, r.IntN(30))...), len(contents)); err != nil {
			t.Fatal(err)
		}
		if len(contents) > 0 {
			if err := agree(t, &d, src, len(contents)-1); err != ErrTooLong {
				t.Fatal(err)
			}
		}
		if err := agree(t, &d, src[:r.IntN(len(src))], len(contents)); err == nil {
			t.Fatal("truncated stream was taken")
		}
	}
}

// random writes symbols of the block's codes and returns contents with what they stand for.
func (w *writer) random(r *rand.Rand, contents []byte, symbols int) []byte {
	for range symbols {
		symbol := r.IntN(len(w.litlen))
		distSymbol := r.IntN(len(w.dist))
		dist := int(distEntries[distSymbol] >> 16)
		switch {
		case w.litlen[symbol] == 0 || symbol == endSymbol:
		case symbol < endSymbol:
			w.symbol(w.litlen, symbol)
			contents = append(contents, byte(symbol))
		case w.dist[distSymbol] != 0 && dist <= len(contents):
			lengthBits := r.Uint64() & (1<<(lengthEntries[symbol-endSymbol]&255) - 1)
			distBits := r.Uint64() & (1<<(distEntries[distSymbol]&255) - 1)
			if dist+int(distBits) > len(contents) {
				distBits = 0
			}
			w.match(symbol, lengthBits, distSymbol, distBits)
			for range int(lengthEntries[symbol-endSymbol]>>16) + int(lengthBits) {
				contents = append(contents, contents[len(contents)-dist-int(distBits)])
			}
		}
	}
	return contents
}
