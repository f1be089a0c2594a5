package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"keysweep/rotation"
	"keysweep/rotation/snapshot"
)

// snapshotPath returns where the snapshot of this account's ledger is; "" where there is no home directory.
func snapshotPath(env *Env) string {
	path, err := stateFile(env, "snapshot.json")
	if err != nil {
		return ""
	}
	return path
}

// pinsFile is where this account remembers which snapshots it has seen.
const pinsFile = "snapshot-pins.json"

// freshSnapshot is how old the snapshot of an unchanged ledger may become before a command that has the ledger open signs it anew.
const freshSnapshot = 12 * time.Hour

// keepSnapshot has the snapshot brought up to date when the command is over, if the ledger has changed since it was written, by
// whomever. It is called when a ledger is opened.
func keepSnapshot(env *Env, ledger *rotation.Ledger) {
	env.later(func(ctx context.Context) error {
		_, err := bringSnapshot(ctx, env, ledger)
		return err
	})
}

// bringSnapshot brings the snapshot up to date, and returns it without its records. A ledger that was put back to an older state than
// was seen of it is a *snapshot.TrustError.
func bringSnapshot(ctx context.Context, env *Env, ledger *rotation.Ledger) (snapshot.Snapshot, error) {
	path := snapshotPath(env)
	if path == "" {
		return snapshot.Snapshot{}, nil // then the ledger was told where to be, and readers of snapshots are too
	}
	keeper := snapshot.Keeper{Path: path, Machine: env.Hostname, Ledger: ledger, Now: env.Now(), Fresh: freshSnapshot}
	kept, err := keeper.Keep(ctx)
	if err != nil {
		return kept.Snapshot, err
	}
	if kept.Found != nil {
		if _, err := fmt.Fprintf(env.Stderr, "warning: %v; it was written anew from the ledger\n", kept.Found); err != nil {
			return kept.Snapshot, err
		}
	}
	pins, err := stateFile(env, pinsFile)
	if err != nil {
		return kept.Snapshot, err
	}
	return kept.Snapshot, snapshot.WithPins(ctx, pins, func(pins *snapshot.Pins) error {
		return pins.Own(kept.Snapshot, path, env.Now())
	})
}

// readSnapshot reads a snapshot and sees that it is to be believed, by its signature, by what was seen of that machine before, and by
// the policy. The first of a machine is believed, and that is said on standard error. What is not to be believed is a
// *snapshot.TrustError; with one that is only too old the snapshot is returned all the same.
func readSnapshot(ctx context.Context, env *Env, path string) (snapshot.Snapshot, error) {
	settings, err := readPolicy(env)
	if err != nil {
		return snapshot.Snapshot{}, err
	}
	path = absolute(env, path)
	s, err := snapshot.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, usagef("it is written whenever the ledger changes; to have it now: keysweep rotate-due, where the ledger can be opened",
			"there is no snapshot %s", path)
	}
	if err != nil {
		return s, err
	}
	pins, err := stateFile(env, pinsFile)
	if err != nil {
		return s, usagef("set HOME or XDG_STATE_HOME", "there is no home directory to remember in which snapshots were seen")
	}
	first := false
	err = snapshot.WithPins(ctx, pins, func(p *snapshot.Pins) (err error) {
		first, err = p.Check(s, path, settings.snapshots.keys[s.Machine], env.Now())
		return err
	})
	if err != nil {
		return snapshot.Snapshot{}, err
	}
	if first {
		if _, err := fmt.Fprintf(env.Stderr, "note: this is the first snapshot of %q that is seen here: its key %s is believed from now on, and no other (%s)\n",
			s.Machine, snapshot.KeyText(s.PublicKey), pins); err != nil {
			return snapshot.Snapshot{}, err
		}
	}
	if max, age := settings.snapshots.maxAge, env.Now().Sub(s.GeneratedAt); max > 0 && age > max {
		return s, &snapshot.TrustError{Path: path, Machine: s.Machine, Why: snapshot.Old,
			Detail: fmt.Sprintf("of %s; max_age is %s", s.GeneratedAt.Format(time.DateOnly), max)}
	}
	return s, nil
}
