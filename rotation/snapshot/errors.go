package snapshot

import (
	"errors"
	"fmt"
)

// ErrUntrusted says that a snapshot is not what the machine wrote last, as far as can be told. The error is a *TrustError.
var ErrUntrusted = errors.New("the snapshot cannot be trusted")

// Why is the reason not to trust a snapshot, or a ledger that a snapshot does not agree with.
type Why string

// The reasons.
const (
	Damaged  Why = "is no whole snapshot of keysweep"
	Newer    Why = "is of another version"
	Changed  Why = "was changed after it was signed"
	Resigned Why = "was signed with another key than before"
	PutBack  Why = "was put back to an older state"
	Forked   Why = "is of the same number as one that was seen before, and says something else"
	Replaced Why = "is of another ledger than the one that was there before"
	Old      Why = "is too old"
	// RolledBack and Edited are about the ledger: the snapshot is right.
	RolledBack Why = "is of a later state than the ledger, which was put back to an older one"
	Edited     Why = "says something else of a record than the ledger, in which it was changed without keysweep"
)

// TrustError is ErrUntrusted with the reason.
type TrustError struct {
	Path    string
	Machine string // that the snapshot says to be from
	Why     Why
	Detail  string // numbers, dates, keys
	Do      string // what to do next; "" is the usual
}

// Error names the file.
func (e *TrustError) Error() string {
	text := "snapshot " + e.Path
	if e.Machine != "" {
		text += fmt.Sprintf(" of machine %q", e.Machine)
	}
	text += " " + string(e.Why)
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

// Unwrap is for errors.Is.
func (e *TrustError) Unwrap() error { return ErrUntrusted }

// Hint says what to do.
func (e *TrustError) Hint() string {
	switch {
	case e.Do != "":
		return e.Do
	case e.Why == Newer:
		return "use the newest keysweep on every machine"
	case e.Why == Old:
		return "on that machine, run: keysweep rotate-due"
	case e.Why == Damaged || e.Why == Changed:
		return "find out who changed it, then have it written anew: keysweep rotate-due on that machine, where the ledger is"
	}
	return "find out who did it and why"
}
