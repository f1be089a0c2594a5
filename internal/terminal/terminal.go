// Package terminal talks to the person at the controlling terminal, whatever standard input and output are: a passphrase is
// never read from a pipe by accident, and a generated one never ends up in a file.
//
// Start at Open. A Terminal asks with ReadPassphrase (nothing is shown while typing), ReadVisible, ReadLine and Confirm. Every
// one of them gives up when its context ends or the person presses Ctrl-C, and leaves the terminal as it found it; Ctrl-Z
// gives the shell a terminal that echoes, and the prompt comes back with the program. Spinner shows that slow work goes on.
//
// A Terminal is for one goroutine at a time.
package terminal

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// MaxLine is the most that a person can enter in one line, in bytes. OpenSSH takes as much: its buffer of 1,024 bytes also
// holds the end.
const MaxLine = 1023

var (
	// ErrNone says that the process has no controlling terminal: it was started by cron, a service manager or a CI job.
	ErrNone = errors.New("there is no terminal to ask on")
	// ErrNothing says that the input ended (Ctrl-D) before anything was entered.
	ErrNothing = errors.New("nothing was entered")
	// ErrTooLong says that more than MaxLine bytes were entered. All of them are thrown away.
	ErrTooLong = fmt.Errorf("more than %d bytes were entered", MaxLine)
)

// ReadPassphrase asks for a line without showing what is typed. An empty line is an empty result. The caller clears it. The
// error is ErrNothing, ErrTooLong, or context.Canceled after Ctrl-C. What was typed before the prompt does not count.
func (t *Terminal) ReadPassphrase(ctx context.Context, prompt string) ([]byte, error) {
	return t.read(ctx, prompt, false)
}

// ReadVisible is ReadPassphrase for what may be seen on the screen but must not stay in memory: the caller clears the result.
func (t *Terminal) ReadVisible(ctx context.Context, prompt string) ([]byte, error) {
	return t.read(ctx, prompt, true)
}

// ReadLine asks for a line that is no secret. Errors are those of ReadPassphrase.
func (t *Terminal) ReadLine(ctx context.Context, prompt string) (string, error) {
	line, err := t.read(ctx, prompt, true)
	return string(line), err
}

// Confirm asks a question until the answer is yes or no. An empty answer is no.
func (t *Terminal) Confirm(ctx context.Context, question string) (bool, error) {
	for {
		answer, err := t.ReadLine(ctx, question+" [y/N] ")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true, nil
		case "", "n", "no":
			return false, nil
		}
		if err := t.Print("Please answer yes or no.\n"); err != nil {
			return false, err
		}
	}
}

// Print shows a text on the terminal. It is written as it is: the caller has made it printable.
func (t *Terminal) Print(text string) error { return t.PrintBytes([]byte(text)) }

// PrintBytes is Print for a text that the caller clears.
func (t *Terminal) PrintBytes(text []byte) error {
	if _, err := t.out.Write(text); err != nil {
		return fmt.Errorf("write to the terminal: %w", err)
	}
	return nil
}
