package keys

import (
	"errors"
	"math/big"
)

// numbers are what a decrypted file holds of a key.
type numbers interface {
	public() *Public            // nil if SSH has no such key
	kind() string               // the algorithm, in SSH's words where it has any
	private() (*Private, error) // a copy, for the caller to clear; ErrMismatch if the halves do not belong together
	wipe()                      // clears what is secret
}

// Limits to what is calculated with, as in OpenSSL (OPENSSL_RSA_MAX_MODULUS_BITS, OPENSSL_DSA_MAX_MODULUS_BITS).
const (
	maxRSABits = 16384
	maxDSABits = 10000
)

// inRange wants numbers above zero of no more than so many bits.
func inRange(bits int, of ...*big.Int) bool {
	for _, n := range of {
		if n == nil || n.Sign() <= 0 || n.BitLen() > bits {
			return false
		}
	}
	return true
}

func wipeInts(of ...*big.Int) {
	for _, n := range of {
		if n != nil {
			clear(n.Bits())
		}
	}
}

// privateOf wraps a key, or the error that came instead of one.
func privateOf[K any](key K, err error) (*Private, error) {
	if err != nil {
		return nil, err
	}
	return &Private{Key: key}, nil
}

func copyInt(n *big.Int) *big.Int { return new(big.Int).Set(n) }

// described makes the Public of a wire form that was put together here.
func described(blob []byte) *Public {
	p, err := publicFromBlob(blob)
	if err != nil {
		return nil
	}
	return &p
}

type rsaNumbers struct{ n, e, d, p, q *big.Int }

func newRSANumbers(n, e, d, p, q *big.Int) (*rsaNumbers, error) {
	if !inRange(maxRSABits, n, e, d, p, q) {
		return nil, errors.New("a number of the RSA key is zero, negative or longer than 16384 bits")
	}
	return &rsaNumbers{n, e, d, p, q}, nil
}

func (k *rsaNumbers) public() *Public {
	return described(appendMPInt(appendMPInt(appendString(nil, typeRSA), k.e), k.n))
}

func (k *rsaNumbers) kind() string { return typeRSA }

func (k *rsaNumbers) wipe() { wipeInts(k.d, k.p, k.q) }

func (k *rsaNumbers) private() (*Private, error) {
	return privateOf(rsaPrivate(k.n, k.e, copyInt(k.d), copyInt(k.p), copyInt(k.q)))
}

type dsaNumbers struct{ p, q, g, y, x *big.Int }

// newDSANumbers takes nil for y where a format leaves it out.
func newDSANumbers(p, q, g, y, x *big.Int) (*dsaNumbers, error) {
	if !inRange(maxDSABits, p, g) || !inRange(maxDSASubgroup, q, x) || y != nil && !inRange(maxDSABits, y) {
		return nil, errors.New("a number of the DSA key is zero, negative or too long")
	}
	k := &dsaNumbers{p, q, g, y, x}
	if y == nil {
		k.y = new(big.Int).Exp(g, x, p)
	}
	return k, nil
}

func (k *dsaNumbers) public() *Public {
	blob := appendString(nil, typeDSA)
	for _, n := range []*big.Int{k.p, k.q, k.g, k.y} {
		blob = appendMPInt(blob, n)
	}
	return described(blob)
}

func (k *dsaNumbers) kind() string { return typeDSA }

func (k *dsaNumbers) wipe() { wipeInts(k.x) }

func (k *dsaNumbers) private() (*Private, error) {
	return privateOf(dsaPrivate(k.p, k.q, k.g, k.y, copyInt(k.x)))
}

// foreignNumbers is a key that SSH has no use for.
type foreignNumbers string

func (k foreignNumbers) public() *Public { return nil }
func (k foreignNumbers) kind() string    { return string(k) }
func (k foreignNumbers) wipe()           {}

func (k foreignNumbers) private() (*Private, error) {
	return nil, &unsupported{"SSH has no keys of this kind: " + string(k), ""}
}
