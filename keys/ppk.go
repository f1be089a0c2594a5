package keys

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
)

// ppk is a file in PuTTY's format, as appendix C of its manual describes it.
type ppk struct {
	version   int
	algorithm string
	cipher    string
	comment   string
	public    []byte
	argon2    *argon2Params // nil in version 2, and in files without a passphrase
	private   []byte        // encrypted, or not
	mac       []byte
}

// isPPK reports whether the text is in PuTTY's format. Unlike PEM it stands alone in its file.
func isPPK(data []byte) bool { return bytes.HasPrefix(data, []byte("PuTTY-User-Key-File-")) }

func parsePPK(data []byte) (*File, error) {
	p, err := readPPK(data)
	if err != nil {
		return nil, fmt.Errorf("read PuTTY key: %w", err)
	}
	public, err := publicFromBlob(p.public)
	if err != nil {
		return nil, fmt.Errorf("read PuTTY key: %w", err)
	}
	if public.Type != p.algorithm {
		return nil, fmt.Errorf("read PuTTY key: its first line says %q, its public key is of type %q", p.algorithm, public.Type)
	}
	f := &File{Format: FormatPPK3, Public: &public, Type: public.Type, Comment: p.comment, Cipher: p.cipher}
	if p.version == 2 {
		f.Format = FormatPPK2
	}
	if p.cipher != "none" {
		f.KDF = p.kdf()
	}
	f.open = func(passphrase []byte) (*Private, error) { return p.open(public.Key(), passphrase) }
	return f, nil
}

// open decrypts the file, wants its MAC to fit, and makes a key of the two halves.
func (p *ppk) open(public Public, passphrase []byte) (*Private, error) {
	secrets, err := p.derive(passphrase)
	if err != nil {
		return nil, err
	}
	defer secrets.clear()
	text := bytes.Clone(p.private)
	if p.cipher != "none" {
		c, _ := cbcCipher("AES-256-CBC")
		if text, err = c.decryptRaw(secrets.key, secrets.iv, p.private); err != nil {
			return nil, err
		}
	}
	defer clear(text)
	if !hmac.Equal(p.sign(secrets.mac, text), p.mac) {
		if p.cipher != "none" {
			return nil, ErrPassphrase
		}
		return nil, errors.New("read PuTTY key: the file was changed or damaged: its MAC does not fit")
	}
	return p.key(public, text)
}

// sign calculates the MAC: over the headers that matter, the public half and the private half with its padding.
func (p *ppk) sign(key, private []byte) []byte {
	newHash := func() hash.Hash { return sha256.New() }
	if p.version == 2 {
		newHash = sha1.New
	}
	var signed []byte
	for _, field := range [][]byte{[]byte(p.algorithm), []byte(p.cipher), []byte(p.comment), p.public, private} {
		signed = appendString(signed, field)
	}
	defer clear(signed)
	mac := hmac.New(newHash, key)
	mac.Write(signed)
	return mac.Sum(nil)
}
