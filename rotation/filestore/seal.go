package filestore

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"

	"filippo.io/age"

	"keysweep/rotation/internal/keyed"
)

// errForged says that a file does not open, or that its HMAC is wrong.
var errForged = errors.New("is damaged, or was not written by keysweep")

// keyring encrypts and authenticates.
type keyring struct {
	key *age.X25519Identity
	mac []byte
}

// sum returns the HMAC of parts for one purpose.
func (k *keyring) sum(purpose string, parts ...[]byte) []byte {
	return keyed.Sum(k.mac, purpose, parts...)
}

// seal encrypts content, with its HMAC in front of it.
func (k *keyring) seal(purpose string, content []byte) ([]byte, error) {
	return k.sealTo(k.key.Recipient(), purpose, content)
}

func (k *keyring) sealTo(to age.Recipient, purpose string, content []byte) ([]byte, error) {
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	if err != nil {
		return nil, err
	}
	for _, part := range [][]byte{k.sum(purpose, content), content} {
		if _, err := w.Write(part); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// unseal is the way back. Whatever is wrong is errForged.
func (k *keyring) unseal(purpose string, file []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), k.key)
	if err != nil {
		return nil, errForged
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, errForged
	}
	return k.check(purpose, plain)
}

// check takes the HMAC off what was decrypted.
func (k *keyring) check(purpose string, plain []byte) ([]byte, error) {
	if len(plain) < sha256.Size {
		return nil, errForged
	}
	mac, content := plain[:sha256.Size], plain[sha256.Size:]
	if !hmac.Equal(mac, k.sum(purpose, content)) {
		clear(plain)
		return nil, errForged
	}
	return content, nil
}

// fileName returns the name of an item's file: it is the same every time, and says nothing to who has no key.
func (k *keyring) fileName(item string) string {
	return hex.EncodeToString(k.sum("file", []byte(item))[:16]) + ageSuffix
}

// noting is a recipient that notes the file key.
type noting struct {
	age.Recipient
	key fileKey
}

// Wrap is the recipient's.
func (n *noting) Wrap(key []byte) ([]*age.Stanza, error) {
	n.key = bytes.Clone(key)
	return n.Recipient.Wrap(key)
}

// sealItem encrypts an item: sequence number, length of the name, name, data.
func (k *keyring) sealItem(name string, seq uint64, data []byte) (file []byte, key fileKey, err error) {
	content := make([]byte, 0, 8+1+len(name)+len(data))
	content = binary.BigEndian.AppendUint64(content, seq)
	content = append(content, byte(len(name)))
	content = append(append(content, name...), data...)
	defer clear(content)
	to := &noting{Recipient: k.key.Recipient()}
	file, err = k.sealTo(to, "item", content)
	return file, to.key, err
}

// unsealItem opens an item with its file key; nil if it is not known.
func (k *keyring) unsealItem(file []byte, known fileKey) (name string, seq uint64, data []byte, err error) {
	content, err := k.openItem(file, known)
	if err != nil {
		return "", 0, nil, err
	}
	if len(content) < 9 || len(content) < 9+int(content[8]) {
		return "", 0, nil, errForged
	}
	end := 9 + int(content[8])
	return string(content[9:end]), binary.BigEndian.Uint64(content), content[end:], nil
}

func hashOf(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}
