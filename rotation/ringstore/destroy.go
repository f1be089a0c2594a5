package ringstore

import (
	"context"
	"fmt"
)

// Destroy takes every item of ours out of a keyring; that there is nothing is no error. The anchor is the caller's. The identity goes
// first: once it is gone there is no ledger, and Destroy can be asked again after a crash. It waits for whoever is at work
// with the ledger, the keyring's own process of a keysweep that was killed among them: what that still writes goes, too.
func Destroy(ctx context.Context, o Options) error {
	if err := o.check(); err != nil {
		return fmt.Errorf("take the ledger away: %w", err)
	}
	s := o.store(newIdentity())
	if err := s.exclusively(ctx, func() error { return s.destroy(ctx) }); err != nil {
		return fmt.Errorf("take the ledger away: %w", err)
	}
	return nil
}

func (s *Store) destroy(ctx context.Context) error {
	if err := s.ring.Remove(ctx, identityKey); err != nil {
		return err
	}
	keys, err := s.ring.Keys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := s.ring.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}
