package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"keysweep/rotation"
)

// liveStore is the store that the home file names. It refuses to change a ledger that was moved elsewhere after it was opened: who
// moves it holds the store's lock, so that a change comes either before the copy or fails.
type liveStore struct {
	homeStore
	env *Env
}

// movedError says that the ledger was moved while a command was at work.
type movedError struct{ from, to string }

func (e *movedError) Error() string {
	return fmt.Sprintf("the ledger was moved from %s to %s meanwhile, and nothing was changed", e.from, e.to)
}
func (e *movedError) Hint() string { return "run the command again" }

// alive fails if the home file names another ledger by now.
func (s *liveStore) alive() error {
	h, err := readHome(s.env)
	if err != nil {
		return err
	}
	if h == nil || h.Ledger != s.ID() {
		to := "another place"
		if h != nil {
			to = h.Home
		}
		return &movedError{s.Describe(), to}
	}
	return nil
}

// rather returns why an error is not what it seems: what it is about was moved.
func (s *liveStore) rather(err error) error {
	if err == nil || errors.Is(err, rotation.ErrNotFound) {
		return err
	}
	var moved *movedError
	if errors.As(s.alive(), &moved) {
		return moved
	}
	return err
}

// Get is the store's.
func (s *liveStore) Get(ctx context.Context, name string) ([]byte, error) {
	data, err := s.homeStore.Get(ctx, name)
	return data, s.rather(err)
}

// List is the store's.
func (s *liveStore) List(ctx context.Context) ([]string, error) {
	names, err := s.homeStore.List(ctx)
	return names, s.rather(err)
}

// View is the store's.
func (s *liveStore) View(ctx context.Context, look func(rotation.Reader) error) error {
	return s.rather(s.homeStore.View(ctx, look))
}

// Glance is the store's.
func (s *liveStore) Glance(ctx context.Context, names []string) (map[string][]byte, error) {
	items, err := rotation.Glance(ctx, s.homeStore, names)
	return items, s.rather(err)
}

// Update is the store's, for as long as the ledger is there.
func (s *liveStore) Update(ctx context.Context, change func(rotation.Txn) error) error {
	return s.rather(s.homeStore.Update(ctx, func(t rotation.Txn) error {
		if err := s.alive(); err != nil {
			return err
		}
		return change(t)
	}))
}

// whole is the time without parts of a second, in UTC.
func whole(env *Env) time.Time { return env.Now().UTC().Truncate(time.Second) }
