package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/asn1"
	"errors"
)

// curveOID names the curves that SSH has (RFC 5656 section 10.1), and some that other programs make keys on.
func curveOID(oid asn1.ObjectIdentifier) (name string, ssh bool) {
	switch oid.String() {
	case "1.2.840.10045.3.1.7":
		return "nistp256", true
	case "1.3.132.0.34":
		return "nistp384", true
	case "1.3.132.0.35":
		return "nistp521", true
	case "1.3.132.0.33":
		return "secp224r1", false
	case "1.3.132.0.10":
		return "secp256k1", false
	case "1.2.840.10045.3.1.1":
		return "prime192v1", false
	}
	return oid.String(), false
}

type ecNumbers struct {
	curve  string
	scalar []byte // big-endian, of any length
	stated []byte // the public point that the file states beside it; nil if it states none
	key    *ecdsa.PublicKey
}

func newECNumbers(curve string, scalar, stated []byte) (*ecNumbers, error) {
	key, err := ecdsaPrivate(curveNamed(curve), nil, scalar)
	if err != nil {
		return nil, err
	}
	(&Private{Key: key}).Clear()
	return &ecNumbers{curve, bytes.Clone(scalar), bytes.Clone(stated), &key.PublicKey}, nil
}

func (k *ecNumbers) kind() string { return typeECDSA + k.curve }

func (k *ecNumbers) public() *Public {
	point, err := k.key.Bytes()
	if err != nil {
		return nil
	}
	return described(appendString(appendString(appendString(nil, k.kind()), k.curve), point))
}

func (k *ecNumbers) wipe() { clear(k.scalar) }

func (k *ecNumbers) private() (*Private, error) {
	if k.stated != nil && !samePoint(k.key, k.stated) {
		return nil, ErrMismatch
	}
	return privateOf(ecdsaPrivate(k.key.Curve, nil, k.scalar))
}

// samePoint compares a key with a point in any of the three forms of SEC 1 section 2.3.3: compressed, uncompressed, hybrid.
func samePoint(key *ecdsa.PublicKey, stated []byte) bool {
	point, err := key.Bytes()
	if err != nil || len(stated) == 0 {
		return false
	}
	switch stated[0] {
	case 2, 3:
		half := (len(point) - 1) / 2 // of an uncompressed point: 4, x, y
		return bytes.Equal(stated[1:], point[1:1+half]) && stated[0] == 2|point[len(point)-1]&1
	case 6, 7:
		return bytes.Equal(stated[1:], point[1:])
	}
	return bytes.Equal(stated, point)
}

type edNumbers struct {
	seed   []byte
	stated []byte // the public key that the file states beside it; nil if it states none
}

func newEdNumbers(seed, stated []byte) (*edNumbers, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("the Ed25519 key does not have 32 bytes")
	}
	return &edNumbers{bytes.Clone(seed), bytes.Clone(stated)}, nil
}

func (k *edNumbers) kind() string { return typeEd25519 }

func (k *edNumbers) public() *Public {
	key := ed25519.NewKeyFromSeed(k.seed)
	defer clear(key)
	return described(appendString(appendString(nil, typeEd25519), []byte(key[ed25519.SeedSize:])))
}

func (k *edNumbers) wipe() { clear(k.seed) }

func (k *edNumbers) private() (*Private, error) {
	key := ed25519.NewKeyFromSeed(k.seed)
	if k.stated != nil && !bytes.Equal(k.stated, key[ed25519.SeedSize:]) {
		clear(key)
		return nil, ErrMismatch
	}
	return &Private{Key: key}, nil
}
