package keys

import (
	//lint:ignore SA1019 DSA keys are still found, and have to be described
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"math/big"
)

// privateRoom is enough for the private part of every usual key, so that appending to it leaves no copies behind: a key of
// 16,384 bits of RSA takes 9.3 KiB.
const privateRoom = 16 << 10

// appendFields appends a plain private key's fields in the order that shape tells.
func (p *Private) appendFields(b []byte) ([]byte, error) {
	switch k := p.Key.(type) {
	case ed25519.PrivateKey:
		return appendString(appendString(b, k[ed25519.SeedSize:]), k), nil
	case *rsa.PrivateKey:
		return appendRSA(b, k)
	case *ecdsa.PrivateKey:
		return appendECDSA(b, k)
	case *dsa.PrivateKey:
		for _, n := range []*big.Int{k.P, k.Q, k.G, k.Y, k.X} {
			b = appendMPInt(b, n)
		}
		return b, nil
	case *SecurityKey:
		return appendSecurityKey(b, k)
	}
	return b, errNoPrivate(p.Key)
}

func appendRSA(b []byte, k *rsa.PrivateKey) ([]byte, error) {
	if len(k.Primes) != 2 {
		return b, errors.New("an RSA key of more than two primes has no form in SSH")
	}
	inverse := new(big.Int)
	defer clearInt(inverse)
	if inverse.ModInverse(k.Primes[1], k.Primes[0]) == nil {
		return b, ErrMismatch
	}
	for _, n := range []*big.Int{k.N, big.NewInt(int64(k.E)), k.D, inverse, k.Primes[0], k.Primes[1]} {
		b = appendMPInt(b, n)
	}
	return b, nil
}

func appendECDSA(b []byte, k *ecdsa.PrivateKey) ([]byte, error) {
	point, err := k.PublicKey.Bytes()
	if err != nil {
		return b, err
	}
	raw, err := k.Bytes()
	if err != nil {
		return b, err
	}
	defer clear(raw)
	d := new(big.Int).SetBytes(raw)
	defer clearInt(d)
	return appendMPInt(appendString(appendString(b, sshCurve(&k.PublicKey)), point), d), nil
}

// appendSecurityKey takes the public fields, the application among them, from the wire form.
func appendSecurityKey(b []byte, k *SecurityKey) ([]byte, error) {
	_, fields, ok := readString(k.Public.Blob)
	if !ok {
		return b, errors.New("a security key without a public half")
	}
	b = append(append(b, fields...), k.Flags)
	return appendString(appendString(b, k.Handle), k.Reserved), nil
}
