package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"keysweep/internal/plugin"
	"keysweep/rotation"
	"keysweep/rotation/provider"
)

// serveKeeper is the process between a plugin and cred rotate, if this process was started as that: it puts a provider's answer where
// it is not lost, also if cred rotate is killed.
func serveKeeper(ctx context.Context, env *Env) (code int, asked bool) {
	if !plugin.KeeperAsked(env.Args, env.Environ) {
		return exitOK, false
	}
	if env.Harden != nil {
		if err := env.Harden(); err != nil {
			tell(env.Stderr, "keysweep: %v\n", err)
			return exitIncomplete, true
		}
	}
	code, err := plugin.ServeKeeper(context.WithoutCancel(ctx), env.Stdin, env.Stdout, env.Stderr, env.Environ, provider.KeepAnswer)
	if err != nil {
		tell(env.Stderr, "keysweep: %v\n", err)
	}
	return code, true
}

// askingLock is the lock of a keeper that asks for a record.
func askingLock(env *Env, r *rotation.Record) (string, error) {
	return stateFile(env, filepath.Join("journal", "asking-"+r.ID+".lock"))
}

// asking reports whether a provider is being asked for a new value of a record.
func asking(env *Env, r *rotation.Record) (bool, error) {
	path, err := askingLock(env, r)
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil // it never was
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	ok, err := lock.TryRLock()
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", path, err)
	}
	return !ok, lock.Unlock()
}

// notAsking sees that no run that was killed has left a provider's answer on its way.
func notAsking(env *Env, r *rotation.Record) error {
	is, err := asking(env, r)
	if err == nil && is {
		err = errors.New(r.Ref() + ": its provider is still being asked for a new value, for a run that was killed: run it again in a moment")
	}
	return err
}
