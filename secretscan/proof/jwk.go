package proof

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"keysweep/finding"
	"keysweep/keys"
)

// jwk is a JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037), as far as it is read: the members that say which key it is, and
// those that only a private or secret key has.
type jwk struct {
	Kind   string `json:"kty"`
	Curve  string `json:"crv"`
	N      string `json:"n"`
	E      string `json:"e"`
	X      string `json:"x"`
	Y      string `json:"y"`
	D      string `json:"d"`
	Secret string `json:"k"`
}

// proveJWK knows a JSON Web Key that has its private members.
func proveJWK(s *Subject, p *Proof) bool {
	text := strings.TrimSpace(s.Text)
	if !strings.HasPrefix(text, "{") || !strings.Contains(text, `"kty"`) {
		return false
	}
	var k jwk
	if json.NewDecoder(strings.NewReader(text)).Decode(&k) != nil || k.D == "" && k.Secret == "" {
		return false
	}
	if k.Kind == "oct" {
		raw, err := base64.RawURLEncoding.DecodeString(k.Secret)
		if err != nil {
			return false
		}
		p.say(finding.FactKey, fmt.Sprintf("symmetric, %d bits, JSON Web Key", 8*len(raw)))
		return true
	}
	p.say(finding.FactKey, plain(strings.TrimSpace(k.Kind+" "+k.Curve))+", JSON Web Key")
	p.say(finding.FactPassphrase, "none")
	public, err := k.public()
	if err != nil {
		return true
	}
	p.Proven = true
	p.Facts[0].Value = fmt.Sprintf("%s, %d bits, JSON Web Key", plain(public.Short()), public.Bits)
	p.public(s, public)
	return true
}

// public makes an SSH public key of the public members; not every kind of key has one.
func (k *jwk) public() (keys.Public, error) {
	private, err := k.private()
	if err != nil {
		return keys.Public{}, err
	}
	p := keys.Private{Key: private}
	return p.Public()
}

// private returns the key with its public half in place. The private half plays no part in what follows, and is left out.
func (k *jwk) private() (any, error) {
	n, err1 := base64.RawURLEncoding.DecodeString(k.N)
	e, err2 := base64.RawURLEncoding.DecodeString(k.E)
	x, err3 := base64.RawURLEncoding.DecodeString(k.X)
	y, err4 := base64.RawURLEncoding.DecodeString(k.Y)
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			return nil, err
		}
	}
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	const exponentMost = 4 // bytes
	switch curve := curves[k.Curve]; {
	case k.Kind == "RSA" && len(n) > 0 && len(e) > 0 && len(e) <= exponentMost:
		exponent := int(new(big.Int).SetBytes(e).Int64())
		return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).SetBytes(n), E: exponent}}, nil
	case k.Kind == "OKP" && k.Curve == "Ed25519" && len(x) == ed25519.PublicKeySize:
		return ed25519.PrivateKey(append(make([]byte, ed25519.SeedSize), x...)), nil
	case k.Kind == "EC" && curve != nil && len(x)+len(y) == 2*((curve.Params().BitSize+7)/8):
		public, err := ecdsa.ParseUncompressedPublicKey(curve, bytes.Join([][]byte{{4}, x, y}, nil))
		if err != nil {
			return nil, err
		}
		return &ecdsa.PrivateKey{PublicKey: *public}, nil
	}
	return nil, fmt.Errorf("no SSH key is of kind %q", k.Kind)
}
