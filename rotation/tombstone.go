package rotation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Tombstone marks a key or another secret that must not come back: retired, or known to others.
type Tombstone struct {
	Schema      int       `json:"schema"`
	Fingerprint string    `json:"fingerprint"` // of a key; what MarkPrint makes of a mark where it is another secret
	Reason      string    `json:"reason"`
	At          time.Time `json:"at"`

	more unknown
}

// BuriedError says that a key must not come into the ledger again.
type BuriedError struct {
	Tombstone Tombstone
	Name      string // under which it was to be added
}

// Error says when and why the key was buried.
func (e *BuriedError) Error() string {
	if strings.HasPrefix(e.Tombstone.Fingerprint, markPrefix) {
		return fmt.Sprintf("this value of %s was taken out of use on %s and must not be used again: %s",
			e.Name, e.Tombstone.At.Format(time.DateOnly), e.Tombstone.Reason)
	}
	return fmt.Sprintf("the key %s was taken out of use on %s and must not be used again: %s",
		e.Tombstone.Fingerprint, e.Tombstone.At.Format(time.DateOnly), e.Tombstone.Reason)
}

// Hint says what to do.
func (e *BuriedError) Hint() string {
	if strings.HasPrefix(e.Tombstone.Fingerprint, markPrefix) {
		return "get a new one from its provider: keysweep cred rotate " + e.Name
	}
	return "make a new key: keysweep key generate"
}

const tombstonePrefix = "tombstone-"

// tombstoneItem returns the item name of a fingerprint's tombstone: a hash, as fingerprints have characters that item names
// may not have.
func tombstoneItem(fingerprint string) string {
	sum := sha256.Sum256([]byte(fingerprint))
	return tombstonePrefix + hex.EncodeToString(sum[:16])
}

func tombstoneIn(get func(string) ([]byte, error), fingerprint string) (Tombstone, error) {
	if fingerprint == "" {
		return Tombstone{}, ErrNotFound
	}
	return readTombstone(get, tombstoneItem(fingerprint))
}

func readTombstone(get func(string) ([]byte, error), item string) (t Tombstone, err error) {
	data, err := get(item)
	if err != nil {
		return t, err
	}
	if err := t.read(data); err != nil {
		return t, fmt.Errorf("read ledger: item %s is no tombstone: %w", item, err)
	}
	if item != tombstoneItem(t.Fingerprint) {
		return t, fmt.Errorf("read ledger: item %s holds another tombstone: %w", item, ErrTampered)
	}
	return t, nil
}

// maxReason is the most that is kept of a tombstone's reason, in bytes.
const maxReason = 500

// Bury puts a tombstone on a fingerprint, or on what MarkPrint makes of a mark: Add and Change refuse it from now on. Doing it
// again with the same reason changes nothing; a new reason takes the place of the old one, with its date.
func (l *Ledger) Bury(ctx context.Context, print, reason string) error {
	err := l.Do(ctx, func(tx *Tx) error { return tx.Bury(print, reason) })
	if err != nil {
		return fmt.Errorf("bury in the ledger: %w", err)
	}
	return nil
}

// clipped is a text with at most so many bytes of it.
func clipped(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// Tombstones returns all tombstones, in no order that means anything.
func (l *Ledger) Tombstones(ctx context.Context) (graves []Tombstone, err error) {
	err = l.store.View(ctx, func(r Reader) error {
		graves, err = tombstonesIn(r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return graves, nil
}

func tombstonesIn(r Reader) (graves []Tombstone, err error) {
	names, err := r.List()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, tombstonePrefix) {
			continue
		}
		grave, err := readTombstone(r.Get, name)
		if err != nil {
			return nil, err
		}
		graves = append(graves, grave)
	}
	return graves, nil
}

// Buried returns the tombstone of a fingerprint; none is ErrNotFound.
func (l *Ledger) Buried(ctx context.Context, fingerprint string) (Tombstone, error) {
	return tombstoneIn(func(item string) ([]byte, error) { return l.store.Get(ctx, item) }, fingerprint)
}
