package odb

import "slices"

// usualFold is the size in bytes from which an object at the end of a chain of deltas is made by folding them. For smaller ones there is
// little to save, and what lies in between may be asked for next: it is kept in the cache.
const usualFold = 256 << 10

// folding makes one delta out of many: what the objects of a chain have in common is then copied once and not at each step. An object is
// known as pieces of one at the start of the chain and of what deltas have inserted:
//
//	start    The quick brown fox
//	delta 1  copy 0-4, insert "slow", copy 9-19       0-4 20-24 9-19
//	delta 2  copy 0-8, insert "!"                     0-4 20-24 24-25
type folding struct {
	base     []byte  // the start
	inserted []byte  // by any delta; the first byte has the number after that of the end of base
	pieces   []piece // of the object, followed by one that begins where it ends
	spare    []piece
}

// piece is a part of an object, from one place up to the beginning of the next piece.
type piece struct {
	to uint32 // where it begins in the object
	at uint32 // where it is: in base, or behind it
}

func (f *folding) start(base []byte) {
	f.base, f.inserted = base, f.inserted[:0]
	f.pieces = append(f.pieces[:0], piece{0, 0}, piece{uint32(len(base)), 0}) // it is at most 1 GiB
}

// size is that of the object.
func (f *folding) size() int { return int(f.pieces[len(f.pieces)-1].to) }

// most is how many pieces are less work than the object itself. It bounds their memory to a quarter of it, and so are the insertions.
func (f *folding) most() int { return 64 + f.size()/64 }

// apply goes on to the object of so many bytes that a delta makes. It reports false for a delta that does not do that, or that makes too
// many pieces; the object is then the one that it was.
func (f *folding) apply(in []byte, size int) bool {
	next, inserted, to := f.spare[:0], len(f.inserted), 0
	fail := func() bool {
		f.spare, f.inserted = next, f.inserted[:inserted]
		return false
	}
	for i := 0; i < len(in); {
		op := in[i]
		i++
		if op&0x80 == 0 {
			n := int(op)
			if checkInsertion(n, len(in)-i, size-to) != nil {
				return fail()
			}
			next = joined(next, piece{uint32(to), uint32(len(f.base) + 1 + len(f.inserted))})
			f.inserted = append(f.inserted, in[i:i+n]...)
			i, to = i+n, to+n
			continue
		}
		from, n, after := copyRange(in, i, op)
		if after > len(in) || uint64(from)+uint64(n) > uint64(f.size()) || int(n) > size-to {
			return fail()
		}
		next = f.copied(next, Copy{From: from, To: uint32(to), Len: n})
		i, to = after, to+int(n)
		if len(next) > f.most() || len(f.inserted) > f.size()/4 {
			return fail()
		}
	}
	if to != size {
		return fail()
	}
	f.pieces, f.spare = append(next, piece{uint32(to), 0}), f.pieces
	return true
}

// copied appends the pieces that a copy is made of, unless they are too many.
func (f *folding) copied(next []piece, c Copy) []piece {
	k, found := slices.BinarySearchFunc(f.pieces, c.From, func(p piece, from uint32) int { return int(p.to) - int(from) })
	if !found {
		k--
	}
	next = joined(next, piece{c.To, f.pieces[k].at + c.From - f.pieces[k].to})
	for _, p := range f.pieces[k+1:] {
		if p.to >= c.From+c.Len || len(next) > f.most() {
			break
		}
		next = append(next, piece{p.to - c.From + c.To, p.at})
	}
	return next
}

// joined appends a piece, unless it goes on where the last one ends.
func joined(list []piece, p piece) []piece {
	if n := len(list); n > 0 && list[n-1].at+p.to-list[n-1].to == p.at {
		return list
	}
	return append(list, p)
}

// bytes makes the object, of size bytes.
func (f *folding) bytes(dst []byte) {
	for k, p := range f.pieces[:len(f.pieces)-1] {
		from, at := f.base, int(p.at)
		if at > len(f.base) {
			from, at = f.inserted, at-len(f.base)-1
		}
		n := f.pieces[k+1].to - p.to
		copy(dst[p.to:p.to+n], from[at:])
	}
}

// folded makes the object whose deltas are links if there are enough of them. Where there is much in them its base is kept: the next
// version that is asked for is likely to be made from it, or near.
func (r *reader) folded(p *pack, links []link, kind Kind, base, buf []byte) (data []byte, ok bool) {
	const few = 3
	if len(links) <= few {
		return nil, false
	}
	work := uint64(0)
	for _, l := range links {
		work += min(l.entry.size, r.db.most)
	}
	if work < uint64(len(base)/2) {
		return r.fold(p, links, base, buf)
	}
	if base, ok = r.fold(p, links[1:], base, nil); !ok {
		return nil, false
	}
	r.db.bases.add(place{p, links[1].offset}, kind, base)
	data, err := r.applied(p, links[0], base, true, buf)
	return data, err == nil
}

// fold makes the object whose deltas are links, the last one first, from what they start from, in the memory of buf if that suffices. It is only quicker than one step after
// the other: where that fails, for whatever reason, it reports false.
func (r *reader) fold(p *pack, links []link, base, buf []byte) ([]byte, bool) {
	f := &r.folding
	defer func() { f.base = nil }()
	f.start(base)
	for _, l := range slices.Backward(links) {
		in, size, err := r.inflateDelta(l.entry, p.body[l.entry.body:], f.size())
		if err != nil {
			return nil, false
		}
		if f.apply(in, size) {
			continue
		}
		whole := make([]byte, f.size())
		f.bytes(whole)
		data := make([]byte, size)
		if r.copies, err = patch(data, whole, in, r.copies[:0]); err != nil {
			return nil, false
		}
		f.start(data)
	}
	data := grown(buf, f.size())
	f.bytes(data)
	return data, true
}
