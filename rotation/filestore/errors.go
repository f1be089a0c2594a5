package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"keysweep/rotation"
)

// ErrNone says that there is no ledger in the directory.
var ErrNone = errors.New("there is no ledger yet")

// ErrExists says that there is a ledger in the directory already.
var ErrExists = errors.New("there is a ledger already")

// TamperError says which file was changed outside keysweep, as far as can be told. It is rotation.ErrTampered.
type TamperError struct {
	Item string // name of the item; "head", "anchor" or "directory" where it is none
	Path string // of the file or directory
	What string // what is wrong: "was put back to an older state"
	Do   string // what to do next; "" is the usual
}

// Error names item and file.
func (e *TamperError) Error() string {
	return fmt.Sprintf("%v: %s %s (%s)", rotation.ErrTampered, e.Item, e.What, e.Path)
}

// Unwrap is for errors.Is.
func (e *TamperError) Unwrap() error { return rotation.ErrTampered }

// Hint says what to do.
func (e *TamperError) Hint() string {
	if e.Do != "" {
		return e.Do
	}
	return "find out what changed it (a synchronised folder, a restored backup, somebody else), then put the whole directory back from its latest backup"
}

// fileError is a file that cannot be used, and what to do about it.
type fileError struct {
	path string
	err  error
	do   string
}

func (e *fileError) Error() string { return fmt.Sprintf("ledger file %s: %v", e.path, e.err) }
func (e *fileError) Unwrap() error { return e.err }
func (e *fileError) Hint() string {
	switch {
	case e.do != "":
		return e.do
	case errors.Is(e.err, fs.ErrPermission):
		return "see who owns it and its directory; keysweep needs to read and write both"
	case errors.Is(e.err, syscall.ENOSPC), errors.Is(e.err, syscall.EDQUOT):
		return "free some space there and try again; the ledger itself is whole"
	case errors.Is(e.err, syscall.EROFS):
		return "the file system is mounted read-only"
	}
	return "see that the disk works and the directory can be read and written"
}

// lockedError is rotation.ErrLocked with a hint.
type lockedError struct{ path string }

func (e *lockedError) Error() string { return rotation.ErrLocked.Error() + " in " + e.path }
func (e *lockedError) Unwrap() error { return rotation.ErrLocked }
func (e *lockedError) Hint() string {
	return "try again; if the passphrase is surely right the file is damaged: put it back from a backup"
}
