package filestore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"keysweep/rotation"
	"keysweep/rotation/internal/smallfile"
)

// Identity returns what opens the ledger without its passphrase, for OpenUnlocked: some 300 bytes, as identity.age holds them encrypted. Who
// has it can read and write the ledger from now on, whatever its passphrase becomes. The caller clears it.
func (s *Store) Identity() ([]byte, error) {
	plain, err := json.Marshal(s.id)
	if err != nil {
		return nil, fmt.Errorf("unlock ledger: %w", err)
	}
	return plain, nil
}

// OpenUnlocked opens a ledger with what Identity returned: without its passphrase and scrypt, and otherwise as Open does. If the ledger in
// the directory is another one, made or put there since, it is ErrStale.
func OpenUnlocked(ctx context.Context, o Options, plain []byte) (*Store, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	id, err := parseIdentity(plain)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", errors.Join(ErrStale, err))
	}
	if exists, err := Exists(o.Dir); err != nil || !exists {
		return nil, fmt.Errorf("open ledger: %w", errors.Join(ErrNone, err))
	}
	return o.enter(ctx, id, (*Store).fit)
}

// fit sees that the ledger is the one that the identity is of, before the ledger is looked at: what another one's head holds is no tampering.
func (s *Store) fit(o Options) error {
	path := filepath.Join(o.Dir, headFile)
	file, err := smallfile.Read(path, maxHead)
	switch {
	case errors.Is(err, fs.ErrNotExist): // repair says what that means
	case err != nil:
		return err
	default:
		if _, _, err := s.open(path, file); errors.Is(err, rotation.ErrTampered) {
			return ErrStale
		}
	}
	return s.repair(o)
}
