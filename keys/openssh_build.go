package keys

import (
	"bytes"
	//lint:ignore SA1019 DSA keys are still found, and have to be described
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"math/big"
	"strings"
)

// build makes a key of the fields of a plain private key, one of the types that Private.Key lists.
func (f *privateFields) build() (any, error) {
	switch f.keyType {
	case typeRSA:
		n, err := f.numbers()
		if err != nil {
			return nil, err
		}
		defer clearInt(n[3])
		return rsaPrivate(n[0], n[1], n[2], n[4], n[5])
	case typeDSA:
		n, err := f.numbers()
		if err != nil {
			return nil, err
		}
		return dsaPrivate(n[0], n[1], n[2], n[3], n[4])
	case typeEd25519:
		return f.ed25519()
	case typeSKEd25519, typeSKECDSA:
		return f.securityKey()
	}
	curve := strings.TrimPrefix(f.keyType, typeECDSA)
	if string(f.fields[0]) != curve {
		return nil, ErrMismatch
	}
	return ecdsaPrivate(curveNamed(curve), f.fields[1], f.fields[2])
}

// numbers reads all fields as numbers.
func (f *privateFields) numbers() ([]*big.Int, error) {
	var numbers []*big.Int
	for _, field := range f.fields {
		w := &wire{rest: appendString(nil, field)}
		held := w.rest
		numbers = append(numbers, w.mpint())
		clear(held)
		if w.err != nil {
			for _, n := range numbers {
				clearInt(n)
			}
			return nil, w.err
		}
	}
	return numbers, nil
}

func (f *privateFields) ed25519() (any, error) {
	public, private := f.fields[0], f.fields[1]
	if len(public) != ed25519.PublicKeySize || len(private) != ed25519.PrivateKeySize {
		return nil, errors.New("its numbers have the wrong length")
	}
	key := ed25519.NewKeyFromSeed(private[:ed25519.SeedSize])
	if !bytes.Equal(key, private) || !bytes.Equal(key[ed25519.SeedSize:], public) {
		clear(key)
		return nil, ErrMismatch
	}
	return key, nil
}

// securityKey keeps what the device needs. Nothing in it can be checked against the public key: that is the device's secret.
func (f *privateFields) securityKey() (any, error) {
	last := len(f.fields) - 4 // application, flags, handle, reserved
	blob := appendString(nil, f.keyType)
	for _, field := range f.fields[:last+1] {
		blob = appendString(blob, field)
	}
	public, err := publicFromBlob(blob)
	if err != nil {
		return nil, err
	}
	return &SecurityKey{
		Public:      public,
		Application: string(f.fields[last]),
		Flags:       f.fields[last+1][0],
		Handle:      bytes.Clone(f.fields[last+2]),
		Reserved:    bytes.Clone(f.fields[last+3]),
	}, nil
}

// rsaPrivate makes an RSA key of any size of its numbers, all above zero, and keeps them. They must fit together, or it is
// ErrMismatch. Nothing is precomputed: that would leave copies of the secret numbers where Clear does not reach.
func rsaPrivate(n, e, d, p, q *big.Int) (*rsa.PrivateKey, error) {
	one := big.NewInt(1)
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
	fits := p.Cmp(one) > 0 && q.Cmp(one) > 0 && d.Cmp(n) < 0 && new(big.Int).Mul(p, q).Cmp(n) == 0
	for _, prime := range key.Primes {
		if !fits {
			break
		}
		less := new(big.Int).Sub(prime, one)
		product := new(big.Int).Mul(d, e)
		fits = less.Cmp(one) == 0 || product.Mod(product, less).Cmp(one) == 0 // d*e = 1 modulo prime-1
		clearInt(less)
		clearInt(product)
	}
	var err error
	switch {
	case !fits:
		err = ErrMismatch
	case e.BitLen() > 31:
		err = errors.New("its public exponent has more than 31 bits")
	default:
		return key, nil
	}
	(&Private{Key: key}).Clear()
	return nil, err
}

// maxDSASubgroup bounds the work of checking a DSA key. FIPS 186-4 knows q of 160, 224 and 256 bits.
const maxDSASubgroup = 512

// dsaPrivate makes a DSA key of its numbers, all above zero, and keeps them. They must fit together, or it is ErrMismatch.
func dsaPrivate(p, q, g, y, x *big.Int) (*dsa.PrivateKey, error) {
	key := &dsa.PrivateKey{X: x}
	key.P, key.Q, key.G, key.Y = p, q, g, y
	var err error
	switch {
	case q.BitLen() > maxDSASubgroup:
		err = errors.New("its subgroup has more than 512 bits")
	case x.Cmp(q) >= 0 || new(big.Int).Exp(g, x, p).Cmp(y) != 0:
		err = ErrMismatch
	default:
		return key, nil
	}
	clearInt(x)
	return nil, err
}

// ecdsaPrivate makes an ECDSA key of its number, big-endian, with or without zeros in front. Its point, uncompressed, must be
// the given one, or it is ErrMismatch; nil is not compared.
func ecdsaPrivate(curve elliptic.Curve, point, d []byte) (*ecdsa.PrivateKey, error) {
	d = bytes.TrimLeft(d, "\x00")
	raw := make([]byte, (curve.Params().N.BitLen()+7)/8)
	defer clear(raw)
	if len(d) > len(raw) {
		return nil, errors.New("its secret number is too large for its curve")
	}
	copy(raw[len(raw)-len(d):], d)
	key, err := ecdsa.ParseRawPrivateKey(curve, raw)
	if err != nil {
		return nil, errors.New("its secret number is out of its curve's range")
	}
	own, err := key.PublicKey.Bytes()
	if err == nil && point != nil && !bytes.Equal(own, point) {
		err = ErrMismatch
	}
	if err != nil {
		(&Private{Key: key}).Clear()
		return nil, err
	}
	return key, nil
}
