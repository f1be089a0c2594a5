package rotation

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
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

// Glancer is a Store that reads a few items of one time with fewer questions than View.
type Glancer interface {
	Store
	// Glance returns the data of items; those that are not there are left out. The caller clears them.
	Glance(ctx context.Context, names []string) (map[string][]byte, error)
}

// Glance returns the data of a few items of a store, of one time; those that are not there are left out. The caller clears them.
func Glance(ctx context.Context, store Store, names []string) (map[string][]byte, error) {
	if g, ok := store.(Glancer); ok {
		return g.Glance(ctx, names)
	}
	items := map[string][]byte{}
	err := store.View(ctx, func(r Reader) error {
		for _, name := range names {
			data, err := r.Get(name)
			if err == nil {
				items[name] = data
			} else if !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		return nil
	})
	return items, err
}

// GlanceItems returns the names of the items that Ledger.Glance reads, for stores that can read them before they are asked.
func GlanceItems(names []string) []string {
	items := []string{stateItem}
	for _, name := range names {
		items = append(items, secretItem(name))
	}
	return items
}

// Glance returns the state of the ledger and the secrets of several names, of one time; nil stands for a secret that there is not. It is
// for stores that take long for each question: most of them answer this at once. The caller clears the secrets.
func (l *Ledger) Glance(ctx context.Context, names []string) (state State, values [][]byte, err error) {
	items, err := Glance(ctx, l.store, GlanceItems(names))
	defer func() {
		for _, data := range items {
			clear(data)
		}
	}()
	if err != nil {
		return State{}, nil, fmt.Errorf("read the ledger: %w", err)
	}
	get := func(item string) ([]byte, error) {
		if data, ok := items[item]; ok {
			return bytes.Clone(data), nil
		}
		return nil, ErrNotFound
	}
	if state, err = readState(get); err != nil {
		return State{}, nil, fmt.Errorf("read the ledger: %w", err)
	}
	values, err = secretsIn(get, names)
	return state, values, err
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
