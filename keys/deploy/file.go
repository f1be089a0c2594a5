package deploy

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
)

// Host is an account on another machine.
type Host interface {
	// Run sends a script to the account's sh and returns what it prints.
	Run(ctx context.Context, script []byte) ([]byte, error)
	// Try says what the host makes of the key that is deployed. The key must be tried alone: no agent, no other key, no
	// connection that is open already.
	Try(ctx context.Context) (Outcome, error)
}

// Outcome is what a host makes of a key.
type Outcome string

// The outcomes.
const (
	Refused  Outcome = "refused"
	Accepted Outcome = "accepted"  // it would be let in; that its private half is here was not shown
	LoggedIn Outcome = "logged in" // it was let in
)

// HostError says what a host could not do.
type HostError struct{ Reason string }

// Error gives the reason.
func (e *HostError) Error() string { return e.Reason }

var (
	// ErrConflict says that the file changed each time between reading and writing it.
	ErrConflict = errors.New("authorized_keys is being changed by somebody else all the time")
	// ErrNoAnswer says that the account does not run what it is sent: it has a forced command, or no shell.
	ErrNoAnswer = errors.New("the account does not run commands in a shell (a forced command, or no login shell?)")
)

// UnfinishedError says that a host was left in a state that is not known for certain.
type UnfinishedError struct {
	What string // what is known
	Err  error  // what went wrong
}

// Error says both.
func (e *UnfinishedError) Error() string { return e.What + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *UnfinishedError) Unwrap() error { return e.Err }

// Read returns the account's authorized_keys file; nil if there is none.
func Read(ctx context.Context, h Host) ([]byte, error) {
	answer, err := ask(ctx, h, readScript)
	if err != nil {
		return nil, err
	}
	switch answer.word {
	case "absent":
		return nil, nil
	case "read":
		if answer.content == nil {
			return []byte{}, nil
		}
		return answer.content, nil
	}
	return nil, answer.trouble()
}

// attempts is how often a change is made anew because somebody else changed the file meanwhile.
const attempts = 5

// Change reads the authorized_keys file, and writes what edit makes of it, if that is something else. edit may be called
// several times: the file is written only if it is still the one that edit saw. It returns the file before and after.
func Change(ctx context.Context, h Host, edit func(old []byte) ([]byte, error)) (before, after []byte, err error) {
	for range attempts {
		if before, err = Read(ctx, h); err != nil {
			return nil, nil, err
		}
		if after, err = edit(before); err != nil {
			return before, before, err
		}
		if bytes.Equal(before, after) {
			return before, after, nil
		}
		answer, err := ask(ctx, h, swap(before, after))
		if err != nil {
			return nil, nil, &UnfinishedError{"whether authorized_keys was changed is not known; it is the old or the new one", err}
		}
		switch answer.word {
		case "done":
			return before, after, nil
		case "conflict":
			continue
		}
		return nil, nil, answer.trouble()
	}
	return nil, nil, ErrConflict
}

// swap makes the script that replaces the file.
func swap(before, after []byte) string {
	old := "absent"
	if before != nil {
		old = pattern(before)
	}
	script := strings.Replace(swapScript, "OLD)", old+")", 1)
	script = strings.Replace(script, "DIGEST)", pattern(after)+")", 1)
	return strings.Replace(script, "NEW\n", "put() {\n:\n"+quoteForPrintf(after)+"}\n", 1)
}

// answer is what the script said.
type answer struct {
	word, rest string
	content    []byte
}

func (a answer) trouble() error {
	switch a.word {
	case "busy":
		return &HostError{"another keysweep is changing authorized_keys there; if none is, remove " + a.rest}
	case "failed":
		return &HostError{a.rest}
	}
	return ErrNoAnswer
}

// ask runs a script and finds its answer among what else the host may print.
func ask(ctx context.Context, h Host, script string) (answer, error) {
	nonce := "keysweep-" + rand.Text()
	out, err := h.Run(ctx, []byte(strings.Replace(script, "NONCE", nonce, 1)))
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(out, nonce)
}

func parseAnswer(out []byte, nonce string) (answer, error) {
	mark := []byte("\n" + nonce + " ")
	i := bytes.LastIndex(out, mark)
	if i < 0 {
		return answer{}, ErrNoAnswer
	}
	line, _, whole := strings.Cut(string(out[i+len(mark):]), "\n")
	if !whole {
		return answer{}, fmt.Errorf("%w: what it said was cut off", ErrNoAnswer)
	}
	var a answer
	a.word, a.rest, _ = strings.Cut(line, " ")
	if start := bytes.Index(out, []byte("\n"+nonce+" content\n")); start >= 0 && start < i {
		a.content = out[start+len("\n"+nonce+" content\n") : i]
	}
	return a, nil
}
