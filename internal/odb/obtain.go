package odb

import (
	"errors"
	"fmt"
)

var errAdrift = errors.New("its delta names a base where no object begins")

// obtain makes an object, from its base if it is a delta, and visits it if that is wanted.
func (w *worker) obtain(f *forest, i uint32, base *held) *held {
	if base != nil && base.err != nil {
		return w.standIn(f, i, belowBase(f, i, base.err))
	}
	id := f.id(i) // first of all, so that its memory and the object's are waited for together
	kind, data, delta, err := w.assemble(f, i, base)
	if err != nil {
		if data != nil {
			w.put(data)
		}
		return w.standIn(f, i, err)
	}
	h := w.newHeld(kind, data)
	if f.marks[i]&visited != 0 {
		o := Object{ID: id, Index: f.index(i), Kind: kind, Data: data, Leaf: f.first[i] == f.first[i+1]}
		if delta {
			o.Delta, o.BaseData, o.Base, o.Copies = true, base.data, base.carry, w.copies
		}
		w.visit(&o, h)
	}
	return h
}

// belowBase is the error of a delta whose base cannot be read.
func belowBase(f *forest, i uint32, why error) error {
	var known *baseError
	if isTooLarge(why) || errors.As(why, &known) {
		return why
	}
	return &baseError{f.offsets[f.bases[i]], why}
}

func (w *worker) visit(o *Object, h *held) {
	w.object = *o
	carry, err := w.visitor.Visit(&w.object)
	w.object = Object{}
	if err != nil {
		w.crew.end(err)
		return
	}
	h.carry = carry
}

// standIn makes up for an object that cannot be read from its pack with a copy from elsewhere. It is no delta then.
func (w *worker) standIn(f *forest, i uint32, why error) *held {
	id := f.id(i)
	w.links, w.without, w.tries = w.links[:0], append(w.without[:0], f.pack), mostTries
	kind, data, err := w.find(id, nil)
	h := w.newHeld(kind, data)
	if err != nil {
		if !isTooLarge(err) {
			err = why
		}
		h.err = err
	}
	switch {
	case f.marks[i]&visited == 0:
	case h.err == nil:
		w.visit(&Object{ID: id, Index: f.index(i), Kind: kind, Data: data}, h)
	case isTooLarge(h.err):
		w.visitor.Failed(id, f.index(i), w.named(h.err, id))
	default:
		w.visitor.Failed(id, f.index(i), &CorruptError{ID: id, File: f.pack.path, Offset: int64(f.offsets[i]), Err: unwrapped(h.err)})
	}
	return h
}

// unwrapped takes away what a CorruptError around another one would say twice.
func unwrapped(err error) error {
	var inner *CorruptError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// assemble reads an object from its place in the pack. Whatever is returned is memory of the worker's buffers. What the index
// does not vouch for must have the hash that is its id.
func (w *worker) assemble(f *forest, i uint32, base *held) (kind Kind, data []byte, delta bool, err error) {
	defer survive(&err)
	p, offset := f.pack, f.offsets[i]
	if err := p.open(); err != nil {
		return 0, nil, false, err
	}
	sum := p.index.sum(int(f.positions[i])) // early for the same reason as the id
	e, err := p.entry(offset)
	if err != nil {
		return 0, nil, false, err
	}
	end := max(f.end(i), e.body)
	src := p.body[e.body:end]
	w.relax(len(src))
	switch {
	case e.kind != offsetDelta && e.kind != refDelta:
		kind = e.kind
		data, err = w.unpack(e, src)
	case base != nil:
		kind, delta = base.kind, true
		data, err = w.patched(e, src, base.data)
	case f.bases[i] == outside:
		kind, data, err = w.fromOutside(p, e, src)
	default:
		err = errAdrift
	}
	if err == nil && !p.index.vouches(sum, p.body[offset:end]) {
		err = w.verify(p.index.id(int(f.positions[i])), kind, data)
	}
	return kind, data, delta, err
}

// unpack decompresses an object that is no delta.
func (w *worker) unpack(e entry, src []byte) ([]byte, error) {
	if e.size > w.db.most {
		return nil, &TooLargeError{Kind: e.kind, Size: int64(min(e.size, 1<<62))}
	}
	if err := plausible(e.size, len(src)); err != nil {
		return nil, err
	}
	data := w.get(int(e.size))
	return data, w.zlib(data, src)
}

// patched decompresses a delta and carries it out. What was copied is left in w.copies.
func (w *worker) patched(e entry, src, base []byte) (data []byte, err error) {
	instructions, size, err := w.inflateDelta(e, src, len(base))
	if err != nil {
		return nil, err
	}
	data = w.get(size)
	w.copies, err = patch(data, base, instructions, w.copies[:0])
	return data, err
}

// fromOutside makes a delta whose base is not in its pack. Git does not store such, but when it comes it can be read.
func (w *worker) fromOutside(p *pack, e entry, src []byte) (kind Kind, data []byte, err error) {
	w.links, w.without, w.tries = w.links[:0], append(w.without[:0], p), mostTries
	id := RawID(e.baseID)
	kind, base, err := w.find(id, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("its base %s is not in the pack: %w", id, err)
	}
	data, err = w.patched(e, src, base)
	return kind, data, err
}

func (w *worker) visitLoose(l looseFile) {
	s := (*w.db.stores.Load())[l.store]
	id := w.db.ID(l.index)
	raw := id.hash[:id.size]
	if w.crew.skip != nil && w.readFile(s.loosePath(raw), looseStart) == nil {
		if kind, _, _, err := w.looseHeader(); err == nil && w.crew.skip(l.index, kind) {
			return
		}
	}
	kind, data, err := w.read(id, w.large)
	if err != nil {
		w.visitor.Failed(id, l.index, err)
		return
	}
	w.large = data
	var h held
	w.visit(&Object{ID: id, Index: l.index, Kind: kind, Data: data}, &h)
}

func (w *worker) relax(read int) {
	if w.mapped += read; w.mapped < relaxAfter || w.crew.small {
		return
	}
	w.mapped = 0
	for _, f := range w.crew.forests {
		f.pack.file.relax()
	}
}
