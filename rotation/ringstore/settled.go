package ringstore

import (
	"context"
	"errors"
	"fmt"

	"keysweep/rotation"
)

// state is the ledger at one time: its head without an intent, and, of items that a killed process was about to change, what they
// are.
type state struct {
	head    head
	changed map[string]*digest
	torn    map[string]bool // those that the keyring began to add and did not fill: they count as not there
}

// current reads the head and makes up for a killed process. It writes nothing.
func (s *Store) current(ctx context.Context) (state, error) {
	h, _, err := s.load(ctx)
	if err != nil {
		return state{}, err
	}
	return s.settled(ctx, h)
}

// settled returns the state that the ring is in: if a process was killed in the middle of an update, that after as many of its
// steps as it had done.
func (s *Store) settled(ctx context.Context, h head) (state, error) {
	now := state{h.clone(), map[string]*digest{}, map[string]bool{}}
	now.head.Intent = nil
	if len(h.Intent) == 0 {
		return now, nil
	}
	for _, st := range h.Intent {
		if _, known := now.changed[st.Name]; known {
			continue
		}
		element, err := s.elementOf(ctx, st.Name)
		if errors.Is(err, rotation.ErrTampered) && st.Old == nil {
			now.torn[st.Name], err = true, nil // gnome-keyring that is killed leaves a new item without a content
		}
		if err != nil {
			return state{}, err
		}
		now.changed[st.Name] = element
	}
	done, ok := stepsDone(h.Intent, now.changed)
	if !ok {
		return state{}, s.tampered("item "+culprit(h.Intent, now.changed), "was changed while an update was under way")
	}
	for _, st := range h.Intent[:done] {
		now.head.count(s.id, st)
	}
	return now, nil
}

// stepsDone returns how many steps leave the items as they were found: the most that do.
func stepsDone(steps []step, found map[string]*digest) (done int, ok bool) {
	is := map[string]*digest{}
	for _, st := range steps {
		if _, known := is[st.Name]; !known {
			is[st.Name] = st.Old
		}
	}
	for i := 0; ; i++ {
		if agree(is, found) {
			done, ok = i, true
		}
		if i == len(steps) {
			return done, ok
		}
		is[steps[i].Name] = steps[i].New
	}
}

func agree(a, b map[string]*digest) bool {
	for name, element := range a {
		if !same(element, b[name]) {
			return false
		}
	}
	return true
}

func same(a, b *digest) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// culprit returns an item that is neither what it was nor what it was to become.
func culprit(steps []step, found map[string]*digest) string {
	for name, element := range found {
		known := false
		for _, st := range steps {
			known = known || st.Name == name && (same(st.Old, element) || same(st.New, element))
		}
		if !known {
			return name
		}
	}
	return steps[0].Name
}

// elementOf returns the element of an item as it lies in the ring, nil if there is none.
func (s *Store) elementOf(ctx context.Context, name string) (*digest, error) {
	data, element, err := s.fetch(ctx, name)
	clear(data)
	if errors.Is(err, rotation.ErrNotFound) {
		return nil, nil
	}
	return element, err
}

// fetch reads an item and its element from the ring.
func (s *Store) fetch(ctx context.Context, name string) ([]byte, *digest, error) {
	box, err := s.ring.Get(ctx, itemPrefix+name)
	if errors.Is(err, rotation.ErrNotFound) {
		return nil, nil, fmt.Errorf("item %s: %w", name, rotation.ErrNotFound)
	}
	if err != nil {
		return nil, nil, err
	}
	return s.opened(name, box)
}

// opened sees that what the ring gave for a name was written under that name.
func (s *Store) opened(name string, box []byte) ([]byte, *digest, error) {
	item, err := s.id.unseal(box)
	if err != nil {
		return nil, nil, s.tampered("item "+name, err.Error())
	}
	if item.name != name {
		return nil, nil, s.tampered("item "+name, "was swapped: it holds the item "+item.name)
	}
	element := s.id.element(item.mac)
	return item.data, &element, nil
}
