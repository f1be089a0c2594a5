package backup

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"

	"keysweep/keys"
	"keysweep/keys/words"
)

// ErrNoWords says that a key cannot be written as words.
var ErrNoWords = errors.New("only Ed25519 keys can be written as words: the secret of others is too long")

// Words returns the seed of an Ed25519 key as 24 words. Whoever reads them has the key. The caller clears the result.
func Words(private *keys.Private) ([]byte, error) {
	key, ok := private.Key.(ed25519.PrivateKey)
	if !ok || len(key) != ed25519.PrivateKeySize {
		return nil, ErrNoWords
	}
	return words.Encode(key[:ed25519.SeedSize])
}

// Copy is what an artefact holds, decrypted. The caller clears it.
type Copy struct {
	KeyFile  []byte    // the key file, perhaps still under its own passphrase; nil for words
	Manifest *Manifest // nil for words, and for what was not made by keysweep
	seed     []byte
}

// Clear overwrites what is secret.
func (c *Copy) Clear() {
	clear(c.KeyFile)
	clear(c.seed)
}

// FromWords reports whether the copy is of words: without comment, and without a passphrase.
func (c *Copy) FromWords() bool { return c.seed != nil }

// Protected reports whether the key file in the copy needs its own passphrase. What is no key file needs none.
func (c *Copy) Protected() bool {
	file, err := c.file()
	return err == nil && file.Protected()
}

// file understands the key file.
func (c *Copy) file() (*keys.File, error) {
	file, err := keys.Parse(c.KeyFile)
	if err != nil {
		return nil, damaged("", "the backup holds no private key: %v", err)
	}
	return file, nil
}

// Private returns the private key. passphrase is that of the key file, as it was when the backup was made; words and
// unprotected files need none. The caller clears the result.
func (c *Copy) Private(passphrase []byte) (*keys.Private, error) {
	if c.seed != nil {
		return &keys.Private{Key: ed25519.NewKeyFromSeed(c.seed)}, nil
	}
	file, err := c.file()
	if err != nil {
		return nil, err
	}
	return file.Open(passphrase)
}

// Public returns the public half as far as it can be seen without a passphrase: that of the key file, or the one that the
// manifest names. It is nil if neither shows any.
func (c *Copy) Public() (*keys.Public, error) {
	if c.seed != nil {
		private, err := c.Private(nil)
		if err != nil {
			return nil, err
		}
		defer private.Clear()
		public, err := private.Public()
		return &public, err
	}
	file, err := c.file()
	if err != nil {
		return nil, err
	}
	if file.Public != nil {
		return file.Public, nil
	}
	return c.Manifest.Key(), nil
}

// Level says how much was proven.
type Level int

// The levels.
const (
	// Shown: the copy shows the right public key. Whether the private half is there was not looked at.
	Shown Level = iota
	// Same: the copy is the living key file, byte for byte; that file's passphrase was not tried.
	Same
	// Opened: the private half was opened, and makes the right public key.
	Opened
)

// DifferentError says that a copy is of another key.
type DifferentError struct{ Got, Want string } // fingerprints

// Error names both keys.
func (e *DifferentError) Error() string {
	return fmt.Sprintf("it is a different key: %s, not %s", e.Got, e.Want)
}

// Prove compares a copy with the key whose fingerprint is want. The private half is opened if that needs no passphrase, or if one
// is given. live is the content of the living key file, nil if there is none at hand. Errors are *DifferentError,
// keys.ErrPassphrase for a wrong passphrase of the key file, and *DamagedError.
func (c *Copy) Prove(want string, live, passphrase []byte) (Level, error) {
	if passphrase == nil && c.Protected() {
		return c.compare(want, live)
	}
	private, err := c.Private(passphrase)
	if err != nil {
		return 0, err
	}
	defer private.Clear()
	public, err := private.Public()
	if err != nil {
		return 0, err
	}
	if got := public.SHA256(); got != want {
		return 0, &DifferentError{got, want}
	}
	return Opened, nil
}

// compare does without the private half.
func (c *Copy) compare(want string, live []byte) (Level, error) {
	public, err := c.Public()
	switch {
	case err != nil:
		return 0, err
	case public != nil && public.SHA256() != want:
		return 0, &DifferentError{public.SHA256(), want}
	case live != nil && bytes.Equal(live, c.KeyFile):
		return Same, nil
	}
	return Shown, nil
}
