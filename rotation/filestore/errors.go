package filestore

import (
	"errors"

	"keysweep/rotation"
)

// ErrNone says that there is no ledger in the directory.
var ErrNone = errors.New("there is no ledger yet")

// ErrExists says that there is a ledger in the directory already.
var ErrExists = errors.New("there is a ledger already")

// ErrStale says that an identity is not the one of the ledger in the directory: that is another one by now.
var ErrStale = errors.New("what was kept does not open this ledger")

// tampered makes the error for a file that was changed outside keysweep. item is "head" or "item NAME".
func tampered(item, path, what string) error {
	return &rotation.TamperError{Item: item, Where: path, What: what, Do: "find out what changed it (a synchronised folder, a restored backup, " +
		"somebody else), then put the whole directory back from its latest backup"}
}

// lockedError is rotation.ErrLocked with a hint.
type lockedError struct{ path string }

func (e *lockedError) Error() string { return rotation.ErrLocked.Error() + " in " + e.path }
func (e *lockedError) Unwrap() error { return rotation.ErrLocked }
func (e *lockedError) Hint() string {
	return "try again; if the passphrase is surely right the file is damaged: put it back from a backup"
}
