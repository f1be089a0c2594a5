package keys

import (
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
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

// Clear overwrites the key's secret numbers in memory. What the runtime copied before is out of reach.
func (p *Private) Clear() {
	if p == nil {
		return
	}
	switch k := p.Key.(type) {
	case ed25519.PrivateKey:
		clear(k)
	case *rsa.PrivateKey:
		clear(k.D.Bits())
		for _, prime := range k.Primes {
			clear(prime.Bits())
		}
		clear(k.Precomputed.Dp.Bits())
		clear(k.Precomputed.Dq.Bits())
		clear(k.Precomputed.Qinv.Bits())
	case *ecdsa.PrivateKey:
		clear(k.D.Bits())
	case *dsa.PrivateKey:
		clear(k.X.Bits())
	case *SecurityKey:
		clear(k.Handle)
	}
	p.Key = nil
}
