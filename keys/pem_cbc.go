package keys

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"fmt"
	"strings"
)

// blockCipher is a cipher in CBC mode.
type blockCipher struct {
	key int // bytes
	iv  int // bytes, which is the block too
	new func(key []byte) (cipher.Block, error)
}

// cbcCipher returns the cipher of a name as OpenSSL writes it (openssl-enc(1)); ok is false for those that Go does not have.
func cbcCipher(name string) (c blockCipher, ok bool) {
	switch strings.ToUpper(name) {
	case "DES-CBC":
		return blockCipher{8, des.BlockSize, des.NewCipher}, true
	case "DES-EDE3-CBC":
		return blockCipher{24, des.BlockSize, des.NewTripleDESCipher}, true
	case "AES-128-CBC":
		return blockCipher{16, aes.BlockSize, aes.NewCipher}, true
	case "AES-192-CBC":
		return blockCipher{24, aes.BlockSize, aes.NewCipher}, true
	case "AES-256-CBC":
		return blockCipher{32, aes.BlockSize, aes.NewCipher}, true
	}
	return blockCipher{}, false
}

// decrypt returns the text in a buffer of its own, with the padding of PKCS#7 (RFC 5652 section 6.3) taken off. Wrong padding
// is ErrPassphrase. The caller clears the result.
func (c blockCipher) decrypt(key, iv, data []byte) ([]byte, error) {
	text, err := c.decryptRaw(key, iv, data)
	if err != nil {
		return nil, err
	}
	n := 0
	if len(text) > 0 {
		n = int(text[len(text)-1])
	}
	if n == 0 || n > c.iv || !bytes.HasSuffix(text, bytes.Repeat([]byte{byte(n)}, n)) {
		clear(text)
		return nil, ErrPassphrase
	}
	return text[:len(text)-n], nil
}

// decryptRaw is decrypt for formats with padding of their own.
func (c blockCipher) decryptRaw(key, iv, data []byte) ([]byte, error) {
	if len(data)%c.iv != 0 {
		return nil, fmt.Errorf("encrypted part of %d bytes is cut off: not a multiple of the cipher's block of %d", len(data), c.iv)
	}
	block, err := c.new(key)
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	text := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(text, data)
	return text, nil
}
