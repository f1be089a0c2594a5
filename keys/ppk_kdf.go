package keys

import (
	"crypto/sha1"
	"slices"

	"golang.org/x/crypto/argon2"
)

// argon2Params are the parameters of Argon2 (RFC 9106) in version 3 of PuTTY's format.
type argon2Params struct {
	flavour                        string // "Argon2id", "Argon2i", "Argon2d"
	memoryKiB, passes, parallelism int
	salt                           []byte
}

// ppkSecrets are what a file's passphrase yields.
type ppkSecrets struct{ key, iv, mac []byte }

func (s ppkSecrets) clear() {
	clear(s.key)
	clear(s.iv)
	clear(s.mac)
}

// kdf describes how the file makes keys of its passphrase. Version 2 hashes it, once.
func (p *ppk) kdf() KDF {
	if p.argon2 == nil {
		return KDF{Name: "SHA-1", Rounds: 1}
	}
	a := p.argon2
	return KDF{Name: a.flavour, Rounds: a.passes, MemoryKiB: a.memoryKiB, Parallelism: a.parallelism}
}

// derive makes the keys of a passphrase; a file without encryption has none, only a MAC without secret.
func (p *ppk) derive(passphrase []byte) (ppkSecrets, error) {
	if p.version == 2 {
		return p.deriveSHA1(passphrase), nil
	}
	if p.cipher == "none" {
		return ppkSecrets{}, nil
	}
	material, err := p.argon2.derive(passphrase, 32+16+32)
	if err != nil {
		return ppkSecrets{}, err
	}
	return ppkSecrets{material[:32], material[32:48], material[48:]}, nil
}

func (p *ppk) deriveSHA1(passphrase []byte) ppkSecrets {
	if p.cipher == "none" {
		passphrase = nil
	}
	hashed := func(prefix string) []byte {
		input := slices.Concat([]byte(prefix), passphrase)
		defer clear(input)
		sum := sha1.Sum(input)
		return sum[:]
	}
	key := slices.Concat(hashed("\x00\x00\x00\x00"), hashed("\x00\x00\x00\x01"))
	return ppkSecrets{key[:32], make([]byte, 16), hashed("putty-private-key-file-mac-key")}
}

func (a *argon2Params) derive(passphrase []byte, size int) ([]byte, error) {
	switch {
	case a.memoryKiB > maxKDFMemoryKiB:
		return nil, costly(a.flavour, "a memory in KiB", a.memoryKiB, maxKDFMemoryKiB)
	case a.passes > maxKDFWorkKiB/a.memoryKiB:
		return nil, costly(a.flavour, "a number of passes", a.passes, maxKDFWorkKiB/a.memoryKiB)
	case a.parallelism > 255:
		return nil, costly(a.flavour, "a parallelism", a.parallelism, 255)
	}
	switch a.flavour {
	case "Argon2id":
		return argon2.IDKey(passphrase, a.salt, uint32(a.passes), uint32(a.memoryKiB), uint8(a.parallelism), uint32(size)), nil
	case "Argon2i":
		return argon2.Key(passphrase, a.salt, uint32(a.passes), uint32(a.memoryKiB), uint8(a.parallelism), uint32(size)), nil
	}
	return nil, &unsupported{"the KDF " + a.flavour + " is not supported", "puttygen FILE --reencrypt --ppk-param kdf=argon2id -o NEWFILE changes it"}
}
