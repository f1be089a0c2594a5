package ringstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"keysweep/rotation"
)

// Update runs change and writes what it did, as rotation.Store promises. change must not use the Store itself. If the keyring
// fails in the middle, a beginning of the changes is kept.
func (s *Store) Update(ctx context.Context, change func(rotation.Txn) error) error {
	return s.exclusively(ctx, func() error {
		now, err := s.repaired(ctx)
		if err != nil {
			return err
		}
		t := &txn{reader: s.reader(ctx, now), pending: map[string][]byte{}, elements: map[string]*digest{}}
		defer t.close()
		if err := change(t); err != nil {
			return err
		}
		if err := t.reader.check(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("write to the ledger: %w", context.Cause(ctx))
		}
		if len(t.changes) == 0 {
			return nil
		}
		return s.apply(context.WithoutCancel(ctx), t) // what has begun is finished; the ring has deadlines of its own
	})
}

// repaired is current for who may write.
func (s *Store) repaired(ctx context.Context) (state, error) {
	h, _, err := s.load(ctx)
	if err == nil && len(h.Intent) > 0 {
		if err = s.settle(ctx, h); err == nil {
			h, _, err = s.load(ctx)
		}
	}
	return state{head: h}, err
}

// apply writes what is intended, does it, and writes what it has become, in batches that the head has room for.
func (s *Store) apply(ctx context.Context, t *txn) error {
	h, err := t.now.head.clone(), error(nil)
	for rest := t.changes; len(rest) > 0; {
		h.Seq++
		var boxes [][]byte
		boxes, rest, err = s.plan(ctx, &h, t, rest)
		if err != nil {
			return err
		}
		if _, err := s.save(ctx, h); err != nil {
			return err
		}
		for i, st := range h.Intent {
			if err := s.do(ctx, st.Name, boxes[i]); err != nil {
				return err
			}
		}
		for _, st := range h.Intent {
			h.count(s.id, st)
		}
		h.Intent = nil
	}
	h.Seq++
	return s.finish(ctx, h)
}

// plan gives the head an intent of as many changes as it has room for. It returns what is to be written for each, and the other
// changes.
func (s *Store) plan(ctx context.Context, h *head, t *txn, changes []change) (boxes [][]byte, rest []change, err error) {
	for i, c := range changes {
		old, err := t.element(ctx, c.name)
		if err != nil {
			return nil, nil, err
		}
		st, box := step{Name: c.name, Old: old}, []byte(nil)
		if c.data != nil {
			box = s.id.seal(c.name, h.Seq, c.data)
			element := s.id.element(box[len(box)-keySize:])
			st.New = &element
		}
		h.Intent = append(h.Intent, st)
		if !s.id.room(*h) && len(h.Intent) > 1 {
			h.Intent = h.Intent[:len(h.Intent)-1]
			return boxes, changes[i:], nil
		}
		boxes = append(boxes, box)
		t.elements[c.name] = st.New
	}
	return boxes, nil, nil
}

func (s *Store) do(ctx context.Context, name string, box []byte) error {
	if box == nil {
		return s.ring.Remove(ctx, itemPrefix+name)
	}
	return s.ring.Set(ctx, itemPrefix+name, label(name), box)
}

// txn collects the changes of an update.
type txn struct {
	*reader
	pending  map[string][]byte  // data of items that were put, nil of those that were deleted
	changes  []change           // in order
	elements map[string]*digest // of items that were planned
	closed   bool
}

// change is one change; data is nil for one that is deleted.
type change struct {
	name string
	data []byte
}

var errClosed = errors.New("the update is over")

func (t *txn) close() {
	t.closed = true
	t.reader.close()
	for _, c := range t.changes {
		clear(c.data)
	}
}

// element returns what an item is in the ring before its next change.
func (t *txn) element(ctx context.Context, name string) (*digest, error) {
	if element, planned := t.elements[name]; planned {
		return element, nil
	}
	if f, read := t.read[name]; read {
		return f.element, nil
	}
	return t.store.elementOf(ctx, name)
}

// Get returns an item as the update has left it so far.
func (t *txn) Get(name string) ([]byte, error) {
	if t.closed {
		return nil, errClosed
	}
	data, changed := t.pending[name]
	if changed && data == nil {
		return nil, fmt.Errorf("item %s: %w", name, rotation.ErrNotFound)
	}
	if changed {
		return slices.Clone(data), nil
	}
	return t.reader.Get(name)
}

// List returns the names as the update has left them so far.
func (t *txn) List() ([]string, error) {
	if t.closed {
		return nil, errClosed
	}
	names, err := t.reader.List()
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		_, changed := t.pending[name]
		return changed
	})
	for name, data := range t.pending {
		if data != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Put sets an item.
func (t *txn) Put(name string, data []byte) error {
	if t.closed {
		return errClosed
	}
	if err := rotation.CheckItem(name, data); err != nil {
		return err
	}
	t.change(name, slices.Clone(data))
	return nil
}

// Delete takes an item away.
func (t *txn) Delete(name string) error {
	if t.closed {
		return errClosed
	}
	if err := rotation.CheckItemName(name); err != nil {
		return err
	}
	there, err := t.has(name)
	if there {
		t.change(name, nil)
	}
	return err
}

// has reports whether the update has left an item of that name so far.
func (t *txn) has(name string) (bool, error) {
	if data, changed := t.pending[name]; changed {
		return data != nil, nil
	}
	f, err := t.find(name)
	return f.element != nil, err
}

func (t *txn) change(name string, data []byte) {
	t.pending[name] = data
	t.changes = append(t.changes, change{name, data})
}
