package ringstore

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

// TestDestroyAfterEveryCrash fails before each of its writes; then it is asked again, and a new ledger can be made.
func TestDestroyAfterEveryCrash(t *testing.T) {
	killed := errors.New("killed")
	for writes := 0; ; writes++ {
		place, ring, s := create(t)
		put(t, s, "record-1", "x")
		put(t, s, "secret-1", "y")
		o, left := optionsAt(place, ring), writes
		ring.fail = func(op, _ string) error {
			if op == "remove" {
				left--
			}
			if left < 0 {
				return killed
			}
			return nil
		}
		err := Destroy(t.Context(), o)
		ring.fail = nil
		if exists, existsErr := Exists(t.Context(), o); existsErr != nil || exists != (writes == 0) {
			t.Errorf("after %d writes: a ledger exists: %v, %v", writes, exists, existsErr)
		}
		for range 2 { // again, and where there is nothing
			if err := Destroy(t.Context(), o); err != nil {
				t.Fatalf("after %d writes: %v", writes, err)
			}
		}
		if err := os.Remove(o.Anchor); err != nil {
			t.Fatal(err)
		}
		if _, err := Create(t.Context(), o); err != nil {
			t.Errorf("after %d writes: %v", writes, err)
		}
		if err == nil {
			if writes < 4 {
				t.Errorf("it took %d writes: identity, head and two items are four", writes)
			}
			return
		}
	}
}

// TestDestroyWaits has another process at work with the ledger, which is about to write its identity: nothing is taken away under
// its hands, and what it has written is.
func TestDestroyWaits(t *testing.T) {
	place, ring, s := create(t)
	o := optionsAt(place, ring)
	identity, err := ring.Get(t.Context(), identityKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Remove(t.Context(), identityKey); err != nil {
		t.Fatal(err)
	}
	err = s.exclusively(t.Context(), func() error {
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := Destroy(short, o); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it did not wait: %v", err)
		}
		if _, err := ring.Get(t.Context(), headKey); err != nil {
			t.Errorf("the head was taken away meanwhile: %v", err)
		}
		return ring.Set(t.Context(), identityKey, "identity", identity)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := Destroy(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if keys, err := ring.Keys(t.Context()); err != nil || len(keys) > 0 {
		t.Errorf("left: %q, %v", keys, err)
	}
}
