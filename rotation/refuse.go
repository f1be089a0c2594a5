package rotation

import "fmt"

// DuplicateError says that the ledger has a record of that name or key already.
type DuplicateError struct {
	Existing Record
	Field    string // "name" or "fingerprint"
}

// Error names the record that is there.
func (e *DuplicateError) Error() string {
	what := "key"
	if e.Existing.Kind == KindAPI {
		what = "credential"
	}
	if e.Field == "name" {
		return fmt.Sprintf("the ledger has a %s of the name %q already", what, e.Existing.Ref())
	}
	return fmt.Sprintf("the ledger has this %s already, as %q (%s, %s)", what, e.Existing.Ref(), e.Existing.Fingerprint, e.Existing.Status)
}

// Hint says what to do.
func (e *DuplicateError) Hint() string {
	switch {
	case e.Field == "name" && e.Existing.Kind == KindAPI:
		return "to replace its value: keysweep cred rotate " + e.Existing.Ref()
	case e.Field == "name":
		return "choose another name, or retire the old key first"
	}
	return "see: keysweep key list"
}

// UnchangedError says that a secret was to be written down as replaced although it is the same as before.
type UnchangedError struct {
	Record Record // as it was
}

// Error names the record.
func (e *UnchangedError) Error() string {
	return fmt.Sprintf("%s is not rotated: its new value is the old one", e.Record.Ref())
}

// Hint says what to do.
func (e *UnchangedError) Hint() string {
	return "get a new value from the provider first; a date alone does not make a secret younger"
}

// checkRotated refuses a later date of the last rotation where the secret has stayed.
func (r *Record) checkRotated(old *Record) error {
	if old == nil || whole(r.RotatedAt).Equal(old.RotatedAt) || r.RotatedAt.IsZero() {
		return nil
	}
	if r.Mark == old.Mark && r.Fingerprint == old.Fingerprint && r.Mark+r.Fingerprint != "" {
		return &UnchangedError{*old}
	}
	return nil
}

// checkReplaced refuses a record as the successor of one that has the same secret.
func (r *Record) checkReplaced(all *census) error {
	i, known := all.place[r.Predecessor]
	if known && r.Mark != "" && all.records[i].Mark == r.Mark {
		return &UnchangedError{all.records[i]}
	}
	return nil
}

// freshPrints returns what the record has that may have a tombstone and that it did not have before.
func (r *Record) freshPrints(old *Record) (prints []string) {
	if old == nil {
		old = &Record{}
	}
	if r.Fingerprint != old.Fingerprint && r.Fingerprint != "" {
		prints = append(prints, r.Fingerprint)
	}
	if r.Mark != old.Mark && r.Mark != "" {
		prints = append(prints, MarkPrint(r.Mark))
	}
	return prints
}
