package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// zstd (RFC 8878). A frame is a header and blocks; what a block unpacks to goes into a window, out of which later blocks copy.
const (
	zstdMagic     = 0xfd2fb528
	zstdSkippable = 0x184d2a50 // and the next 15
	zstdBlockMost = 128 << 10  // what a block unpacks to
)

// zstdReader reads frames one after the other.
type zstdReader struct {
	r      *bufio.Reader
	memory int64
	win    lzmaWindow
	inside bool // a frame has begun
	last   bool // its last block was read
	sized  bool // its header tells how much is in it
	left   uint64
	summed bool // a checksum is behind it
	sum    xxh64
	block  [zstdBlockMost]byte
	lits   []byte
	room   [zstdBlockMost]byte // for literals
	huff   zstdHuffman
	seqs   zstdSequences
	reps   [3]uint32
	err    error
}

func newZstd(r io.Reader, memory int64) io.Reader {
	return &zstdReader{r: bufio.NewReaderSize(r, 32<<10), memory: memory}
}

// Read decodes.
func (z *zstdReader) Read(p []byte) (int, error) {
	for z.win.from == z.win.at {
		if z.err != nil {
			return 0, z.err
		}
		z.err = z.more()
	}
	n := copy(p, z.win.buf[z.win.from:z.win.at])
	z.win.from += n
	return n, nil
}

// more reads a block, or what is around blocks.
func (z *zstdReader) more() error {
	switch {
	case !z.inside:
		return z.frame()
	case z.last:
		return z.endFrame()
	}
	return z.nextBlock()
}

// frame reads the header of a frame, or skips one that is not for us.
func (z *zstdReader) frame() error {
	if _, err := z.r.Peek(1); errors.Is(err, io.EOF) {
		return io.EOF
	}
	var b [8]byte
	if _, err := io.ReadFull(z.r, b[:4]); err != nil {
		return notEnd(err)
	}
	switch magic := binary.LittleEndian.Uint32(b[:]); {
	case magic&^0xf == zstdSkippable:
		if _, err := io.ReadFull(z.r, b[:4]); err != nil {
			return notEnd(err)
		}
		n := int64(binary.LittleEndian.Uint32(b[:]))
		_, err := io.CopyN(io.Discard, z.r, n)
		return notEndOrNil(err)
	case magic != zstdMagic:
		return damagedf("no frame of zstd starts where one should")
	}
	descriptor, err := z.r.ReadByte()
	if err != nil {
		return notEnd(err)
	}
	if descriptor&8 != 0 {
		return damagedf("the header of a zstd frame makes no sense")
	}
	return z.header(descriptor)
}

// header reads what the descriptor of a frame announces.
func (z *zstdReader) header(descriptor byte) error {
	single := descriptor&0x20 != 0
	window := uint64(0)
	if !single {
		b, err := z.r.ReadByte()
		if err != nil {
			return notEnd(err)
		}
		window = 1 << (10 + b>>3)
		window += window / 8 * uint64(b&7)
	}
	dictionary, err := z.number([4]int{0, 1, 2, 4}[descriptor&3])
	if err != nil {
		return err
	}
	if dictionary != 0 {
		return failf(Unsupported, "compressed with a dictionary that is not in it")
	}
	length := [4]int{0, 2, 4, 8}[descriptor>>6]
	if length == 0 && single {
		length = 1
	}
	size, err := z.number(length)
	if err != nil {
		return err
	}
	if length == 2 {
		size += 256
	}
	if single {
		window = size
	}
	z.inside, z.last, z.sized, z.left, z.summed = true, false, length > 0, size, descriptor&4 != 0
	old := z.win.buf
	z.win = newWindow(int64(min(window, math.MaxInt64)), z.memory)
	z.win.buf = old
	z.sum = newXXH64()
	z.reps = [3]uint32{1, 4, 8}
	z.huff.bits = 0
	z.seqs.reset()
	return nil
}

