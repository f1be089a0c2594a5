package keys

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"fmt"
	"hash"

	"golang.org/x/crypto/pbkdf2"
	"golang.org/x/crypto/scrypt"
)

// What a file may make us do to open it. Files ask for it before anything proves that they are what they claim.
const (
	// maxIterations takes about ten seconds of PBKDF2-HMAC-SHA-512. OpenSSL writes 2,048; OWASP asks for 600,000.
	maxIterations = 10_000_000
	// maxKDFMemoryKiB is 1 GiB. OpenSSL writes scrypt files of 16 MiB, PuTTY Argon2 files of 8 MiB.
	maxKDFMemoryKiB = 1 << 20
	// maxKDFWorkKiB is memory times how often it is passed through: 8 GiB, 10 to 20 seconds.
	maxKDFWorkKiB = 8 << 20
)

// costly refuses a KDF that would take too long.
func costly(kdf, what string, is, most int) error {
	return &unsupported{fmt.Sprintf("the file asks for %s with %s of %d, more than %d: it is not tried, since a made-up file could ask for "+
		"years", kdf, what, is, most), "if the file is yours, rewrite it with the program that made it, with less"}
}

// kdf is a KDF with its parameters. derive is nil if it is not supported.
type kdf struct {
	KDF
	size   int // of the key in bytes; 0 if the file does not say
	derive func(passphrase []byte, size int) ([]byte, error)
}

func readKDF(a algorithm) (kdf, error) {
	switch a.OID.String() {
	case "1.2.840.113549.1.5.12":
		return readPBKDF2(a.Parameters)
	case "1.3.6.1.4.1.11591.4.11":
		return readScrypt(a.Parameters)
	}
	return kdf{KDF: KDF{Name: a.OID.String()}}, nil
}

// readPBKDF2 reads PBKDF2-params of RFC 8018 appendix A.2.
func readPBKDF2(parameters asn1.RawValue) (kdf, error) {
	var p struct {
		Salt       []byte
		Iterations int
		KeyLength  int       `asn1:"optional"`
		PRF        algorithm `asn1:"optional"`
	}
	if err := unmarshal(parameters.FullBytes, &p); err != nil {
		return kdf{}, err
	}
	if p.Iterations <= 0 || p.KeyLength < 0 {
		return kdf{}, errParameters
	}
	name, newHash := prf(p.PRF.OID)
	k := kdf{KDF: KDF{Name: "PBKDF2-HMAC-" + name, Rounds: p.Iterations}, size: p.KeyLength}
	if newHash == nil {
		return k, nil
	}
	k.derive = func(passphrase []byte, size int) ([]byte, error) {
		if p.Iterations > maxIterations {
			return nil, costly("PBKDF2", "a number of iterations", p.Iterations, maxIterations)
		}
		return pbkdf2.Key(passphrase, p.Salt, p.Iterations, size, newHash), nil
	}
	return k, nil
}

// prf names the pseudo-random function of PBKDF2 (RFC 8018 appendix B.1). Without one it is HMAC-SHA-1.
func prf(oid asn1.ObjectIdentifier) (string, func() hash.Hash) {
	switch oid.String() {
	case "", "1.2.840.113549.2.7":
		return "SHA1", sha1.New
	case "1.2.840.113549.2.6":
		return "MD5", md5.New
	case "1.2.840.113549.2.8":
		return "SHA224", sha256.New224
	case "1.2.840.113549.2.9":
		return "SHA256", sha256.New
	case "1.2.840.113549.2.10":
		return "SHA384", sha512.New384
	case "1.2.840.113549.2.11":
		return "SHA512", sha512.New
	case "1.2.840.113549.2.12":
		return "SHA512-224", sha512.New512_224
	case "1.2.840.113549.2.13":
		return "SHA512-256", sha512.New512_256
	}
	return oid.String(), nil
}

// readScrypt reads scrypt-params of RFC 7914 section 7.1.
func readScrypt(parameters asn1.RawValue) (kdf, error) {
	var p struct {
		Salt      []byte
		N, R, P   int
		KeyLength int `asn1:"optional"`
	}
	if err := unmarshal(parameters.FullBytes, &p); err != nil {
		return kdf{}, err
	}
	if p.N <= 1 || p.N&(p.N-1) != 0 || p.R <= 0 || p.P <= 0 || p.KeyLength < 0 {
		return kdf{}, fmt.Errorf("scrypt with N=%d, r=%d, p=%d: N must be a power of two above one, r and p above zero", p.N, p.R, p.P)
	}
	memory := kib(p.N, p.R)
	k := kdf{KDF: KDF{Name: "scrypt", Rounds: p.N, MemoryKiB: memory, Parallelism: p.P}, size: p.KeyLength}
	k.derive = func(passphrase []byte, size int) ([]byte, error) {
		if memory > maxKDFMemoryKiB {
			return nil, costly("scrypt", "a memory in KiB", memory, maxKDFMemoryKiB)
		}
		if p.P > maxKDFWorkKiB/max(memory, 1) {
			return nil, costly("scrypt", "a p", p.P, maxKDFWorkKiB/max(memory, 1))
		}
		key, err := scrypt.Key(passphrase, p.Salt, p.N, p.R, p.P, size)
		if err != nil {
			return nil, fmt.Errorf("scrypt: %w", err)
		}
		return key, nil
	}
	return k, nil
}

// kib is the memory of scrypt: 128·N·r bytes (RFC 7914 section 2), and no more than the largest int.
func kib(n, r int) int {
	const most = int(^uint(0) >> 1)
	if r > most/128 || n > most/(128*r) {
		return most
	}
	return (128*n*r + 1023) / 1024
}
