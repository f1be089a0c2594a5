package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"keysweep/rotation"
)

// testTampering changes files behind the store's back. Whatever is done, opening the store or reading all of it says so.
func testTampering(t *testing.T, h Harness) {
	if h.Files == nil {
		t.Skip("this store keeps no files that can be reached")
	}
	place := h.New(t)
	s := h.open(t, place)
	put(t, s, "a", "one")
	put(t, s, "b", "two")
	before := snapshot(t, h, place)
	put(t, s, "a", "three")
	now := snapshot(t, h, place)
	if len(now) < 2 {
		t.Fatalf("files %d: want one for each item", len(now))
	}
	for path, data := range now {
		damage := map[string][]byte{
			"cut":      data[:len(data)-1],
			"emptied":  {},
			"extended": append(bytes.Clone(data), 'x'),
			"deleted":  nil,
		}
		for _, at := range []int{0, len(data) / 3, len(data) / 2, len(data) - 1} {
			flipped := bytes.Clone(data)
			flipped[at] ^= 1
			damage[fmt.Sprint("flipped at ", at)] = flipped
		}
		if old, ok := before[path]; ok && !bytes.Equal(old, data) {
			damage["rolled back"] = old
		}
		for other, data := range now {
			if other != path {
				damage["replaced by "+other] = data
			}
		}
		for what, data := range damage {
			restore(t, path, data)
			wantTampered(t, h, place, path+" "+what)
			restore(t, path, now[path])
		}
	}
	for path, data := range before {
		restore(t, path, data)
	}
	wantTampered(t, h, place, "everything rolled back")
	for path, data := range now {
		restore(t, path, data)
	}
	again := h.open(t, place)
	wantItem(t, again, "a", "three")
	wantItem(t, again, "b", "two")
}

func snapshot(t *testing.T, h Harness, place string) map[string][]byte {
	t.Helper()
	files, err := h.Files(place)
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string][]byte{}
	for _, path := range files {
		if contents[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return contents
}

// restore gives a file its content, nil: none.
func restore(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if data == nil {
		return
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantTampered opens the store anew and reads everything, and wants rotation.ErrTampered somewhere, and no wrong data.
func wantTampered(t *testing.T, h Harness, place, what string) {
	t.Helper()
	s, err := h.Open(t.Context(), place)
	if err != nil {
		if !errors.Is(err, rotation.ErrTampered) {
			t.Errorf("%s: open: %v; want ErrTampered", what, err)
		}
		return
	}
	_, listErr := s.List(t.Context())
	errs := []error{listErr}
	for name, want := range map[string]string{"a": "three", "b": "two"} {
		data, err := s.Get(t.Context(), name)
		errs = append(errs, err)
		if err == nil && string(data) != want {
			t.Errorf("%s: item %s reads %q", what, name, data)
		}
	}
	if !slices.ContainsFunc(errs, func(err error) bool { return errors.Is(err, rotation.ErrTampered) }) {
		t.Errorf("%s: was not noticed: %v", what, errs)
	}
}
