package ringstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"keysweep/rotation/internal/smallfile"
)

// patience is how long a process waits before it asks for a lock again.
const patience = 2 * time.Millisecond

// exclusively runs work while nobody else reads or writes. Each call opens the lock file anew, so that goroutines exclude each
// other like processes.
func (s *Store) exclusively(ctx context.Context, work func() error) error {
	return s.locked(ctx, false, work)
}

// shared runs work while nobody writes.
func (s *Store) shared(ctx context.Context, work func() error) error {
	return s.locked(ctx, true, work)
}

func (s *Store) locked(ctx context.Context, shared bool, work func() error) error {
	return s.flocked(ctx, shared, func() error { return s.held(ctx, shared, work) })
}

func (s *Store) flocked(ctx context.Context, shared bool, work func() error) error {
	if err := os.MkdirAll(filepath.Dir(s.lock), 0o700); err != nil {
		return &smallfile.Error{Path: s.lock, Err: smallfile.Bare(err)}
	}
	lock := flock.New(s.lock)
	try := lock.TryLockContext
	if shared {
		try = lock.TryRLockContext
	}
	if _, err := try(ctx, patience); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("wait for another keysweep to finish with the ledger: %w", context.Cause(ctx))
		}
		return &smallfile.Error{Path: s.lock, Err: smallfile.Bare(err)}
	}
	err := work()
	return errors.Join(err, lock.Unlock())
}

// inRing is the file that the ring's own process locks. It is another file than ours, as two locks of one file by two processes
// would keep each other out.
func (s *Store) inRing() string { return s.lock + ".keyring" }

// held runs work while the ring's own process holds a lock, too, if it has one: see holdRing.
func (s *Store) held(ctx context.Context, shared bool, work func() error) error {
	ring, ok := s.ring.(holdRing)
	if !ok {
		return work()
	}
	release, err := ring.Hold(ctx, s.inRing(), shared)
	if err != nil {
		return err
	}
	err = work()
	return errors.Join(err, release())
}
