package keys

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"errors"
	"hash"
	"unicode/utf16"
	"unicode/utf8"
)

// oldScheme is an encryption from before PBES2: RFC 8018 section 6.1, or PKCS#12's (RFC 7292 appendix C).
type oldScheme struct {
	cipher string
	hash   string // "MD5", "SHA1"; of PKCS#12 always SHA-1
	pkcs12 bool
	key    int // bytes of the passphrase's key that the cipher takes, where it is supported
}

func oldSchemeOf(oid string) (s oldScheme, known bool) {
	switch oid {
	case "1.2.840.113549.1.5.1":
		return oldScheme{cipher: "DES-CBC", hash: "MD2"}, true
	case "1.2.840.113549.1.5.3":
		return oldScheme{cipher: "DES-CBC", hash: "MD5", key: 8}, true
	case "1.2.840.113549.1.5.4":
		return oldScheme{cipher: "RC2-CBC", hash: "MD2"}, true
	case "1.2.840.113549.1.5.6":
		return oldScheme{cipher: "RC2-CBC", hash: "MD5"}, true
	case "1.2.840.113549.1.5.10":
		return oldScheme{cipher: "DES-CBC", hash: "SHA1", key: 8}, true
	case "1.2.840.113549.1.5.11":
		return oldScheme{cipher: "RC2-CBC", hash: "SHA1"}, true
	case "1.2.840.113549.1.12.1.1":
		return oldScheme{cipher: "RC4-128", hash: "SHA1", pkcs12: true}, true
	case "1.2.840.113549.1.12.1.2":
		return oldScheme{cipher: "RC4-40", hash: "SHA1", pkcs12: true}, true
	case "1.2.840.113549.1.12.1.3":
		return oldScheme{cipher: "DES-EDE3-CBC", hash: "SHA1", pkcs12: true, key: 24}, true
	case "1.2.840.113549.1.12.1.4":
		return oldScheme{cipher: "DES-EDE-CBC", hash: "SHA1", pkcs12: true, key: 16}, true
	case "1.2.840.113549.1.12.1.5":
		return oldScheme{cipher: "RC2-128-CBC", hash: "SHA1", pkcs12: true}, true
	case "1.2.840.113549.1.12.1.6":
		return oldScheme{cipher: "RC2-40-CBC", hash: "SHA1", pkcs12: true}, true
	}
	return oldScheme{}, false
}

func readPBES1(a algorithm) (scheme, error) {
	old, known := oldSchemeOf(a.OID.String())
	if !known {
		return sealed(scheme{cipher: a.OID.String(), kdf: KDF{Name: "unknown"}}, "the encryption "+a.OID.String()), nil
	}
	var p struct {
		Salt       []byte
		Iterations int
	}
	if err := unmarshal(a.Parameters.FullBytes, &p); err != nil {
		return scheme{}, err
	}
	if p.Iterations <= 0 {
		return scheme{}, errParameters
	}
	if !old.pkcs12 && len(p.Salt) != 8 {
		return scheme{}, errors.New("the salt of PBES1 does not have 8 bytes")
	}
	name := "PBKDF1-" + old.hash
	if old.pkcs12 {
		name = "PKCS#12-" + old.hash
	}
	s := scheme{cipher: old.cipher, kdf: KDF{Name: name, Rounds: p.Iterations}}
	if old.key == 0 {
		return sealed(s, "the cipher "+old.cipher+" with "+name), nil
	}
	s.decrypt = func(passphrase, data []byte) ([]byte, error) {
		if p.Iterations > maxIterations {
			return nil, costly(name, "a number of iterations", p.Iterations, maxIterations)
		}
		return old.decrypt(passphrase, p.Salt, p.Iterations, data)
	}
	return s, nil
}

func (o oldScheme) decrypt(passphrase, salt []byte, iterations int, data []byte) ([]byte, error) {
	key, iv := o.derive(passphrase, salt, iterations)
	defer clear(key)
	cipherName := o.cipher
	if o.key == 16 { // two-key triple DES uses its first key again as the third
		key = append(key, key[:8]...)
		defer clear(key)
		cipherName = "DES-EDE3-CBC"
	}
	c, _ := cbcCipher(cipherName)
	return c.decrypt(key, iv, data)
}

func (o oldScheme) derive(passphrase, salt []byte, iterations int) (key, iv []byte) {
	if !o.pkcs12 {
		newHash := sha1.New
		if o.hash == "MD5" {
			newHash = md5.New
		}
		t := pbkdf1(newHash, passphrase, salt, iterations)
		return t[:8:8], t[8:16]
	}
	text := bmpString(passphrase)
	defer clear(text)
	return pkcs12Key(1, text, salt, iterations, o.key), pkcs12Key(2, text, salt, iterations, 8)
}

// pbkdf1 is PBKDF1 of RFC 8018 section 5.1, all of the last hash.
func pbkdf1(newHash func() hash.Hash, passphrase, salt []byte, iterations int) []byte {
	h := newHash()
	h.Write(passphrase)
	h.Write(salt)
	t := h.Sum(nil)
	for range iterations - 1 {
		h.Reset()
		h.Write(t)
		t = h.Sum(t[:0])
	}
	return t
}

// bmpString is a passphrase as PKCS#12 wants it: UTF-16, big-endian, with a zero at the end (RFC 7292 appendix B.1). Text that
// is not UTF-8 is taken byte by byte, as OpenSSL does.
func bmpString(passphrase []byte) []byte {
	text := make([]byte, 0, 2*len(passphrase)+2)
	valid := utf8.Valid(passphrase)
	for rest := passphrase; len(rest) > 0; {
		r, size := rune(rest[0]), 1
		if valid {
			r, size = utf8.DecodeRune(rest)
		}
		rest = rest[size:]
		for _, unit := range utf16.AppendRune(nil, r) {
			text = append(text, byte(unit>>8), byte(unit))
		}
	}
	return append(text, 0, 0)
}

// pkcs12Key is the KDF of RFC 7292 appendix B.2 with SHA-1, whose names it keeps: id is 1 for a key, 2 for a start value.
func pkcs12Key(id byte, passphrase, salt []byte, iterations, size int) []byte {
	const v = sha1.BlockSize
	d := bytes.Repeat([]byte{id}, v)
	i := append(fillBlocks(salt, v), fillBlocks(passphrase, v)...)
	defer clear(i)
	var key []byte
	for {
		a := pbkdf1(sha1.New, d, i, iterations)
		if key = append(key, a...); len(key) >= size {
			return key[:size:size]
		}
		addBlocks(i, fillBlocks(a, v)[:v])
	}
}

// fillBlocks repeats b until it fills whole blocks of v bytes.
func fillBlocks(b []byte, v int) []byte {
	size := (len(b) + v - 1) / v * v
	filled := make([]byte, 0, size)
	for len(filled) < size {
		filled = append(filled, b[:min(len(b), size-len(filled))]...)
	}
	return filled
}

// addBlocks adds b + 1 to each block of i, as big-endian numbers without carry out of the block.
func addBlocks(i, b []byte) {
	for start := 0; start < len(i); start += len(b) {
		carry := 1
		for k := len(b) - 1; k >= 0; k-- {
			carry += int(i[start+k]) + int(b[k])
			i[start+k] = byte(carry)
			carry >>= 8
		}
	}
}
