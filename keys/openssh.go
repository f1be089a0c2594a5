package keys

import (
	"crypto/subtle"
	"errors"
	"fmt"
)

// opensshMagic starts an openssh-key-v1 file (PROTOCOL.key of OpenSSH); with the zero byte that ends it there.
const opensshMagic = "openssh-key-v1\x00"

// MaxReadRounds is the most rounds of bcrypt that File.Open computes, in about a quarter of an hour (see MinRounds). A file that
// asks for more is described and not opened, so that a file from elsewhere cannot keep the program busy for days.
const MaxReadRounds = 100_000

// opensshFile is an openssh-key-v1 file in its parts.
type opensshFile struct {
	cipher, kdf string
	salt        []byte
	rounds      uint32
	public      Public
	private     []byte // the private part, encrypted unless cipher is "none"
	tag         []byte // what follows it
	damage      error  // see File.Damage
}

func parseOpenSSH(data []byte) (*File, error) {
	o, err := splitOpenSSH(data)
	if err != nil {
		return nil, fmt.Errorf("read OpenSSH private key: %w", err)
	}
	f := &File{Format: FormatOpenSSH, Public: &o.public, Type: o.public.Type, Cipher: o.cipher, Damage: o.damage, open: o.open}
	if o.kdf != "none" {
		f.KDF = KDF{Name: o.kdf, Rounds: int(o.rounds)}
	}
	if !f.Protected() && o.damage == nil {
		fields, err := splitPrivate(o.private)
		if err != nil {
			o.damage = err
			f.Damage = err
			return f, nil
		}
		f.Comment = string(fields.comment)
	}
	return f, nil
}

// splitOpenSSH reads everything that needs no passphrase:
//
//	magic, cipher, KDF, KDF's options, number of keys, public key..., private part, authentication tag
func splitOpenSSH(data []byte) (*opensshFile, error) {
	if len(data) < len(opensshMagic) || string(data[:len(opensshMagic)]) != opensshMagic {
		return nil, errors.New("it does not start with openssh-key-v1")
	}
	w := &wire{rest: data[len(opensshMagic):]}
	o := &opensshFile{cipher: string(w.string()), kdf: string(w.string())}
	options, count := w.string(), w.uint32()
	if w.err == nil && count != 1 {
		return nil, fmt.Errorf("it holds %d keys; files with one key are read, as by OpenSSH itself", count)
	}
	blob := w.string()
	o.private = w.string()
	o.tag = w.rest
	if w.err != nil {
		return nil, w.err
	}
	if err := o.protection(options); err != nil {
		return nil, err
	}
	var err error
	o.public, err = publicFromBlob(blob)
	return o, err
}

// protection reads the KDF's options and checks what the cipher demands. An unknown cipher or KDF is a fact like others: only
// opening fails.
func (o *opensshFile) protection(options []byte) error {
	if !plausibleName(o.cipher) || !plausibleName(o.kdf) {
		return errors.New("it names no cipher or no KDF")
	}
	if (o.cipher == "none") != (o.kdf == "none") {
		return fmt.Errorf("its cipher is %q and its KDF %q; both or none must be none", o.cipher, o.kdf)
	}
	if o.kdf == "bcrypt" {
		w := &wire{rest: options}
		o.salt, o.rounds = w.string(), w.uint32()
		w.end()
		if w.err != nil || len(o.salt) == 0 || o.rounds == 0 {
			o.damage = errors.New("its KDF has no salt or no rounds")
		}
	}
	c, err := opensshCipherNamed(o.cipher)
	if err == nil && (len(o.private) < c.block || len(o.private)%c.block != 0 || len(o.tag) != c.tag) {
		o.damage = errors.New("its private part is cut off, or there is something after its end")
	}
	return nil
}

func (o *opensshFile) open(passphrase []byte) (*Private, error) {
	p, err := o.decrypt(passphrase)
	if err != nil {
		return nil, fmt.Errorf("open OpenSSH private key: %w", err)
	}
	return p, nil
}

func (o *opensshFile) decrypt(passphrase []byte) (*Private, error) {
	if o.damage != nil {
		return nil, o.damage
	}
	plain, err := o.plain(passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	fields, err := splitPrivate(plain)
	if err != nil {
		return nil, err
	}
	return fields.key(o.public)
}

// plain returns the private part decrypted. The check numbers at its start have been compared.
func (o *opensshFile) plain(passphrase []byte) ([]byte, error) {
	c, err := opensshCipherNamed(o.cipher)
	if err != nil {
		return nil, err
	}
	var key []byte
	if o.cipher != "none" {
		if key, err = o.derive(passphrase, c.key+c.iv); err != nil {
			return nil, err
		}
		defer clear(key)
	}
	plain, err := c.decrypt(key[:c.key], key[c.key:], o.private, o.tag)
	if err != nil {
		return nil, err
	}
	if o.cipher != "none" && subtle.ConstantTimeCompare(plain[:4], plain[4:8]) != 1 {
		clear(plain)
		return nil, ErrPassphrase
	}
	return plain, nil
}

func (o *opensshFile) derive(passphrase []byte, length int) ([]byte, error) {
	switch {
	case o.kdf != "bcrypt":
		return nil, fmt.Errorf("its KDF %q is not known here", o.kdf)
	case o.rounds > MaxReadRounds:
		return nil, fmt.Errorf("it asks for %d rounds of bcrypt; more than %d are not computed (ssh-keygen -p -a 64 -f FILE lowers them)", o.rounds, MaxReadRounds)
	case len(passphrase) == 0:
		return nil, ErrPassphrase
	}
	return bcryptPBKDF(passphrase, o.salt, int(o.rounds), length), nil
}
