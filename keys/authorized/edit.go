package authorized

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"keysweep/keys"
)

// ErrPrivate says that what was to become a line of authorized_keys holds private key material.
var ErrPrivate = errors.New("this is a private key: it must never leave its machine; install the .pub file beside it")

// Addition is what Add did.
type Addition struct {
	Data    []byte // the file from now on
	Added   bool   // false if the key was there already: Data is what it was
	Present []Line // the lines that hold the key already, with other options perhaps
}

// SameOptions reports whether one of the lines that were there already is usable and has these options.
func (a Addition) SameOptions(options Options) bool {
	for _, l := range a.Present {
		if l.Usable() && l.Options.String() == options.String() {
			return true
		}
	}
	return false
}

// Add puts a line at the end of an authorized_keys file, after a newline if the last line lacks one: without it the new key
// would become part of the last comment. The line ending is that of the last line that has one. If any usable or unusable line holds the
// same key already, nothing is changed and the lines are named. line must hold exactly one key with options that sshd
// understands; private key material is ErrPrivate.
func Add(data, line []byte) (Addition, error) {
	if HoldsPrivate(line) {
		return Addition{}, ErrPrivate
	}
	lines := Parse(bytes.TrimRight(line, "\r\n"))
	if len(lines) != 1 || lines[0].Kind != Entry {
		return Addition{}, errors.New("add to authorized_keys: it is not one line with a public key")
	}
	if err := lines[0].Err; err != nil {
		return Addition{}, fmt.Errorf("add to authorized_keys: sshd would refuse the line: %w", err)
	}
	if present := Find(data, lines[0].Public); len(present) > 0 {
		return Addition{Data: data, Present: present}, nil
	}
	newline := "\n"
	if i := bytes.LastIndexByte(data, '\n'); i > 0 && data[i-1] == '\r' {
		newline = "\r\n"
	}
	out := bytes.Clone(data)
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, newline...)
	}
	out = append(append(out, bytes.Trim(line, " \t\r\n")...), newline...)
	return Addition{Data: out, Added: true}, nil
}

// Find returns the lines that hold a key, whatever their options and comments. A certificate is not the key that it certifies:
// they let in different people.
func Find(data []byte, key keys.Public) (found []Line) {
	for _, l := range Parse(data) {
		if l.Kind == Entry && bytes.Equal(l.Public.Blob, key.Blob) {
			found = append(found, l)
		}
	}
	return found
}

// Remove takes the lines that hold a key out of a file, and returns them too. All other bytes stay. Comments play no part.
func Remove(data []byte, key keys.Public) (kept []byte, removed []Line) {
	for _, l := range Parse(data) {
		if l.Kind == Entry && bytes.Equal(l.Public.Blob, key.Blob) {
			removed = append(removed, l)
			continue
		}
		kept = append(kept, l.Raw...)
	}
	return kept, removed
}

// Compose writes a line of authorized_keys, with a newline. Options are copied from another line by giving that line's.
// A comment or option that holds a line break is an error.
func Compose(options Options, key keys.Public, comment string) ([]byte, error) {
	text := options.String()
	if strings.ContainsAny(text+comment, "\r\n\x00") {
		return nil, errors.New("compose a line of authorized_keys: a line break or NUL in an option or the comment")
	}
	if _, err := ParseOptions(text); err != nil {
		return nil, fmt.Errorf("compose a line of authorized_keys: %w", err)
	}
	if text != "" {
		text += " "
	}
	return append([]byte(text), key.Line(strings.TrimSpace(comment))...), nil
}

var privateMarks = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`PRIVATE KEY( BLOCK)? ?----|PuTTY-User-Key-File|AGE-SECRET-KEY-1|(?m:^\s*b3BlbnNzaC1rZXktdjE)`)
})

// HoldsPrivate reports whether data hold private key material of any format, whole or damaged, also OpenSSH's with its first
// line cut off. It errs on the safe side.
func HoldsPrivate(data []byte) bool {
	if privateMarks().Match(data) {
		return true
	}
	f, err := keys.Parse(data)
	return err == nil && f != nil
}
