package keys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"fmt"
	"strings"
)

// The names of algorithms in the wire form.
const (
	typeRSA       = "ssh-rsa"
	typeDSA       = "ssh-dss"
	typeEd25519   = "ssh-ed25519"
	typeECDSA     = "ecdsa-sha2-" // and the curve
	typeSKEd25519 = "sk-ssh-ed25519@openssh.com"
	typeSKECDSA   = "sk-ecdsa-sha2-nistp256@openssh.com"

	certSuffix = "-cert-v01@openssh.com"
)

// plainType returns the algorithm of the key in a certificate, and whether keyType is the name of a certificate's.
func plainType(keyType string) (plain string, certificate bool) {
	plain, certificate = strings.CutSuffix(keyType, certSuffix)
	if certificate && strings.HasPrefix(plain, "sk-") {
		plain += "@openssh.com"
	}
	return plain, certificate
}

// certificateType is the other way round.
func certificateType(plain string) string {
	return strings.TrimSuffix(plain, "@openssh.com") + certSuffix
}

// curveNamed returns the curve for its name in RFC 5656 section 10.1, or nil.
func curveNamed(name string) elliptic.Curve {
	switch name {
	case "nistp256":
		return elliptic.P256()
	case "nistp384":
		return elliptic.P384()
	case "nistp521":
		return elliptic.P521()
	}
	return nil
}

// publicFromBlob describes a public key or certificate by its wire form (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709,
// PROTOCOL.u2f and PROTOCOL.certkeys of OpenSSH). Bits is 0 for an algorithm that is not known here. Of a certificate only the
// key is read. The result keeps blob, it does not copy it, unless zeros stand before a number of an RSA or DSA key where none
// belong: OpenSSH takes them off before it compares keys and shows fingerprints, and so does this. A certificate is kept as it
// is, since its signature is over all of it; the key in it is read without them.
func publicFromBlob(blob []byte) (Public, error) {
	w := &wire{rest: blob}
	p := Public{Type: string(w.string()), Blob: blob}
	if w.err != nil || !plausibleName(p.Type) {
		return Public{}, errors.New("not a public key in SSH wire form")
	}
	plain, certificate := plainType(p.Type)
	if certificate {
		w.string() // nonce
	}
	if known := readPublicFields(w, plain, &p); !known {
		return p, nil
	}
	if !certificate {
		w.end()
	}
	if w.err != nil {
		return Public{}, fmt.Errorf("public key of type %s: %w", p.Type, w.err)
	}
	if p.Type == typeRSA || p.Type == typeDSA {
		p.Blob = canonical(p.Type, blob)
	}
	return p, nil
}

// canonical is the wire form of a key that is a name and numbers, each as RFC 4251 section 5 wants it: without zeros in front.
func canonical(keyType string, blob []byte) []byte {
	w := &wire{rest: blob}
	w.string()
	own := appendString(nil, keyType)
	for len(w.rest) > 0 {
		own = appendMPInt(own, w.mpint())
	}
	return own
}

// plausibleName reports whether s can be the name of an algorithm (RFC 4251 section 6).
func plausibleName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == ',' {
			return false
		}
	}
	return true
}

// readPublicFields reads what follows the name (and a certificate's nonce), and sets Bits and Curve.
func readPublicFields(w *wire, plain string, p *Public) (known bool) {
	switch plain {
	case typeRSA:
		w.mpint()
		p.Bits = w.mpint().BitLen()
	case typeDSA:
		p.Bits = w.mpint().BitLen()
		w.mpint()
		w.mpint()
		w.mpint()
	case typeEd25519, typeSKEd25519:
		p.Bits = 256
		if key := w.string(); w.err == nil && len(key) != ed25519.PublicKeySize {
			w.fail(fmt.Errorf("it has %d bytes, not %d", len(key), ed25519.PublicKeySize))
		}
	case typeECDSA + "nistp256", typeECDSA + "nistp384", typeECDSA + "nistp521":
		readPoint(w, strings.TrimPrefix(plain, typeECDSA), p)
	case typeSKECDSA:
		readPoint(w, "nistp256", p)
	default:
		return false
	}
	if plain == typeSKEd25519 || plain == typeSKECDSA {
		w.string() // application
	}
	return true
}

// readPoint reads the public part of an ECDSA key, which must be on the curve that the algorithm names.
func readPoint(w *wire, curve string, p *Public) {
	name, point := w.string(), w.string()
	if w.err != nil {
		return
	}
	if string(name) != curve {
		w.fail(errors.New("it names another curve than its algorithm"))
		return
	}
	c := curveNamed(curve)
	if _, err := ecdsa.ParseUncompressedPublicKey(c, point); err != nil {
		w.fail(errors.New("its point is not on the curve"))
		return
	}
	p.Bits, p.Curve = c.Params().BitSize, curve
}
