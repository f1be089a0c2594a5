package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"keysweep/rotation"
)

// testTampering changes what the store keeps behind its back. Whatever is done, opening the store or reading all of it says so.
func testTampering(t *testing.T, h Harness) {
	place := h.New(t)
	raw, err := h.Raw(place)
	if err != nil {
		t.Fatal(err)
	}
	s := h.open(t, place)
	put(t, s, "record-a", "one")
	put(t, s, "record-b", "two")
	before := snapshot(t, raw)
	put(t, s, "record-a", "three")
	now := snapshot(t, raw)
	if len(now) < 2 {
		t.Fatalf("%d things: want one for each item", len(now))
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		for what, data := range h.damage(name, before[name], now) {
			restore(t, raw, name, data)
			wantTampered(t, h, place, name+" "+what)
			restore(t, raw, name, now[name])
		}
	}
	for name, data := range before {
		restore(t, raw, name, data)
	}
	wantTampered(t, h, place, "everything rolled back")
	for name, data := range now {
		restore(t, raw, name, data)
	}
	again := h.open(t, place)
	wantItem(t, again, "record-a", "three")
	wantItem(t, again, "record-b", "two")
}

// damage returns what is done to one thing: new contents by what they are, nil for none.
func (h Harness) damage(name string, old []byte, now map[string][]byte) map[string][]byte {
	data := now[name]
	damage := map[string][]byte{"cut": data[:len(data)-1], "deleted": nil}
	places := []int{0, len(data) / 3, len(data) / 2, len(data) - 1}
	if h.Slow {
		places = places[1:2]
	} else {
		damage["emptied"], damage["extended"] = []byte{}, append(bytes.Clone(data), 'x')
	}
	for _, at := range places {
		flipped := bytes.Clone(data)
		flipped[at] ^= 1
		damage[fmt.Sprint("flipped at ", at)] = flipped
	}
	if old != nil && !bytes.Equal(old, data) {
		damage["rolled back"] = old
	}
	for other, data := range now {
		if other != name {
			damage["replaced by "+other] = data
		}
	}
	return damage
}

func snapshot(t *testing.T, raw Raw) map[string][]byte {
	t.Helper()
	all, err := raw.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// restore gives a thing its content, nil: none.
func restore(t *testing.T, raw Raw, name string, data []byte) {
	t.Helper()
	if err := raw.Set(t.Context(), name, data); err != nil {
		t.Fatal(err)
	}
}

// wantTampered opens the store anew and reads everything, and wants rotation.ErrTampered of one of the two.
func wantTampered(t *testing.T, h Harness, place, what string) {
	t.Helper()
	s, err := h.Open(t.Context(), place)
	if err == nil {
		err = s.View(t.Context(), readAll)
	}
	if !errors.Is(err, rotation.ErrTampered) {
		t.Errorf("%s: %v; want ErrTampered", what, err)
	}
}

func readAll(r rotation.Reader) error {
	names, err := r.List()
	for _, name := range names {
		_, bad := r.Get(name)
		err = errors.Join(err, bad)
	}
	return err
}
