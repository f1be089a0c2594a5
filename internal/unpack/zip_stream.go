package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// zipStream goes through a zip from one local header to the next.
func (w *walker) zipStream(path string, from io.Reader, depth int) error {
	r := bufio.NewReaderSize(from, 32<<10)
	for {
		e, err := readLocal(r)
		if errors.Is(err, errNoEntry) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.budget.member(); err != nil {
			return err
		}
		if err := w.zipStreamed(join(path, e.name), r, e, depth); err != nil {
			return err
		}
	}
}

// zipStreamed looks at a member and reads to its end.
func (w *walker) zipStreamed(path string, r *bufio.Reader, e zipEntry, depth int) error {
	unsized := e.flags&zipDescriptor != 0
	if strings.HasSuffix(e.name, "/") && e.size == 0 && !unsized {
		return nil
	}
	if unsized && (e.method != zipDeflate || e.flags&zipEncrypted != 0) {
		return failf(Unsupported, "where %.200q ends is only known from the directory, which is at the end of the container", e.name)
	}
	limited := &io.LimitedReader{R: r, N: e.packed}
	if e.flags&zipEncrypted != 0 || e.method == zipAES {
		w.left(path, failf(Encrypted, "encrypted"))
		return discard(limited)
	}
	packed := io.Reader(limited)
	if unsized {
		packed = r
	}
	decoder, err := w.zipDecoder(e.method, packed)
	if err != nil {
		w.left(path, asError(err))
		return discard(limited)
	}
	inside := io.Reader(&charged{&w.budget, decoder})
	if !unsized {
		inside = &checked{r: inside, sum: e.sum, size: e.size}
	}
	rest := &sticky{r: inside}
	if err := w.visit(path, e.name, content{r: rest, size: -1}, depth); err != nil {
		return err
	}
	if unsized {
		if _, err := io.Copy(io.Discard, rest); err != nil {
			return err
		}
		return skipDescriptor(r)
	}
	return discard(limited)
}

// discard reads to the end of a member.
func discard(r *io.LimitedReader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	if r.N > 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// sticky gives its first error again and again.
type sticky struct {
	r   io.Reader
	err error
}

func (s *sticky) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.err = err
	return n, err
}

// readLocal reads a local header. At the directory, and behind the last member, none follows.
func readLocal(r *bufio.Reader) (zipEntry, error) {
	magic, err := r.Peek(4)
	switch {
	case len(magic) == 4 && string(magic) == descriptorMagic: // in front of a zip that could have been split
		_, _ = r.Discard(4)
		return readLocal(r)
	case len(magic) == 0 && errors.Is(err, io.EOF), len(magic) == 4 && string(magic[:2]) == "PK" && string(magic) != localMagic:
		return zipEntry{}, errNoEntry
	case err != nil:
		return zipEntry{}, err
	case string(magic) != localMagic:
		return zipEntry{}, damagedf("no header stands where the next member should start")
	}
	var fixed [localSize]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil {
		return zipEntry{}, err
	}
	le := binary.LittleEndian
	e := zipEntry{
		flags: le.Uint16(fixed[6:]), method: le.Uint16(fixed[8:]), sum: le.Uint32(fixed[14:]),
		packed: int64(le.Uint32(fixed[18:])), size: int64(le.Uint32(fixed[22:])),
	}
	nameLen := int(le.Uint16(fixed[26:]))
	text := make([]byte, nameLen+int(le.Uint16(fixed[28:])))
	if _, err := io.ReadFull(r, text); err != nil {
		return zipEntry{}, err
	}
	e.name = string(text[:nameLen])
	e.large(text[nameLen:])
	if e.packed < 0 || e.size < 0 {
		return zipEntry{}, damagedf("the size of a member is negative")
	}
	return e, nil
}

// skipDescriptor skips what stands behind a member whose sizes were not known before: a magic or none, a checksum, and two numbers
// of 4 or 8 bytes (APPNOTE.TXT, section 4.3.9). Which it is shows in what follows.
func skipDescriptor(r *bufio.Reader) error {
	ahead, _ := r.Peek(28)
	lengths := []int{12, 20}
	if len(ahead) >= 4 && string(ahead[:4]) == descriptorMagic {
		lengths = []int{16, 24}
	}
	for _, n := range lengths {
		if len(ahead) == n || len(ahead) >= n+4 && string(ahead[n:n+2]) == "PK" {
			_, err := r.Discard(n)
			return err
		}
	}
	return damagedf("what stands behind a member is not its description")
}
