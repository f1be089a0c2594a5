package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
)

// ErrSignature says that a certificate's signature is not its authority's.
var ErrSignature = errors.New("the certificate is forged or damaged: its authority did not sign it")

// Verify checks the certificate's signature by the authority's key that it names. It says nothing of whether that authority is
// to be trusted, or of the validity. A forged or damaged one is ErrSignature; an algorithm that is not known here is another error.
func (c *Certificate) Verify() error {
	w := &wire{rest: c.signature}
	w.string() // its algorithm
	signature := w.string()
	k := &wire{rest: c.Authority.Blob}
	k.string() // type
	switch c.Authority.Type {
	case typeEd25519:
		return verdict(ed25519.Verify(k.string(), c.signed, signature))
	case typeRSA:
		return c.verifyRSA(k, signature)
	case typeSKEd25519, typeSKECDSA:
		return c.verifySecurityKey(k, signature, w)
	case typeECDSA + "nistp256", typeECDSA + "nistp384", typeECDSA + "nistp521":
		k.string() // curve
		sum := digest(ecdsaHash(c.Authority.Bits), c.signed)
		return verifyECDSA(c.Authority.Curve, k.string(), sum, signature)
	}
	return fmt.Errorf("check the signature of a certificate: %s is not known here", c.Authority.Type)
}

func verdict(good bool) error {
	if good {
		return nil
	}
	return ErrSignature
}

// verifyRSA checks a signature of RFC 4253 section 6.6 or RFC 8332.
func (c *Certificate) verifyRSA(k *wire, signature []byte) error {
	hash, known := map[string]crypto.Hash{"ssh-rsa": crypto.SHA1, "rsa-sha2-256": crypto.SHA256, "rsa-sha2-512": crypto.SHA512}[c.SignatureType]
	if !known {
		return fmt.Errorf("check the signature of a certificate: %s is not known here", c.SignatureType)
	}
	e, n := k.mpint(), k.mpint()
	if !e.IsInt64() || e.Int64() > 1<<31-1 {
		return fmt.Errorf("check the signature of a certificate: the authority's RSA exponent has %d bits", e.BitLen())
	}
	key := &rsa.PublicKey{N: n, E: int(e.Int64())}
	return verdict(rsa.VerifyPKCS1v15(key, hash, digest(hash, c.signed), signature) == nil)
}

// verifyECDSA checks a signature of RFC 5656 section 3.1.2.
func verifyECDSA(curve string, point, sum, signature []byte) error {
	key, err := ecdsa.ParseUncompressedPublicKey(curveNamed(curve), point)
	if err != nil {
		return ErrSignature
	}
	w := &wire{rest: signature}
	r, s := w.mpint(), w.mpint()
	w.end()
	return verdict(w.err == nil && ecdsa.Verify(key, sum, r, s))
}

// verifySecurityKey checks what a security key signed: not the data alone, but hashes of the application and the data, and
// what the device says of itself (OpenSSH, PROTOCOL.u2f, "SSH U2F signatures").
func (c *Certificate) verifySecurityKey(k *wire, signature []byte, w *wire) error {
	flags, counter := w.byte(), w.uint32()
	w.end()
	curve := ""
	if c.Authority.Type == typeSKECDSA {
		curve = string(k.string())
	}
	public, application := k.string(), k.string()
	if w.err != nil || k.err != nil {
		return ErrSignature
	}
	message := digest(crypto.SHA256, application)
	message = appendUint32(append(message, flags), counter)
	message = append(message, digest(crypto.SHA256, c.signed)...)
	if curve == "" {
		return verdict(ed25519.Verify(public, message, signature))
	}
	return verifyECDSA(curve, public, digest(crypto.SHA256, message), signature)
}

// ecdsaHash returns the hash that goes with a size of curve (RFC 5656 section 6.2.1).
func ecdsaHash(bits int) crypto.Hash {
	switch bits {
	case 256:
		return crypto.SHA256
	case 384:
		return crypto.SHA384
	}
	return crypto.SHA512
}

func digest(hash crypto.Hash, data []byte) []byte {
	switch hash {
	case crypto.SHA1:
		sum := sha1.Sum(data)
		return sum[:]
	case crypto.SHA256:
		sum := sha256.Sum256(data)
		return sum[:]
	case crypto.SHA384:
		sum := sha512.Sum384(data)
		return sum[:]
	}
	sum := sha512.Sum512(data)
	return sum[:]
}
