package keys

import (
	//lint:ignore SA1019 DSA keys are still found, and have to be described
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"math/big"
)

// Private is a decrypted private key. It prints as its type only. Call Clear when done with it.
type Private struct {
	// Key is an ed25519.PrivateKey, *rsa.PrivateKey, *ecdsa.PrivateKey, *dsa.PrivateKey or *SecurityKey.
	Key     any
	Comment string
}

// SecurityKey is the private half of an sk key: a handle that only the device that made it can use (OpenSSH, PROTOCOL.u2f).
type SecurityKey struct {
	Public      Public // its wire form holds the application too
	Application string // "ssh:" unless chosen otherwise
	Flags       byte   // 0x01 touch required, 0x04 PIN required, 0x20 resident
	Handle      []byte
	Reserved    []byte
}

// String hides the key.
func (p *Private) String() string { return fmt.Sprintf("private key (%T)", p.Key) }

// GoString hides the key.
func (p *Private) GoString() string { return p.String() }

// Format hides the key from every verb of fmt.
func (p *Private) Format(s fmt.State, _ rune) { _, _ = fmt.Fprint(s, p.String()) }

// Clear overwrites the key's secret numbers in memory and lets go of the key. What the runtime copied before is out of reach,
// and so is what crypto/rsa and crypto/ecdsa precompute for a key when it signs.
func (p *Private) Clear() {
	if p == nil {
		return
	}
	switch k := p.Key.(type) {
	case ed25519.PrivateKey:
		clear(k)
	case *rsa.PrivateKey:
		clearInt(k.D)
		for _, prime := range k.Primes {
			clearInt(prime)
		}
		clearPrecomputed(k)
	case *ecdsa.PrivateKey:
		//lint:ignore SA1019 only through this field can the number be overwritten
		clearInt(k.D)
	case *dsa.PrivateKey:
		clearInt(k.X)
	case *SecurityKey:
		clear(k.Handle)
		clear(k.Reserved)
	}
	p.Key = nil
}

// clearPrecomputed overwrites what helps an RSA key to sign faster, and gives secrets away as well as the key itself. The
// copies in the form of crypto/rsa's own arithmetic cannot be reached; they are left to the garbage collector.
func clearPrecomputed(k *rsa.PrivateKey) {
	for _, n := range []*big.Int{k.Precomputed.Dp, k.Precomputed.Dq, k.Precomputed.Qinv} {
		clearInt(n)
	}
	k.Precomputed = rsa.PrecomputedValues{}
}

// clearInt overwrites a number with zeros, with the room that its arithmetic had left over, and makes it zero.
func clearInt(n *big.Int) {
	if n == nil {
		return
	}
	words := n.Bits()
	clear(words[:cap(words)])
	n.SetInt64(0)
}
