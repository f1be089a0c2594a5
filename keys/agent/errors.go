package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

var (
	// ErrNone says that no agent is running, as far as the environment tells.
	ErrNone = errors.New("no ssh-agent: SSH_AUTH_SOCK is not set")
	// ErrUnreachable says that nobody listens where an agent should.
	ErrUnreachable = errors.New("no ssh-agent listens there")
	// ErrSilent says that an agent took the connection and did not answer.
	ErrSilent = errors.New("the ssh-agent does not answer")
	// ErrRefused says that the agent answered no. It gives no reason.
	ErrRefused = errors.New("the ssh-agent refused")
	// ErrNotHeld says that the agent does not hold a key.
	ErrNotHeld = errors.New("the ssh-agent does not hold this key")
)

// Error is what went wrong with an agent, with what to do about it.
type Error struct {
	op   string
	err  error
	hint string
}

// Error names the operation and the cause.
func (e *Error) Error() string {
	if e.op == "" {
		return e.err.Error()
	}
	return e.op + ": " + e.err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.err }

// Hint says what to do next.
func (e *Error) Hint() string { return e.hint }

const startOne = `start one: eval "$(ssh-agent)"`

func unreachable(ctx context.Context, socket string, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Canceled
	case ctx.Err() != nil:
		return silent(ctx, "connect to the agent", socket)
	case errors.Is(err, fs.ErrPermission):
		return &Error{"connect to the agent at " + socket, err, "the agent belongs to another user: " + startOne}
	}
	return &Error{"connect to the agent at " + socket, fmt.Errorf("%w: %w", ErrUnreachable, err), "SSH_AUTH_SOCK may be left over from an old session; " + startOne}
}

func silent(ctx context.Context, op, socket string) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	return &Error{op, fmt.Errorf("%w (%s)", ErrSilent, socket), "does it wait for you to unlock it? see: ssh-add -l"}
}

// explain tells a refusal from a broken connection. The library has no value for either.
func (c *Client) explain(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case err.Error() == "agent: failure" || strings.HasPrefix(err.Error(), "agent: failed to list"):
		return &Error{op, ErrRefused, "it may be locked (ssh-add -X), or not know this kind of key, lifetime or confirmation"}
	}
	return &Error{op, fmt.Errorf("%s: %w", c.socket, err), "see: ssh-add -l"}
}
