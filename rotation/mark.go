package rotation

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

const (
	markKeyName = ownSecrets + "mark-key" // of the key for marks
	keySize     = 32                      // bytes of a key that the ledger makes for itself
	markSize    = 16                      // bytes of a mark
)

// markPrefix tells the mark of a secret from the fingerprint of a public key, where a tombstone may stand on either.
const markPrefix = "mark:"

// MarkPrint returns what Bury takes for the secret of a mark, as Fingerprint is what it takes for an SSH key.
func MarkPrint(mark string) string { return markPrefix + mark }

// Mark returns the mark of a secret: 32 hex digits, the first half of HMAC-SHA256 (RFC 2104) of the value under a key that is made once and
// never leaves the ledger. Equal secrets of one ledger have equal marks; without the key nobody can try guesses on a mark, nor
// tell whether two ledgers hold the same secret.
func (t *Tx) Mark(value []byte) (string, error) {
	key, err := t.ownKey(markKeyName)
	if err != nil {
		return "", err
	}
	defer clear(key)
	return markOf(key, value), nil
}

func markOf(key, value []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write(value)
	return hex.EncodeToString(h.Sum(nil)[:markSize])
}

// Mark is Tx.Mark for a single question.
func (l *Ledger) Mark(ctx context.Context, value []byte) (mark string, err error) {
	key, err := l.ownKey(ctx, markKeyName)
	if err != nil {
		return "", fmt.Errorf("compare a secret with those of the ledger: %w", err)
	}
	defer clear(key)
	return markOf(key, value), nil
}

// ownKey returns a key of the ledger's own, made when it is first needed. The caller clears it.
func (t *Tx) ownKey(name string) ([]byte, error) {
	key, err := t.Secret(name)
	if err == nil && len(key) != keySize {
		return nil, fmt.Errorf("the ledger's %s has %d bytes: %w", name, len(key), ErrTampered)
	}
	if !errors.Is(err, ErrNotFound) {
		return key, err
	}
	key = make([]byte, keySize)
	_, _ = rand.Read(key) // never fails, see its documentation
	return key, t.putSecret(name, key)
}

// ownKey takes the way of reading first: it is cheaper, and a ledger has the key nearly always.
func (l *Ledger) ownKey(ctx context.Context, name string) (key []byte, err error) {
	if key, err = l.Secret(ctx, name); err == nil && len(key) == keySize {
		return key, nil
	}
	err = l.Do(ctx, func(tx *Tx) error {
		key, err = tx.ownKey(name)
		return err
	})
	return key, err
}
