package ringstore

import (
	"context"
	"errors"
	"slices"

	"keysweep/rotation"
)

// glimpse is what some items were at one time.
type glimpse struct {
	names []string // of those that were looked for
	items map[string][]byte
}

// Glance returns the data of a few items, of one time; those that are not there are left out. It asks the ring once where View asks
// for each. The caller clears them.
func (s *Store) Glance(ctx context.Context, names []string) (items map[string][]byte, err error) {
	if g := s.ahead.Swap(nil); g != nil {
		if !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(g.names, name) }) {
			return g.items, nil
		}
		wipe(g.items)
	}
	keys, err := keysOf(names)
	if err != nil {
		return nil, err
	}
	unsettled := false
	err = s.glance(ctx, append(keys, headKey), func(found map[string][]byte) error {
		h, _, err := s.headIn(found[headKey])
		unsettled = len(h.Intent) > 0
		if err == nil {
			items, err = s.items(found, names)
		}
		return err
	})
	if !unsettled && !errors.Is(err, rotation.ErrTampered) {
		return items, err
	}
	wipe(items)
	// What a process left behind that was killed in the middle of an update is for View to judge.
	return rotation.Glance(ctx, struct{ rotation.Store }{s}, names)
}

// keysOf returns where items are in the ring.
func keysOf(names []string) ([]string, error) {
	keys := make([]string, len(names))
	for i, name := range names {
		if err := rotation.CheckItemName(name); err != nil {
			return nil, err
		}
		keys[i] = itemPrefix + name
	}
	return keys, nil
}

// glance reads some keys of the ring at one time, and runs look on them before anybody writes. Those that are not there are left out.
func (s *Store) glance(ctx context.Context, keys []string, look func(found map[string][]byte) error) error {
	if ring, ok := s.ring.(viewRing); ok {
		return s.flocked(ctx, true, func() error {
			found, err := ring.View(ctx, s.inRing(), keys)
			if err != nil {
				return err
			}
			return look(found)
		})
	}
	return s.shared(ctx, func() error {
		found := map[string][]byte{}
		for _, key := range keys {
			data, err := s.ring.Get(ctx, key)
			if err == nil {
				found[key] = data
			} else if !errors.Is(err, rotation.ErrNotFound) {
				return err
			}
		}
		return look(found)
	})
}

// items opens items that were found. If one cannot be opened it returns those before it, and the error.
func (s *Store) items(found map[string][]byte, names []string) (items map[string][]byte, err error) {
	items = make(map[string][]byte, len(names))
	for _, name := range names {
		box := found[itemPrefix+name]
		if box == nil {
			continue
		}
		data, _, err := s.opened(name, box)
		if err != nil {
			return items, err
		}
		items[name] = data
	}
	return items, nil
}

func wipe(items map[string][]byte) {
	for _, data := range items {
		clear(data)
	}
}
