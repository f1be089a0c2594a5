package deploy

import (
	"bytes"
	"context"
	"errors"
	"time"

	"keysweep/keys"
	"keysweep/keys/authorized"
)

// ErrLastKey says that a key was not removed because no other key could log in afterwards.
var ErrLastKey = errors.New("it is the last key that can log in there: removing it could lock everybody out")

// StillAcceptedError says that a host accepts a key that its authorized_keys no longer has.
type StillAcceptedError struct{ Fingerprint string }

// Error names the key.
func (e *StillAcceptedError) Error() string {
	return "removed from authorized_keys, and the server still accepts " + e.Fingerprint
}

// Hint says where else it may be.
func (e *StillAcceptedError) Hint() string {
	return "the server knows it from elsewhere: sshd -T | grep -iE 'authorizedkeys|trustedusercakeys' names the places"
}

// Removal says which key is to be removed.
type Removal struct {
	Public keys.Public
	// Force removes the last key that can log in, too.
	Force bool
	// Now tells which of the others have expired.
	Now time.Time
}

// Removed is what Remove did.
type Removed struct {
	Lines   int  // how many lines were removed; 0 if the key was not there
	Left    int  // how many other keys can log in now, as far as the file says
	Refused bool // the host was tried with the key and refuses it
}

// Remove takes all lines with a key out of the account's authorized_keys, by the key itself and never by its comment, and has
// the host tried with it: it must be refused. Unless forced, it does not remove the last key that can log in (ErrLastKey).
// Doing it again changes nothing.
func Remove(ctx context.Context, h Host, r Removal) (Removed, error) {
	var done Removed
	_, _, err := Change(ctx, h, func(old []byte) ([]byte, error) {
		kept, lines := authorized.Remove(old, r.Public)
		done.Lines, done.Left = len(lines), len(usable(kept, r.Now))
		if len(lines) > 0 && done.Left == 0 && !r.Force {
			return nil, ErrLastKey
		}
		if len(lines) == 0 {
			return old, nil
		}
		return kept, nil
	})
	if err != nil {
		return Removed{Left: done.Left}, err
	}
	outcome, err := h.Try(ctx)
	switch {
	case err != nil:
		return done, &UnfinishedError{"removed from authorized_keys, but not tried", err}
	case outcome != Refused:
		return done, &StillAcceptedError{r.Public.SHA256()}
	}
	done.Refused = true
	return done, nil
}

// usable returns the keys of a file that can log in at a time, each once. A date without a zone is in the server's, which is
// not known here: it counts as over as soon as it may be.
func usable(data []byte, now time.Time) (found []keys.Public) {
	const furthest = 14 * time.Hour
	for _, l := range authorized.Parse(data) {
		if !l.Usable() {
			continue
		}
		if at, ok := l.Options.Expiry(time.FixedZone("", int(furthest.Seconds()))); ok && !now.Before(at) {
			continue
		}
		if !contains(found, l.Public) {
			found = append(found, l.Public)
		}
	}
	return found
}

func contains(all []keys.Public, key keys.Public) bool {
	for _, k := range all {
		if bytes.Equal(k.Blob, key.Blob) {
			return true
		}
	}
	return false
}
