package filestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"keysweep/rotation"
)

// With the head read for every item, a ledger of 2,000 records would take half a minute to list: so it is read once, and may
// even be gone by then.
func TestViewReadsTheHeadOnce(t *testing.T) {
	_, s := create(t)
	for i := range 3 {
		put(t, s, fmt.Sprintf("record-%d", i), "x")
	}
	err := s.View(t.Context(), func(r rotation.Reader) error {
		if err := os.Remove(s.path(headFile)); err != nil {
			return err
		}
		names, err := r.List()
		for _, name := range names {
			_, e := r.Get(name)
			err = errors.Join(err, e)
		}
		if len(names) != 3 {
			t.Errorf("%d items", len(names))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestViewEndsWithItsContext(t *testing.T) {
	_, s := create(t)
	put(t, s, "a", "x")
	ctx, cancel := context.WithCancel(t.Context())
	err := s.View(ctx, func(r rotation.Reader) error {
		cancel()
		_, err := r.Get("a")
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
