package unpack

import (
	"errors"
	"io"
)

// tarLongest is how much is read of a name or of a member's attributes.
const tarLongest = 1 << 20

// tarReader reads the headers of a tar one after the other.
type tarReader struct {
	r      io.Reader
	offset int64 // of the next header
	block  [tarBlock]byte
}

// tarEntry is a member of a tar.
type tarEntry struct {
	name string
	kind byte
	size int64 // of what stands behind the header
}

// tarBody is what stands behind a header. That it ends early is an error of the member that is cut.
type tarBody struct{ io.LimitedReader }

func (b *tarBody) Read(p []byte) (int, error) {
	n, err := b.LimitedReader.Read(p)
	if b.N > 0 {
		err = notEnd(err)
	}
	return n, err
}

// tar goes through a tar. Holes of sparse members are not filled: what stands there is looked at.
func (w *walker) tar(path string, r io.Reader, depth int) error {
	t := &tarReader{r: &sticky{r: r}}
	var next attributes // what the members before the next say about it
	for {
		e, err := t.next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.budget.member(); err != nil {
			return err
		}
		if e.about() {
			if err := t.attributes(e, &next); err != nil {
				return err
			}
			continue
		}
		next.apply(&e)
		next = attributes{}
		body := &tarBody{io.LimitedReader{R: t.r, N: e.size}}
		if e.size > 0 {
			if err := w.visit(join(path, e.name), e.name, content{r: body, size: e.size}, depth); err != nil {
				return err
			}
		}
		if err := t.finish(body, e.size); err != nil {
			return err
		}
	}
}

// next reads headers until one says that something follows. Blocks of zeros end a tar, but another may stand behind them.
func (t *tarReader) next() (tarEntry, error) {
	for zeros := false; ; {
		if _, err := io.ReadFull(t.r, t.block[:]); err != nil {
			if zeros && errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			return tarEntry{}, err
		}
		at := t.offset
		t.offset += tarBlock
		switch {
		case t.block == [tarBlock]byte{}:
			zeros = true
		case isTar(t.block[:]):
			return t.entry()
		case zeros: // what writes a tar may fill it up with anything
			return tarEntry{}, io.EOF
		default:
			return tarEntry{}, damagedf("no header stands at byte %d", at)
		}
	}
}

// entry reads the header in the block, and the blocks that follow one of a sparse member.
func (t *tarReader) entry() (tarEntry, error) {
	e := headerOf(&t.block)
	if e.size < 0 {
		return e, damagedf("the size of %.200q makes no sense", e.name)
	}
	for more := e.kind == tarSparse && t.block[482] != 0; more; more = t.block[504] != 0 {
		if _, err := io.ReadFull(t.r, t.block[:]); err != nil {
			return e, notEnd(err)
		}
		t.offset += tarBlock
	}
	return e, nil
}

// finish reads to the end of a member's last block.
func (t *tarReader) finish(body *tarBody, size int64) error {
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	padding := -size & (tarBlock - 1)
	t.offset += size + padding
	n, err := io.CopyN(io.Discard, t.r, padding)
	if errors.Is(err, io.EOF) && n < padding {
		return nil // some programs do not fill the last block
	}
	return err
}

// attributes reads what a member says about the next one.
func (t *tarReader) attributes(e tarEntry, next *attributes) error {
	body := &tarBody{io.LimitedReader{R: t.r, N: e.size}}
	text, err := io.ReadAll(io.LimitReader(body, tarLongest))
	if err != nil {
		return err
	}
	switch e.kind {
	case tarPax:
		next.pax(text)
	case tarLongName:
		next.name = cString(text)
	}
	return t.finish(body, e.size)
}

// notEnd makes the end of a stream where there must not be one an error.
func notEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
