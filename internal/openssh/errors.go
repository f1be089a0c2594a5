package openssh

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Class is a kind of trouble with a host.
type Class string

// The kinds of trouble.
const (
	Unreachable    Class = "unreachable"      // no connection was made, or it broke before the login
	HostKeyUnknown Class = "host key unknown" // nobody has said that the host is the right one
	HostKeyChanged Class = "host key changed" // the host shows another key than the one that is known
	Refused        Class = "refused"          // the host lets us in with none of the keys at hand
	RemoteFailed   Class = "remote failure"   // the host let us in, and what was to be done there failed
	TimedOut       Class = "timeout"          // the time given was over
	Failed         Class = "ssh failed"       // anything else: a configuration that ssh does not take, for instance
)

// Error is a connection that failed.
type Error struct {
	Target Target
	Class  Class
	Said   string // what ssh or the host said, a few lines at most, fit for a terminal
	Status int    // exit code of the remote command, where Class is RemoteFailed
	Err    error  // usually an *exec.ExitError, or the context's error
	Forget string // the command that forgets the host key, where Class is HostKeyChanged; "" if ssh did not say
}

// Error names the host and the kind of trouble, and quotes what was said.
func (e *Error) Error() string {
	what := map[Class]string{
		Unreachable: "cannot be reached", HostKeyUnknown: "its host key is not known", HostKeyChanged: "ITS HOST KEY HAS CHANGED",
		Refused: "lets us in with none of the keys at hand", TimedOut: "took too long to answer", Failed: "ssh failed",
		RemoteFailed: fmt.Sprintf("the remote command failed (exit code %d)", e.Status),
	}[e.Class]
	if said := strings.ReplaceAll(e.Said, "\n", "; "); said != "" {
		return fmt.Sprintf("%s: %s: %s", e.Target, what, said)
	}
	return fmt.Sprintf("%s: %s", e.Target, what)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do next.
func (e *Error) Hint() string {
	login := "ssh"
	for _, arg := range e.Target.args() {
		if arg != "--" {
			login += " " + shellWord(arg)
		}
	}
	switch e.Class {
	case Unreachable, TimedOut:
		return "see whether this works: " + login + " true"
	case HostKeyUnknown:
		return "log in once and compare the fingerprint that it shows: " + login + " (or take it on trust with --accept-new)"
	case HostKeyChanged:
		return "find out why before anything else: the host was set up again, or somebody stands in between. Then: " + cmp.Or(e.Forget, "ssh-keygen -R "+shellWord(e.Target.Host))
	case Refused:
		if strings.Contains(e.Said, "Too many authentication failures") {
			return "too many keys are offered: name the right one with --via KEY"
		}
		return "name a key that works with --via KEY, or load it into ssh-agent with ssh-add"
	}
	return ""
}

// connectionError makes the error for an ssh that ended with err after saying what is in said.
func connectionError(ctx context.Context, target Target, said *note, err error) error {
	e := &Error{Target: target, Class: Failed, Said: said.String(), Err: err}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		e.Class, e.Err = TimedOut, context.DeadlineExceeded
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !errors.As(err, &exit):
	case exit.ExitCode() != sshFailure:
		e.Class, e.Status = RemoteFailed, exit.ExitCode()
	default:
		e.Class = classify(string(said.kept))
	}
	if e.Class == HostKeyChanged {
		e.Forget = said.forget()
	}
	return e
}

// shellWord writes a word for a person to copy, in quotation marks only where a shell needs them.
func shellWord(word string) string {
	if strings.ContainsAny(word, "[]\\*?~%!") {
		return quote(word)
	}
	return word
}

// sshFailure is the exit code by which ssh says that it, and not the remote command, failed (ssh(1), EXIT STATUS).
const sshFailure = 255

// phrases are how ssh words each kind of trouble (OpenSSH 7 to 10: sshconnect.c, sshconnect2.c, packet.c, misc.c). The first
// that is found counts.
var phrases = []struct {
	text  string
	class Class
}{
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", HostKeyChanged},
	{"Offending ", HostKeyChanged},
	{"REVOKED HOST KEY", HostKeyChanged},
	{"host key is known for", HostKeyUnknown},
	{"Host key verification failed", HostKeyUnknown},
	{"Permission denied (", Refused},
	{"Too many authentication failures", Refused},
	{"No more authentication methods", Refused},
	{"Could not resolve hostname", Unreachable},
	{"Connection refused", Unreachable},
	{"Connection timed out", Unreachable},
	{"Operation timed out", Unreachable},
	{"No route to host", Unreachable},
	{"Network is unreachable", Unreachable},
	{"Connection closed", Unreachable},
	{"Connection reset", Unreachable},
	{"kex_exchange_identification", Unreachable},
	{"banner exchange", Unreachable},
	{"Unable to negotiate", Unreachable},
	{"not responding", Unreachable},
	{"Broken pipe", Unreachable},
	{"Connection to ", Unreachable},
}

func classify(said string) Class {
	for _, p := range phrases {
		if strings.Contains(said, p.text) {
			return p.class
		}
	}
	return Failed
}
