// Package smallfile reads the small files that stores of the ledger keep. Start at Read.
package smallfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ErrTooLong says that a file is larger than keysweep makes it.
var ErrTooLong = errors.New("it is too large")

// Read reads a regular file of limit bytes at most. A file that is not there is fs.ErrNotExist. The error is an *Error.
func Read(path string, limit int64) ([]byte, error) {
	info, err := os.Lstat(path) // before it is opened: a FIFO would block
	if err != nil {
		return nil, &Error{Path: path, Err: Bare(err)}
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{path, errors.New("it is not a regular file"), "see what it is, and take it away"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Path: path, Err: Bare(err)}
	}
	defer func() { _ = f.Close() }()
	data := bytes.NewBuffer(make([]byte, 0, min(info.Size(), limit)+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, &Error{Path: path, Err: Bare(err)}
	}
	if int64(data.Len()) > limit {
		return nil, &Error{path, fmt.Errorf("%w: more than %d bytes", ErrTooLong, limit), "put it back from a backup"}
	}
	return data.Bytes(), nil
}

// Bare takes the path off an error, where the path is said anyway.
func Bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Error is a file that cannot be used, and what to do about it.
type Error struct {
	Path string
	Err  error
	Do   string // "": what fits the error
}

// Error names the file.
func (e *Error) Error() string { return fmt.Sprintf("ledger file %s: %v", e.Path, e.Err) }

// Unwrap is for errors.Is.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *Error) Hint() string {
	switch {
	case e.Do != "":
		return e.Do
	case errors.Is(e.Err, fs.ErrPermission):
		return "see who owns it and its directory; keysweep needs to read and write both"
	case errors.Is(e.Err, syscall.ENOSPC), errors.Is(e.Err, syscall.EDQUOT):
		return "free some space there and try again; the ledger itself is whole"
	case errors.Is(e.Err, syscall.EROFS):
		return "the file system is mounted read-only"
	}
	return "see that the disk works and the directory can be read and written"
}
