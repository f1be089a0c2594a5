package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"keysweep/rotation"
)

// rotationLock makes a lock in the directory of journals. Its file stays: who took it away could let two others in.
func rotationLock(env *Env, name string) (*flock.Flock, error) {
	path, err := stateFile(env, filepath.Join("journal", name+".lock"))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return flock.New(path, flock.SetPermissions(0o600)), nil
}

// oneRotation runs work while no other process rotates or removes the same credential, nor moves the ledger.
func oneRotation(ctx context.Context, env *Env, r *rotation.Record, work func() error) error {
	whole, err := rotationLock(env, "all")
	if err != nil {
		return fmt.Errorf("lock %s: %w", r.Ref(), err)
	}
	own, err := rotationLock(env, "cred-"+r.ID)
	if err != nil {
		return fmt.Errorf("lock %s: %w", r.Ref(), err)
	}
	return locked(ctx, whole, whole.TryRLock, "the ledger is just being moved", func() error {
		return locked(ctx, own, own.TryLock, r.Ref()+": another keysweep is replacing or removing it", func() error {
			if err := notAsking(env, r); err != nil {
				return err
			}
			return work()
		})
	})
}

// noRotation runs work while no credential is rotated: a new value that a provider has just made is to find its ledger.
func noRotation(ctx context.Context, env *Env, work func() error) error {
	whole, err := rotationLock(env, "all")
	if err != nil {
		return fmt.Errorf("lock the ledger: %w", err)
	}
	return locked(ctx, whole, whole.TryLock, "a credential is just being replaced: run it again when that is over", work)
}

// locked runs work with a lock, or says who has it.
func locked(ctx context.Context, lock *flock.Flock, try func() (bool, error), taken string, work func() error) error {
	ok, err := try()
	switch {
	case err != nil:
		return fmt.Errorf("lock %s: %w", lock.Path(), err)
	case !ok:
		return errors.New(taken)
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), lock.Unlock())
	}
	return errors.Join(work(), lock.Unlock())
}
