package unpack

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// The kinds of a pack's entries.
const (
	packCommit = 1
	packTree   = 2
	packBlob   = 3
	packTag    = 4
	packOffset = 6 // a difference to the entry that starts so many bytes before
	packRef    = 7 // a difference to the object with an id
)

// gitPack is a pack without an index.
type gitPack struct {
	*walker
	path   string
	depth  int
	at     io.ReaderAt
	size   int64
	hash   func() hash.Hash
	idSize int

	entries  []packEntry
	byID     map[string]int32   // entries that are no differences
	children map[int32][]int32  // differences to an entry
	waiting  map[string][]int32 // differences to an object by id
	named    map[string]treeEntry
	inflater io.ReadCloser // nil: none was needed yet
	held     int64         // bytes of contents that differences wait for
}

// packEntry is an object as a pack has it.
type packEntry struct {
	offset, data int64 // of the entry, and of the compressed bytes in it
	size         int64 // of what these unpack to
	kind         byte
	done         bool
	base         string // id that a packRef names
	id           string // "" of a difference
}

// list reads all entries, as far as the pack goes, and makes the ids of those that are no differences.
func (p *gitPack) list(start int64) error {
	p.byID, p.children, p.waiting = map[string]int32{}, map[int32][]int32{}, map[string][]int32{}
	r := &packReader{r: bufio.NewReaderSize(io.NewSectionReader(p.at, start, p.size-start), 32<<10), n: start}
	var header [packHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return notEnd(err)
	}
	version := binary.BigEndian.Uint32(header[4:])
	if string(header[:4]) != packMagic || version != 2 && version != 3 {
		return damagedf("no pack stands behind the header of a bundle")
	}
	byOffset := map[int64]int32{}
	for left := binary.BigEndian.Uint32(header[8:]); left > 0; left-- {
		if err := p.budget.member(); err != nil {
			return err
		}
		e := packEntry{offset: r.n}
		base, err := p.entry(r, &e)
		if err != nil {
			return err
		}
		i := int32(len(p.entries))
		p.entries, byOffset[e.offset] = append(p.entries, e), i
		switch e.kind {
		case packOffset:
			if of, ok := byOffset[base]; ok {
				p.children[of] = append(p.children[of], i)
			}
		case packRef:
			p.waiting[e.base] = append(p.waiting[e.base], i)
		default:
			p.byID[e.id] = i
		}
	}
	return nil
}

// entry reads one entry. base is where that of a packOffset starts.
func (p *gitPack) entry(r *packReader, e *packEntry) (base int64, err error) {
	first, err := r.ReadByte()
	if err != nil {
		return 0, notEnd(err)
	}
	e.kind, e.size = first>>4&7, int64(first&15)
	for shift := 4; first&0x80 != 0; shift += 7 {
		if first, err = r.ReadByte(); err != nil || shift > 53 {
			return 0, damagedf("the size of an object makes no sense")
		}
		e.size |= int64(first&0x7f) << shift
	}
	switch e.kind {
	case packOffset:
		if base, err = r.distance(); err != nil {
			return 0, err
		}
		base = e.offset - base
	case packRef:
		id := make([]byte, p.idSize)
		if _, err := io.ReadFull(r, id); err != nil {
			return 0, notEnd(err)
		}
		e.base = string(id)
	case 0, 5:
		return 0, damagedf("an object is of a kind that there is not")
	}
	e.data = r.n
	return base, p.pass(r, e)
}

// pass reads over an entry's data.
func (p *gitPack) pass(r *packReader, e *packEntry) error {
	z, err := p.inflate(r)
	if err != nil {
		return err
	}
	into := io.Discard
	sum := p.hash()
	if e.kind < packOffset {
		objectStart(sum, e.kind, e.size)
		into = sum
	}
	n, err := io.Copy(into, &charged{&p.budget, io.LimitReader(z, e.size+1)})
	if err != nil {
		return err
	}
	if n != e.size {
		return damagedf("%s has another size than it says", place(e.offset))
	}
	if e.kind < packOffset {
		e.id = string(sum.Sum(nil))
	}
	return nil
}

// objectStart writes what an object's id is made of before its content.
func objectStart(to io.Writer, kind byte, size int64) {
	_, _ = fmt.Fprintf(to, "%s %d\x00", [...]string{packCommit: "commit", packTree: "tree", packBlob: "blob", packTag: "tag"}[kind], size) // a hash takes everything
}

// inflate returns what unpacks a stream; the one before is no longer used.
func (p *gitPack) inflate(r io.Reader) (io.Reader, error) {
	var err error
	if p.inflater == nil {
		p.inflater, err = zlib.NewReader(r)
	} else {
		err = p.inflater.(zlib.Resetter).Reset(r, nil)
	}
	if err != nil {
		p.inflater = nil
		return nothing(), err
	}
	return p.inflater, nil
}

// stream unpacks an entry. Its size was checked when it was listed.
func (p *gitPack) stream(e *packEntry) (io.Reader, error) {
	return p.inflate(bufio.NewReader(io.NewSectionReader(p.at, e.data, p.size-e.data)))
}

// read unpacks an entry into memory.
func (p *gitPack) read(e *packEntry) ([]byte, error) {
	if p.held+e.size > p.budget.limits.Memory {
		return nil, p.noMemory()
	}
	z, err := p.stream(e)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, e.size+bytes.MinRead))
	_, err = b.ReadFrom(z)
	return b.Bytes(), err
}

// shortID writes the start of an id.
func shortID(id string) string { return hex.EncodeToString([]byte(id))[:12] }

// packReader counts what was read.
type packReader struct {
	r *bufio.Reader
	n int64
}

func (r *packReader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	r.n += int64(n)
	return n, err
}

// ReadByte lets the decompressor read no byte more than it needs.
func (r *packReader) ReadByte() (byte, error) {
	b, err := r.r.ReadByte()
	if err == nil {
		r.n++
	}
	return b, err
}

// distance reads how far back an entry's base is.
func (r *packReader) distance() (int64, error) {
	n := int64(-1)
	for {
		b, err := r.ReadByte()
		if err != nil || n > 1<<54 {
			return 0, damagedf("the base of an object makes no sense")
		}
		if n = (n+1)<<7 | int64(b&0x7f); b&0x80 == 0 {
			return n, nil
		}
	}
}
