package backup

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"

	"keysweep/keys"
)

// The work factor of scrypt, as a power of two: how often its block of 1 KiB is gone through, and how many of them must stay in
// memory. 18, the default of age, takes a second and 256 MiB; 15 an eighth of that, for small machines; more than 20, a gibibyte,
// is not computed for a file that comes from elsewhere.
const (
	DefaultWork = 18
	MinWork     = 15
	MaxWork     = 20
)

// ToPassphrase encrypts to a passphrase. The work factor is MinWork to MaxWork.
func ToPassphrase(passphrase []byte, work int) (age.Recipient, error) {
	if work < MinWork || work > MaxWork {
		return nil, fmt.Errorf("a work factor of %d: it must be %d to %d", work, MinWork, MaxWork)
	}
	r, err := age.NewScryptRecipient(string(passphrase))
	if err != nil {
		return nil, fmt.Errorf("encrypt to a passphrase: %w", err)
	}
	r.SetWorkFactor(work)
	return r, nil
}

// ToRecipient encrypts to whoever has the other half of a public key: age1..., or an Ed25519 or RSA key as in a .pub file. own
// is the key that is being backed up: a backup that only this key opens is none, and is refused.
func ToRecipient(text string, own *keys.Public) (age.Recipient, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "age1pq1"):
		return named(age.ParseHybridRecipient(text))
	case strings.HasPrefix(text, "age1"):
		if rest := text[len("age1"):]; strings.Contains(rest, "1") {
			return nil, errors.New("recipients of age plugins are not supported")
		}
		return named(age.ParseX25519Recipient(text))
	case strings.HasPrefix(text, "AGE-SECRET-KEY-"):
		return nil, errors.New("this is an identity, which is secret; a recipient starts with age1 and stands in the comment beside it")
	}
	public, _, err := keys.ParsePublicLine([]byte(text))
	switch {
	case err != nil:
		return nil, errors.New("neither an age recipient (age1...) nor an SSH public key")
	case own != nil && public.Equal(*own):
		return nil, errors.New("this is the key that is being backed up: the backup could not be opened without what it is for")
	}
	return named(agessh.ParseRecipient(text))
}

func named[R age.Recipient](r R, err error) (age.Recipient, error) {
	if err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	return r, nil
}

// ToRecipients reads a file of recipients, one a line; empty lines and lines that start with "#" do not count.
func ToRecipients(file []byte, own *keys.Public) (all []age.Recipient, err error) {
	number := 0
	for line := range strings.Lines(string(file)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		r, err := ToRecipient(line, own)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no recipient in it")
	}
	return all, nil
}

// Seal encrypts a payload in age's binary form.
func Seal(payload []byte, to ...age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		return nil, fmt.Errorf("encrypt the backup: %w", err)
	}
	if _, err := w.Write(payload); err != nil {
		return nil, fmt.Errorf("encrypt the backup: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encrypt the backup: %w", err)
	}
	return out.Bytes(), nil
}

// Armor returns the text form of an age file.
func Armor(sealed []byte) []byte {
	var out bytes.Buffer
	w := armor.NewWriter(&out)
	_, _ = w.Write(sealed) // to memory: cannot fail
	_ = w.Close()
	return out.Bytes()
}
