package openssh

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"

	"keysweep/internal/process"
)

// Outcome is what a host makes of a key.
type Outcome int

// The outcomes of Try.
const (
	// KeyRefused says that the host does not accept the key.
	KeyRefused Outcome = iota
	// KeyAccepted says that the host would accept the key; that we hold its private half was not shown, because it is not
	// here or needs a passphrase that is not known.
	KeyAccepted
	// LoggedIn says that the key, and nothing else, logged in.
	LoggedIn
)

// Try asks a host whether it accepts a key: with that key alone, over a connection of its own, and with no agent, no
// certificate, no password and no other key in play. An ssh that merely has -i KEY would be let in by any key in the agent,
// or over a connection that is open already, and prove nothing.
//
// key.File may be a .pub file: whether the host would accept the key is known before the private half is needed. No session
// is opened on the host, so no forced command runs. An error says that the question could not be put; a host that
// refuses the key is no error.
func (t *Tools) Try(ctx context.Context, target Target, key Key) (Outcome, error) {
	resolved, err := t.resolve(ctx, target)
	if err != nil {
		return KeyRefused, err
	}
	strict := *t
	strict.Config = "none"
	args := append(strict.common(), "-v", "-N", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
		"-o", "CertificateFile="+os.DevNull, "-o", "PreferredAuthentications=publickey", "-o", "PasswordAuthentication=no",
		"-o", "KbdInteractiveAuthentication=no", "-o", "GSSAPIAuthentication=no", "-o", "HostbasedAuthentication=no",
		"-o", "AddKeysToAgent=no", "-o", "UpdateHostKeys=no", "-i", escape(key.File))
	var environ []string
	if key.Passphrase != nil {
		more, stop, err := answering(t.Self, key.File, key.Passphrase)
		if err != nil {
			return KeyRefused, err
		}
		defer stop()
		environ = more
	}
	args = append(append(args, asking(environ != nil)...), resolved...)
	return strict.try(ctx, target, append(args, target.args()...), environ)
}

func (t *Tools) try(ctx context.Context, target Target, args, environ []string) (Outcome, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd, err := t.command(inner, "ssh", args...)
	if err != nil {
		return KeyRefused, err
	}
	watch := watcher{loggedIn: cancel} // there is nothing to do there: hang up
	cmd.Env = append(cmd.Env, environ...)
	cmd.Stderr = &watch
	err = process.Run(cmd)
	switch {
	case watch.seen(authenticated):
		return LoggedIn, nil
	case ctx.Err() != nil || err == nil:
		return KeyRefused, connectionError(ctx, target, &watch.note, err)
	case watch.seen(accepted):
		return KeyAccepted, nil
	}
	err = connectionError(ctx, target, &watch.note, err)
	var e *Error
	if errors.As(err, &e) && e.Class == Refused {
		return KeyRefused, nil
	}
	return KeyRefused, err
}

// What ssh -v says when a host accepts a key, and when it has let us in (OpenSSH 7 to 10, sshconnect2.c).
var (
	accepted      = [][]byte{[]byte("debug1: Server accepts key")}
	authenticated = [][]byte{[]byte("Authenticated to "), []byte("debug1: Authentication succeeded (publickey)")}
)

// watcher reads what ssh says as it comes.
type watcher struct {
	note
	mu       sync.Mutex
	loggedIn func()
}

// Write keeps what is said, and calls loggedIn at the line that says so.
func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.note.Write(p)
	if w.has(authenticated) {
		w.loggedIn()
	}
	return n, err
}

func (w *watcher) seen(any [][]byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.has(any)
}

// has looks for lines that begin with one of the texts. A host could forge them in its banner and gain nothing: whether it
// accepts the key is its own word in any case.
func (w *watcher) has(any [][]byte) bool {
	for line := range bytes.Lines(w.kept) {
		for _, text := range any {
			if bytes.HasPrefix(line, text) {
				return true
			}
		}
	}
	return false
}
