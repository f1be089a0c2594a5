package ringstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"keysweep/rotation"
)

// Get returns the data of an item, or rotation.ErrNotFound. It reads the head and that item.
func (s *Store) Get(ctx context.Context, name string) (data []byte, err error) {
	err = s.view(ctx, func(r *reader) error {
		data, err = r.Get(name)
		return err
	})
	return data, err
}

// List returns the names of all items, sorted, and sees that none is missing or added.
func (s *Store) List(ctx context.Context) (names []string, err error) {
	err = s.view(ctx, func(r *reader) error {
		names, err = r.List()
		return err
	})
	return names, err
}

// View runs look while nobody writes. Of every class whose items were listed and all read it sees that each is in its newest
// state.
func (s *Store) View(ctx context.Context, look func(rotation.Reader) error) error {
	return s.view(ctx, func(r *reader) error { return look(r) })
}

func (s *Store) view(ctx context.Context, look func(*reader) error) error {
	return s.shared(ctx, func() error {
		now, err := s.current(ctx)
		if err != nil {
			return err
		}
		r := s.reader(ctx, now)
		defer r.close()
		if err := look(r); err != nil {
			return err
		}
		return r.check()
	})
}

// reader reads the ring at one time. What it has read it keeps until it is closed.
type reader struct {
	ctx   context.Context
	store *Store
	now   state
	read  map[string]found
	names []string       // of all items, once they were listed
	asked map[string]int // how many items of a class were read one by one
}

// found is an item that was read; element is nil if there is none.
type found struct {
	data    []byte
	element *digest
}

func (s *Store) reader(ctx context.Context, now state) *reader {
	return &reader{ctx: ctx, store: s, now: now, read: map[string]found{}, asked: map[string]int{}}
}

func (r *reader) close() {
	for _, f := range r.read {
		clear(f.data)
	}
}

// Get returns an item.
func (r *reader) Get(name string) ([]byte, error) {
	if err := rotation.CheckItemName(name); err != nil {
		return nil, err
	}
	f, err := r.find(name)
	if err != nil {
		return nil, err
	}
	if f.element == nil {
		return nil, fmt.Errorf("item %s: %w", name, rotation.ErrNotFound)
	}
	return slices.Clone(f.data), nil
}

// find returns an item, from the ring if it was not read before.
func (r *reader) find(name string) (found, error) {
	if f, ok := r.read[name]; ok || r.now.torn[name] {
		return f, nil
	}
	if err := r.readAhead(name); err != nil {
		return found{}, err
	}
	if f, ok := r.read[name]; ok {
		return f, nil
	}
	data, element, err := r.store.fetch(r.ctx, name)
	if err != nil && !errors.Is(err, rotation.ErrNotFound) {
		return found{}, err
	}
	return r.keep(name, data, element)
}

// keep remembers an item that was read, and sees that it is what the head has it to be as far as that is known.
func (r *reader) keep(name string, data []byte, element *digest) (found, error) {
	if element == nil && slices.Contains(r.names, name) {
		return found{}, r.store.tampered("item "+name, "is gone")
	}
	if want, known := r.now.changed[name]; known && !same(want, element) {
		return found{}, r.store.tampered("item "+name, "was changed")
	}
	f := found{data, element}
	r.read[name] = f
	return f, nil
}

// List returns all names, sorted, and sees that no item is missing or added.
func (r *reader) List() ([]string, error) {
	if r.names == nil {
		names, err := r.store.names(r.ctx, r.now)
		if err != nil {
			return nil, err
		}
		r.names = names
	}
	return slices.Clone(r.names), nil
}

// names lists the items in the ring, and compares them with the head.
func (s *Store) names(ctx context.Context, now state) ([]string, error) {
	keys, err := s.ring.Keys(ctx)
	if err != nil {
		return nil, err
	}
	names, listed := []string{}, now.head.clone()
	for i := range listed.Classes {
		listed.Classes[i].Items, listed.Classes[i].Names = 0, digest{}
	}
	for _, key := range keys {
		name, ok := strings.CutPrefix(key, itemPrefix)
		if !ok || now.torn[name] {
			continue
		}
		if rotation.CheckItemName(name) != nil {
			return nil, s.tampered("item "+name, "was added")
		}
		names = append(names, name)
		c := listed.class(listed.classOf(name))
		c.Items, c.Names = c.Items+1, c.Names.plus(s.id.nameElement(name))
	}
	slices.Sort(names)
	for _, c := range listed.Classes {
		if err := s.compare(now.head.look(c.Name), c); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func (s *Store) compare(want, got class) error {
	switch {
	case got.Items < want.Items:
		return s.tampered(want.items(want.Items-got.Items), "not there any more")
	case got.Items > want.Items:
		return s.tampered(want.items(got.Items-want.Items), "not put there by keysweep")
	case got.Names != want.Names:
		return s.tampered("items of the kind "+want.Name, "were taken away and others added")
	}
	return nil
}

// items says how many items of the class: "1 item of the kind record is".
func (c class) items(n int) string {
	text := fmt.Sprint(n, " items")
	if n == 1 {
		text = "1 item"
	}
	if c.Name != otherClass {
		text += " of the kind " + c.Name
	}
	if n == 1 {
		return text + " is"
	}
	return text + " are"
}

// check sees that the items of each class that was read as a whole are together what the head has them to be.
func (r *reader) check() error {
	if r.names == nil {
		return nil
	}
	sums, missed := map[string]digest{}, map[string]bool{}
	for _, name := range r.names {
		c := r.now.head.classOf(name)
		if f, ok := r.read[name]; ok {
			sums[c] = sums[c].plus(*f.element)
		} else {
			missed[c] = true
		}
	}
	for _, c := range slices.Sorted(maps.Keys(sums)) {
		if !missed[c] && sums[c] != r.now.head.look(c).All {
			kind := ""
			if c != otherClass {
				kind = " of the kind " + c
			}
			return r.store.tampered("an item"+kind, "was put back to an older state")
		}
	}
	return nil
}

const (
	readAheadAfter = 3    // items of a class that are read one by one before the rest is read at once
	readAheadMost  = 1000 // items at once: some 3 MB
)

// readAhead reads the rest of a class at once, when its items were listed and a few of them read: whoever lists all records is
// going to read them.
func (r *reader) readAhead(name string) error {
	ring, ok := r.store.ring.(bulkRing)
	c := r.now.head.classOf(name)
	r.asked[c]++
	if !ok || r.names == nil || r.asked[c] != readAheadAfter {
		return nil
	}
	var keys []string
	for _, other := range r.names {
		if _, known := r.read[other]; !known && r.now.head.classOf(other) == c {
			keys = append(keys, itemPrefix+other)
		}
	}
	for part := range slices.Chunk(keys, readAheadMost) {
		boxes, err := ring.GetAll(r.ctx, part)
		if err != nil {
			return err
		}
		for key, box := range boxes {
			name := strings.TrimPrefix(key, itemPrefix)
			data, element, err := r.store.opened(name, box)
			if err != nil {
				continue // who asks for this one is told
			}
			if _, err := r.keep(name, data, element); err != nil {
				return err
			}
		}
	}
	return nil
}
