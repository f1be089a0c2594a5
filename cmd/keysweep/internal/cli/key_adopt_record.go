package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"keysweep/internal/git"
	"keysweep/keys"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// The sources of evidence that inventory does not know.
const (
	fromOwner   = "stated by owner"
	fromComment = "date in the comment"
)

// earliestKey is before any key that is still about: the first SSH is of 1995, and X.509's keys are hardly older.
func earliestKey() time.Time { return time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC) }

// parseCreated reads the value of --created; "" is the zero time.
func parseCreated(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		at, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if at.Before(earliestKey()) {
			return time.Time{}, usagef("write the year with four digits, as 2023-05-17", "--created %s: there were no such keys yet", text)
		}
		if at.After(now) {
			return time.Time{}, usagef("give the day on which the key was made", "--created %s is in the future", text)
		}
		return at, nil
	}
	return time.Time{}, usagef("write it as 2023-05-17", "--created: %q is no date", text)
}

// lookAt tells what is known of a key file.
func lookAt(ctx context.Context, env *Env, path string) (inventory.Key, error) {
	return inventory.Look(ctx, path, inventory.Env{Home: env.Home, UID: os.Getuid(), Environ: env.Environ, Now: env.Now()})
}

// lookAtPrivate is lookAt for what must be a private key whose public half is known.
func lookAtPrivate(ctx context.Context, env *Env, file string) (inventory.Key, error) {
	path := absolute(env, file)
	k, err := lookAt(ctx, env, path)
	switch {
	case errors.Is(err, keys.ErrNoKey):
		return k, usagef("name the file of a private key, such as ~/.ssh/id_ed25519", "%s: %w", file, keys.ErrNoKey)
	case errors.Is(err, fs.ErrNotExist):
		return k, usagef("see what keys there are: keysweep key list", "there is no file %s", file)
	case err != nil:
		return k, err
	case len(k.Files) == 0:
		return k, usagef("name the private key: "+strings.TrimSuffix(file, ".pub"), "%s holds a public key only", file)
	case k.Public == nil:
		return k, usagef(fmt.Sprintf("make its public half first: ssh-keygen -y -f %s > %[1]s.pub", file),
			"%s hides its public half, as encrypted keys in the %s format do, and there is no %[1]s.pub", file, k.Files[0].Format)
	}
	if others, err := otherKeysIn(path); err == nil && len(others) > 0 {
		if _, err := fmt.Fprintf(env.Stderr, "note: %s holds other private keys too (%s): only the first is looked at; better give each a file of its own\n",
			git.Printable(file), git.Printable(namesOf(others))); err != nil {
			return k, err
		}
	}
	return k, warnOfPub(env, &k.Files[0])
}

// warnOfPub says when a .pub file is not what it should be.
func warnOfPub(env *Env, f *inventory.File) (err error) {
	switch f.Pub {
	case inventory.PubMismatch:
		_, err = fmt.Fprintf(env.Stderr, "warning: %s holds another key than the private file: it is left out of account\n", git.Printable(f.PubPath))
	case inventory.PubDamaged:
		_, err = fmt.Fprintf(env.Stderr, "warning: %s cannot be read as a public key: it is left out of account\n", git.Printable(f.PubPath))
	case inventory.PubUnproven:
		_, err = fmt.Fprintf(env.Stderr, "note: the private file hides its public half: that %s belongs to it is taken on trust\n", git.Printable(f.PubPath))
	}
	return err
}

// newRecord makes a record of a key as it was found. The name is the file's.
func newRecord(k *inventory.Key, now time.Time) rotation.Record {
	r := rotation.Record{
		Kind: rotation.KindSSH, Name: filepath.Base(k.Path()), Fingerprint: k.Fingerprint(), Type: k.Type, Bits: k.Bits,
	}
	if len(k.Files) > 0 {
		r.Path = k.Files[0].Path
		if !k.Files[0].Protected {
			r.Unprotected = &rotation.Exception{Reason: rotation.FoundUnprotected, At: now}
		}
	}
	return r
}

// ageOf gathers what shows how old a key is. What lies in the future shows nothing.
func ageOf(k *inventory.Key, stated, now time.Time) (evidence []rotation.Evidence) {
	for _, e := range k.Evidence {
		if e.Detail == k.Path() || e.Detail == k.Path()+".pub" { // the record has the path already, and little room
			e.Detail = ""
		}
		evidence = append(evidence, rotation.Evidence{Source: e.Source, At: e.At, Detail: e.Detail})
	}
	if at := dateIn(k.Comment); !at.IsZero() {
		evidence = append(evidence, rotation.Evidence{Source: fromComment, At: at, Detail: clipped(k.Comment, 80)})
	}
	if !stated.IsZero() {
		evidence = append(evidence, rotation.Evidence{Source: fromOwner, At: stated})
	}
	past := evidence[:0]
	for _, e := range evidence {
		if !e.At.After(now) {
			past = append(past, e)
		}
	}
	return past
}

// clipped shortens a text to so many bytes, at the border of a character.
func clipped(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// dateIn finds a day in a key's comment, "ann@desk created=2023-05-17"; zero if there is none. It is a weak hint: anybody can
// write it.
func dateIn(comment string) time.Time {
	day := regexp.MustCompile(`\b(?:199[5-9]|20\d\d)-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])\b`).FindString(comment)
	for _, layout := range []string{time.DateOnly, "20060102"} {
		if at, err := time.Parse(layout, day); err == nil {
			return at
		}
	}
	return time.Time{}
}

// contradiction says that what the owner states is younger than other evidence; "" if it is not.
func contradiction(r rotation.Record, evidence []rotation.Evidence, now time.Time) string {
	oldest, ok := r.OldestEvidence()
	for _, e := range evidence {
		if ok && e.Source == fromOwner && e.At.Sub(oldest.At) >= 24*time.Hour {
			return fmt.Sprintf("stated %s, but the %s says %s: the older counts", days(now, e.At), oldest.Source, days(now, oldest.At))
		}
	}
	return ""
}
