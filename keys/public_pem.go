package keys

import (
	//lint:ignore SA1019 DSA keys are still found, and have to be described
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
)

// parsePublicPEM reads the public key files that OpenSSL writes. What stands around the PEM block is ignored, as OpenSSL does.
func parsePublicPEM(data []byte) (*PublicFile, error) {
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, ErrNoPublic
		}
		switch block.Type {
		case "PUBLIC KEY":
			key, err := x509.ParsePKIXPublicKey(block.Bytes)
			return publicOfPEM(FormPKIX, key, err)
		case "RSA PUBLIC KEY":
			key, err := x509.ParsePKCS1PublicKey(block.Bytes)
			return publicOfPEM(FormPKCS1, key, err)
		}
	}
}

func publicOfPEM(form PublicForm, key any, err error) (*PublicFile, error) {
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoPublic, form, err)
	}
	p, err := publicOf(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoPublic, form, err)
	}
	return &PublicFile{Form: form, Public: p}, nil
}

// publicOf describes a public key of the standard library.
func publicOf(key any) (Public, error) {
	var blob []byte
	switch k := key.(type) {
	case *rsa.PublicKey:
		blob = appendMPInt(appendMPInt(appendString(nil, typeRSA), big.NewInt(int64(k.E))), k.N)
	case *dsa.PublicKey:
		blob = appendString(nil, typeDSA)
		for _, n := range []*big.Int{k.P, k.Q, k.G, k.Y} {
			blob = appendMPInt(blob, n)
		}
	case ed25519.PublicKey:
		blob = appendString(appendString(nil, typeEd25519), []byte(k))
	case *ecdsa.PublicKey:
		return ecdsaPublic(k)
	default:
		return Public{}, fmt.Errorf("SSH has no keys of this kind (%T)", key)
	}
	return publicFromBlob(blob)
}
