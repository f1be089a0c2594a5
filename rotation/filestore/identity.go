package filestore

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"

	"keysweep/internal/atomicfile"
	"keysweep/rotation"
	"keysweep/rotation/internal/smallfile"
)

const (
	identityFile = "identity.age"
	maxIdentity  = 1 << 16 // bytes; it takes about 500
	macKeySize   = 32
)

// identity is what identity.age holds, encrypted.
type identity struct {
	Schema int    `json:"schema"`
	Store  string `json:"store"`    // random; tells this ledger from others
	X25519 string `json:"identity"` // "AGE-SECRET-KEY-1..."
	MAC    []byte `json:"mac"`
}

func newIdentity() (identity, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return identity{}, fmt.Errorf("make ledger: %w", err)
	}
	id, mac := make([]byte, 16), make([]byte, macKeySize)
	_, _ = rand.Read(id) // never fails, see its documentation
	_, _ = rand.Read(mac)
	return identity{1, hex.EncodeToString(id), key.String(), mac}, nil
}

// wrap encrypts the identity with a passphrase, and proves that it opens again.
func (i identity) wrap(secret []byte, logN int) ([]byte, error) {
	plain, err := json.Marshal(i)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	var file bytes.Buffer
	w, err := age.Encrypt(&file, passphrase{secret, logN})
	if err != nil {
		return nil, fmt.Errorf("encrypt with the passphrase: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	back, err := unwrapIdentity(file.Bytes(), secret)
	if err != nil || back.X25519 != i.X25519 || !bytes.Equal(back.MAC, i.MAC) {
		return nil, errors.Join(errors.New("what was encrypted does not open again"), err)
	}
	return file.Bytes(), nil
}

func unwrapIdentity(file, secret []byte) (i identity, err error) {
	r, err := age.Decrypt(bytes.NewReader(file), passphrase{secret: secret})
	if err != nil {
		return i, err
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxIdentity))
	defer clear(plain)
	if err != nil {
		return i, err
	}
	return parseIdentity(plain)
}

// parseIdentity reads an identity that is not encrypted. Errors hold nothing of it.
func parseIdentity(plain []byte) (i identity, err error) {
	if err := json.Unmarshal(plain, &i); err != nil {
		return i, errors.New("its content is no identity")
	}
	if i.Schema != 1 || len(i.MAC) != macKeySize || i.Store == "" {
		return i, fmt.Errorf("its content is of another version (schema %d)", i.Schema)
	}
	if _, err := age.ParseX25519Identity(i.X25519); err != nil {
		return i, errors.New("its content is no identity") // err may hold some of it
	}
	return i, nil
}

// readIdentity opens identity.age. None is ErrNone, the wrong passphrase rotation.ErrLocked.
func readIdentity(path string, secret []byte) (identity, error) {
	file, err := smallfile.Read(path, maxIdentity)
	if errors.Is(err, fs.ErrNotExist) {
		return identity{}, fmt.Errorf("%w in %s", ErrNone, path)
	}
	if err != nil {
		return identity{}, err
	}
	i, err := unwrapIdentity(file, secret)
	var mismatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &mismatch):
		return identity{}, &lockedError{path}
	case err != nil:
		return identity{}, &smallfile.Error{Path: path, Err: fmt.Errorf("it is damaged: %w", err),
			Do: "put it back from a backup: without it nothing else in the directory can be read"}
	}
	return i, nil
}

// ChangePassphrase encrypts the store's keys with a new passphrase. The items stay as they are: who has an old copy of
// identity.age and the old passphrase can still read them.
func (s *Store) ChangePassphrase(ctx context.Context, secret []byte) error {
	if len(secret) == 0 {
		return errors.New("change passphrase of the ledger: the new one is empty")
	}
	file, err := s.id.wrap(secret, s.workFactor)
	if err != nil {
		return fmt.Errorf("change passphrase of the ledger: %w", err)
	}
	return s.exclusively(ctx, func() error {
		if err := atomicfile.Write(s.path(identityFile), file, 0o600); err != nil {
			return &smallfile.Error{Path: s.path(identityFile), Err: err}
		}
		return nil
	})
}

var _ rotation.Store = (*Store)(nil)
