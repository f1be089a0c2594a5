package unpack

import (
	"encoding/binary"
	"io"
)

// lzmaPiece is how much is decoded at once; a chunk of LZMA2 has at most as much packed.
const lzmaPiece = 64 << 10

// lzmaSmallest is the smallest dictionary there is.
const lzmaSmallest = 4 << 10

// lzmaReader reads a stream of LZMA whose end is known, or marked.
type lzmaReader struct {
	d     lzmaDecoder
	left  int64 // bytes that are to come; -1: up to the mark
	begun bool
	ended bool
	err   error
}

// newLzma decodes LZMA. memory is how large the window may grow.
func newLzma(r io.Reader, props byte, dict, length, memory int64) (io.Reader, error) {
	p, ok := lzmaPropsOf(props)
	if !ok {
		return nil, damagedf("LZMA's properties make no sense")
	}
	l := &lzmaReader{left: length}
	l.d.rc.more = r
	l.d.win = newWindow(dict, memory)
	l.d.reset(p)
	return l, nil
}

func newWindow(dict, memory int64) lzmaWindow {
	return lzmaWindow{dict: int(min(max(dict, lzmaSmallest), 1<<30)), limit: memory}
}

// Read decodes.
func (l *lzmaReader) Read(p []byte) (int, error) {
	w := &l.d.win
	for w.from == w.at {
		if l.err != nil {
			return 0, l.err
		}
		l.err = l.more()
	}
	n := copy(p, w.buf[w.from:w.at])
	w.from += n
	return n, nil
}

// more decodes a piece.
func (l *lzmaReader) more() error {
	if !l.begun {
		l.begun = true
		if err := l.d.rc.start(); err != nil {
			return err
		}
	}
	n := int64(lzmaPiece)
	if l.left >= 0 {
		n = min(n, l.left)
	}
	if l.ended || n == 0 {
		return io.EOF
	}
	if err := l.d.win.makeRoom(int(n)); err != nil {
		return err
	}
	before := l.d.win.at
	ended, err := l.d.decode(int(n))
	got := int64(l.d.win.at - before)
	if l.left >= 0 {
		l.left -= got
	}
	l.ended = ended
	if ended && l.left > 0 {
		err = damagedf("it ends early")
	}
	return err
}

// isLzma reports whether what has the name of a file of LZMA alone starts like one: properties, a dictionary, and a size that is not
// known or below 256 GiB, as xz asks for too.
func isLzma(head []byte) bool {
	if len(head) < 13 || head[0] >= 9*5*5 {
		return false
	}
	n := binary.LittleEndian.Uint64(head[5:])
	return n == 1<<64-1 || n < 1<<38
}

// newLzmaAlone reads a file of LZMA alone: a header of 13 bytes and a stream.
func newLzmaAlone(r io.Reader, memory int64) (io.Reader, error) {
	var h [13]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, notEnd(err)
	}
	return newLzma(r, h[0], int64(binary.LittleEndian.Uint32(h[1:])), int64(binary.LittleEndian.Uint64(h[5:])), memory)
}

// newZipLzma reads a zip's member: two bytes of version, the length of the properties, these, and a stream with a mark at its end or
// without (APPNOTE.TXT, section 5.8.8).
func newZipLzma(r io.Reader, memory int64) (io.Reader, error) {
	var h [9]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, notEnd(err)
	}
	if binary.LittleEndian.Uint16(h[2:]) != 5 {
		return nil, damagedf("LZMA's properties have the wrong length")
	}
	return newLzma(r, h[4], int64(binary.LittleEndian.Uint32(h[5:])), -1, memory)
}

// byteReader is what LZMA2 is read from: it takes no byte too much.
type byteReader interface {
	io.Reader
	io.ByteReader
}

// lzma2Reader reads LZMA2: chunks of LZMA, and chunks that are not packed (the xz specification, section 5.3.1).
type lzma2Reader struct {
	d      lzmaDecoder
	r      byteReader
	packed [lzmaPiece]byte
	left   int  // bytes of the chunk that are to come
	begun  bool // there was a chunk that emptied the dictionary
	model  bool // there was one with properties
	err    error
}

