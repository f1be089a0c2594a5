package cli

import (
	"context"
	"errors"
	"fmt"

	"keysweep/keys"
	"keysweep/rotation"
)

// recordOf returns the key's record, or nil if it has none. A passphrase is taken away only from a key that has one, so that
// the reason stays visible in later reports.
func (k *keyFile) recordOf(ctx context.Context, o *keyPassphraseOptions, ledger *rotation.Ledger, public keys.Public) (*rotation.Record, error) {
	if ledger != nil {
		record, err := ledger.Find(ctx, public.SHA256())
		if err == nil {
			return &record, nil
		}
		if !errors.Is(err, rotation.ErrNotFound) {
			return nil, err
		}
	}
	if o.none && !o.ledger.none {
		return nil, usagef("record it first: keysweep key adopt "+k.name+"; or do without: --no-ledger",
			"--no-passphrase is recorded with its reason, and %s is not in the ledger", k.name)
	}
	return nil, nil
}

// note puts what was done into the key's history. It changes no date: the key is as old as it was.
func (k *keyFile) note(ctx context.Context, env *Env, o *keyPassphraseOptions, ledger *rotation.Ledger, record *rotation.Record) error {
	if record == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // the file has changed: the ledger must be told now
	_, err := ledger.Change(ctx, record.ID, k.done(o), func(r *rotation.Record) error {
		switch {
		case o.none:
			r.Unprotected = &rotation.Exception{Reason: o.reason, At: env.Now()}
		case o.output == "": // else the old file lies there as before
			r.Unprotected = nil
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %s, but the ledger could not be told: %w", k.name, k.done(o), err)
	}
	return nil
}
