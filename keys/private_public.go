package keys

import (
	//lint:ignore SA1019 DSA keys are still found, and have to be described
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
)

// Public returns the public half, computed from the private one; a security key's is the one that its file holds. The error
// is for a value of Key that is none of the types listed there, a cleared one for example, and for curves that SSH does not
// have.
func (p *Private) Public() (Public, error) {
	var blob []byte
	switch k := p.Key.(type) {
	case ed25519.PrivateKey:
		if len(k) != ed25519.PrivateKeySize {
			return Public{}, errors.New("public half of an Ed25519 key: it has the wrong length")
		}
		blob = appendString(appendString(nil, typeEd25519), k[ed25519.SeedSize:])
	case *rsa.PrivateKey:
		blob = appendMPInt(appendMPInt(appendString(nil, typeRSA), big.NewInt(int64(k.E))), k.N)
	case *ecdsa.PrivateKey:
		return ecdsaPublic(&k.PublicKey)
	case *dsa.PrivateKey:
		blob = appendString(nil, typeDSA)
		for _, n := range []*big.Int{k.P, k.Q, k.G, k.Y} {
			blob = appendMPInt(blob, n)
		}
	case *SecurityKey:
		return k.Public, nil
	default:
		return Public{}, errNoPrivate(p.Key)
	}
	return publicFromBlob(blob)
}

func errNoPrivate(key any) error {
	return fmt.Errorf("%T is not a private key of a kind that SSH has, or was cleared", key)
}

func ecdsaPublic(k *ecdsa.PublicKey) (Public, error) {
	point, err := k.Bytes()
	if err != nil {
		return Public{}, fmt.Errorf("public half of an ECDSA key: %w", err)
	}
	name := sshCurve(k)
	if name == "" {
		return Public{}, fmt.Errorf("curve %s has no name in SSH; it has P-256, P-384 and P-521", k.Params().Name)
	}
	blob := appendString(appendString(nil, typeECDSA+name), name)
	return publicFromBlob(appendString(blob, point))
}

// sshCurve is the other way round from curveNamed.
func sshCurve(k *ecdsa.PublicKey) string {
	for _, name := range []string{"nistp256", "nistp384", "nistp521"} {
		if curveNamed(name) == k.Curve {
			return name
		}
	}
	return ""
}
