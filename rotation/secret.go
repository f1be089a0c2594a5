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

// secretItem returns the item name of a secret. It is a hash: some keyrings show item names to everybody.
func secretItem(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "secret-" + hex.EncodeToString(sum[:16])
}

func checkSecretName(name string) error {
	if name == "" || len(name) > maxName || strings.ContainsRune(name, '\n') {
		return fmt.Errorf("%q is no name for a secret", name)
	}
	return nil
}

// SetSecret keeps a secret under a name, usually a record's ID, in place of what was there. The caller clears value.
func (l *Ledger) SetSecret(ctx context.Context, name string, value []byte) error {
	if err := checkSecretName(name); err != nil {
		return fmt.Errorf("keep secret: %w", err)
	}
	if len(value) == 0 || len(value) > MaxSecret {
		return fmt.Errorf("keep secret: it has %d bytes, not 1 to %d", len(value), MaxSecret)
	}
	data := make([]byte, 0, len(name)+1+len(value)) // no copies are left behind by growing
	defer func() { clear(data) }()
	data = append(append(append(data, name...), '\n'), value...)
	err := l.store.Update(ctx, func(txn Txn) error { return txn.Put(secretItem(name), data) })
	if err != nil {
		return fmt.Errorf("keep secret: %w", err)
	}
	return nil
}

// Secret returns the secret of a name; none is ErrNotFound. The caller clears it.
func (l *Ledger) Secret(ctx context.Context, name string) ([]byte, error) {
	data, err := l.store.Get(ctx, secretItem(name))
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	defer clear(data)
	held, value, ok := bytes.Cut(data, []byte{'\n'})
	if !ok || string(held) != name {
		return nil, fmt.Errorf("read secret: item %s holds something else: %w", secretItem(name), ErrTampered)
	}
	return bytes.Clone(value), nil
}

// RemoveSecret takes a secret away. If there is none, that is no error.
func (l *Ledger) RemoveSecret(ctx context.Context, name string) error {
	err := l.store.Update(ctx, func(txn Txn) error {
		if _, err := txn.Get(secretItem(name)); errors.Is(err, ErrNotFound) {
			return nil
		}
		return txn.Delete(secretItem(name))
	})
	if err != nil {
		return fmt.Errorf("remove secret: %w", err)
	}
	return nil
}
