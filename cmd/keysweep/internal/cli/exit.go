package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"keysweep/internal/git"
	"keysweep/secretscan/rules"
	"keysweep/secretscan/source"
)

// The exit codes of every command. docs/reference/exit-codes.md is made from this list.
const (
	exitOK          = 0
	exitFindings    = 1
	exitUsage       = 2
	exitIncomplete  = 3
	exitInterrupted = 130
)

// ExitCode is one line of the table of exit codes.
type ExitCode struct {
	Code int
	Text string
}

// ExitCodes returns what each exit code means, in the words of the help texts.
func ExitCodes() []ExitCode {
	return []ExitCode{
		{exitOK, "nothing to report, and everything was looked at"},
		{exitFindings, "findings at or above --fail-on"},
		{exitUsage, "wrong usage or configuration; nothing was done"},
		{exitIncomplete, "could not look everywhere (outranks 1; findings are still reported)"},
		{exitInterrupted, "interrupted"},
	}
}

// usageError is a command line or a configuration that cannot be followed.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// verdict is a command's exit code where nothing went wrong with the command itself.
type verdict int

func (v verdict) Error() string { return fmt.Sprintf("exit code %d", int(v)) }

// hinter is an error that knows what to do next.
type hinter interface{ Hint() string }

// exitCode maps a command's error to the exit code and says on w what a person needs to know of it.
func exitCode(w io.Writer, err error) int {
	var v verdict
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &v):
		return int(v)
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(w, "keysweep: interrupted")
		return exitInterrupted
	}
	_, _ = fmt.Fprintln(w, "keysweep: "+git.Printable(err.Error()))
	if hint := hintOf(err); hint != "" {
		_, _ = fmt.Fprintln(w, "hint: "+hint)
	}
	if isUsage(err) {
		return exitUsage
	}
	return exitIncomplete
}

func hintOf(err error) string {
	var u *usageError
	var h hinter
	switch {
	case errors.As(err, &u) && u.hint != "":
		return u.hint
	case errors.As(err, &h):
		return h.Hint()
	}
	return ""
}

func isUsage(err error) bool {
	var (
		usage  *usageError
		rule   *rules.Error
		many   rules.Errors
		target *source.TargetError
	)
	return errors.As(err, &usage) || errors.As(err, &rule) || errors.As(err, &many) || errors.As(err, &target)
}
