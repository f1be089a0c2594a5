package keys

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// CertificateType says what a certificate is for.
type CertificateType uint32

// The types of certificates (OpenSSH, PROTOCOL.certkeys).
const (
	UserCertificate CertificateType = 1
	HostCertificate CertificateType = 2
)

// String returns "user" or "host", and the number of any other type.
func (t CertificateType) String() string {
	switch t {
	case UserCertificate:
		return "user"
	case HostCertificate:
		return "host"
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// Forever is the end of a certificate's validity that never comes.
const Forever = math.MaxUint64

// Certificate is what an OpenSSH certificate says (OpenSSH, PROTOCOL.certkeys). Nothing here vouches for its signature: Verify
// does.
type Certificate struct {
	Key             Public // that is certified
	Serial          uint64
	Type            CertificateType
	KeyID           string
	Principals      []string // none: valid for every one, which OpenSSH refuses in user certificates
	ValidAfter      uint64   // seconds since 1970; 0: since ever
	ValidBefore     uint64   // seconds since 1970, the first at which it is no longer valid; Forever: without end
	CriticalOptions []CertificateOption
	Extensions      []CertificateOption
	Authority       Public // that signed it
	SignatureType   string // "rsa-sha2-512", "ssh-ed25519"

	signed    []byte // what the signature is made over
	signature []byte
}

// CertificateOption is a critical option or an extension: "force-command" with its value, "permit-pty" without.
type CertificateOption struct {
	Name  string
	Value string // "" for a flag
}

// certified returns the key in a certificate: its fields stand in the certificate as they do in the key's own wire form.
func certified(p Public) (Public, bool) {
	plain, ok := plainType(p.Type)
	if !ok {
		return p, false
	}
	fields, _, err := certifiedFields(p)
	if err != nil {
		return p, false
	}
	key, err := publicFromBlob(append(appendString(nil, plain), fields...))
	return key, err == nil
}

// certifiedFields returns the fields of the key in a certificate, and what follows them.
func certifiedFields(p Public) (fields []byte, w *wire, err error) {
	plain, ok := plainType(p.Type)
	if !ok {
		return nil, nil, errors.New("not a certificate")
	}
	w = &wire{rest: p.Blob}
	w.string() // type
	w.string() // nonce
	start := w.rest
	if known := readPublicFields(w, plain, &Public{}); !known {
		return nil, nil, fmt.Errorf("certificate of unknown type %s", p.Type)
	}
	return start[:len(start)-len(w.rest)], w, w.err
}

// Certificate reads what a certificate says. A public key that is none, or one that is damaged, is an error.
func (p Public) Certificate() (*Certificate, error) {
	_, w, err := certifiedFields(p)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	key, ok := certified(p)
	if !ok {
		return nil, errors.New("read certificate: the key in it is damaged")
	}
	c := &Certificate{Key: key}
	c.readTerms(w)
	c.Authority = readAuthority(w)
	c.signed = p.Blob[:len(p.Blob)-len(w.rest)]
	c.signature = w.string()
	w.end()
	s := &wire{rest: c.signature}
	c.SignatureType = string(s.string())
	if w.err == nil && (s.err != nil || !plausibleName(c.SignatureType)) {
		w.fail(errors.New("its signature is damaged"))
	}
	if w.err != nil {
		return nil, fmt.Errorf("read certificate: %w", w.err)
	}
	return c, nil
}

// readTerms reads the fields between the key and the authority.
func (c *Certificate) readTerms(w *wire) {
	c.Serial = readCertificateTime(w)
	c.Type = CertificateType(w.uint32())
	c.KeyID = string(w.string())
	for names := (&wire{rest: w.string()}); len(names.rest) > 0; {
		c.Principals = append(c.Principals, string(names.string()))
		if names.err != nil {
			w.fail(names.err)
		}
	}
	c.ValidAfter, c.ValidBefore = readCertificateTime(w), readCertificateTime(w)
	c.CriticalOptions = readCertificateOptions(w)
	c.Extensions = readCertificateOptions(w)
	w.string() // reserved
}

func readCertificateTime(w *wire) uint64 {
	n, rest, ok := readUint64(w.rest)
	if !ok {
		w.fail(errShort)
		return 0
	}
	w.rest = rest
	return n
}

// readCertificateOptions reads pairs of a name and a value. The value of an option with one is a string in a string.
func readCertificateOptions(w *wire) (options []CertificateOption) {
	for pairs := (&wire{rest: w.string()}); len(pairs.rest) > 0; {
		o := CertificateOption{Name: string(pairs.string())}
		if data := pairs.string(); len(data) > 0 {
			value := &wire{rest: data}
			o.Value = string(value.string())
			if value.end(); value.err != nil {
				o.Value = string(data) // of an option that is not known here
			}
		}
		if pairs.err != nil {
			w.fail(pairs.err)
			return nil
		}
		options = append(options, o)
	}
	return options
}

func readAuthority(w *wire) Public {
	blob := w.string()
	if w.err != nil {
		return Public{}
	}
	p, err := publicFromBlob(blob)
	switch {
	case err != nil:
		w.fail(fmt.Errorf("its authority: %w", err))
	case p.IsCertificate():
		w.fail(errors.New("its authority is a certificate, and must be a key"))
	}
	return p
}

// ValidAt reports whether t lies within the certificate's validity.
func (c *Certificate) ValidAt(t time.Time) bool { return !c.NotYet(t) && !c.Expired(t) }

// Expired reports whether the certificate's validity has ended by t.
func (c *Certificate) Expired(t time.Time) bool {
	return c.ValidBefore != Forever && seconds(t) >= c.ValidBefore
}

// NotYet reports whether the certificate's validity begins after t.
func (c *Certificate) NotYet(t time.Time) bool { return seconds(t) < c.ValidAfter }

func seconds(t time.Time) uint64 { return uint64(max(t.Unix(), 0)) }

// After returns the beginning of the validity, UTC; the zero time if it has none, or lies beyond what a time can hold.
func (c *Certificate) After() time.Time { return certificateTime(c.ValidAfter) }

// Before returns the end of the validity, UTC; the zero time if it has none, or lies beyond what a time can hold.
func (c *Certificate) Before() time.Time { return certificateTime(c.ValidBefore) }

// lastSecond is 9999-12-31T23:59:59Z, the last time that RFC 3339 can write.
const lastSecond = 253402300799

func certificateTime(s uint64) time.Time {
	if s == 0 || s > lastSecond {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// Option returns the value of a critical option or extension, and whether it is there.
func (c *Certificate) Option(name string) (string, bool) {
	for _, o := range slices.Concat(c.CriticalOptions, c.Extensions) {
		if o.Name == name {
			return o.Value, true
		}
	}
	return "", false
}

// SelfSigned reports whether the certificate's own key signed it, which proves nothing.
func (c *Certificate) SelfSigned() bool { return bytes.Equal(c.Key.Blob, c.Authority.Blob) }
