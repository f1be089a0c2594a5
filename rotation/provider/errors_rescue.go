package provider

import (
	"fmt"

	"keysweep/rotation"
)

// UnreadyError says that the provider was not asked, as there would be no place for its answer beside the ledger.
type UnreadyError struct {
	Record rotation.Record
	Err    error
}

// Error says why.
func (e *UnreadyError) Error() string {
	return fmt.Sprintf("%s: the provider is not asked for a new value, since the old one ends with that, and the rescue file for the new one cannot be made ready: %v",
		e.Record.Ref(), e.Err)
}

// Unwrap is for errors.Is.
func (e *UnreadyError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *UnreadyError) Hint() string {
	return "the old value is in use; free some space, or make the directory writable, and run " + again(&e.Record) + " once more"
}

// SealedError says that there is a new value, that the ledger could not take it, and that it is safe in a rescue file.
type SealedError struct {
	Record rotation.Record
	Path   string
	Err    error
}

// Error says why.
func (e *SealedError) Error() string {
	return fmt.Sprintf("%s: the ledger cannot take the new value; it is safe, sealed for this ledger, in %s: %v", e.Record.Ref(), e.Path, e.Err)
}

// Unwrap is for errors.Is.
func (e *SealedError) Unwrap() error { return e.Err }

// Hint says what a person must do.
func (e *SealedError) Hint() string {
	return "see that the ledger can be written to, and run " + again(&e.Record) + " once more: that takes it in; leave the file where it is"
}

// UnopenedError says that there is a new value in a rescue file which the ledger cannot open.
type UnopenedError struct {
	Record rotation.Record
	Path   string
	Err    error
}

// Error says why.
func (e *UnopenedError) Error() string {
	return fmt.Sprintf("%s: a new value is in %s, and this ledger cannot open it: %v", e.Record.Ref(), e.Path, e.Err)
}

// Unwrap is for errors.Is.
func (e *UnopenedError) Unwrap() error { return e.Err }

// Hint says what a person must do.
func (e *UnopenedError) Hint() string {
	return "only the ledger that it was sealed for can; if there is none, make a new value at the provider and give it: " + again(&e.Record) + " --manual"
}

// GoneError says that the provider no longer accepts the new credential, which is in use and worked before: somebody ended it there.
type GoneError struct {
	Record rotation.Record
	Said   string
	Old    bool // the old one is still accepted
}

// Error says so.
func (e *GoneError) Error() string {
	said := ""
	if e.Said != "" {
		said = " (" + e.Said + ")"
	}
	if e.Old {
		return fmt.Sprintf("%s: the provider no longer accepts the new credential, which is in use%s, and still accepts the old one", e.Record.Ref(), said)
	}
	return fmt.Sprintf("%s: the provider accepts neither the new credential, which is in use%s, nor the old one", e.Record.Ref(), said)
}

// Hint says what to do.
func (e *GoneError) Hint() string {
	if e.Old {
		return "put the old one back into use: " + again(&e.Record) + " --abort; then, for a fresh one: " + again(&e.Record)
	}
	return "make another one at the provider and give it: " + again(&e.Record) + " --manual"
}
