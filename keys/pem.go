package keys

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
)

// parsePEM understands the traditional format of OpenSSL: PKCS#1 (RFC 8017 appendix A.1.2), SEC 1 (RFC 5915) or OpenSSL's own
// structure for DSA, as it is or encrypted with the headers Proc-Type and DEK-Info of RFC 1421.
func parsePEM(block *pem.Block) (*File, error) {
	if strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
		return parseEncryptedPEM(block)
	}
	numbers, err := readTraditional(block.Type, block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", block.Type, err)
	}
	return plainFile(FormatPEM, numbers), nil
}

// plainFile is a file without passphrase around the numbers of a key.
func plainFile(format Format, n numbers) *File {
	f := &File{Format: format, Type: n.kind(), Cipher: "none", Public: n.public()}
	f.open = func([]byte) (*Private, error) { return n.private() }
	return f
}

func parseEncryptedPEM(block *pem.Block) (*File, error) {
	name, ivText, ok := strings.Cut(block.Headers["DEK-Info"], ",")
	if !ok {
		return nil, fmt.Errorf("read %s: encrypted, but the header DEK-Info does not name a cipher and its start value", block.Type)
	}
	iv, err := hex.DecodeString(strings.TrimSpace(ivText))
	if err != nil {
		return nil, fmt.Errorf("read %s: start value in DEK-Info is not hexadecimal", block.Type)
	}
	name = strings.TrimSpace(name)
	c, known := cbcCipher(name)
	if known && len(iv) != c.iv {
		return nil, fmt.Errorf("read %s: start value in DEK-Info has %d bytes, %s takes %d", block.Type, len(iv), name, c.iv)
	}
	f := &File{Format: FormatPEM, Type: traditionalType(block.Type), Cipher: name, KDF: KDF{Name: "MD5", Rounds: 1}}
	f.open = func(passphrase []byte) (*Private, error) {
		if !known {
			return nil, &unsupported{"the cipher " + name + " is not supported", hintSSHKeygen}
		}
		return openTraditional(c, block, iv, passphrase)
	}
	return f, nil
}

// traditionalType says what the first line tells of the key: of an EC key it does not tell the curve.
func traditionalType(blockType string) string {
	switch blockType {
	case "RSA PRIVATE KEY":
		return "ssh-rsa"
	case "DSA PRIVATE KEY":
		return "ssh-dss"
	}
	return "ecdsa"
}

func openTraditional(c blockCipher, block *pem.Block, iv, passphrase []byte) (*Private, error) {
	key := bytesToKey(passphrase, iv[:8], c.key)
	defer clear(key)
	der, err := c.decrypt(key, iv, block.Bytes)
	if err != nil {
		return nil, err
	}
	defer clear(der)
	numbers, err := readTraditional(block.Type, der)
	if err != nil {
		return nil, decrypted(err)
	}
	defer numbers.wipe()
	return numbers.private()
}

// bytesToKey makes a key of a passphrase as EVP_BytesToKey of OpenSSL does with MD5 and one iteration (EVP_BytesToKey(3)):
// each hash is over the one before, the passphrase and the salt, until there is enough. The caller clears the result.
func bytesToKey(passphrase, salt []byte, size int) []byte {
	key := make([]byte, 0, size+md5.Size)
	for len(key) < size {
		last := key[max(0, len(key)-md5.Size):]
		input := slices.Concat(last, passphrase, salt)
		sum := md5.Sum(input)
		clear(input)
		key = append(key, sum[:]...)
	}
	return key[:size]
}
