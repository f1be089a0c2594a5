// Package keyctl keeps a secret for some hours in the keyring that the Linux kernel has for each user: keyrings(7), keyctl(2). Start at
// Set, Get and Remove.
//
// A secret is a key of the type "user" in the user keyring ("@u", user-keyring(7)): every process of the user finds it, whatever session
// it belongs to, and nobody else does. Its permissions are the owner's alone, and none come with possession: a process that
// inherited a session with the keyring in it and became another user, as under sudo -u, has none. It has an end
// from the moment that others can see it, and it is gone at a restart. A process that is killed leaves the key as it was, or as it is to be.
//
// On other systems than Linux everything fails with ErrNone or ErrSystem. Everything is safe for concurrent use.
package keyctl

import (
	"errors"
	"fmt"
)

var (
	// ErrNone says that there is no such key, or that its time is over.
	ErrNone = errors.New("there is no such key in the kernel's keyring")
	// ErrSystem says that this system has no keyring in its kernel: only Linux does.
	ErrSystem = errors.New("only Linux has a keyring in its kernel")
	// ErrForeign says that the key belongs to another user, or is open to others: it is not ours, and what it holds is not believed.
	ErrForeign = errors.New("the key in the kernel's keyring belongs to another user, or others may use it")
)

// RefusedError says that the kernel refuses what is asked of its keyring.
type RefusedError struct {
	Op  string // what was asked
	Err error  // a syscall.Errno
	// Why says what that mostly comes from, Help what to do about it; "" if it is not known.
	Why, Help string
}

// Error says what was refused.
func (e *RefusedError) Error() string {
	if e.Why != "" {
		return fmt.Sprintf("%s in the kernel's keyring: %v (%s)", e.Op, e.Err, e.Why)
	}
	return fmt.Sprintf("%s in the kernel's keyring: %v", e.Op, e.Err)
}

// Unwrap returns the kernel's error.
func (e *RefusedError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *RefusedError) Hint() string { return e.Help }
