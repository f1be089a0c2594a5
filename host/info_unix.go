//go:build unix

package host

import (
	"errors"
	"io/fs"
	"syscall"
)

func owner(fi fs.FileInfo) (uid, gid int) {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), int(st.Gid)
	}
	return -1, -1
}

// Known turns the system's "not a directory" on the way to a file into what it is: knowledge that there is no such file.
func Known(err error) error {
	if !errors.Is(err, syscall.ENOTDIR) {
		return err
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return &fs.PathError{Op: p.Op, Path: p.Path, Err: fs.ErrNotExist}
	}
	return fs.ErrNotExist
}

// readOnly opens without waiting for whoever is at the other end of a pipe, and never makes a terminal ours.
const readOnly = syscall.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOCTTY | syscall.O_CLOEXEC
