package odb

import (
	"context"
	"slices"
	"sync"
)

// forest is a pack as trees of deltas. Its objects are numbered by where they begin in the pack.
//
//	offset   12   90  130  260        base     -    0    1    0        kids of 0: 3, then 1, which has more below it
type forest struct {
	pack      *pack
	positions []uint32 // in the index of the pack
	global    []uint32 // by position, the index in the database; nil: the position is it
	offsets   []uint64
	bases     []uint32 // the number of the base, or root, outside, adrift
	kinds     []Kind   // 0: not to be learned
	first     []uint32 // where the deltas of an object begin in kids; one more than there are objects
	kids      []uint32
	order     []uint32 // see follow
	weights   []uint32 // how many objects of its tree are needed, from it down
	marks     []uint8
}

// What stands in the place of a base's number.
const (
	root    = 0xffffffff - iota // it is no delta, or cannot be read
	outside                     // its base is not in the pack
	adrift                      // its base cannot be in the pack: it would be itself, or nothing begins there
	highest
)

// Marks of the objects of a forest.
const (
	visited = 1 << iota // to be visited
	reached             // its tree has a root
	begun               // its tree is begun with the heavy ones
)

// plant makes the forest of a pack. seen has the objects that are visited in other packs, and gets those of this one.
func (db *DB) plant(ctx context.Context, p *pack, seen []bool, o *WalkOptions) (*forest, error) {
	f := db.grown(p, o.Workers)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	f.choose(seen, o)
	f.weigh()
	return f, nil
}

// grown returns a forest in which nothing is chosen yet. It is grown for the first walk and kept for those that follow, which are
// usually about few objects.
func (db *DB) grown(p *pack, workers int) *forest {
	p.growing.Lock()
	defer p.growing.Unlock()
	if p.open() != nil {
		db.rescan() // it may have been replaced by another since it was listed
		return db.grow(p, workers)
	}
	if p.forest == nil {
		p.forest = db.grow(p, workers)
	}
	own := *p.forest
	own.kids, own.marks = slices.Clone(own.kids), slices.Clone(own.marks) // a walk changes them
	return &own
}

// grow reads how the objects of a pack are stored.
func (db *DB) grow(p *pack, workers int) *forest {
	f := &forest{pack: p}
	f.positions, f.offsets = p.index.sorted()
	n := len(f.offsets)
	if ids := db.census(); ids.table != &p.index.table {
		f.global = make([]uint32, n)
		for pos := range f.global {
			if at, ok := ids.find(p.index.id(pos)); ok {
				f.global[pos] = uint32(at)
			} else {
				f.global[pos] = highest // the index is not in order
			}
		}
	}
	f.bases, f.kinds, f.marks = make([]uint32, n), make([]Kind, n), make([]uint8, n)
	for i := range f.bases {
		f.bases[i] = root
	}
	if p.open() == nil && n > 0 {
		starts := newOffsetTable(f.offsets)
		split(n, workers, func(from, to int) { f.readHeaders(starts, from, to) })
	}
	f.linkKids()
	f.order = f.follow()
	f.spreadKinds(db)
	return f
}

// split does work on 0..n in as many parts at the same time.
func split(n, parts int, work func(from, to int)) {
	const least = 4096 // objects that are worth a goroutine
	parts = max(min(parts, n/least), 1)
	var all sync.WaitGroup
	for part := range parts {
		all.Go(func() { work(n*part/parts, n*(part+1)/parts) })
	}
	all.Wait()
}

// readHeaders learns the kinds and bases of a range of objects. Who has a header that cannot be read stays a root.
func (f *forest) readHeaders(starts *offsetTable, from, to int) {
	defer watchFaults()()
	var fault error // what is not read now will be tried again, and fail again
	defer survive(&fault)
	for i, relaxed := from, f.offsets[from]; i < to; i++ {
		if f.offsets[i]-relaxed > relaxAfter && len(f.pack.body) > smallPacks {
			f.pack.file.relax()
			relaxed = f.offsets[i]
		}
		e, err := f.pack.entry(f.offsets[i])
		if err != nil {
			continue
		}
		base, ok := 0, true
		switch e.kind {
		case offsetDelta:
			base, ok = starts.find(e.base)
		case refDelta:
			var pos int
			if pos, ok = f.pack.index.find(e.baseID); !ok {
				f.bases[i] = outside
				continue
			}
			base, ok = starts.find(f.pack.index.offset(pos))
		default:
			f.kinds[i] = e.kind
			continue
		}
		if f.bases[i] = uint32(base); !ok || base == i {
			f.bases[i] = adrift
		}
	}
}

