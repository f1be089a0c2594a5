package keys

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Public is a public key or certificate in its SSH wire form (RFC 4253 section 6.6), whatever its algorithm: keys that no
// library accepts any more, short RSA keys for instance, are described as well as good ones.
type Public struct {
	Type  string // the algorithm as the wire form names it: "ssh-ed25519", "ssh-rsa-cert-v01@openssh.com"
	Bits  int    // size as ssh-keygen -l counts it; 0 for an algorithm that is not known here
	Curve string // "nistp256" and its like for ECDSA; "" otherwise
	Blob  []byte // the wire form, whole
}

// ParsePublic describes a public key or certificate in wire form. An algorithm that is not known here is no error: its Bits are
// 0. The data are copied.
func ParsePublic(blob []byte) (Public, error) { return publicFromBlob(bytes.Clone(blob)) }

// Key returns the key that a certificate certifies, or p itself if it is none. Fingerprints of certificates are those of
// their keys, as in ssh-keygen.
func (p Public) Key() Public {
	if key, ok := certified(p); ok {
		return key
	}
	return p
}

// IsCertificate reports whether p is an OpenSSH certificate.
func (p Public) IsCertificate() bool { return strings.HasSuffix(p.Type, "-cert-v01@openssh.com") }

// SHA256 returns the fingerprint as OpenSSH shows it: "SHA256:" and unpadded base64.
func (p Public) SHA256() string {
	sum := sha256.Sum256(p.Key().Blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// MD5 returns the fingerprint in the older form that some providers still show: "MD5:" and 16 pairs of hex digits.
func (p Public) MD5() string {
	sum := md5.Sum(p.Key().Blob)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = hex.EncodeToString([]byte{b})
	}
	return "MD5:" + strings.Join(pairs, ":")
}

// Line returns the key as a line of a .pub file, with a newline. The comment may be empty.
func (p Public) Line(comment string) []byte {
	line := p.Type + " " + base64.StdEncoding.EncodeToString(p.Blob)
	if comment != "" {
		line += " " + comment
	}
	return []byte(line + "\n")
}

// Equal reports whether both are the same key. A certificate equals the key that it certifies.
func (p Public) Equal(q Public) bool { return string(p.Key().Blob) == string(q.Key().Blob) }
