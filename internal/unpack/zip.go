package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
)

// Methods of compression in a zip (APPNOTE.TXT, section 4.4.5), and the flag of encrypted members (4.4.4).
const (
	zipStored  = 0
	zipDeflate = 8
	zipBzip2   = 12
	zipLzma    = 14
	zipZstd    = 93
	zipXz      = 95
	zipAES     = 99

	zipEncrypted  = 1
	zipDescriptor = 8 // sizes stand behind the content
)

// zipEntry is a member of a zip.
type zipEntry struct {
	name         string
	flags        uint16
	method       uint16
	sum          uint32
	packed, size int64
	offset       int64 // of the local header
}

// zip goes through a zip: by its directory if it can be read anywhere, else from one local header to the next.
func (w *walker) zip(path string, format Format, c content, depth int) error {
	if c.at == nil {
		return w.zipStream(path, c.r, depth)
	}
	d, err := findDirectory(c.at, c.size)
	switch {
	case err == nil:
		return w.zipListed(path, c, d, depth)
	case format == ZipInside && errors.Is(err, errNoDirectory):
		return nil // it has the name of a zip, and is none
	case errors.Is(err, errNoDirectory):
		if serr := w.zipStream(path, c.reader(), depth); serr != nil {
			return serr
		}
		return damagedf("it has no directory at its end: the members that can be found without are looked at")
	}
	return err
}

// zipListed goes by the directory. If that has fewer members than it should have, what can be found without it is looked at, too.
func (w *walker) zipListed(path string, c content, d zipDirectory, depth int) error {
	err := w.zipDirectory(path, c, d, depth)
	var lost *lostMembers
	if !errors.As(err, &lost) {
		return err
	}
	if serr := w.zipStream(path, io.NewSectionReader(c.at, d.base, c.size-d.base), depth); serr != nil {
		var stop *stopped
		if e := asErrorOrNil(serr); errors.As(serr, &stop) || e.final() {
			return serr
		}
	}
	return damagedf("its directory announces %d members and has %d: what can be found without it is looked at", lost.announced, lost.found)
}

// lostMembers says that a directory lists fewer or more members than it says.
type lostMembers struct{ announced, found int64 }

// Error says so.
func (l *lostMembers) Error() string { return "damaged: members are missing in the directory" }

// zipDirectory goes through the members that a zip's directory lists.
func (w *walker) zipDirectory(path string, c content, d zipDirectory, depth int) error {
	r := bufio.NewReaderSize(io.NewSectionReader(c.at, d.start, d.end-d.start), 32<<10)
	for n := int64(0); ; n++ {
		e, err := readEntry(r)
		if errors.Is(err, errNoEntry) {
			if n&0xffff != d.count&0xffff {
				return &lostMembers{d.count, n}
			}
			return nil
		}
		if err != nil {
			return err
		}
		e.offset += d.base
		if err := w.budget.member(); err != nil {
			return err
		}
		if strings.HasSuffix(e.name, "/") && e.size == 0 {
			continue
		}
		if err := w.zipMember(join(path, e.name), c, e, depth); err != nil {
			return err
		}
	}
}

// zipMember looks at one member.
func (w *walker) zipMember(path string, c content, e zipEntry, depth int) error {
	inside, err := w.zipContent(c, e)
	if err != nil {
		return w.settle(path, err)
	}
	if err := w.visit(path, e.name, inside, depth); err != nil || !isProse(e.name) {
		return err
	}
	return w.prose(path, c, e, depth)
}

// zipContent finds a member's bytes and how they are packed.
func (w *walker) zipContent(c content, e zipEntry) (content, error) {
	if e.flags&zipEncrypted != 0 || e.method == zipAES {
		return content{}, failf(Encrypted, "encrypted")
	}
	var local [localSize]byte
	if _, err := c.at.ReadAt(local[:], e.offset); err != nil || string(local[:4]) != localMagic {
		return content{}, damagedf("its header is not where the directory says")
	}
	start := e.offset + localSize + int64(binary.LittleEndian.Uint16(local[26:])) + int64(binary.LittleEndian.Uint16(local[28:]))
	if e.packed < 0 || e.size < 0 || start > c.size || e.packed > c.size-start {
		return content{}, damagedf("it reaches over the end of the container")
	}
	packed := io.NewSectionReader(c.at, start, e.packed)
	if e.method == zipStored {
		if err := w.budget.charge(e.packed); err != nil {
			return content{}, err
		}
		return content{at: packed, size: e.packed}, nil
	}
	if e.method == zipDeflate && e.size <= roomSize && e.packed <= roomSize {
		return w.zipSmall(packed, e)
	}
	r, err := w.zipDecoder(e.method, packed)
	if err != nil {
		return content{}, err
	}
	return content{r: &checked{r: &charged{&w.budget, r}, sum: e.sum, size: e.size}, size: e.size}, nil
}

// zipSmall unpacks a small member at once. What is wrong with it is told behind what could be unpacked. The content is there until the
// next one is unpacked; visit has copied it by then.
func (w *walker) zipSmall(packed *io.SectionReader, e zipEntry) (content, error) {
	if w.small == nil {
		w.small = new(small)
	}
	f := w.small
	src := f.src[:e.packed]
	if _, err := io.ReadFull(packed, src); err != nil {
		return content{}, err
	}
	dst := f.dst[:e.size]
	n, _, err := f.decoder.Flate(dst, src)
	if cerr := w.budget.charge(int64(n)); cerr != nil {
		return content{}, cerr
	}
	if err == nil && crc32.ChecksumIEEE(dst) != e.sum {
		err = errChecksum
	}
	return content{r: &unpacked{data: dst[:n], err: err}, size: e.size}, nil
}

// zipDecoder unpacks a member as its method says.
func (w *walker) zipDecoder(method uint16, packed io.Reader) (io.Reader, error) {
	switch method {
	case zipStored:
		return packed, nil
	case zipDeflate:
		return newFlate(packed), nil
	case zipBzip2:
		return newBzip2(packed), nil
	case zipLzma:
		return newZipLzma(packed, w.budget.limits.Memory)
	case zipZstd:
		return newZstd(packed, w.budget.limits.Memory), nil
	case zipXz:
		return newXz(packed, w.budget.limits.Memory), nil
	}
	return nil, failf(Unsupported, "compressed by method %d, which is not supported", method)
}

var errChecksum = errors.New("its checksum is wrong")

// unpacked is what came of unpacking.
type unpacked struct {
	data []byte
	err  error // behind the data; nil: none
}

func (u *unpacked) Read(p []byte) (int, error) {
	n := copy(p, u.data)
	if u.data = u.data[n:]; len(u.data) > 0 {
		return n, nil
	}
	if u.err != nil {
		return n, u.err
	}
	return n, io.EOF
}

// checked compares what is read with what a header says.
type checked struct {
	r    io.Reader
	sum  uint32
	size int64
	n    int64
	crc  uint32
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.crc = crc32.Update(c.crc, crc32.IEEETable, p[:n])
	if err == io.EOF { // one that wraps it is a failure
		switch {
		case c.n != c.size:
			err = damagedf("it has %d bytes and not %d", c.n, c.size)
		case c.crc != c.sum:
			err = errChecksum
		}
	}
	return n, err
}
