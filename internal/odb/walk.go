package odb

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// Object is an object during Visitor.Visit.
type Object struct {
	ID       ID
	Index    uint32
	Kind     Kind
	Data     []byte // the content; only during Visit, and not to be changed
	Leaf     bool   // nothing is stored as a delta of it, as far as the pack shows
	Delta    bool   // it is stored as a delta, and its base is at hand: BaseData, Base and Copies are set
	BaseData []byte // the content of the base; only during Visit, and not to be changed
	Base     any    // what Visit returned for the base, perhaps on another goroutine; nil if that was not visited
	Copies   []Copy // what Data has from BaseData, ordered by To, adjacent ones joined; only during Visit
}

// Visitor receives the objects of one worker.
type Visitor interface {
	// Visit receives an object, which is only valid during the call. What it returns is handed to it with the objects that are
	// stored as a delta of this one; several workers may have it at the same time. An error ends the walk.
	Visit(o *Object) (carry any, err error)
	// Failed receives an object of which no copy can be read: err is a *CorruptError, a *TooLargeError or ErrMissing.
	Failed(id ID, index uint32, err error)
}

// WalkOptions says what a walk is about.
type WalkOptions struct {
	Workers int // goroutines; 0 means 1
	// Skip chooses objects that are not to be visited; nil: none. What no visited object needs is not even decompressed. It is
	// called at most once for each object, not in order and by several goroutines at once; not for objects whose kind cannot
	// be learned before they are read, which are visited.
	Skip    func(index uint32, kind Kind) bool
	Visitor func(worker int) Visitor // called once for each worker
}

// Walk visits every object that has an index once: on each worker depth first, a base before its deltas. It returns the first
// error of a Visit, or the cause why ctx is done.
func (db *DB) Walk(ctx context.Context, o WalkOptions) error {
	o.Workers = max(o.Workers, 1)
	c, err := db.survey(ctx, &o)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { c.end(context.Cause(ctx)) })
	defer stop()
	visitors := make([]Visitor, o.Workers)
	for i := range visitors {
		visitors[i] = o.Visitor(i)
	}
	var all sync.WaitGroup
	for _, visitor := range visitors {
		all.Go(func() { newWorker(db, c, visitor).run() })
	}
	all.Wait()
	return c.verdict()
}

// survey finds out what there is to do.
func (db *DB) survey(ctx context.Context, o *WalkOptions) (*crew, error) {
	ids := db.census()
	c := &crew{size: o.Workers, skip: o.Skip}
	c.changed.L = &c.mu
	seen := make([]bool, ids.n)
	var checks sync.WaitGroup
	if o.Skip == nil { // who visits all looks up what they name
		checks.Go(ids.refine)
	}
	for _, s := range *db.stores.Load() {
		for _, p := range s.packs {
			checks.Go(p.index.check)
			f, err := db.plant(ctx, p, seen, o)
			if err != nil {
				return nil, err
			}
			c.add(f)
		}
	}
	for _, l := range ids.loose {
		if !seen[l.index] {
			seen[l.index] = true
			c.loose = append(c.loose, l)
		}
	}
	total := 0
	for _, f := range c.forests {
		total += len(f.pack.body)
	}
	c.small = total <= smallPacks
	c.findHeavy(db.heavy)
	c.tasks += len(c.loose)
	checks.Wait() // the workers rely on what was found
	return c, nil
}

// crew is what the workers share.
type crew struct {
	size    int
	skip    func(index uint32, kind Kind) bool
	small   bool // the packs are: see smallPacks
	forests []*forest
	starts  []int // the number of the first task of each forest: there are as many as objects
	loose   []looseFile
	tasks   int
	next    atomic.Int64 // task
	heavy   []heavyTree  // they are begun before all tasks
	begun   atomic.Int64 // of them
	ended   atomic.Bool
	hungry  atomic.Int32 // workers that nothing is in store for

	mu      sync.Mutex
	changed sync.Cond
	idle    int
	store   []branch // parts of trees that a worker gave away
	err     error
}

func (c *crew) add(f *forest) {
	c.forests = append(c.forests, f)
	c.starts = append(c.starts, c.tasks)
	c.tasks += len(f.offsets)
}

// heavyTree is the root of a tree that takes long.
type heavyTree struct {
	forest *forest
	root   uint32
	cost   uint64 // see forest.cost
}

// usualHeavy is the cost from which a tree is worth being begun early: it takes some milliseconds.
const usualHeavy = 16 << 20

// findHeavy finds the trees that cost so much at least. If they are begun first, the longest first, the workers come to their ends at about the
// same time: a chain of versions of a large file cannot be divided, and most of a history can consist of a few.
func (c *crew) findHeavy(least uint64) {
	for _, f := range c.forests {
		for i, base := range f.bases {
			if base < highest || f.weights[i] < 2 {
				continue
			}
			if cost := f.cost(uint32(i)); cost >= least {
				f.marks[i] |= begun
				c.heavy = append(c.heavy, heavyTree{f, uint32(i), cost})
			}
		}
	}
	slices.SortFunc(c.heavy, func(a, b heavyTree) int { return cmp.Compare(b.cost, a.cost) })
}

// end stops the walk, with an error or because nothing is left.
func (c *crew) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended.Load() {
		c.err = err
		c.ended.Store(true)
	}
	c.changed.Broadcast()
}

func (c *crew) verdict() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// give puts a part of a tree in store for a worker that has nothing to do.
func (c *crew) give(b branch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store = append(c.store, b)
	c.hungry.Store(int32(c.idle - len(c.store)))
	c.changed.Signal()
}

// take waits for a part of a tree. There will be none any more when all wait.
func (c *crew) take() (b branch, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle++
	c.hungry.Store(int32(c.idle - len(c.store)))
	for len(c.store) == 0 && !c.ended.Load() {
		if c.idle == c.size {
			c.ended.Store(true)
			c.changed.Broadcast()
			break
		}
		c.changed.Wait()
	}
	if c.ended.Load() {
		return b, false
	}
	b = c.store[len(c.store)-1]
	c.store = c.store[:len(c.store)-1]
	c.idle--
	c.hungry.Store(int32(c.idle - len(c.store)))
	return b, true
}
