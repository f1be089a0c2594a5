package filestore

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
)

// The recipient of a passphrase as https://age-encryption.org/v1 has it, section "The scrypt recipient type". The one of age's
// Go package takes the passphrase as a string, which cannot be cleared.

const (
	scryptLabel = "age-encryption.org/v1/scrypt"
	saltSize    = 16
	fileKeySize = 16

	// DefaultWorkFactor is the binary logarithm of scrypt's cost, as in age: about a second and 256 MiB.
	DefaultWorkFactor = 18
	// maxWorkFactor is the most that is taken of a file: four seconds and 1 GiB.
	maxWorkFactor = 20
)

// errStanza says that a file is not encrypted in the one way that is expected.
var errStanza = errors.New("not encrypted with a passphrase as keysweep does it")

type passphrase struct {
	secret []byte
	logN   int // for Wrap
}

// Wrap encrypts an age file's key with the passphrase.
func (p passphrase) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails, see its documentation
	key, err := p.key(salt, p.logN)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{
		Type: "scrypt",
		Args: []string{base64.RawStdEncoding.EncodeToString(salt), strconv.Itoa(p.logN)},
		Body: aead.Seal(nil, make([]byte, aead.NonceSize()), fileKey, nil),
	}}, nil
}

// Unwrap is the way back. The wrong passphrase is age.ErrIncorrectIdentity.
func (p passphrase) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "scrypt" || len(stanzas[0].Args) != 2 {
		return nil, errStanza
	}
	s := stanzas[0]
	salt, err := base64.RawStdEncoding.Strict().DecodeString(s.Args[0])
	if err != nil || len(salt) != saltSize || len(s.Body) != fileKeySize+chacha20poly1305.Overhead {
		return nil, errStanza
	}
	logN, err := strconv.Atoi(s.Args[1])
	if err != nil || logN < 1 {
		return nil, errStanza
	}
	if logN > maxWorkFactor {
		return nil, fmt.Errorf("%w: its work factor %d is more than %d", errStanza, logN, maxWorkFactor)
	}
	key, err := p.key(salt, logN)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	fileKey, err := aead.Open(nil, make([]byte, aead.NonceSize()), s.Body, nil)
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return fileKey, nil
}

func (p passphrase) key(salt []byte, logN int) ([]byte, error) {
	return scrypt.Key(p.secret, append([]byte(scryptLabel), salt...), 1<<logN, 8, 1, chacha20poly1305.KeySize)
}
