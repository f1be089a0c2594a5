package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"keysweep/keys"
	"keysweep/keys/authorized"
)

// ErrLastKey says that a key was not removed because no other key could log in afterwards.
var ErrLastKey = errors.New("it is the last key that can log in there: removing it could lock everybody out")

// ErrLastOpenKey says that a key was not removed because those that would be left are all bound to something: a command, an
// address, or the certificates that they sign.
var ErrLastOpenKey = fmt.Errorf("%w: those that would be left are limited (from=, command=) or sign certificates (cert-authority)", ErrLastKey)

// ErrNotLeft says that a key was not removed because the one that takes its place could not log in by what would be left.
var ErrNotLeft = errors.New("the key that takes its place is not in authorized_keys there, or its line lets nobody in")

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
	// Leave is a key that must be able to log in afterwards, by a line that the file has; nil for any.
	Leave *keys.Public
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
// the host tried with it: it must be refused. Unless forced, it does not remove the last key that can log in, nor the last that
// can do so from everywhere and without a forced command (ErrLastKey). Doing it again changes nothing.
func Remove(ctx context.Context, h Host, r Removal) (Removed, error) {
	var done Removed
	_, _, err := Change(ctx, h, func(old []byte) ([]byte, error) {
		kept, lines := authorized.Remove(old, r.Public)
		done.Lines, done.Left = len(lines), len(usable(kept, r.Now))
		if err := locksOut(lines, kept, r.Now); err != nil && !r.Force {
			return nil, err
		}
		if r.Leave != nil && !slices.ContainsFunc(authorized.Find(kept, *r.Leave), func(l authorized.Line) bool { return admits(l, r.Now) }) {
			return nil, ErrNotLeft
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

// locksOut is the error if removing lines leaves nothing that lets people in as they did. Lines that let nobody in, because
// they have expired for instance, are no loss.
func locksOut(lines []authorized.Line, kept []byte, now time.Time) error {
	left := usable(kept, now)
	for _, l := range lines {
		switch {
		case !admits(l, now):
		case len(left) == 0:
			return ErrLastKey
		case !bound(l) && !slices.ContainsFunc(left, func(l authorized.Line) bool { return !bound(l) }):
			return ErrLastOpenKey
		}
	}
	return nil
}

// bound reports whether a line lets its key in only from somewhere, only to run one command, or only by way of certificates.
func bound(l authorized.Line) bool {
	return slices.ContainsFunc([]string{"from", "command", "cert-authority"}, func(name string) bool {
		_, is := l.Options.Get(name)
		return is
	})
}

// admits reports whether a line lets its key in at a time. A date without a zone is in the server's, which is not known here:
// it counts as over as soon as it may be. No server of today takes DSA.
func admits(l authorized.Line, now time.Time) bool {
	const furthest = 14 * time.Hour
	at, expires := l.Options.Expiry(time.FixedZone("", int(furthest.Seconds())))
	return l.Usable() && l.Public.Type != "ssh-dss" && !(expires && !now.Before(at))
}

// usable returns the lines of a file that let somebody in at a time, one for each key: one that binds it to nothing, if there
// is such a one.
func usable(data []byte, now time.Time) (found []authorized.Line) {
	for _, l := range authorized.Parse(data) {
		if !admits(l, now) {
			continue
		}
		i := slices.IndexFunc(found, func(f authorized.Line) bool { return bytes.Equal(f.Public.Blob, l.Public.Blob) })
		switch {
		case i < 0:
			found = append(found, l)
		case bound(found[i]):
			found[i] = l
		}
	}
	return found
}
