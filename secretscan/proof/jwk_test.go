package proof_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"testing"

	"keysweep/keys"
)

// jwkOf writes a private key as a JSON Web Key, with its private exponent or scalar under a name; "" leaves it out.
func jwkOf(t *testing.T, text, member string) string {
	t.Helper()
	f, err := keys.Parse([]byte(text + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	private, err := f.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	out, secret := map[string]string{}, ""
	switch k := private.Key.(type) {
	case ed25519.PrivateKey:
		out["kty"], out["crv"], out["x"], secret = "OKP", "Ed25519", b64(k[32:]), b64(k[:32])
	case *rsa.PrivateKey:
		out["kty"], out["n"], out["e"], secret = "RSA", b64(k.N.Bytes()), b64(big.NewInt(int64(k.E)).Bytes()), b64(k.D.Bytes())
	case *ecdsa.PrivateKey:
		point, err := k.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		half := len(point) / 2
		out["kty"], out["crv"], out["x"], out["y"], secret = "EC", k.Params().Name, b64(point[1:1+half]), b64(point[1+half:]), "AAAA"
	default:
		t.Fatalf("%T", k)
	}
	if member != "" {
		out[member] = secret
	}
	data, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
