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

// check refuses records that nobody could find again, or that would break a line of a report.
func (r *Record) check() error {
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
	return nil
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

// DuplicateError says that the ledger has a record of that name or key already.
type DuplicateError struct {
	Existing Record
	Field    string // "name" or "fingerprint"
}

// Error names the record that is there.
func (e *DuplicateError) Error() string {
	if e.Field == "name" {
		return fmt.Sprintf("the ledger has a key of the name %q already", e.Existing.Name)
	}
	return fmt.Sprintf("the ledger has this key already, as %q (%s, %s)", e.Existing.Name, e.Existing.Fingerprint, e.Existing.Status)
}

// Hint says what to do.
func (e *DuplicateError) Hint() string {
	if e.Field == "name" {
		return "choose another name, or retire the old key first"
	}
	return "see: keysweep key list"
}

func (r *Record) checkUnique(others []Record) error {
	for _, o := range others {
		switch {
		case o.ID == r.ID:
		case r.Fingerprint != "" && o.Fingerprint == r.Fingerprint:
			return &DuplicateError{o, "fingerprint"}
		case o.Name == r.Name && o.Status.Live() && r.Status.Live():
			return &DuplicateError{o, "name"}
		}
	}
	return nil
}
