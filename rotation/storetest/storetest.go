// Package storetest holds the contract of rotation.Store as tests: every store runs them, real ones all.
//
// Start at Run. Some tests need the store in several processes, which the store's own tests start: Harness.Start runs the test
// binary again so that it calls Work.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"keysweep/rotation"
)

// Harness is what the tests need to know of a store.
type Harness struct {
	// New makes an empty store and returns a word that Open finds it by, in other processes too. The test cleans it up.
	New func(t *testing.T) (place string)
	// Open opens a store, as a process that has just started would.
	Open func(ctx context.Context, place string) (rotation.Store, error)
	// Start starts a process that calls Work with place and job and fails if that fails.
	Start func(place, job string) (Process, error)
	// Kills is how often a process is killed while it writes; 0 is 20.
	Kills int
	// Changes is how many changes each of ten processes makes; 0 is 100.
	Changes int
	// Slow says that each access costs milliseconds: what needs many of them is done less often.
	Slow bool
	// Raw gives access to what the store keeps, for tests that change it behind the store's back: its files, or the items of its
	// keyring.
	Raw func(place string) (Raw, error)
}

// Raw is what a store keeps, by names of its own. What a store needs to be opened at all is not among it.
type Raw interface {
	All(ctx context.Context) (map[string][]byte, error)
	Set(ctx context.Context, name string, data []byte) error // nil: the thing is taken away
}

// Process is a running copy of the test binary.
type Process interface {
	Kill() error // at once, so that it can do nothing any more
	Wait() error
}

// Run runs the contract suite.
func Run(t *testing.T, h Harness) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"Items", testItems},
		{"Limits", testLimits},
		{"Isolation", testIsolation},
		{"FailedUpdate", testFailedUpdate},
		{"OrderInUpdate", testOrder},
		{"Cancelled", testCancelled},
		{"Goroutines", testGoroutines},
		{"Processes", testProcesses},
		{"Killed", testKilled},
		{"Tampering", testTampering},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, h) })
	}
}

func (h Harness) open(t *testing.T, place string) rotation.Store {
	t.Helper()
	s, err := h.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s rotation.Store, name, data string) {
	t.Helper()
	err := s.Update(t.Context(), func(txn rotation.Txn) error { return txn.Put(name, []byte(data)) })
	if err != nil {
		t.Fatal(err)
	}
}

func wantItem(t *testing.T, s rotation.Store, name, want string) {
	t.Helper()
	got, err := s.Get(t.Context(), name)
	if err != nil || string(got) != want {
		t.Errorf("item %s: %.60q, %v; want %.60q", name, got, err, want)
	}
	err = s.View(t.Context(), func(r rotation.Reader) error {
		got, err = r.Get(name)
		return err
	})
	if err != nil || string(got) != want {
		t.Errorf("item %s in a view: %.60q, %v; want %.60q", name, got, err, want)
	}
}

func wantNone(t *testing.T, s rotation.Store, name string) {
	t.Helper()
	if got, err := s.Get(t.Context(), name); !errors.Is(err, rotation.ErrNotFound) {
		t.Errorf("item %s: %q, %v; want ErrNotFound", name, got, err)
	}
}

