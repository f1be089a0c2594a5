package unpack

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
)

const (
	sevenZipMagic = "7z\xbc\xaf\x27\x1c"
	// sevenZipHeader is how large a header may be, packed or not: a hundred thousand members take about 10 MB.
	sevenZipHeader = 64 << 20
)

// sevenZip goes through a 7z archive: folder by folder, since a folder is one stream.
func (w *walker) sevenZip(path string, c content, depth int) error {
	c, err := w.inMemory(c)
	if err != nil {
		return err
	}
	a, err := w.sevenHeader(c)
	if err != nil {
		return err
	}
	if a == nil {
		return nil
	}
	for i := range a.folders {
		if err := w.sevenFolder(path, c, a, i, depth); err != nil {
			return err
		}
	}
	return nil
}

// sevenHeader finds the header, which is at the end of the archive, and unpacks it if it is packed. nil: it is empty.
func (w *walker) sevenHeader(c content) (*sevenArchive, error) {
	var start [32]byte
	if _, err := c.at.ReadAt(start[:], 0); err != nil {
		return nil, notEnd(err)
	}
	le := binary.LittleEndian
	if crc32.ChecksumIEEE(start[12:]) != le.Uint32(start[8:]) {
		return nil, damagedf("the start of a 7z archive has a wrong checksum")
	}
	offset, length, sum := le.Uint64(start[12:]), le.Uint64(start[20:]), le.Uint32(start[28:])
	if length == 0 {
		return nil, nil
	}
	if length > sevenZipHeader || offset > uint64(c.size) || length > uint64(c.size)-offset || int64(32+offset+length) > c.size {
		return nil, damagedf("it ends early: the header of a 7z archive is at its end")
	}
	header := make([]byte, length)
	if _, err := c.at.ReadAt(header, int64(32+offset)); err != nil {
		return nil, notEnd(err)
	}
	if crc32.ChecksumIEEE(header) != sum {
		return nil, damagedf("the header of a 7z archive has a wrong checksum")
	}
	for range Deepest { // a packed header may hold another one
		a, packed, err := readSeven(header)
		if err != nil || !packed {
			return a, err
		}
		if header, err = w.sevenUnpackHeader(c, a); err != nil {
			return nil, err
		}
	}
	return nil, damagedf("the header of a 7z archive is packed again and again")
}

// sevenUnpackHeader unpacks a header.
func (w *walker) sevenUnpackHeader(c content, a *sevenArchive) ([]byte, error) {
	if len(a.folders) == 0 {
		return nil, damagedf("the header of a 7z archive is nowhere")
	}
	f := &a.folders[0]
	if f.size() > sevenZipHeader {
		return nil, failf(NoMemory, "its header has more than %s", size(sevenZipHeader))
	}
	r, err := w.sevenDecoder(c, a, 0)
	if err != nil {
		return nil, err
	}
	var header bytes.Buffer // which grows with what there is, not with what is said
	n, err := header.ReadFrom(&charged{&w.budget, io.LimitReader(r, f.size())})
	switch {
	case err != nil:
		return nil, err
	case n < f.size():
		return nil, io.ErrUnexpectedEOF
	case f.summed && crc32.ChecksumIEEE(header.Bytes()) != f.sum:
		return nil, errChecksum
	}
	return header.Bytes(), nil
}

// sevenFolder looks at the members of a folder.
func (w *walker) sevenFolder(path string, c content, a *sevenArchive, i, depth int) error {
	f := &a.folders[i]
	decoder, err := w.sevenDecoder(c, a, i)
	if err != nil {
		return w.sevenLost(path, a, f.members, asError(err))
	}
	r := &sticky{r: &charged{&w.budget, decoder}}
	for k, m := range f.members {
		if err := w.budget.member(); err != nil {
			return err
		}
		name := a.name(m.file)
		part := &io.LimitedReader{R: r, N: m.size}
		inside := io.Reader(&whole{part})
		if m.summed {
			inside = &checked{r: inside, sum: m.sum, size: m.size}
		}
		if err := w.visit(join(path, name), name, content{r: inside, size: m.size}, depth); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, part); err == nil && part.N == 0 {
			continue
		}
		lost := asError(notEndOrNil(r.err))
		if lost.final() {
			return lost
		}
		return w.sevenLost(path, a, f.members[k+1:], lost)
	}
	return nil
}

// sevenLost tells of members that cannot be read, since they share a stream.
func (w *walker) sevenLost(path string, a *sevenArchive, members []sevenMember, e *Error) error {
	for _, m := range members {
		if err := w.budget.member(); err != nil {
			return err
		}
		w.left(join(path, a.name(m.file)), e)
	}
	return nil
}

// whole makes the early end of a member an error.
type whole struct{ *io.LimitedReader }

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.LimitedReader.Read(p)
	if err == io.EOF && w.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
