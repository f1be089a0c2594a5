package backup

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"

	"keysweep/keys"
)

const (
	ageIntro   = "age-encryption.org/v1\n"
	armorIntro = armor.Header
)

// maxSealed is the most that an age file of a key may hold, in bytes.
const maxSealed = keys.MaxFile + 64<<10

var (
	// ErrPassphrase says that an age file does not open with the passphrase. A file whose first lines are damaged says the
	// same, unless its id is known: then ID tells the two apart.
	ErrPassphrase = errors.New("wrong passphrase for the backup")
	// ErrIdentity says that none of the identities opens an age file.
	ErrIdentity = errors.New("none of the identities given opens the backup")
)

// Lock says what opens an age file.
type Lock struct {
	Passphrase bool
	Kinds      []string // otherwise: for what kinds of identity it is: "X25519", "ssh-ed25519", "ssh-rsa", "mlkem768x25519"
}

// lockOf reads the header of an age file, and refuses one that would take too long to open.
func lockOf(sealed []byte) (lock Lock, err error) {
	header, err := age.ExtractHeader(bytes.NewReader(sealed))
	if err != nil {
		return lock, damaged("", "the age file's header is damaged")
	}
	for line := range strings.Lines(string(header)) {
		stanza, ok := strings.CutPrefix(line, "-> ")
		if !ok {
			continue
		}
		fields := strings.Fields(stanza)
		switch {
		case len(fields) == 0:
		case fields[0] == "scrypt":
			lock.Passphrase = true
			if work, err := strconv.Atoi(fields[len(fields)-1]); err != nil || work > MaxWork {
				return lock, fmt.Errorf("the age file asks for scrypt with a work factor of %.8q: more than %d is not tried", fields[len(fields)-1], MaxWork)
			}
		case !strings.HasSuffix(fields[0], "-grease"):
			lock.Kinds = append(lock.Kinds, fields[0])
		}
	}
	return lock, nil
}

// ByPassphrase opens what ToPassphrase has encrypted.
func ByPassphrase(passphrase []byte) (age.Identity, error) {
	id, err := age.NewScryptIdentity(string(passphrase))
	if err != nil {
		return nil, fmt.Errorf("decrypt with a passphrase: %w", err)
	}
	id.SetMaxWorkFactor(MaxWork)
	return id, nil
}

// ByIdentities reads an identity file of age.
func ByIdentities(file []byte) ([]age.Identity, error) {
	ids, err := age.ParseIdentities(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("identity file: %w", err)
	}
	return ids, nil
}

// ByPrivate opens what was encrypted to an SSH key.
func ByPrivate(private *keys.Private) (age.Identity, error) {
	switch key := private.Key.(type) {
	case ed25519.PrivateKey:
		return agessh.NewEd25519Identity(key)
	case *rsa.PrivateKey:
		return agessh.NewRSAIdentity(key)
	}
	return nil, errors.New("only Ed25519 and RSA keys open backups")
}

// unarmor returns the binary form of an age file in either of its forms.
func unarmor(file []byte) ([]byte, error) {
	if len(file) > maxSealed*3/2 {
		return nil, damaged("", "the age file is larger than that of any key (%d bytes)", len(file))
	}
	if bytes.HasPrefix(file, []byte(ageIntro)) {
		return file, nil
	}
	sealed, err := io.ReadAll(armor.NewReader(bytes.NewReader(file)))
	if err != nil {
		return nil, damaged("", "the age file's text is damaged: %s", reason(err))
	}
	return sealed, nil
}

// reason says what is wrong with armored text, without showing it.
func reason(err error) string {
	text := err.Error()
	if i := strings.IndexByte(text, '"'); i >= 0 {
		text = strings.TrimRight(text[:i], ": ")
	}
	return strings.TrimPrefix(text, "invalid armor: ")
}

func unseal(sealed []byte, ids []age.Identity) ([]byte, error) {
	lock, err := lockOf(sealed)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), ids...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none) && lock.Passphrase:
		return nil, ErrPassphrase
	case errors.As(err, &none):
		return nil, fmt.Errorf("%w: it was made for %s", ErrIdentity, strings.Join(lock.Kinds, ", "))
	case err != nil:
		return nil, damaged("", "the age file's header is damaged")
	}
	return readContent(r, len(sealed))
}

// readContent reads to the end of r, whose content is shorter than most. io.ReadFull would not do: it takes a file that was cut
// off for a short one.
func readContent(r io.Reader, most int) ([]byte, error) {
	buf := make([]byte, most) // one array: growing would leave copies behind
	n := 0
	for n < most {
		got, err := r.Read(buf[n:])
		n += got
		if errors.Is(err, io.EOF) {
			return buf[:n], nil
		}
		if err != nil {
			break
		}
	}
	clear(buf)
	return nil, damaged("", "the age file's content is damaged, or its end is missing")
}