func (f *forest) linkKids() {
	n := len(f.bases)
	f.first = make([]uint32, n+2)
	for _, base := range f.bases {
		if base < highest {
			f.first[base+2]++
		}
	}
	for i := range n {
		f.first[i+2] += f.first[i+1]
	}
	f.kids = make([]uint32, f.first[n+1])
	for i, base := range f.bases {
		if base < highest {
			f.kids[f.first[base+1]] = uint32(i)
			f.first[base+1]++
		}
	}
	f.first = f.first[:n+1]
}

// follow puts the objects into an order in which bases come before their deltas. Those that are not in it are in circles, or
// hang on one. Nearly all packs are in such an order as they are, which nil stands for.
func (f *forest) follow() (order []uint32) {
	asItIs := true
	for i, base := range f.bases {
		asItIs = asItIs && (base >= highest || base < uint32(i))
	}
	if asItIs {
		return nil
	}
	order = make([]uint32, 0, len(f.bases))
	for i, base := range f.bases {
		if base >= highest {
			order = append(order, uint32(i))
		}
	}
	for at := 0; at < len(order); at++ {
		i := order[at]
		order = append(order, f.kids[f.first[i]:f.first[i+1]]...)
	}
	return order
}

// spreadKinds gives each delta the kind of its base.
func (f *forest) spreadKinds(db *DB) {
	spread := func(i uint32) {
		f.marks[i] |= reached
		switch base := f.bases[i]; {
		case base < highest:
			f.kinds[i] = f.kinds[base]
		case base == outside:
			f.kinds[i] = db.kindOutside(f.pack, f.offsets[i])
		}
	}
	if f.order == nil {
		for i := range f.bases {
			spread(uint32(i))
		}
	}
	for _, i := range f.order {
		spread(i)
	}
}

// kindOutside learns the kind of a delta whose base is not in the pack; 0 if that fails.
func (db *DB) kindOutside(p *pack, offset uint64) Kind {
	r := db.readers.Get().(*reader)
	defer db.readers.Put(r)
	r.without = r.without[:0]
	e, err := p.entry(offset)
	if err != nil {
		return 0
	}
	kind, err := r.rootKind(p, offset, e)
	if err != nil {
		return 0
	}
	return kind
}

// choose marks what is to be visited.
func (f *forest) choose(seen []bool, o *WalkOptions) {
	for i := range f.marks {
		index := f.index(uint32(i))
		if index == highest || seen[index] {
			continue
		}
		seen[index] = true
		if o.Skip == nil || f.kinds[i] == 0 || !o.Skip(index, f.kinds[i]) {
			f.marks[i] |= visited
		}
	}
}

// weigh counts what is needed of each tree, and puts the heaviest delta of each object last: who goes down that one has no more
// use for the object itself, and on the way to any other one the rest at least halves.
func (f *forest) weigh() {
	f.weights = make([]uint32, len(f.bases))
	if f.order == nil {
		for i := len(f.bases) - 1; i >= 0; i-- {
			f.weighOne(uint32(i))
		}
	}
	for at := len(f.order) - 1; at >= 0; at-- {
		f.weighOne(f.order[at])
	}
}

func (f *forest) weighOne(i uint32) {
	kids := f.kids[f.first[i]:f.first[i+1]]
	total, most, heaviest := uint32(0), uint32(0), 0
	for k, kid := range kids {
		w := f.weights[kid]
		total += w
		if w >= most {
			most, heaviest = w, k
		}
	}
	if total > 0 || f.marks[i]&visited != 0 {
		total++
	}
	f.weights[i] = total
	if last := len(kids) - 1; last > 0 {
		kids[heaviest], kids[last] = kids[last], kids[heaviest]
	}
}

// cost estimates what a tree costs by the bytes of all objects in it, if they were as large as the root and not compressed.
func (f *forest) cost(i uint32) uint64 {
	return uint64(f.weights[i]) * uint64(max(f.end(i)-int(f.offsets[i]), 0))
}

func (f *forest) index(i uint32) uint32 {
	if f.global == nil {
		return f.positions[i]
	}
	return f.global[f.positions[i]]
}

func (f *forest) id(i uint32) ID { return RawID(f.pack.index.id(int(f.positions[i]))) }

// end returns where the next object begins.
func (f *forest) end(i uint32) int {
	for next := int(i) + 1; next < len(f.offsets); next++ {
		if f.offsets[next] > f.offsets[i] {
			return int(min(f.offsets[next], uint64(len(f.pack.body))))
		}
	}
	return len(f.pack.body)
}
