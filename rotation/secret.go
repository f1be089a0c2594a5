package rotation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// MaxSecret is the most that a secret may hold, in bytes; its name takes 100 at most besides.
const MaxSecret = 2048

const secretPrefix = "secret-"

// secretItem returns the item name of a secret. It is a hash: some keyrings show item names to everybody.
func secretItem(name string) string {
	sum := sha256.Sum256([]byte(name))
	return secretPrefix + hex.EncodeToString(sum[:16])
}

// ownSecrets starts the names of the secrets that the ledger keeps for itself.
const ownSecrets = "keysweep/"

func checkSecret(name string, value []byte) error {
	if name == "" || len(name) > maxName || strings.ContainsRune(name, '\n') || strings.HasPrefix(name, ownSecrets) {
		return fmt.Errorf("%q is no name for a secret", name)
	}
	if len(value) == 0 || len(value) > MaxSecret {
		return fmt.Errorf("it has %d bytes, not 1 to %d", len(value), MaxSecret)
	}
	return nil
}

// SetSecret keeps a secret under a name, usually a record's ID, in place of what was there. The caller clears value.
func (l *Ledger) SetSecret(ctx context.Context, name string, value []byte) error {
	err := l.Do(ctx, func(tx *Tx) error { return tx.SetSecret(name, value) })
	if err != nil {
		return fmt.Errorf("keep secret: %w", err)
	}
	return nil
}

func (t *Tx) putSecret(name string, value []byte) error {
	data := make([]byte, 0, len(name)+1+len(value)) // no copies are left behind by growing
	defer func() { clear(data) }()
	data = append(append(append(data, name...), '\n'), value...)
	return t.put(secretItem(name), data)
}

// Secret returns the secret of a name; none is ErrNotFound. The caller clears it.
func (l *Ledger) Secret(ctx context.Context, name string) ([]byte, error) {
	value, err := secretIn(func(item string) ([]byte, error) { return l.store.Get(ctx, item) }, name)
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	return value, nil
}

// Secrets returns the secrets of several names, of one time; nil stands for one that there is not. With stores that have to be asked
// for each item it takes half of what Secret does. If one cannot be read it returns those before it, and the error. The caller
// clears them.
func (l *Ledger) Secrets(ctx context.Context, names []string) (values [][]byte, err error) {
	err = l.store.View(ctx, func(r Reader) error {
		values, err = secretsIn(r.Get, names)
		return err
	})
	if err != nil {
		return values, fmt.Errorf("read secrets: %w", err)
	}
	return values, nil
}

// secretsIn returns the secrets of several names, nil for none. If one cannot be read it returns those before it.
func secretsIn(get func(string) ([]byte, error), names []string) (values [][]byte, err error) {
	for _, name := range names {
		value, err := secretIn(get, name)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return values, err
		}
		values = append(values, value)
	}
	return values, nil
}

func secretIn(get func(string) ([]byte, error), name string) ([]byte, error) {
	data, err := get(secretItem(name))
	if err != nil {
		return nil, err
	}
	defer clear(data)
	held, value, ok := bytes.Cut(data, []byte{'\n'})
	if !ok || string(held) != name {
		return nil, fmt.Errorf("item %s holds something else: %w", secretItem(name), ErrTampered)
	}
	return bytes.Clone(value), nil
}

// RemoveSecret takes a secret away. If there is none, that is no error.
func (l *Ledger) RemoveSecret(ctx context.Context, name string) error {
	err := l.Do(ctx, func(tx *Tx) error { return tx.RemoveSecret(name) })
	if err != nil {
		return fmt.Errorf("remove secret: %w", err)
	}
	return nil
}
