package unpack

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
)

const (
	xzMagic    = "\xfd7zXZ\x00"
	xzEndMagic = "YZ"
	xzLzma2    = 0x21
	xzDelta    = 0x03
)

// xzReader decodes the streams of an .xz file (version 1.2.1 of the specification) one after the other. Filters for executables are
// not undone: they change the targets of jumps, and no text.
type xzReader struct {
	r       *bufio.Reader
	memory  int64
	started bool
	block   io.Reader // nil: none is being read
	inside  *counter  // what the block takes
	sum     hash.Hash // nil: contents are not checked
	check   int       // which sum it is
	err     error
}

func newXz(r io.Reader, memory int64) io.Reader {
	b, ok := r.(*bufio.Reader)
	if !ok {
		b = bufio.NewReaderSize(r, 32<<10)
	}
	return &xzReader{r: b, memory: memory}
}

// Read decodes.
func (x *xzReader) Read(p []byte) (int, error) {
	for x.err == nil {
		if x.block == nil {
			x.err = x.next()
			continue
		}
		n, err := x.block.Read(p)
		if x.sum != nil {
			_, _ = x.sum.Write(p[:n]) // a hash takes everything
		}
		if err == io.EOF { // one that wraps it is a failure
			err = x.endBlock()
		}
		x.err = err
		if n > 0 {
			return n, nil
		}
	}
	return 0, x.err
}

// next goes to the next block, of the next stream if need be.
func (x *xzReader) next() error {
	if !x.started {
		return x.header()
	}
	size, err := x.r.ReadByte()
	if err != nil {
		return notEnd(err)
	}
	if size == 0 {
		return x.index()
	}
	return x.startBlock(size)
}

// header reads the header of a stream. Between streams there may be zeros.
func (x *xzReader) header() error {
	var h [12]byte
	if _, err := io.ReadFull(x.r, h[:]); err != nil {
		return notEnd(err)
	}
	if string(h[:6]) != xzMagic || h[6] != 0 || h[7] > 15 || crc32.ChecksumIEEE(h[6:8]) != binary.LittleEndian.Uint32(h[8:]) {
		return damagedf("no header of an xz stream")
	}
	x.check, x.started = int(h[7]), true
	return nil
}

// startBlock reads the header of a block.
func (x *xzReader) startBlock(size byte) error {
	header := make([]byte, (int(size)+1)*4)
	header[0] = size
	if _, err := io.ReadFull(x.r, header[1:]); err != nil {
		return notEnd(err)
	}
	end := len(header) - 4
	if crc32.ChecksumIEEE(header[:end]) != binary.LittleEndian.Uint32(header[end:]) {
		return damagedf("the header of a block has a wrong checksum")
	}
	dict, plain, err := xzFilters(header[1:end])
	if err != nil {
		return err
	}
	x.sum = nil
	if plain {
		x.sum = xzSum(x.check)
	}
	x.inside = &counter{r: x.r}
	x.block = newLzma2(onlyBytes{x.inside, x.r}, dict, x.memory)
	return nil
}

// xzFilters reads what a block's header says about how it is packed.
func xzFilters(h []byte) (dict int64, plain bool, err error) {
	flags, h := h[0], h[1:]
	for range int(flags>>6&1 + flags>>7) { // the sizes that are given
		_, n := binary.Uvarint(h)
		if n <= 0 {
			return 0, false, damagedf("the header of a block makes no sense")
		}
		h = h[n:]
	}
	plain = true
	for i := range int(flags&3) + 1 {
		id, n := binary.Uvarint(h)
		length, m := binary.Uvarint(h[max(n, 0):])
		if n <= 0 || m <= 0 || length > uint64(len(h)-n-m) {
			return 0, false, damagedf("the header of a block makes no sense")
		}
		props := h[n+m:][:length]
		h = h[n+m+int(length):]
		switch {
		case id == xzLzma2 && i == int(flags&3) && len(props) == 1 && props[0] <= 40:
			return lzma2Dict(props[0]), plain, nil
		case id == xzDelta || id > 0x0b:
			return 0, false, failf(Unsupported, "packed with the filter %#x, which is not supported", id)
		}
		plain = false
	}
	return 0, false, damagedf("the last filter of a block is not LZMA2")
}

// xzSum returns the checksum of contents. What it is not known for is not checked.
func xzSum(check int) hash.Hash {
	switch check {
	case 1:
		return crc32.NewIEEE()
	case 4:
		return crc64.New(crc64.MakeTable(crc64.ECMA))
	case 10:
		return sha256.New()
	}
	return nil
}

// endBlock reads what stands behind a block, and compares the checksum.
func (x *xzReader) endBlock() error {
	var sum [64]byte
	sizes := [16]int{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}
	padding := int(-x.inside.n & 3)
	// The header's length is a multiple of four, so that the padding follows from what the block takes alone.
	if _, err := io.ReadFull(x.r, sum[:padding]); err != nil {
		return notEnd(err)
	}
	stored := sum[:sizes[x.check]]
	if _, err := io.ReadFull(x.r, stored); err != nil {
		return notEnd(err)
	}
	x.block = nil
	if x.sum == nil {
		return nil
	}
	got := x.sum.Sum(nil)
	for i := range got {
		if j := len(got) - 1 - i; x.check == 10 && got[i] != stored[i] || x.check != 10 && got[i] != stored[j] {
			return errChecksum
		}
	}
	return nil
}

// index reads over the index and the footer, whose first byte was read already, and what fills up to the next stream.
func (x *xzReader) index() error {
	counted := &counter{r: x.r, n: 1}
	bytes := onlyBytes{counted, x.r}
	records, err := binary.ReadUvarint(bytes)
	for i := uint64(0); err == nil && i < 2*records; i++ {
		_, err = binary.ReadUvarint(bytes)
	}
	if err != nil {
		return notEnd(err)
	}
	var rest [3 + 4 + 12]byte
	tail := rest[:-counted.n&3+4+12]
	if _, err := io.ReadFull(x.r, tail); err != nil {
		return notEnd(err)
	}
	if string(tail[len(tail)-2:]) != xzEndMagic {
		return damagedf("no footer of an xz stream")
	}
	x.started = false
	for {
		b, err := x.r.Peek(1)
		switch {
		case errors.Is(err, io.EOF):
			return io.EOF
		case err != nil:
			return err
		case b[0] != 0:
			return nil
		}
		_, _ = x.r.Discard(1)
	}
}

// onlyBytes counts what is read byte by byte, and never reads ahead.
type onlyBytes struct {
	counted *counter
	from    io.ByteReader
}

func (o onlyBytes) ReadByte() (byte, error) {
	b, err := o.from.ReadByte()
	if err == nil {
		o.counted.n++
	}
	return b, err
}

func (o onlyBytes) Read(p []byte) (int, error) { return o.counted.Read(p) }