// lzma2Dict returns the size of the dictionary that a byte stands for.
func lzma2Dict(b byte) int64 {
	if b >= 40 {
		return 1<<32 - 1
	}
	return int64(2|b&1) << (b/2 + 11)
}

func newLzma2(r byteReader, dict, memory int64) io.Reader {
	l := &lzma2Reader{r: r}
	l.d.win = newWindow(dict, memory)
	return l
}

// Read decodes.
func (l *lzma2Reader) Read(p []byte) (int, error) {
	w := &l.d.win
	for w.from == w.at {
		if l.err != nil {
			return 0, l.err
		}
		l.err = l.chunk()
	}
	n := copy(p, w.buf[w.from:w.at])
	w.from += n
	return n, nil
}

// chunk decodes some of the chunk, or of the next one.
func (l *lzma2Reader) chunk() error {
	if l.left > 0 {
		return l.piece()
	}
	control, err := l.r.ReadByte()
	if err != nil {
		return notEnd(err)
	}
	switch {
	case control == 0:
		return io.EOF
	case control == 1 || control >= 0xe0:
		l.d.win.empty()
		l.begun = true
	case !l.begun, control > 2 && control < 0x80:
		return damagedf("LZMA2 has a chunk of an unknown kind")
	}
	var sizes [4]byte
	known := sizes[:2]
	if control >= 0x80 {
		known = sizes[:4]
	}
	if _, err := io.ReadFull(l.r, known); err != nil {
		return notEnd(err)
	}
	n := int(binary.BigEndian.Uint16(sizes[:])) + 1
	if control < 0x80 {
		return l.plain(n)
	}
	return l.lzma(control, n+int(control&0x1f)<<16, int(binary.BigEndian.Uint16(sizes[2:]))+1)
}

// plain takes a chunk that is not packed.
func (l *lzma2Reader) plain(n int) error {
	w := &l.d.win
	if err := w.makeRoom(n); err != nil {
		return err
	}
	k, err := io.ReadFull(l.r, w.buf[w.at:w.at+n])
	w.at += k
	w.total += uint64(k)
	w.filled += k
	return notEndOrNil(err)
}

// lzma decodes a chunk of LZMA.
func (l *lzma2Reader) lzma(control byte, n, packed int) error {
	switch mode := control >> 5 & 3; {
	case mode >= 2:
		b, err := l.r.ReadByte()
		if err != nil {
			return notEnd(err)
		}
		p, ok := lzmaPropsOf(b)
		if !ok || p.lc+p.lp > lzmaHighestLcLp {
			return damagedf("LZMA2's properties make no sense")
		}
		l.d.reset(p)
		l.model = true
	case !l.model:
		return damagedf("LZMA2 has a chunk without properties")
	case mode == 1:
		l.d.reset(l.d.props)
	}
	if _, err := io.ReadFull(l.r, l.packed[:packed]); err != nil {
		return notEnd(err)
	}
	l.d.rc.src = l.packed[:packed]
	if err := l.d.rc.start(); err != nil {
		return err
	}
	l.left = n
	return l.piece()
}

// piece decodes some of a chunk. It is called when all that was decoded before has been handed on.
func (l *lzma2Reader) piece() error {
	n := min(l.left, lzmaPiece)
	if err := l.d.win.makeRoom(n); err != nil {
		return err
	}
	before := l.d.win.at
	ended, err := l.d.decode(n)
	l.left -= l.d.win.at - before
	switch {
	case err != nil:
		return err
	case ended:
		return damagedf("a chunk of LZMA2 ends early")
	case l.left == 0 && l.d.left > 0:
		return damagedf("a match goes over the end of a chunk of LZMA2")
	}
	return nil
}

func notEndOrNil(err error) error {
	if err == nil {
		return nil
	}
	return notEnd(err)
}
