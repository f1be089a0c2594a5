// Package owned tells whether others than the user and root could change a file, as sshd does before it follows one (sshd(8), StrictModes):
// by its own mode and owner, or by those of a directory or link on the way to it. Programs that are run and policies that are followed are
// looked at so. Start at Open and Check.
//
// A group that has nobody in it but the user and root, as the private groups that Debian and Fedora give each user, may write. On Windows
// nothing is looked at: who may change a file there is in its access control list, which mode bits do not show.
package owned

import (
	"errors"
	"fmt"
	"os"
)

// Error says that others could change a file.
type Error struct {
	Path string // the file as it was named
	At   string // what is open: the file itself, or a directory or link on the way to it
	What string // how: "can be written by everybody (mode 0777)"
	Help string // a command that mends it, or what else to do
}

// Error says what is open to whom.
func (e *Error) Error() string {
	if e.At == e.Path {
		return e.Path + " " + e.What
	}
	return fmt.Sprintf("%s is not safe there: %s %s", e.Path, e.At, e.What)
}

// Hint says what to do.
func (e *Error) Hint() string { return e.Help }

// Check wants nobody but the user and root to be able to change the file at an absolute path. Otherwise it is an *Error; without a file it
// is fs.ErrNotExist.
func Check(path string) error {
	_, err := resolve(path)
	return err
}

// Open opens a regular file for reading after the same look. Anything else than a regular file is an *Error, and is not opened: a pipe would
// be waited for.
func Open(path string) (*os.File, error) {
	real, err := resolve(path)
	if err != nil {
		return nil, err
	}
	before, err := os.Lstat(real)
	if err != nil {
		return nil, err
	}
	irregular := &Error{Path: path, At: path, What: "is no regular file", Help: "see what it is: ls -ld " + path}
	if !before.Mode().IsRegular() {
		return nil, irregular
	}
	f, err := os.Open(real)
	if err != nil {
		return nil, err
	}
	if after, err := f.Stat(); err != nil || !os.SameFile(before, after) {
		return nil, errors.Join(irregular, err, f.Close())
	}
	return f, nil
}
