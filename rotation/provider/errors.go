package provider

import (
	"fmt"

	"keysweep/rotation"
)

func again(r *rotation.Record) string { return "keysweep cred rotate " + r.Ref() }

// LostError says that the provider has replaced the credential and the answer with the new one never came: neither the ledger nor
// anybody else has a value that works.
type LostError struct{ Record rotation.Record }

// Error says what happened.
func (e *LostError) Error() string {
	return fmt.Sprintf("%s: the provider has ended the old credential, and its answer with the new one was lost on the way: no value that works is known", e.Record.Ref())
}

// Hint says what a person must do.
func (e *LostError) Hint() string {
	where := "at the provider"
	if e.Record.URL != "" {
		where = "at " + e.Record.URL
	}
	return "make a new one " + where + " and give it: " + again(&e.Record) + " --manual"
}

// DeadError says that the provider does not accept the credential that is to be replaced.
type DeadError struct {
	Record rotation.Record
	Said   string
}

// Error says what the provider answered.
func (e *DeadError) Error() string {
	return fmt.Sprintf("%s: the provider does not accept the value in the ledger, so that it cannot replace itself (%s)", e.Record.Ref(), e.Said)
}

// Hint says what a person must do.
func (e *DeadError) Hint() string {
	return "it has expired, was revoked, or was replaced elsewhere; give the value that is valid now: " + again(&e.Record) + " --manual"
}

// RefusedError says that the provider does not accept the new credential.
type RefusedError struct {
	Record rotation.Record
	Said   string
	Ended  bool // the provider ended the old one as it made the new one
}

// Error says what the provider answered.
func (e *RefusedError) Error() string {
	old := "the old one stays in use"
	if e.Ended {
		old = "the old one has ended"
	}
	return fmt.Sprintf("%s: the provider does not accept the new credential (%s); %s", e.Record.Ref(), e.Said, old)
}

// Hint says what to do.
func (e *RefusedError) Hint() string {
	if e.Ended {
		return "it may take a while: run " + again(&e.Record) + " once more; or make another one at the provider and give it: " + again(&e.Record) + " --manual"
	}
	return "it may take a while: run " + again(&e.Record) + " once more; or give the rotation up: " + again(&e.Record) + " --abort"
}

// StillValidError says that the provider goes on accepting the old credential after it was revoked.
type StillValidError struct{ Record rotation.Record }

// Error says so.
func (e *StillValidError) Error() string {
	return fmt.Sprintf("%s: the new credential is in use, but the provider still accepts the old one", e.Record.Ref())
}

// Hint says what to do.
func (e *StillValidError) Hint() string {
	return "revoke it at the provider, or run " + again(&e.Record) + " once more in a while"
}

// UnrevokedError says that the old credential is waiting for a person to revoke it.
type UnrevokedError struct{ Record rotation.Record }

// Error says so.
func (e *UnrevokedError) Error() string {
	return fmt.Sprintf("%s: the new credential is in use, and the old one has not been revoked", e.Record.Ref())
}

// Hint says what to do.
func (e *UnrevokedError) Hint() string {
	return "revoke it at the provider, then: " + again(&e.Record)
}

// SameError says that the new value is the one that is in use.
type SameError struct{ Record rotation.Record }

// Error says so.
func (e *SameError) Error() string {
	return fmt.Sprintf("%s: the new value is the one that the ledger has already", e.Record.Ref())
}

// Hint says what to do.
func (e *SameError) Hint() string { return "make a new one at the provider first" }

// UnkeptError says that the provider has made a new credential, and the ledger could not take it. Value is all that there is of
// it; the caller clears it.
type UnkeptError struct {
	Record rotation.Record
	Value  []byte
	Err    error
}

// Error says why, and holds nothing of the value.
func (e *UnkeptError) Error() string {
	return fmt.Sprintf("%s: the provider has made a new credential, and the ledger cannot take it: %v", e.Record.Ref(), e.Err)
}

// Unwrap is for errors.Is.
func (e *UnkeptError) Unwrap() error { return e.Err }

// Hint says what a person must do.
func (e *UnkeptError) Hint() string {
	return "see that the ledger can be written to, and run " + again(&e.Record) + " once more"
}

// LateError says that a rotation can no longer be given up.
type LateError struct{ Record rotation.Record }

// Error says so.
func (e *LateError) Error() string {
	return fmt.Sprintf("%s: it is too late to give the rotation up: the new credential is in use, or the old one no longer works", e.Record.Ref())
}

// Hint says what to do.
func (e *LateError) Hint() string { return "finish it: " + again(&e.Record) }

// NothingError says that no rotation is under way.
type NothingError struct{ Record rotation.Record }

// Error says so.
func (e *NothingError) Error() string {
	return fmt.Sprintf("no rotation of %s is under way", e.Record.Ref())
}

// OtherPluginError says that a rotation was begun with another plugin than the one that was named.
type OtherPluginError struct{ Ref, Began, Given string }

// Error names both.
func (e *OtherPluginError) Error() string {
	name := func(plugin string) string {
		if plugin == "" {
			return "by hand"
		}
		return "with the plugin " + plugin
	}
	return fmt.Sprintf("the rotation of %s was begun %s, and cannot be continued %s", e.Ref, name(e.Began), name(e.Given))
}

// Hint says what to do.
func (e *OtherPluginError) Hint() string {
	return "finish it as it was begun, or give it up: keysweep cred rotate " + e.Ref + " --abort"
}
