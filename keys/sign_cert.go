package keys

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/crypto/ssh"
)

// CertificateOptions is what a certificate says of its key (PROTOCOL.certkeys of OpenSSH).
type CertificateOptions struct {
	ID          string   // who or what it is for: servers log it
	Principals  []string // the users, or host names, that it is good for; at least one
	ValidAfter  time.Time
	ValidBefore time.Time // both to the second; the zero time is no bound
	Serial      uint64    // 0 if there is no numbering
	Host        bool      // the key is a server's, not a user's

	// The rest is for users' certificates.
	ForceCommand   string   // the only command that the server runs; "" does not restrict
	SourceAddress  []string // addresses or networks that may log in, in CIDR form; none does not restrict
	VerifyRequired bool     // a security key must have asked for its PIN or fingerprint
	Extensions     []string // what the server permits; nil is DefaultExtensions, an empty list nothing
}

// DefaultExtensions returns what ssh-keygen -s permits to users if not told otherwise.
func DefaultExtensions() []string {
	return []string{"permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding", "permit-pty", "permit-user-rc"}
}

const (
	certificateUser = 1
	certificateHost = 2
	// certificateNonce is the length of the nonce that ssh-keygen writes, in bytes. It keeps whoever asks for a certificate
	// from choosing all that is signed.
	certificateNonce = 32
)

// SignCertificate makes a certificate for subject, signed by ca, as ssh-keygen -s does: of an RSA key with rsa-sha2-512.
// The result's Line is what belongs into the -cert.pub file. The error names the option that does not do. It is also one if ca
// cannot sign: security keys need their device, and OpenSSH trusts no DSA key as an authority.
func SignCertificate(ca *Private, subject Public, opts CertificateOptions) (Public, error) {
	certificate, err := signCertificate(ca, subject, opts)
	if err != nil {
		return Public{}, fmt.Errorf("sign certificate: %w", err)
	}
	return certificate, nil
}

func signCertificate(ca *Private, subject Public, opts CertificateOptions) (Public, error) {
	if err := opts.check(); err != nil {
		return Public{}, err
	}
	authority, err := ca.Public()
	if err != nil {
		return Public{}, err
	}
	fields, err := certifiable(subject)
	if err != nil {
		return Public{}, err
	}
	nonce := make([]byte, certificateNonce)
	_, _ = rand.Read(nonce) // never fails
	blob := appendString(appendString(nil, certificateType(subject.Type)), nonce)
	blob = opts.append(append(blob, fields...))
	blob = appendString(blob, authority.Blob)
	signature, err := ca.signBlob(blob)
	if err != nil {
		return Public{}, err
	}
	return publicFromBlob(appendString(blob, signature))
}

// certifiable returns what follows the name in the wire form of a key that can have a certificate.
func certifiable(subject Public) ([]byte, error) {
	own, err := publicFromBlob(subject.Blob)
	if err != nil {
		return nil, err
	}
	_, certificate := plainType(own.Type)
	switch {
	case certificate:
		return nil, errors.New("the key to sign is a certificate already: give the key's own .pub file")
	case own.Bits == 0 || own.Type != subject.Type:
		return nil, fmt.Errorf("keys of type %q have no certificates", subject.Type)
	}
	_, fields, _ := readString(own.Blob)
	return fields, nil
}

// append writes what stands between the key and its authority.
func (o *CertificateOptions) append(blob []byte) []byte {
	kind := uint32(certificateUser)
	if o.Host {
		kind = certificateHost
	}
	blob = appendUint32(appendUint64(blob, o.Serial), kind)
	blob = appendString(blob, o.ID)
	var principals []byte
	for _, name := range o.Principals {
		principals = appendString(principals, name)
	}
	blob = appendString(blob, principals)
	after, before := o.validity()
	blob = appendUint64(appendUint64(blob, after), before)
	blob = appendString(appendString(blob, o.criticalOptions()), o.extensions())
	return appendString(blob, "") // reserved
}

// validity returns the bounds in seconds since 1970, as they are written.
func (o *CertificateOptions) validity() (after, before uint64) {
	before = math.MaxUint64
	if !o.ValidAfter.IsZero() {
		after = uint64(o.ValidAfter.Unix())
	}
	if !o.ValidBefore.IsZero() {
		before = uint64(o.ValidBefore.Unix())
	}
	return after, before
}

// signBlob signs as certificates are signed, and returns the signature's wire form.
func (p *Private) signBlob(blob []byte) ([]byte, error) {
	signer, err := p.Signer()
	if err != nil {
		return nil, err
	}
	algorithm := signer.PublicKey().Type()
	switch algorithm {
	case typeRSA:
		algorithm = ssh.KeyAlgoRSASHA512
	case typeDSA:
		return nil, errors.New("the authority is a DSA key, and OpenSSH trusts no certificates of those")
	}
	chosen, ok := signer.(ssh.AlgorithmSigner)
	if !ok {
		return nil, fmt.Errorf("%T cannot sign with %s", p.Key, algorithm)
	}
	signature, err := chosen.SignWithAlgorithm(rand.Reader, blob, algorithm)
	if err != nil {
		return nil, err
	}
	return appendString(appendString(nil, signature.Format), signature.Blob), nil
}