// number reads a number of some bytes.
func (z *zstdReader) number(bytes int) (uint64, error) {
	var b [8]byte
	if _, err := io.ReadFull(z.r, b[:bytes]); err != nil {
		return 0, notEnd(err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// nextBlock reads a block.
func (z *zstdReader) nextBlock() error {
	header, err := z.number(3)
	if err != nil {
		return err
	}
	n := int(header >> 3)
	z.last = header&1 != 0
	if n > zstdBlockMost {
		return damagedf("a block of zstd is too large")
	}
	if err := z.win.makeRoom(zstdBlockMost); err != nil {
		return err
	}
	from := z.win.at
	switch header >> 1 & 3 {
	case 0:
		if _, err := io.ReadFull(z.r, z.block[:n]); err != nil {
			return notEnd(err)
		}
		z.win.append(z.block[:n])
	case 1:
		b, err := z.r.ReadByte()
		if err != nil {
			return notEnd(err)
		}
		for range n {
			z.win.put(b)
		}
	case 2:
		if _, err := io.ReadFull(z.r, z.block[:n]); err != nil {
			return notEnd(err)
		}
		if err := z.packed(z.block[:n]); err != nil {
			return err
		}
	default:
		return damagedf("a block of zstd is of no known kind")
	}
	got := z.win.buf[from:z.win.at]
	if z.sized {
		if uint64(len(got)) > z.left {
			return damagedf("it has more bytes than its header tells")
		}
		z.left -= uint64(len(got))
	}
	if z.summed {
		z.sum.write(got)
	}
	return nil
}

// endFrame compares what a frame held with what was said about it.
func (z *zstdReader) endFrame() error {
	z.inside = false
	if z.sized && z.left > 0 {
		return damagedf("it has fewer bytes than its header tells")
	}
	if z.summed {
		want, err := z.number(4)
		if err != nil {
			return err
		}
		if uint32(z.sum.value()) != uint32(want) {
			return errChecksum
		}
	}
	return nil
}

// packed unpacks a block: first its literals, then the sequences that say how literals and copies alternate.
func (z *zstdReader) packed(b []byte) error {
	rest, err := z.literals(b)
	if err != nil {
		return err
	}
	return z.sequences(rest)
}

// literals reads the literals of a block and returns what follows them.
func (z *zstdReader) literals(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, errZstd()
	}
	var padded [8]byte
	copy(padded[:], b)
	head := binary.LittleEndian.Uint64(padded[:])
	kind, format := head&3, head>>2&3
	if kind >= 2 {
		return z.packedLiterals(b, head, int(format), kind == 3)
	}
	bytes, n := 1, int(head>>3&0x1f)
	switch format {
	case 1:
		bytes, n = 2, int(head>>4&0xfff)
	case 3:
		bytes, n = 3, int(head>>4&0xfffff)
	}
	if n > zstdBlockMost || bytes > len(b) {
		return nil, errZstd()
	}
	b = b[bytes:]
	if kind == 0 {
		if n > len(b) {
			return nil, errZstd()
		}
		z.lits = b[:n]
		return b[n:], nil
	}
	if len(b) == 0 {
		return nil, errZstd()
	}
	z.lits = z.room[:n]
	for i := range z.lits {
		z.lits[i] = b[0]
	}
	return b[1:], nil
}

// packedLiterals unpacks literals, with a new code or that of the block before.
func (z *zstdReader) packedLiterals(b []byte, head uint64, format int, same bool) ([]byte, error) {
	bits := [4]uint{10, 10, 14, 18}[format]
	bytes := [4]int{3, 3, 4, 5}[format]
	n, packed := int(head>>4&(1<<bits-1)), int(head>>(4+bits)&(1<<bits-1))
	if n > zstdBlockMost || bytes+packed > len(b) {
		return nil, errZstd()
	}
	data, rest := b[bytes:bytes+packed], b[bytes+packed:]
	if !same {
		used, err := z.huff.read(data)
		if err != nil {
			return nil, err
		}
		data = data[used:]
	} else if z.huff.bits == 0 {
		return nil, errZstd()
	}
	z.lits = z.room[:n]
	if format == 0 {
		return rest, z.huff.decode(z.lits, data)
	}
	return rest, z.fourStreams(data)
}

// fourStreams unpacks literals that were split in four, so that a processor can do them side by side.
func (z *zstdReader) fourStreams(data []byte) error {
	const table = 6
	if len(data) < table {
		return errZstd()
	}
	part := (len(z.lits) + 3) / 4
	rest := data[table:]
	for i := range 4 {
		n, out := len(rest), z.lits[min(i*part, len(z.lits)):min((i+1)*part, len(z.lits))]
		if i < 3 {
			n = int(binary.LittleEndian.Uint16(data[2*i:]))
		}
		if n > len(rest) {
			return errZstd()
		}
		if err := z.huff.decode(out, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func errZstd() error { return damagedf("a block of zstd makes no sense") }

// append adds bytes for which there is room.
func (w *lzmaWindow) append(b []byte) {
	n := copy(w.buf[w.at:], b)
	w.at += n
	w.total += uint64(n)
	w.filled += n
}
