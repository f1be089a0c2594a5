package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"keysweep/internal/git"
	"keysweep/internal/terminal"
	"keysweep/secretscan/rules"
	"keysweep/secretscan/source"
	"keysweep/secretscan/suppress"
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
		{exitOK, "done, everything was looked at, and there is nothing to report"},
		{exitFindings, "something to report: findings or checks at or above --fail-on, a proof that failed, a key that is refused"},
		{exitUsage, "wrong usage or configuration, or no way to ask for a passphrase"},
		{exitIncomplete, "could not look everywhere, or could not do all of it (outranks 1; what was found is still reported)"},
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

// hinter is an error that knows what to do next and does not say so in its text.
type hinter interface{ Hint() string }

// hintMark is what stands between an error and its hint, where the text holds both.
const hintMark = "\nhint: "

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
	text := hintsOnce(git.Printable(err.Error()))
	_, _ = fmt.Fprintln(w, "keysweep: "+text)
	if hint := hintOf(err); hint != "" && !strings.Contains(text, hintMark+hint) {
		_, _ = fmt.Fprintln(w, "hint: "+hint)
	}
	var program *notRun
	switch {
	case errors.As(err, &program):
		return program.code()
	case isUsage(err):
		return exitUsage
	}
	return exitIncomplete
}

// hintsOnce drops a hint that is said again further down, as when several files are missing.
func hintsOnce(text string) string {
	lines := strings.Split(text, "\n")
	kept := lines[:0:0]
	for i, line := range lines {
		if strings.HasPrefix(line, "hint: ") && slices.Contains(lines[i+1:], line) {
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

func hintOf(err error) string {
	var u *usageError
	var h hinter
	switch {
	case errors.As(err, &u) && u.hint != "":
		return u.hint
	case errors.As(err, &h):
		return h.Hint()
	case errors.Is(err, git.ErrNoGit):
		return "install git, and see that PATH names its directory"
	}
	return ""
}

// alsoHint is the hint of an error with one more way out.
func alsoHint(err error, other string) string {
	if hint := hintOf(err); hint != "" {
		return hint + "; or " + other
	}
	return other
}

func isUsage(err error) bool {
	var (
		usage  *usageError
		rule   *rules.Error
		many   rules.Errors
		target *source.TargetError
		rev    *source.RevError
		parse  *suppress.ParseError
	)
	return errors.As(err, &usage) || errors.As(err, &rule) || errors.As(err, &many) || errors.As(err, &target) ||
		errors.As(err, &rev) || errors.As(err, &parse) || errors.Is(err, terminal.ErrNothing)
}
