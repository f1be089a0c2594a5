package odb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// pack is a pack file and its index. The pack is mapped when it is first needed.
type pack struct {
	index *index
	path  string
	once  sync.Once
	file  mapping
	err   error  // why the pack cannot be used at all
	body  []byte // the pack from its first byte up to the checksum at its end

	growing sync.Mutex
	forest  *forest // see grown
}

const packHead = 12 // "PACK", version, number of objects

// open maps the pack. A wrong number of objects or a cut-off end is no error here: it shows at the objects that it concerns.
func (p *pack) open() error {
	p.once.Do(func() {
		if p.file, p.err = mapFile(p.path); p.err != nil {
			return
		}
		data := p.file.data
		switch {
		case len(data) < packHead || string(data[:4]) != "PACK":
			p.err = errors.New("it does not begin like a pack file")
		case binary.BigEndian.Uint32(data[4:]) != 2 && binary.BigEndian.Uint32(data[4:]) != 3:
			p.err = fmt.Errorf("pack version %d is unknown", binary.BigEndian.Uint32(data[4:]))
		}
		p.body = data[:max(len(data)-p.index.size, 0)]
	})
	return p.err
}

func (p *pack) close() error {
	p.once.Do(func() { p.err = errClosed })
	return errors.Join(p.file.close(), p.index.close())
}

// entry is what stands before the compressed bytes of an object in a pack.
type entry struct {
	kind   Kind   // or offsetDelta, refDelta
	size   uint64 // of what is compressed: the object, or the delta
	body   int    // where the compressed bytes begin
	base   uint64 // offset of the base; for offsetDelta
	baseID []byte // for refDelta; in the mapped memory
}

var (
	errEntryEnd  = errors.New("the pack ends before it")
	errEntryHead = errors.New("its header in the pack is malformed")
)

// entry reads the header at an offset.
func (p *pack) entry(offset uint64) (e entry, err error) {
	if offset < packHead || offset >= uint64(len(p.body)) {
		return e, errEntryEnd
	}
	i := int(offset)
	b := p.body[i]
	e.kind, e.size = Kind(b>>4&7), uint64(b&15)
	i++
	for shift := 4; b&0x80 != 0; shift += 7 {
		if i >= len(p.body) || shift > 57 {
			return e, errEntryHead
		}
		b = p.body[i]
		i++
		e.size |= uint64(b&0x7f) << shift
	}
	switch e.kind {
	case Commit, Tree, Blob, Tag:
	case offsetDelta:
		if i, e.base, err = p.distance(i, offset); err != nil {
			return e, err
		}
	case refDelta:
		if len(p.body)-i < p.index.size {
			return e, errEntryHead
		}
		e.baseID = p.body[i : i+p.index.size]
		i += p.index.size
	default:
		return e, errEntryHead
	}
	e.body = i
	return e, nil
}

// distance reads how far before an object its base begins.
func (p *pack) distance(i int, offset uint64) (next int, base uint64, err error) {
	if i >= len(p.body) {
		return i, 0, errEntryHead
	}
	b := p.body[i]
	i++
	back := uint64(b & 0x7f)
	for b&0x80 != 0 {
		if i >= len(p.body) || back > offset {
			return i, 0, errEntryHead
		}
		b = p.body[i]
		i++
		back = (back+1)<<7 | uint64(b&0x7f)
	}
	if back == 0 || back > offset-packHead {
		return i, 0, errors.New("its base would begin outside of the pack")
	}
	return i, offset - back, nil
}

// mostPerByte is what one byte of a deflate stream can give at most: 258 bytes for two bits, RFC 1951 section 3.2.5.
const mostPerByte = 1032

// plausible refuses sizes that so many compressed bytes cannot give, before memory for them is asked for.
func plausible(size uint64, compressed int) error {
	if size/mostPerByte > uint64(compressed) {
		return fmt.Errorf("its size of %d bytes is not true: only %d compressed bytes are there", size, compressed)
	}
	return nil
}
