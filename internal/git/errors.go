package git

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotRepository is the error for a directory that is in no git repository.
var ErrNotRepository = errors.New("not a git repository")

// ErrNoGit is the error for a machine on which there is no git program in any absolute directory of PATH.
var ErrNoGit = errors.New("git is not installed or not in PATH")

// OwnershipError says that git refuses to work in a repository because it belongs to another user. Whether that user can be
// trusted is for a person to decide, so it is never worked around.
type OwnershipError struct {
	Dir string // as git names it
}

// Error names the directory and the command that settles it.
func (e *OwnershipError) Error() string {
	return fmt.Sprintf("git refuses the repository at %s: it belongs to another user\n"+
		"hint: if you trust its owner: git config --global --add safe.directory %s", e.Dir, shellQuote(e.Dir))
}

// Error is a git command that failed.
type Error struct {
	Command string // the subcommand: "rev-list"
	Stderr  string // what git said: at most a few kilobytes, one line each, without control characters
	Err     error  // usually an *exec.ExitError, or the context's error
}

// Error names the subcommand and quotes git.
func (e *Error) Error() string {
	said := strings.TrimPrefix(e.Stderr, "fatal: ")
	if said == "" {
		return fmt.Sprintf("git %s: %v", e.Command, e.Err)
	}
	return fmt.Sprintf("git %s: %s", e.Command, said)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// failure makes the error for a command that failed, of the type that fits what git said.
func failure(command, stderr string, err error) error {
	lower := strings.ToLower(stderr)
	if strings.Contains(lower, "dubious ownership in repository at") || strings.Contains(lower, "unsafe repository (") {
		_, rest, _ := strings.Cut(stderr, "'")
		dir, _, _ := strings.Cut(rest, "'")
		return &OwnershipError{Dir: dir}
	}
	if strings.Contains(lower, "not a git repository") {
		return ErrNotRepository
	}
	return &Error{Command: command, Stderr: stderr, Err: err}
}

const stderrLimit = 4 << 10

// note keeps the beginning of what a program writes to it, and swallows the rest.
type note struct{ kept []byte }

// Write never fails: a program must not block or die because it has much to say.
func (n *note) Write(p []byte) (int, error) {
	if room := stderrLimit - len(n.kept); room > 0 {
		n.kept = append(n.kept, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// String returns the text as it may be shown on a terminal. Git explains its usage at length: a few lines are enough.
func (n *note) String() string {
	const most = 8
	lines := strings.SplitN(strings.TrimSpace(string(n.kept)), "\n", most+1)
	return Printable(strings.Join(lines[:min(len(lines), most)], "\n"))
}

// Printable replaces what could harm a terminal, or a reader's trust, in text that a repository may have chosen: control
// characters other than line feed and tab, and bytes that are not UTF-8.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\uFFFD' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
