package launch

import "fmt"

// The exit codes of a program that could not be run, as env(1) and the POSIX shell have them.
const (
	CodeNotExecutable = 126
	CodeNotFound      = 127
)

// Error says why a program was not run.
type Error struct {
	Name string // as it was asked for
	Code int    // CodeNotFound or CodeNotExecutable
	Err  error
	hint string
}

// Error names the program and the cause.
func (e *Error) Error() string { return fmt.Sprintf("run %s: %v", e.Name, e.Err) }

// Unwrap is for errors.Is.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do; "" if the error says it.
func (e *Error) Hint() string { return e.hint }
