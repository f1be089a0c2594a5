package source

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"keysweep/finding"
	"keysweep/secretscan"
)

// TargetError says that something named on the command line cannot be scanned. The run is a failure.
type TargetError struct {
	Target string // as it was typed
	Err    error
	Hint   string
}

// Error names the target and ends with the hint.
func (e *TargetError) Error() string {
	msg := "scan " + e.Target + ": " + e.Err.Error()
	if e.Hint != "" {
		msg += "\nhint: " + e.Hint
	}
	return msg
}

// Unwrap returns what went wrong.
func (e *TargetError) Unwrap() error { return e.Err }

// What went wrong where the system has no error for it.
var (
	errVanished = errors.New("vanished: it was listed a moment ago and is gone now")
	errChanged  = errors.New("changed while it was read")
	errEndless  = errors.New("its size says that it is empty, and more than 64 MiB came out of it")
	errLinked   = errors.New("a link has come in the place of a directory")
	errTooDeep  = errors.New("the path is longer than 32 KiB")
)

// problemError turns an error of the system into one that says all that a report should: without the path, which Where
// tells, and with a hint.
func problemError(op, shown string, err error) *secretscan.ProblemError {
	var inPath *fs.PathError
	if errors.As(err, &inPath) {
		err = inPath.Err
	}
	said, hint, _ := strings.Cut(err.Error(), "\nhint: ")
	if hint == "" {
		hint = hintFor(err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		said = errVanished.Error()
	}
	return &secretscan.ProblemError{Problem: finding.Problem{Where: shown, Op: op, Err: said, Hint: hint}}
}

func hintFor(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errVanished), errors.Is(err, errLinked):
		return "run again when nothing changes the files"
	case errors.Is(err, errChanged):
		return "run again when nothing writes to it; what was read of it is scanned"
	case errors.Is(err, fs.ErrPermission):
		return "run as a user who may read it, or leave it out with --exclude"
	case errors.Is(err, errTooDeep), errors.Is(err, syscall.ENAMETOOLONG):
		return "change into a directory further down and scan from there, or leave it out with --exclude"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "raise the limit of open files (ulimit -n), or use fewer --jobs"
	case errors.Is(err, errEndless):
		return "leave it out with --exclude"
	}
	return ""
}