func wantList(t *testing.T, s rotation.Store, want ...string) {
	t.Helper()
	if got, err := s.List(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Errorf("list: %q, %v; want %q", got, err, want)
	}
	err := s.View(t.Context(), func(r rotation.Reader) error {
		got, err := r.List()
		if err == nil && !slices.Equal(got, want) {
			t.Errorf("list in a view: %q; want %q", got, want)
		}
		if _, none := r.Get("no-such-item"); !errors.Is(none, rotation.ErrNotFound) {
			t.Errorf("item that is not there, in a view: %v; want ErrNotFound", none)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func testItems(t *testing.T, h Harness) {
	place := h.New(t)
	s := h.open(t, place)
	wantList(t, s)
	wantNone(t, s, "a")
	put(t, s, "b", "1")
	put(t, s, "a", "line\nand \x00 byte \xff")
	put(t, s, "b", "2, longer")
	wantList(t, s, "a", "b")
	again := h.open(t, place)
	for _, s := range []rotation.Store{s, again} {
		wantItem(t, s, "a", "line\nand \x00 byte \xff")
		wantItem(t, s, "b", "2, longer")
	}
	err := again.Update(t.Context(), func(txn rotation.Txn) error {
		return errors.Join(txn.Delete("b"), txn.Delete("never-there"))
	})
	if err != nil {
		t.Fatal(err)
	}
	wantList(t, s, "a")
	wantNone(t, s, "b")
	put(t, s, "b", "back")
	wantItem(t, again, "b", "back")
	if s.Describe() == "" {
		t.Error("the store does not say where it is")
	}
}

func testLimits(t *testing.T, h Harness) {
	s := h.open(t, h.New(t))
	longest := strings.Repeat("z", 64)
	largest := strings.Repeat("\xfe", rotation.MaxItem)
	put(t, s, longest, largest)
	put(t, s, "0-9-a-z", "x")
	wantItem(t, s, longest, largest)
	for _, name := range []string{"", longest + "z", "A", "a b", "a/b", "..", "a.b", "a_b", "ä", "a\x00"} {
		if _, err := s.Get(t.Context(), name); err == nil || errors.Is(err, rotation.ErrNotFound) {
			t.Errorf("get %q: %v; want a refusal", name, err)
		}
		for what, do := range map[string]func(rotation.Txn) error{
			"put":    func(txn rotation.Txn) error { return txn.Put(name, []byte("x")) },
			"delete": func(txn rotation.Txn) error { return txn.Delete(name) },
		} {
			if err := s.Update(t.Context(), do); err == nil {
				t.Errorf("%s %q was not refused", what, name)
			}
		}
	}
	for _, size := range []int{0, rotation.MaxItem + 1} {
		err := s.Update(t.Context(), func(txn rotation.Txn) error { return txn.Put("size", make([]byte, size)) })
		if err == nil {
			t.Errorf("%d bytes were not refused", size)
		}
	}
	wantList(t, s, "0-9-a-z", longest)
}

// testIsolation wants what goes in and comes out to be copies, and an update to see itself.
func testIsolation(t *testing.T, h Harness) {
	s := h.open(t, h.New(t))
	data := []byte("first")
	err := s.Update(t.Context(), func(txn rotation.Txn) error {
		if err := txn.Put("a", data); err != nil {
			return err
		}
		copy(data, "XXXXX")
		got, err := txn.Get("a")
		if err != nil || string(got) != "first" {
			t.Errorf("within the update: %q, %v", got, err)
		}
		clear(got)
		if got, err := txn.Get("a"); err != nil || string(got) != "first" {
			t.Errorf("within the update, again: %q, %v", got, err)
		}
		if names, err := txn.List(); err != nil || !slices.Equal(names, []string{"a"}) {
			t.Errorf("within the update: %q, %v", names, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	clear(got)
	wantItem(t, s, "a", "first")
}

func testFailedUpdate(t *testing.T, h Harness) {
	s := h.open(t, h.New(t))
	put(t, s, "a", "old")
	put(t, s, "b", "stays")
	boom := errors.New("boom")
	var kept rotation.Txn
	err := s.Update(t.Context(), func(txn rotation.Txn) error {
		kept = txn
		if err := errors.Join(txn.Put("a", []byte("new")), txn.Put("c", []byte("new")), txn.Delete("b")); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("error %v, want the one of the change", err)
	}
	if err := kept.Put("late", []byte("x")); err == nil {
		t.Error("an update was changed after its end")
	}
	wantList(t, s, "a", "b")
	wantItem(t, s, "a", "old")
}

// testOrder does several things to the same items in one update: the last counts.
func testOrder(t *testing.T, h Harness) {
	place := h.New(t)
	s := h.open(t, place)
	put(t, s, "gone", "x")
	put(t, s, "kept", "x")
	err := s.Update(t.Context(), func(txn rotation.Txn) error {
		return errors.Join(txn.Put("new", []byte("1")), txn.Delete("kept"), txn.Put("gone", []byte("y")), txn.Put("new", []byte("2")),
			txn.Delete("gone"), txn.Put("kept", []byte("z")), txn.Put("brief", []byte("b")), txn.Delete("brief"))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []rotation.Store{s, h.open(t, place)} {
		wantList(t, s, "kept", "new")
		wantItem(t, s, "kept", "z")
		wantItem(t, s, "new", "2")
	}
}

func testCancelled(t *testing.T, h Harness) {
	s := h.open(t, h.New(t))
	put(t, s, "a", "old")
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, func(txn rotation.Txn) error {
		cancel()
		return txn.Put("a", []byte("new"))
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	wantItem(t, s, "a", "old")
	if _, err := s.Get(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("get: %v, want that it was cancelled", err)
	}
}

// content makes data that shows by itself whether it is whole.
func content(n int) []byte {
	return fmt.Appendf(nil, "%d:%s:%d", n, bytes.Repeat([]byte{'x'}, n*37%1900), n)
}

// number reads content.
func number(data []byte) (n int, err error) {
	if _, err := fmt.Sscanf(string(data), "%d:", &n); err != nil || !bytes.Equal(data, content(n)) {
		return 0, fmt.Errorf("the item is torn: %.60q", data)
	}
	return n, nil
}
