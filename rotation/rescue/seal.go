package rescue

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// NewKey makes a key for Seal and Open, as text. It is a secret; the caller clears it.
func NewKey() ([]byte, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return []byte(identity.String()), nil
}

// Recipient returns the half of a key of NewKey that seals. It opens nothing, and yet it is told to nobody who has no business with it:
// who knows it can make what the ledger would believe.
func Recipient(key []byte) (string, error) {
	identity, err := parseKey(key)
	if err != nil {
		return "", err
	}
	return identity.Recipient().String(), nil
}

// Seal encrypts a value for a Recipient (https://age-encryption.org/v1, recipient type X25519). An error holds nothing of the value.
func Seal(recipient string, value []byte) ([]byte, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, fmt.Errorf("seal the new value: %w", err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err == nil {
		_, err = w.Write(value)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("seal the new value: %w", err)
	}
	return out.Bytes(), nil
}

// Open decrypts what Seal returned. The caller clears it.
func Open(key, sealed []byte) ([]byte, error) {
	identity, err := parseKey(key)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), identity)
	if err != nil {
		return nil, fmt.Errorf("open the new value: %w", err)
	}
	value := make([]byte, 0, len(sealed)) // longer than what is in it: no copies are left behind by growing
	into := bytes.NewBuffer(value)
	if _, err := io.Copy(into, r); err != nil {
		clear(into.Bytes())
		return nil, fmt.Errorf("open the new value: %w", err)
	}
	return into.Bytes(), nil
}

func parseKey(key []byte) (*age.X25519Identity, error) {
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(key)))
	if err != nil {
		return nil, fmt.Errorf("the key of the rescue file cannot be read") // the text of the error may quote it
	}
	return identity, nil
}
