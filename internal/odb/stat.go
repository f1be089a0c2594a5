package odb

import (
	"cmp"
	"errors"
	"slices"
)

func (r *reader) stat(id ID) (Kind, int64, error) {
	raw := id.hash[:id.size]
	if len(raw) != r.db.size {
		return 0, 0, ErrMissing
	}
	var first error
	for _, s := range *r.db.stores.Load() {
		for p, offset := range s.indexed(raw) { // without a multi-pack-index, since no hash shows whether that was right
			kind, size, err := r.statPacked(p, offset)
			if err == nil {
				return kind, int64(size), nil
			}
			first = cmp.Or(first, error(&CorruptError{ID: id, File: p.path, Offset: int64(offset), Err: err}))
		}
	}
	for _, s := range *r.db.stores.Load() {
		path := s.loosePath(raw)
		err := r.readFile(path, looseStart)
		if err == nil {
			kind, size, _, headErr := r.looseHeader()
			if err = headErr; err == nil {
				return kind, int64(size), nil
			}
		}
		if !isAbsent(err) {
			first = cmp.Or(first, error(&CorruptError{ID: id, File: path, Err: err}))
		}
	}
	return 0, 0, cmp.Or(first, ErrMissing)
}

// statPacked learns the size from the object's own header, or from the start of its delta, and the kind from the end of the
// chain of its bases.
func (r *reader) statPacked(p *pack, offset uint64) (kind Kind, size uint64, err error) {
	defer survive(&err)
	if err := p.open(); err != nil {
		return 0, 0, err
	}
	e, err := p.entry(offset)
	if err != nil {
		return 0, 0, err
	}
	if e.kind != offsetDelta && e.kind != refDelta {
		return e.kind, min(e.size, 1<<62), nil
	}
	const most = 20 // two numbers of at most ten bytes each
	start, err := r.inflateStart(p.body[e.body:], most)
	if err != nil && len(start) == 0 {
		return 0, 0, err
	}
	if _, size, _, err = deltaSizes(start); err != nil {
		return 0, 0, err
	}
	kind, err = r.rootKind(p, offset, e)
	return kind, min(size, 1<<62), err
}

func (r *reader) rootKind(p *pack, offset uint64, e entry) (Kind, error) {
	mark, steps, patience := offset, 0, 1
	for {
		switch e.kind {
		case offsetDelta:
			offset = e.base
		case refDelta:
			pos, ok := p.index.find(e.baseID)
			if !ok {
				return r.kindElsewhere(p, e.baseID)
			}
			offset = p.index.offset(pos)
		default:
			return e.kind, nil
		}
		if offset == mark {
			return 0, ErrLoop
		}
		if steps++; steps == patience {
			mark, steps, patience = offset, 0, 2*patience
		}
		err := r.db.lost.get(place{p, offset})
		if err == nil {
			e, err = p.entry(offset)
		}
		if err != nil {
			return 0, err
		}
	}
}

// kindElsewhere is for a base that is not in the pack.
func (r *reader) kindElsewhere(p *pack, raw []byte) (Kind, error) {
	if slices.Contains(r.without, p) {
		return 0, ErrLoop
	}
	r.without = append(r.without, p)
	defer func() { r.without = r.without[:len(r.without)-1] }()
	kind, _, err := r.stat(RawID(raw))
	if errors.Is(err, ErrMissing) {
		err = errors.New("its base is not in the database")
	}
	return kind, err
}
