package rotation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the most that a name may hold, in bytes.
const maxName = 100

// check refuses records that nobody could find again, or that would break a line of a report. What a record had before, old, was
// taken then and stays; old is nil for a new one.
func (r *Record) check(old *Record) error {
	if err := CheckName(r.Name); err != nil {
		return err
	}
	if r.Kind != KindSSH && r.Kind != KindAPI {
		return fmt.Errorf("there is no kind of record %q", r.Kind)
	}
	statuses := []Status{"", Active, Retiring, Retired, Revoked, Compromised}
	if !slices.Contains(statuses, r.Status) {
		return fmt.Errorf("there is no status %q", r.Status)
	}
	return r.checkFields(old)
}

// CheckName says what is wrong with a name for a record, if anything is. A name must be one line of 1 to 100 bytes without
// space around it, and no fingerprint.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("a record needs a name")
	case len(name) > maxName:
		return fmt.Errorf("the name %.20q... is longer than %d bytes", name, maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }):
		return fmt.Errorf("the name %q has characters that do not print", name)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("the name %q has space around it", name)
	case strings.HasPrefix(name, "SHA256:"):
		return fmt.Errorf("the name %q looks like a fingerprint", name)
	}
	return nil
}

// needsUnique reports whether a change could make the record equal to another.
func (r *Record) needsUnique(old *Record) bool {
	return r.Name != old.Name || r.Env != old.Env || r.Kind != old.Kind || r.Fingerprint != old.Fingerprint || r.Predecessor != old.Predecessor ||
		r.Status.Live() && !old.Status.Live()
}
