package filestore

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"

	"golang.org/x/crypto/chacha20poly1305"
)

// fileKey is what age encrypts a file with, 16 bytes, which the file holds encrypted to the key pair. The head has it too, for each item: then
// reading one takes no X25519, and ten thousand of them a quarter of the time (BenchmarkLarge).
type fileKey []byte

// open decrypts the payload of a file of the format age-encryption.org/v1. The file must be known to be the one that was written: its
// header is not looked at.
func (f fileKey) open(file []byte) ([]byte, error) {
	const nonceSize = 16
	header := bytes.Index(file, []byte("\n--- ")) + 1
	end := bytes.IndexByte(file[header:], '\n')
	if header == 0 || end < 0 || len(file) < header+end+1+nonceSize {
		return nil, errForged
	}
	payload := file[header+end+1:]
	key, err := hkdf.Key(sha256.New, f, payload[:nonceSize], "payload", chacha20poly1305.KeySize)
	if err != nil {
		return nil, errForged
	}
	defer clear(key)
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, errForged
	}
	nonce := make([]byte, chacha20poly1305.NonceSize)
	nonce[len(nonce)-1] = 1 // the first chunk of 64 KiB, which is the last: no item is larger
	plain, err := aead.Open(nil, nonce, payload[nonceSize:], nil)
	if err != nil {
		return nil, errForged
	}
	return plain, nil
}

// openItem decrypts an item, with its file key if that is known.
func (k *keyring) openItem(file []byte, known fileKey) ([]byte, error) {
	if known == nil {
		return k.unseal("item", file)
	}
	plain, err := known.open(file)
	if err != nil {
		return nil, err
	}
	return k.check("item", plain)
}
