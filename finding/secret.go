package finding

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"
)

// Redacted stands wherever a secret would have been printed.
const Redacted = "REDACTED"

// Secret is a secret's exact bytes. However it is printed, formatted, logged or marshalled, it shows a redacted form; only
// Reveal gives the bytes.
type Secret struct{ value string }

// NewSecret wraps the bytes of a secret.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the secret itself. Call it only where the user asked for secrets to be shown, or to compute from it.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no secret, as in a finding about a file's name.
func (s Secret) IsZero() bool { return s.value == "" }

// Masked returns up to four leading characters of a long secret, so that its owner can tell which one it is, and stars. A
// secret shorter than 16 characters shows none: a part of a short password is too much of it. Of a PEM block it shows the first
// line, which says what kind it is. Control characters and characters that are not printable are starred too.
func (s Secret) Masked() string {
	const shown, enough, stars = 4, 16, 8
	if header := pemHeader(s.value); header != "" {
		return header + " " + strings.Repeat("*", stars)
	}
	if utf8.RuneCountInString(s.value) < enough || strings.HasPrefix(s.value, "-----") {
		return strings.Repeat("*", stars)
	}
	head := make([]byte, 0, shown)
	for _, b := range []byte(s.value[:shown]) {
		if b <= ' ' || b > '~' {
			b = '*'
		}
		head = append(head, b)
	}
	return string(head) + strings.Repeat("*", stars)
}

// ShowsNothing reports whether Masked tells nothing of the secret, since it is short.
func (s Secret) ShowsNothing() bool { return s.Masked() == Secret{}.Masked() }

// pemHeader returns the first line of a PEM block (RFC 7468, section 2), or "" if the text does not start with one. A label is
// upper-case words; the longest in use has 26 characters.
func pemHeader(text string) string {
	const begin, end, longest = "-----BEGIN ", "-----", 40
	label, found := strings.CutPrefix(text, begin)
	n := strings.Index(label, end)
	if !found || n < 0 || n > longest || strings.Trim(label[:n], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ") != "" {
		return ""
	}
	return text[:len(begin)+n+len(end)]
}

// String returns the masked form.
func (s Secret) String() string { return s.Masked() }

// GoString returns the masked form for %#v.
func (s Secret) GoString() string { return "finding.Secret(" + s.Masked() + ")" }

// Format makes every verb, %x and %q included, print the masked form.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.Masked())) }

// MarshalText makes JSON and other encodings carry the masked form.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.Masked()), nil }

// LogValue makes slog carry the masked form.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.Masked()) }

// Fingerprint names a secret without telling it: the first 128 bits of HMAC-SHA256 under the repository's salt. Equal secrets
// have equal fingerprints wherever the salt is the same; the rule that found them plays no part.
type Fingerprint [16]byte

// FingerprintOf computes a secret's fingerprint under salt.
func FingerprintOf(salt []byte, s Secret) (f Fingerprint) {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(s.value))
	copy(f[:], mac.Sum(nil))
	return f
}

// FingerprintUnder returns the finding's fingerprint under salt: its secret's or, of a finding about a file's name, that of the
// rule and the path.
func (f *Finding) FingerprintUnder(salt []byte) Fingerprint {
	if f.Secret.IsZero() && len(f.Places) > 0 {
		return FingerprintOf(salt, Secret{"\x00" + f.Places[0].Rule + "\x00" + f.Places[0].Path})
	}
	return FingerprintOf(salt, f.Secret)
}

// String returns 32 lower-case hexadecimal digits.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

// MarshalText writes the hexadecimal form.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads the hexadecimal form, all 32 digits of it.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(f) {
		return fmt.Errorf("fingerprint %q is not %d hexadecimal digits", text, 2*len(f))
	}
	copy(f[:], raw)
	return nil
}
