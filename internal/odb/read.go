package odb

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strconv"

	"keysweep/internal/inflate"
)

// Read returns the kind and the content of an object. The content is in the memory of buf if that suffices, whose own content
// is overwritten. What is returned has the id that was asked for: the hash is checked. The error is ErrMissing, a
// *CorruptError or a *TooLargeError.
func (db *DB) Read(id ID, buf []byte) (Kind, []byte, error) {
	r := db.readers.Get().(*reader)
	defer db.readers.Put(r)
	defer watchFaults()()
	kind, data, err := r.read(id, buf)
	if err != nil && !isTooLarge(err) && db.rescan() {
		kind, data, err = r.read(id, buf)
	}
	return kind, data, err
}

// Stat returns the kind and the size of an object without reading all of it: its hash is not checked.
func (db *DB) Stat(id ID) (Kind, int64, error) {
	r := db.readers.Get().(*reader)
	defer db.readers.Put(r)
	defer watchFaults()()
	kind, size, err := r.stat(id)
	if err != nil && db.rescan() {
		kind, size, err = r.stat(id)
	}
	return kind, size, err
}

// reader holds what reading one object after the other can use again. It is for one goroutine at a time.
type reader struct {
	db       *DB
	inflater inflate.Decoder
	file     []byte // a loose object's file
	delta    []byte
	copies   []Copy
	folding  folding
	digest   hash.Hash
	sum      []byte
	links    []link  // the chain from the object that is read to one that is no delta; those of nested reads follow
	without  []*pack // packs that are not to be looked into: an object in them is just being made up for
	tries    int     // how often a damaged base may still be looked for elsewhere
}

// mostTries bounds the search when what would make up for damage is damaged too, and so on.
const mostTries = 64

func (r *reader) read(id ID, buf []byte) (Kind, []byte, error) {
	r.links, r.without, r.tries = r.links[:0], r.without[:0], mostTries
	return r.find(id, buf)
}

// find goes from copy to copy of an object until one can be read.
func (r *reader) find(id ID, buf []byte) (Kind, []byte, error) {
	var first error
	note := func(err error, file string, offset uint64) {
		if first == nil {
			first = &CorruptError{ID: id, File: file, Offset: int64(offset), Err: err}
		}
	}
	raw := id.hash[:id.size]
	for _, s := range *r.db.stores.Load() {
		for p, offset := range s.copies(raw) {
			if slices.Contains(r.without, p) {
				continue
			}
			kind, data, err := r.packed(p, offset, buf)
			if err == nil {
				err = r.verify(raw, kind, data)
			}
			if err == nil || isTooLarge(err) {
				return kind, data, r.named(err, id)
			}
			note(err, p.path, offset)
		}
	}
	if len(raw) != r.db.size {
		return 0, nil, ErrMissing
	}
	for _, s := range *r.db.stores.Load() {
		path := s.loosePath(raw)
		kind, data, err := r.loose(path, buf)
		if err == nil {
			err = r.verify(raw, kind, data)
		}
		if err == nil || isTooLarge(err) {
			return kind, data, r.named(err, id)
		}
		if !isAbsent(err) {
			note(err, path, 0)
		}
	}
	return 0, nil, cmp.Or(first, ErrMissing)
}

func isTooLarge(err error) bool {
	var large *TooLargeError
	return errors.As(err, &large)
}

// named puts the id of the object that was asked for into the error that something is too large, and its size if that error is
// about what it is made from.
func (r *reader) named(err error, id ID) error {
	var large *TooLargeError
	if !errors.As(err, &large) {
		return err
	}
	e := &TooLargeError{ID: id, Kind: large.Kind, Size: -1}
	if kind, size, err := r.stat(id); err == nil {
		e.Kind, e.Size = kind, size
	}
	return e
}

// link is an object that is stored as a delta, on the way to one that is not.
type link struct {
	offset uint64
	entry  entry
}

