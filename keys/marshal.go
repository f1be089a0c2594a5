package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Rounds of bcrypt that MarshalOpenSSH takes. A round costs 6 to 10 ms, measured on 2 cores of an AMD EPYC: DefaultRounds about
// half a second. OpenSSH 9.2 writes 16 if not told otherwise; golang.org/x/crypto/ssh reads up to 2,048.
const (
	DefaultRounds = 64
	MinRounds     = 16
	MaxRounds     = 1024
)

// What MarshalOpenSSH protects a key with. The cipher and the salt's length are those of ssh-keygen.
const (
	marshalCipher = "aes256-ctr"
	marshalSalt   = 16
	marshalKey    = 32
)

// MarshalOpenSSH writes the key as an openssh-key-v1 file (PROTOCOL.key of OpenSSH), the text that stands in ~/.ssh/id_*:
// protected with aes256-ctr and the given rounds of bcrypt, MinRounds to MaxRounds, or not protected if passphrase is nil;
// then rounds play no part. Two calls give different files for the same key, as the salt is random. The caller clears the
// result.
func (p *Private) MarshalOpenSSH(passphrase []byte, rounds int) ([]byte, error) {
	switch {
	case passphrase != nil && len(passphrase) == 0:
		return nil, errors.New("write OpenSSH private key: the passphrase is empty")
	case passphrase != nil && (rounds < MinRounds || rounds > MaxRounds):
		return nil, fmt.Errorf("write OpenSSH private key: %d rounds of bcrypt; it must be %d to %d", rounds, MinRounds, MaxRounds)
	}
	text, err := p.marshalOpenSSH(passphrase, rounds)
	if err != nil {
		return nil, fmt.Errorf("write OpenSSH private key: %w", err)
	}
	return text, nil
}

func (p *Private) marshalOpenSSH(passphrase []byte, rounds int) ([]byte, error) {
	public, err := p.Public()
	if err != nil {
		return nil, err
	}
	if strings.ContainsRune(p.Comment, 0) {
		return nil, errors.New("its comment holds a zero byte, and OpenSSH would not read the file")
	}
	block := 8
	if passphrase != nil {
		block = aes.BlockSize
	}
	private, err := p.privatePart(public.Type, block)
	if err != nil {
		return nil, err
	}
	defer clear(private)
	name, kdf, options := "none", "none", []byte(nil)
	if passphrase != nil {
		name, kdf = marshalCipher, "bcrypt"
		salt := make([]byte, marshalSalt)
		_, _ = rand.Read(salt) // never fails
		options = appendUint32(appendString(nil, salt), uint32(rounds))
		if err := encryptCTR(private, passphrase, salt, rounds); err != nil {
			return nil, err
		}
	}
	file := make([]byte, 0, len(opensshMagic)+len(public.Blob)+len(private)+128)
	file = append(file, opensshMagic...)
	file = appendString(appendString(appendString(file, name), kdf), options)
	file = appendString(appendUint32(file, 1), public.Blob)
	file = appendString(file, private)
	defer clear(file)
	return armor(file), nil
}

func encryptCTR(text, passphrase, salt []byte, rounds int) error {
	key := bcryptPBKDF(passphrase, salt, rounds, marshalKey+aes.BlockSize)
	defer clear(key)
	c, err := aes.NewCipher(key[:marshalKey])
	if err != nil {
		return err
	}
	cipher.NewCTR(c, key[marshalKey:]).XORKeyStream(text, text)
	return nil
}

// privatePart is what splitPrivate reads.
func (p *Private) privatePart(keyType string, block int) ([]byte, error) {
	part := make([]byte, 8, privateRoom)
	_, _ = rand.Read(part[:4]) // never fails
	copy(part[4:], part[:4])
	part, err := p.appendFields(appendString(part, keyType))
	if err != nil {
		clear(part)
		return nil, err
	}
	part = appendString(part, p.Comment)
	for i := byte(1); len(part)%block != 0; i++ {
		part = append(part, i)
	}
	return part, nil
}

// armorLine is the length of a line of base64 as OpenSSH writes it.
const armorLine = 70

// armor writes a file's bytes as text.
func armor(file []byte) []byte {
	const name = "OPENSSH PRIVATE KEY-----\n"
	body := make([]byte, base64.StdEncoding.EncodedLen(len(file)))
	defer clear(body)
	base64.StdEncoding.Encode(body, file)
	text := make([]byte, 0, len(body)+len(body)/armorLine+2*len("-----BEGIN "+name)+1)
	text = append(text, "-----BEGIN "+name...)
	for rest := body; len(rest) > 0; {
		n := min(armorLine, len(rest))
		text = append(append(text, rest[:n]...), '\n')
		rest = rest[n:]
	}
	return append(text, "-----END "+name...)
}
