package filestore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"keysweep/internal/atomicfile"
	"keysweep/rotation"
	"keysweep/rotation/anchor"
	"keysweep/rotation/internal/smallfile"
)

// Get returns the data of an item, or rotation.ErrNotFound.
func (s *Store) Get(ctx context.Context, name string) (data []byte, err error) {
	if err := rotation.CheckItemName(name); err != nil {
		return nil, err
	}
	err = s.shared(ctx, func() error {
		items, err := s.items()
		if err != nil {
			return err
		}
		data, err = s.get(items, name)
		return err
	})
	return data, err
}

// List returns the names of all items, sorted, and sees that each has its file and that there are no others.
func (s *Store) List(ctx context.Context) (names []string, err error) {
	err = s.View(ctx, func(r rotation.Reader) error {
		names, err = r.List()
		return err
	})
	return names, err
}

// View runs look while nobody writes. The head is read once for all that look reads: with a Get for each of n items it would
// be read n times, and it grows with n. View sees that each item has its file and that there are no others.
func (s *Store) View(ctx context.Context, look func(rotation.Reader) error) error {
	return s.shared(ctx, func() error {
		items, err := s.items()
		if err != nil {
			return err
		}
		if err := s.checkFiles(items); err != nil {
			return err
		}
		return look(&reader{ctx, s, items})
	})
}

// reader is the rotation.Reader of View.
type reader struct {
	ctx   context.Context
	store *Store
	items map[string]entry
}

// Get returns an item. It fails when the context of View ends, which can be long before all items are read.
func (r *reader) Get(name string) ([]byte, error) {
	if err := rotation.CheckItemName(name); err != nil {
		return nil, err
	}
	if r.ctx.Err() != nil {
		return nil, fmt.Errorf("read the ledger: %w", context.Cause(r.ctx))
	}
	return r.store.get(r.items, name)
}

// List returns all names, sorted.
func (r *reader) List() ([]string, error) { return slices.Sorted(maps.Keys(r.items)), nil }

func (s *Store) items() (map[string]entry, error) {
	h, _, err := s.load()
	if err != nil {
		return nil, err
	}
	return s.settled(h)
}

func (s *Store) get(items map[string]entry, name string) ([]byte, error) {
	want, ok := items[name]
	if !ok {
		return nil, fmt.Errorf("item %s: %w", name, rotation.ErrNotFound)
	}
	return s.readItem(name, want)
}

// Update runs change and writes what it did, as rotation.Store promises. change must not use the Store itself. If the disk fails
// in the middle, a beginning of the changes is kept.
func (s *Store) Update(ctx context.Context, change func(rotation.Txn) error) error {
	return s.exclusively(ctx, func() error {
		h, _, err := s.load()
		if err != nil {
			return err
		}
		items, err := s.settled(h)
		if err != nil {
			return err
		}
		if err := s.checkFiles(items); err != nil {
			return err
		}
		t := &txn{store: s, seq: h.Seq + 1, items: maps.Clone(items), pending: map[string][]byte{}}
		if t.items == nil {
			t.items = map[string]entry{}
		}
		defer t.close()
		if err := change(t); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("write to the ledger: %w", context.Cause(ctx))
		}
		if len(t.steps) == 0 {
			return nil
		}
		return s.apply(head{1, s.id.Store, h.Seq + 1, items, t.steps}, t)
	})
}

// apply writes what is intended, does it, and writes what it has become.
func (s *Store) apply(h head, t *txn) error {
	if _, err := s.save(h); err != nil {
		return err
	}
	for i, st := range h.Intent {
		err := s.do(st, t.files[i])
		if err == nil {
			continue
		}
		if items, bad := s.settled(h); bad == nil { // as far as it got; if this fails too, the next Open does it
			_ = s.settle(h, items)
		}
		return err
	}
	return s.settle(h, t.items)
}

func (s *Store) do(st step, file []byte) error {
	path := s.itemPath(st.Name)
	if st.New == nil {
		return remove(path)
	}
	if err := atomicfile.Write(path, file, 0o600); err != nil {
		return &smallfile.Error{Path: path, Err: err}
	}
	return nil
}

// settle writes a head that intends nothing any more, and the anchor.
func (s *Store) settle(h head, items map[string]entry) error {
	h.Seq, h.Items, h.Intent = h.Seq+1, items, nil
	sum, err := s.save(h)
	if err != nil {
		return err
	}
	if err := s.anchor.Save(anchor.State{Seq: h.Seq, Sum: sum}); err != nil {
		return fmt.Errorf("the ledger is written, but not that this is its newest state: %w", err)
	}
	return nil
}

// txn collects the steps of an update.
type txn struct {
	store   *Store
	seq     uint64
	items   map[string]entry  // as they will be
	pending map[string][]byte // data of items that were put
	steps   []step
	files   [][]byte // what each step writes
	closed  bool
}

var errClosed = errors.New("the update is over")

func (t *txn) close() {
	t.closed = true
	for _, data := range t.pending {
		clear(data)
	}
}

// Get returns an item as the update has left it so far.
func (t *txn) Get(name string) ([]byte, error) {
	if t.closed {
		return nil, errClosed
	}
	if err := rotation.CheckItemName(name); err != nil {
		return nil, err
	}
	if data, ok := t.pending[name]; ok {
		return slices.Clone(data), nil
	}
	return t.store.get(t.items, name)
}

// List returns the names as the update has left them so far.
func (t *txn) List() ([]string, error) {
	if t.closed {
		return nil, errClosed
	}
	return slices.Sorted(maps.Keys(t.items)), nil
}

// Put sets an item.
func (t *txn) Put(name string, data []byte) error {
	if t.closed {
		return errClosed
	}
	if err := rotation.CheckItem(name, data); err != nil {
		return err
	}
	file, key, err := t.store.keys.sealItem(name, t.seq, data)
	if err != nil {
		return fmt.Errorf("encrypt item %s: %w", name, err)
	}
	e := entry{t.seq, hashOf(file), key}
	t.items[name] = e
	t.forget(name)
	t.pending[name] = slices.Clone(data)
	t.steps, t.files = append(t.steps, step{name, &e}), append(t.files, file)
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
	if _, ok := t.items[name]; !ok {
		return nil
	}
	delete(t.items, name)
	t.forget(name)
	t.steps, t.files = append(t.steps, step{name, nil}), append(t.files, nil)
	return nil
}

func (t *txn) forget(name string) {
	clear(t.pending[name])
	delete(t.pending, name)
}