// packed reads the object at an offset of a pack. The content is appended to buf[:0]. A base that is damaged is taken from
// elsewhere.
func (r *reader) packed(p *pack, offset uint64, buf []byte) (kind Kind, data []byte, err error) {
	defer survive(&err)
	if err := p.open(); err != nil {
		return 0, nil, err
	}
	first := len(r.links)
	defer func() { r.links = r.links[:first] }()
	kind, data, err = r.descend(p, offset, buf)
	if err == nil && len(data) >= r.db.fold {
		if folded, ok := r.folded(p, r.links[first:], kind, data, buf); ok {
			return kind, folded, nil
		}
	}
	for i := len(r.links) - 1; i >= first; i-- {
		l := r.links[i]
		if err == nil {
			data, err = r.applied(p, l, data, i == first, buf)
		}
		if err != nil && i > first && !isTooLarge(err) {
			kind, data, err = r.elsewhere(p, l.offset, err)
		}
		if err == nil && i > first {
			r.db.bases.add(place{p, l.offset}, kind, data)
		}
	}
	return kind, data, err
}

// descend follows the bases from an object down to one that is no delta, or is in the cache, and returns that; the deltas on
// the way are left in r.links.
func (r *reader) descend(p *pack, offset uint64, buf []byte) (Kind, []byte, error) {
	mark, steps, patience := offset, 0, 1 // Brent's way to notice a circle: is the mark met again within as many steps
	top := true
	for {
		if !top {
			if kind, data, ok := r.db.bases.get(place{p, offset}); ok {
				return kind, data, nil
			}
			if err := r.db.lost.get(place{p, offset}); err != nil {
				return 0, nil, err
			}
		}
		e, err := p.entry(offset)
		if err != nil {
			return r.instead(p, offset, top, err)
		}
		switch e.kind {
		case offsetDelta:
			r.links = append(r.links, link{offset, e})
			offset = e.base
		case refDelta:
			r.links = append(r.links, link{offset, e})
			pos, ok := p.index.find(e.baseID)
			if !ok {
				return r.elsewhereID(p, RawID(e.baseID), fmt.Errorf("its base %s is not in the pack", RawID(e.baseID)))
			}
			offset = p.index.offset(pos)
		default:
			return r.whole(p, offset, e, top, buf)
		}
		top = false
		if offset == mark {
			return 0, nil, ErrLoop
		}
		if steps++; steps == patience {
			mark, steps, patience = offset, 0, 2*patience
		}
	}
}

// whole reads an object that is no delta.
func (r *reader) whole(p *pack, offset uint64, e entry, top bool, buf []byte) (Kind, []byte, error) {
	if e.size > r.db.most {
		return e.kind, nil, &TooLargeError{Kind: e.kind, Size: int64(e.size)}
	}
	if !top {
		buf = nil
	}
	data, err := r.inflate(p, e, buf)
	if err != nil {
		return r.instead(p, offset, top, err)
	}
	if !top {
		r.db.bases.add(place{p, offset}, e.kind, data)
	}
	return e.kind, data, nil
}

// instead looks elsewhere for a base that cannot be read. The object that was asked for itself is left to the caller.
func (r *reader) instead(p *pack, offset uint64, top bool, err error) (Kind, []byte, error) {
	if top {
		return 0, nil, err
	}
	return r.elsewhere(p, offset, err)
}

// inflate decompresses an object that is no delta into the memory of buf, or into new memory.
func (r *reader) inflate(p *pack, e entry, buf []byte) ([]byte, error) {
	src := p.body[e.body:]
	if err := plausible(e.size, len(src)); err != nil {
		return nil, err
	}
	out := grown(buf, int(e.size))
	return out, r.zlib(out, src)
}

// zlib decompresses the stream that src holds. The decoder is quick only while the end of what it may look at is far, and most streams
// are short, so it may look at what follows them in memory. If a stream seems to go on there, or has an error, that does not count.
func (r *reader) zlib(dst, src []byte) error {
	const ahead = 24 // bytes: the decoder's 16, and as many as it takes in at once
	_, used, err := r.inflater.Zlib(dst, src[:min(len(src)+ahead, cap(src))])
	if err != nil || used > len(src) {
		_, _, err = r.inflater.Zlib(dst, src)
	}
	return err
}

