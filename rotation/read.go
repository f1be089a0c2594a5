package rotation

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"
)

// Contents is what a ledger holds at one time, without its secrets.
type Contents struct {
	State      State
	Records    []Record // in the order of their IDs, which means nothing
	Tombstones int      // how many there are
}

// Read returns all records and the state of the ledger, of one time.
func (l *Ledger) Read(ctx context.Context) (c Contents, err error) {
	err = l.store.View(ctx, func(r Reader) error {
		if c.State, err = readState(r.Get); err != nil {
			return err
		}
		names, err := r.List()
		if err != nil {
			return err
		}
		for _, name := range names {
			if strings.HasPrefix(name, tombstonePrefix) {
				c.Tombstones++
			}
		}
		c.Records, err = recordsIn(r)
		return err
	})
	if err != nil {
		return Contents{}, fmt.Errorf("read the ledger: %w", err)
	}
	return c, nil
}

const signingKeyName = ownSecrets + "signing-key" // of the seed of the key that signs snapshots

// SigningKey returns the Ed25519 key that signs snapshots of the ledger, made when it is first needed. The caller clears it.
func (l *Ledger) SigningKey(ctx context.Context) (ed25519.PrivateKey, error) {
	seed, err := l.ownKey(ctx, signingKeyName)
	if err != nil {
		return nil, fmt.Errorf("read the key that signs snapshots: %w", err)
	}
	defer clear(seed)
	return ed25519.NewKeyFromSeed(seed), nil
}
