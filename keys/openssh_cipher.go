package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20"
	//lint:ignore SA1019 OpenSSH's chacha20-poly1305 is older than the construction of RFC 8439
	"golang.org/x/crypto/poly1305"
)

// opensshCipher is what a file needs to know of a cipher (cipher.c of OpenSSH). Lengths are in bytes.
type opensshCipher struct {
	key, iv int // what the KDF yields: the key, then the IV
	block   int // what is encrypted is filled up to a multiple of this
	tag     int // what follows it if the cipher authenticates, 0 if not
	decrypt func(key, iv, text, tag []byte) ([]byte, error)
}

// opensshCipherNamed returns a cipher that OpenSSH writes or once wrote in private keys, by the name in the file.
func opensshCipherNamed(name string) (opensshCipher, error) {
	switch name {
	case "none":
		return opensshCipher{block: 8, decrypt: decryptNone}, nil
	case "3des-cbc":
		return opensshCipher{key: 24, iv: 8, block: 8, decrypt: decryptCBC(des.NewTripleDESCipher)}, nil
	case "aes128-ctr", "aes192-ctr", "aes256-ctr":
		return opensshCipher{key: aesKey(name), iv: 16, block: 16, decrypt: decryptCTR}, nil
	case "aes128-cbc", "aes192-cbc", "aes256-cbc":
		return opensshCipher{key: aesKey(name), iv: 16, block: 16, decrypt: decryptCBC(aes.NewCipher)}, nil
	case "aes128-gcm@openssh.com", "aes256-gcm@openssh.com":
		return opensshCipher{key: aesKey(name), iv: 12, block: 16, tag: 16, decrypt: decryptGCM}, nil
	case "chacha20-poly1305@openssh.com":
		return opensshCipher{key: 64, block: 8, tag: poly1305.TagSize, decrypt: decryptChaCha}, nil
	}
	return opensshCipher{}, fmt.Errorf("its cipher %q is not known here", name)
}

// aesKey returns the length of the key that a cipher's name gives in bits.
func aesKey(name string) int {
	switch {
	case strings.HasPrefix(name, "aes128"):
		return 16
	case strings.HasPrefix(name, "aes192"):
		return 24
	}
	return 32
}

func decryptNone(_, _, text, _ []byte) ([]byte, error) { return append([]byte(nil), text...), nil }

func decryptCTR(key, iv, text, _ []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(text))
	cipher.NewCTR(block, iv).XORKeyStream(plain, text)
	return plain, nil
}

func decryptCBC(newCipher func(key []byte) (cipher.Block, error)) func(key, iv, text, tag []byte) ([]byte, error) {
	return func(key, iv, text, _ []byte) ([]byte, error) {
		block, err := newCipher(key)
		if err != nil {
			return nil, err
		}
		plain := make([]byte, len(text))
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, text)
		return plain, nil
	}
}

func decryptGCM(key, iv, text, tag []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, iv, append(text[:len(text):len(text)], tag...), nil)
	if err != nil {
		return nil, ErrPassphrase
	}
	return plain, nil
}

// decryptChaCha is chacha20-poly1305@openssh.com (PROTOCOL.chacha20poly1305 of OpenSSH) as files use it: sequence number 0, no
// packet length, so that the second half of the key plays no part. Block 0 of the stream is the authenticator's key, the
// text starts with block 1. What is authenticated is the encrypted text alone, without the lengths of RFC 8439.
func decryptChaCha(key, _, text, tag []byte) ([]byte, error) {
	stream, err := chacha20.NewUnauthenticatedCipher(key[:chacha20.KeySize], make([]byte, chacha20.NonceSize))
	if err != nil {
		return nil, err
	}
	var once [32]byte
	defer clear(once[:])
	stream.XORKeyStream(once[:], once[:])
	if !poly1305.Verify((*[poly1305.TagSize]byte)(tag), text, &once) {
		return nil, ErrPassphrase
	}
	stream.SetCounter(1)
	plain := make([]byte, len(text))
	stream.XORKeyStream(plain, text)
	return plain, nil
}