// inflateDelta decompresses a delta into r.delta, and returns its instructions and the size of what they make.
func (r *reader) inflateDelta(e entry, src []byte, base int) (instructions []byte, size int, err error) {
	if e.size > r.db.most+r.db.most/2 {
		return nil, 0, &TooLargeError{Size: int64(min(e.size, 1<<62))}
	}
	if err := plausible(e.size, len(src)); err != nil {
		return nil, 0, err
	}
	r.delta = grown(r.delta, int(e.size))
	if err := r.zlib(r.delta, src); err != nil {
		return nil, 0, err
	}
	from, result, instructions, err := deltaSizes(r.delta)
	switch {
	case err != nil:
		return nil, 0, err
	case from != uint64(base):
		return nil, 0, errDeltaBase
	case result > r.db.most:
		return nil, 0, &TooLargeError{Size: int64(min(result, 1<<62))}
	}
	const unchecked = 1 << 20 // bytes that may be asked for on the word of a delta alone
	if result > unchecked {
		err = checkDelta(result, instructions)
	}
	return instructions, int(result), err
}

// applied makes an object from its base. Only the last one goes into the caller's memory: the others are bases, and kept.
func (r *reader) applied(p *pack, l link, base []byte, last bool, buf []byte) ([]byte, error) {
	instructions, size, err := r.inflateDelta(l.entry, p.body[l.entry.body:], len(base))
	if err != nil {
		return nil, err
	}
	if !last {
		buf = nil
	}
	out := grown(buf, size)
	r.copies, err = patch(out, base, instructions, r.copies[:0])
	return out, err
}

// elsewhere finds another copy of the object at an offset of a pack that cannot be read there.
func (r *reader) elsewhere(p *pack, offset uint64, why error) (Kind, []byte, error) {
	at := place{p, offset}
	if err := r.db.lost.get(at); err != nil {
		return 0, nil, err
	}
	var known *baseError
	if !errors.As(why, &known) {
		why = &baseError{offset, why}
	}
	if len(r.without) == 0 {
		r.tries = mostTries // what comes of this is remembered, so that it happens once
	} else if r.tries <= 0 {
		return 0, nil, why
	}
	pos, ok := p.index.at(offset)
	if !ok {
		return 0, nil, why
	}
	kind, data, err := r.elsewhereID(p, RawID(p.index.id(pos)), why)
	if err != nil && !isTooLarge(err) && len(r.without) == 0 {
		r.db.lost.add(at, err)
	}
	return kind, data, err
}

// baseError says at which object on the way something is wrong: the first one that was met.
type baseError struct {
	offset uint64
	err    error
}

func (e *baseError) Error() string { return fmt.Sprintf("its base at offset %d: %v", e.offset, e.err) }
func (e *baseError) Unwrap() error { return e.err }

func (r *reader) elsewhereID(p *pack, id ID, why error) (Kind, []byte, error) {
	if r.tries--; r.tries < 0 {
		return 0, nil, why
	}
	r.without = append(r.without, p)
	kind, data, err := r.find(id, nil)
	r.without = r.without[:len(r.without)-1]
	if err != nil && !isTooLarge(err) {
		err = why
	}
	return kind, data, err
}

// verify compares a content's hash with its id.
func (r *reader) verify(raw []byte, kind Kind, data []byte) error {
	if r.digest == nil {
		r.digest = newDigest(r.db.size)
	}
	r.digest.Reset()
	var head [looseHead]byte
	start := append(append(head[:0], kind.String()...), ' ')
	start = append(strconv.AppendInt(start, int64(len(data)), 10), 0)
	_, _ = r.digest.Write(start) // a hash never fails
	_, _ = r.digest.Write(data)
	if r.sum = r.digest.Sum(r.sum[:0]); !bytes.Equal(r.sum, raw) {
		return errors.New("its content has another id")
	}
	return nil
}

func newDigest(size int) hash.Hash {
	if size == sha256.Size {
		return sha256.New()
	}
	return sha1.New()
}
