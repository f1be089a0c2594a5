package keyring

import (
	"errors"
	"fmt"
	"time"

	"keysweep/rotation"
)

var (
	// ErrNone says that the keyring is not there. The error is a *NoneError.
	ErrNone = errors.New("there is no such keyring here")
	// ErrLocked says that the keyring is locked and nobody unlocked it. The error is a *LockedError.
	ErrLocked = errors.New("the keyring is locked")
	// ErrHang says that the keyring did not answer. The error is a *HangError.
	ErrHang = errors.New("the keyring did not answer")
)

// NoneError is ErrNone with its reason.
type NoneError struct {
	Backend string // of Backends
	Why     string // "no session bus is running"
	Do      string // what to do about it; "" is the usual
}

// Error says which keyring is missing, and why.
func (e *NoneError) Error() string { return fmt.Sprintf("keyring %s: %s", e.Backend, e.Why) }

// Unwrap is for errors.Is.
func (e *NoneError) Unwrap() error { return ErrNone }

// Hint says what to do.
func (e *NoneError) Hint() string {
	if e.Do != "" {
		return e.Do
	}
	return "keep the ledger elsewhere: keysweep ledger --help lists the places"
}

// LockedError is ErrLocked with where it is.
type LockedError struct {
	Where string // "secret-service at unix:path=/run/user/1000/bus"
}

// Error says what is locked.
func (e *LockedError) Error() string { return e.Where + " is locked" }

// Unwrap is for errors.Is.
func (e *LockedError) Unwrap() error { return ErrLocked }

// Hint says what to do.
func (e *LockedError) Hint() string {
	return "unlock it: log in at the desktop, or open it in its own program" + orSnapshot
}

// HangError is ErrHang with what hangs. The process that was asked is dead by then.
type HangError struct {
	What  string // "secret-service at unix:path=/run/user/1000/bus"
	After time.Duration
}

// Error says what did not answer, and for how long.
func (e *HangError) Error() string {
	return fmt.Sprintf("%s did not answer within %s", e.What, e.After)
}

// Unwrap is for errors.Is.
func (e *HangError) Unwrap() error { return ErrHang }

// Hint says what to do.
func (e *HangError) Hint() string {
	return "see whether its daemon runs, or a window waits for an answer" + orSnapshot
}

// ForeignError says that an item is there that this package has not written under that name. It is rotation.ErrTampered.
type ForeignError struct {
	Key   string
	Where string // "secret-service at unix:path=/run/user/1000/bus"
}

// Error names the item.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("%v: item %s in %s was not written by keysweep, or was moved there", rotation.ErrTampered, e.Key, e.Where)
}

// Unwrap is for errors.Is.
func (e *ForeignError) Unwrap() error { return rotation.ErrTampered }

// Hint says what to do.
func (e *ForeignError) Hint() string {
	return "look at it with the keyring's own program and find out what changed it"
}

func notFound(key string) error {
	return fmt.Errorf("item %s: %w", key, rotation.ErrNotFound)
}
