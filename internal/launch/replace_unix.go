//go:build unix

package launch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// CanReplace reports whether Replace works on this system.
const CanReplace = true

// shell runs scripts that do not say what runs them, as execvp(3) has it.
const shell = "/bin/sh"

// Replace puts the program in the place of this process. It returns only if that failed; then the process is as it was, but for
// the limit of core dumps, which is the program's. All descriptors of this process close but those that it inherited and Pass.
func (p Program) Replace() error {
	if err := p.Core.Restore(); err != nil {
		return err
	}
	for _, file := range p.Pass {
		if _, err := unix.FcntlInt(file.Fd(), unix.F_SETFD, 0); err != nil {
			return fmt.Errorf("keep a file open for the program: %w", err)
		}
	}
	err := syscall.Exec(p.Path, p.Args, p.Environ)
	if errors.Is(err, unix.ENOEXEC) && isText(p.Path) {
		err = syscall.Exec(shell, slices.Concat([]string{shell, p.Path}, p.Args[1:]), p.Environ)
	}
	return p.failed(err)
}

// failed says why the kernel did not take a program.
func (p Program) failed(err error) error {
	e := &Error{Name: p.Args[0], Code: CodeNotExecutable, Err: err}
	switch {
	case errors.Is(err, unix.E2BIG):
		e.Err = fmt.Errorf("its arguments and environment are too long for the system: %d bytes", size(p.Args)+size(p.Environ))
		e.hint = "the limit: getconf ARG_MAX; one argument or variable may take 128 KiB on Linux. Give it less, or a file"
	case errors.Is(err, unix.ENOENT): // the file was there a moment ago
		e.Code, e.Err = CodeNotFound, errors.New("what its first line or its header says is to run it is not there")
		e.hint = "see: head -n 1 " + p.Path
	case errors.Is(err, unix.ENOEXEC):
		e.Err = errors.New("the system cannot run a file of that format")
		e.hint = "see: file " + p.Path
	case errors.Is(err, unix.EACCES):
		e.Err = errForbid
	}
	return e
}

// size is what strings take where the kernel counts: with the zero at the end and the pointer (execve(2)).
func size(list []string) (n int) {
	for _, s := range list {
		n += len(s) + 1 + 8
	}
	return n
}

// isText reports whether a file may be a script: shells look for a zero at its start, too.
func isText(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, 256)
	n, err := io.ReadFull(f, start)
	return (err == nil || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)) && bytes.IndexByte(start[:n], 0) < 0
}
