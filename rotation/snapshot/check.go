package snapshot

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io/fs"
)

// Check compares the snapshot with the ledger, as Keep does, and leaves both as they are. behind says that the snapshot is right and
// of an older state than the ledger. One that is not there is fs.ErrNotExist; whatever is wrong with it, or shows that the
// ledger was put back or edited, is a *TrustError.
func (k Keeper) Check(ctx context.Context) (s Snapshot, behind bool, err error) {
	key, err := k.Ledger.SigningKey(ctx)
	if err != nil {
		return s, false, fmt.Errorf("check snapshot: %w", err)
	}
	defer clear(key)
	last, err := ours(k.Path, key.Public().(ed25519.PublicKey))
	if err == nil && last == nil {
		err = fmt.Errorf("snapshot %s: %w", k.Path, fs.ErrNotExist)
	}
	if err != nil {
		return s, false, err
	}
	state, err := k.Ledger.State(ctx)
	if err != nil {
		return s, false, err
	}
	if last.header.Ledger != state.ID {
		return s, false, &TrustError{Path: k.Path, Machine: last.header.Machine, Why: Replaced}
	}
	if err := k.notOlder(state, last); err != nil {
		return s, false, err
	}
	_, err = k.whole(ctx, key, last)
	return last.brief(), last.header.Seq < state.Seq, err
}
