package odb

import (
	"errors"
	"fmt"
)

// ErrMissing says that the database does not have an object.
var ErrMissing = errors.New("the object is missing or unreadable")

// ErrLoop is what a CorruptError is about if an object's deltas are each other's bases. git must not be asked for such an object: it follows
// them until the memory is full.
var ErrLoop = errors.New("the deltas it is made from lead back to themselves")

// errClosed is the error of everything that is done after Close.
var errClosed = errors.New("the object database is closed")

// CorruptError says that an object is there but no copy of it can be read.
type CorruptError struct {
	ID     ID
	File   string // the pack or loose file with the first copy that was tried; "" if that is not known
	Offset int64  // where the object begins in the pack; 0 in a loose file
	Err    error  // what is wrong with it, in plain words; nil if that is not known
}

// Error names the object, the file and the place, if the file is known; else only what is wrong.
func (e *CorruptError) Error() string {
	text := "the object is corrupt"
	if e.File != "" {
		text = fmt.Sprintf("object %s is corrupt (%s, offset %d)", e.ID, e.File, e.Offset)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives what is wrong.
func (e *CorruptError) Unwrap() error { return e.Err }

// TooLargeError says that an object, or one that it is stored as a delta of, is larger than Options.Most. Git can stream it.
type TooLargeError struct {
	ID   ID
	Kind Kind
	Size int64 // bytes of the object itself; -1 if that was not to be learned
}

// Error gives the size.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s %s (%d bytes) is too large to be held in memory, or is made from one that is", e.Kind, e.ID, e.Size)
}
