package ringstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/rotation"
)

// viewMemory is a Ring that is asked once for several items.
type viewMemory struct {
	*bulkMemory
	views int
	seen  func() // called once, after a view
}

func (m *viewMemory) View(ctx context.Context, path string, keys []string) (map[string][]byte, error) {
	m.views++
	if !filepath.IsAbs(path) {
		return nil, errors.New("no lock")
	}
	found, err := m.GetAll(ctx, keys)
	if m.seen != nil {
		m.seen()
		m.seen = nil
	}
	return found, err
}

// both runs a test with rings that are asked once, and for each item.
func both(t *testing.T, test func(t *testing.T, place string, ring *memory, wrap func() Ring)) {
	t.Helper()
	for name, wrap := range map[string]func(*memory) Ring{
		"each": func(m *memory) Ring { return m },
		"once": func(m *memory) Ring { return &viewMemory{bulkMemory: &bulkMemory{memory: m}} },
	} {
		t.Run(name, func(t *testing.T) {
			place, ring, s := create(t)
			put(t, s, "record-1", "one")
			put(t, s, "record-2", "two")
			test(t, place, ring, func() Ring { return wrap(newMemory(ring.path)) })
		})
	}
}

func wantGlance(t *testing.T, s *Store, want string, names ...string) {
	t.Helper()
	items, err := s.Glance(t.Context(), names)
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(items)) {
		texts = append(texts, fmt.Sprintf("%s=%s", name, items[name]))
	}
	if got := strings.Join(texts, " "); err != nil || got != want {
		t.Errorf("glance %q, %v; want %q", got, err, want)
	}
}

func TestGlance(t *testing.T) {
	both(t, func(t *testing.T, place string, ring *memory, wrap func() Ring) {
		s := reopen(t, place, wrap())
		wantGlance(t, s, "record-1=one", "record-1", "record-9")
		wantGlance(t, s, "record-1=one record-2=two", "record-1", "record-2")
		wantGlance(t, s, "")
		if _, err := s.Glance(t.Context(), []string{"../x"}); err == nil {
			t.Error("a bad name is taken")
		}
		alter(t, ring, itemPrefix+"record-2", []byte("torn"))
		wantGlance(t, s, "record-1=one", "record-1")
		_, err := s.Glance(t.Context(), []string{"record-1", "record-2"})
		wantTamper(t, err, "record-2")
	})
}

// TestGlanceAfterCrash looks at a ledger that a killed process has left in the middle of an update.
func TestGlanceAfterCrash(t *testing.T) {
	both(t, func(t *testing.T, place string, ring *memory, wrap func() Ring) {
		s, dying := reopen(t, place, wrap()), reopen(t, place, ring)
		ring.fail = func(op, key string) error {
			if op == "set" && key == itemPrefix+"record-3" {
				alter(t, ring, key, []byte("torn"))
				return errors.New("killed")
			}
			return nil
		}
		err := dying.Update(t.Context(), func(txn rotation.Txn) error {
			return errors.Join(txn.Put("record-1", []byte("new")), txn.Put("record-3", []byte("three")))
		})
		if err == nil {
			t.Fatal("it was not killed")
		}
		wantGlance(t, s, "record-1=new record-2=two", "record-1", "record-2", "record-3")
	})
}

// TestAhead reads items together with what opening takes: once, and never again.
func TestAhead(t *testing.T) {
	both(t, func(t *testing.T, place string, ring *memory, wrap func() Ring) {
		o := optionsAt(place, wrap())
		o.Ahead = []string{"record-1", "record-9"}
		open := func() *Store {
			s, err := Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		s, other := open(), reopen(t, place, ring)
		if views, ok := o.Ring.(*viewMemory); ok && (views.views != 1 || views.calls["get"] != 0) {
			t.Errorf("%d views, %d questions", views.views, views.calls["get"])
		}
		put(t, other, "record-1", "later")
		wantGlance(t, s, "record-1=one", "record-1", "record-9")
		wantGlance(t, s, "record-1=later", "record-1", "record-9")
		s = open()
		wantGlance(t, s, "record-1=later record-2=two", "record-1", "record-2")
		alter(t, ring, itemPrefix+"record-1", []byte("torn"))
		_, err := open().Glance(t.Context(), o.Ahead)
		wantTamper(t, err, "record-1")
	})
}

// TestGlanceIsOfTheNewestState: a change between the look and the comparison with the anchor would make the look an old one.
func TestGlanceIsOfTheNewestState(t *testing.T) {
	place, ring, s := create(t)
	put(t, s, "record-1", "one")
	views := &viewMemory{bulkMemory: &bulkMemory{memory: newMemory(ring.path)}}
	other := reopen(t, place, views)
	changed := make(chan error, 1)
	views.seen = func() {
		go func() {
			changed <- s.Update(context.Background(), func(txn rotation.Txn) error { return txn.Put("record-1", []byte("two")) })
		}()
		select {
		case <-changed:
			t.Error("it was changed meanwhile")
		case <-time.After(50 * time.Millisecond): // long enough for a change that nothing holds back
		}
	}
	wantGlance(t, other, "record-1=one", "record-1")
	if err := <-changed; err != nil {
		t.Error(err)
	}
	wantGlance(t, other, "record-1=two", "record-1")
}
