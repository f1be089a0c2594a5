package odb

import "sync/atomic"

// worker visits objects on a goroutine of its own.
type worker struct {
	*reader
	buffers
	crew    *crew
	visitor Visitor
	object  Object
	large   []byte   // for loose objects
	stack   []branch // from the root of a tree down to where it is
	bytes   int      // of the contents on the stack
	mapped  int      // bytes of packs that were read since pages were given back
	spare   []*held
}

// branch is a range of the deltas of an object that are still to be done.
type branch struct {
	forest    *forest
	number    uint32 // of the object
	base      *held
	next, end uint32 // in forest.kids
}

// held is an object whose deltas are being made.
type held struct {
	kind   Kind
	data   []byte
	carry  any
	err    error // why there is no data
	faded  bool  // the data was given up to save memory, and can be read again
	shared atomic.Int32
}

func newWorker(db *DB, c *crew, v Visitor) *worker {
	return &worker{reader: &reader{db: db}, crew: c, visitor: v}
}

// run does tasks while there are any, then what others give away.
func (w *worker) run() {
	defer watchFaults()()
	for !w.crew.ended.Load() {
		n := int(w.crew.begun.Add(1)) - 1
		if n >= len(w.crew.heavy) {
			break
		}
		w.begin(w.crew.heavy[n].forest, w.crew.heavy[n].root)
	}
	const chunk = 32 // tasks, most of which are no roots
	forest := 0
	for !w.crew.ended.Load() {
		from := int(w.crew.next.Add(chunk)) - chunk
		if from >= w.crew.tasks {
			break
		}
		for task := from; task < min(from+chunk, w.crew.tasks); task++ {
			for forest < len(w.crew.forests) && task >= w.crew.starts[forest]+len(w.crew.forests[forest].offsets) {
				forest++
			}
			if forest == len(w.crew.forests) {
				w.visitLoose(w.crew.loose[task-(w.crew.tasks-len(w.crew.loose))])
				continue
			}
			w.start(w.crew.forests[forest], uint32(task-w.crew.starts[forest]))
		}
	}
	for {
		b, ok := w.crew.take()
		if !ok {
			return
		}
		w.push(b)
		w.descend()
	}
}

// start does a tree from its root.
func (w *worker) start(f *forest, i uint32) {
	switch {
	case f.marks[i]&reached == 0: // in a circle, or hanging on one: each stands for itself
		if f.marks[i]&visited != 0 {
			w.release(w.standIn(f, i, ErrLoop))
		}
		return
	case f.bases[i] < highest || f.weights[i] == 0 || f.marks[i]&begun != 0:
		return
	}
	w.begin(f, i)
}

func (w *worker) begin(f *forest, i uint32) {
	w.goDown(f, i, w.obtain(f, i, nil))
	w.descend()
}

// goDown puts an object on the stack if deltas of it are needed, and else gives it up.
func (w *worker) goDown(f *forest, i uint32, h *held) {
	if f.weights[i] <= 1 {
		w.release(h)
		return
	}
	w.push(branch{f, i, h, f.first[i], f.first[i+1]})
}

func (w *worker) push(b branch) {
	w.stack = append(w.stack, b)
	w.bytes += cap(b.base.data)
	w.fade()
}

func (w *worker) newHeld(kind Kind, data []byte) *held {
	if last := len(w.spare) - 1; last >= 0 {
		h := w.spare[last]
		w.spare = w.spare[:last]
		h.kind, h.data = kind, data
		return h
	}
	return &held{kind: kind, data: data}
}

// descend empties the stack. What is on it is at most as deep as the logarithm of the tree's size, since the object whose
// heaviest delta is begun is not needed any more.
func (w *worker) descend() {
	for len(w.stack) > 0 {
		top := &w.stack[len(w.stack)-1]
		f := top.forest
		for top.next < top.end && f.weights[f.kids[top.next]] == 0 {
			top.next++
		}
		if top.next == top.end || w.crew.ended.Load() {
			w.pop()
			continue
		}
		if w.crew.hungry.Load() > 0 && w.share() {
			continue
		}
		kid := f.kids[top.next]
		top.next++
		w.revive(top)
		h := w.obtain(f, kid, top.base)
		if top.next == top.end {
			w.pop()
		}
		w.goDown(f, kid, h)
	}
}

func (w *worker) pop() {
	last := len(w.stack) - 1
	base := w.stack[last].base
	w.stack = w.stack[:last]
	w.bytes -= cap(base.data)
	w.release(base)
}

// release gives up an object unless another worker still has it.
func (w *worker) release(h *held) {
	if h == nil || h.shared.Add(-1) >= 0 {
		return
	}
	if h.data != nil {
		w.put(h.data)
	}
	*h = held{}
	w.spare = append(w.spare, h)
}

// share gives away a part of a tree that is worth it, the nearest to the root, and reports whether there was one.
func (w *worker) share() bool {
	for k := range w.stack {
		b := &w.stack[k]
		from, whole := b.next, k < len(w.stack)-1
		if !whole {
			from += (b.end - b.next) / 2
		}
		if !whole && (from == b.next || b.base.faded) || !b.forest.worthwhile(from, b.end, cap(b.base.data)) {
			continue
		}
		part := *b
		part.next = from
		if whole {
			w.bytes -= cap(b.base.data)
			w.stack = append(w.stack[:k], w.stack[k+1:]...)
		} else {
			b.base.shared.Add(1)
			b.end = from
		}
		w.crew.give(part)
		return true
	}
	return false
}

// worthwhile reports whether enough is below a range of deltas, of a base of so many bytes, to occupy another worker for longer than
// handing it over takes.
func (f *forest) worthwhile(from, end uint32, size int) bool {
	const least, far = 32, 4096 // small objects, at some microseconds each; deltas that are looked at
	each, total := 1+uint64(size)/4096, uint64(0)
	for _, kid := range f.kids[from:min(end, from+far)] {
		if total += uint64(f.weights[kid]) * each; total >= least {
			return true
		}
	}
	return false
}

// usualHeld is how many bytes of contents a worker keeps on its stack. Only trees of huge files need more.
const usualHeld = 64 << 20

// fade gives up contents that will be needed last, while there are too many.
func (w *worker) fade() {
	for k := 0; w.bytes > w.db.held && k < len(w.stack)-1; k++ {
		h := w.stack[k].base
		if h.data == nil || h.shared.Load() > 0 {
			continue
		}
		w.bytes -= cap(h.data)
		h.data, h.faded = nil, true
	}
}

// revive reads a content again that was given up.
func (w *worker) revive(b *branch) {
	h := b.base
	if !h.faded {
		return
	}
	h.faded = false
	_, h.data, h.err = w.read(b.forest.id(b.number), nil)
	w.bytes += cap(h.data)
}
