// Package collect brings home what is known of a machine: of another one over ssh (Over), or of this one (Local). Both end in the same
// bundle, in which no private key and no hash of a password is.
//
// On the other machine one POSIX shell script runs, with nothing but standard tools: it needs nothing installed, writes no file, and filters
// before it sends.
package collect

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"keysweep/host"
	"keysweep/host/bundle"
	"keysweep/internal/openssh"
)

// Options of a collection over ssh.
type Options struct {
	// Version is the collector's, for the bundle.
	Version string
	// NoSudo leaves it at what the user may see. Otherwise one who may become root without being asked (sudo -n) does so for the collection; where
	// he may not, sudo can tell the machine's administrator that somebody tried.
	NoSudo bool
	// Timeout bounds all of it; 0 is five minutes.
	Timeout time.Duration
	// Via is the key to log in with; nil leaves it to ssh's configuration and the agent.
	Via *openssh.Key
}

// limit is the most that is taken from the other side, in bytes: a bundle, and a bar for each line of it.
const limit = bundle.MaxBytes + bundle.MaxBytes/4

// Over collects from another machine. It logs in as the user's own ssh does, with nothing asked: errors of the connection are *openssh.Error.
func Over(ctx context.Context, tools *openssh.Tools, target openssh.Target, o Options) (*bundle.Bundle, error) {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("%s did not answer within %s", target, timeout))
	defer cancel()
	nonce := rand.Text()
	said, err := tools.Run(ctx, target, Script(nonce, !o.NoSudo), openssh.RunOptions{Via: o.Via, Limit: limit})
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w: %w", err, cause)
		}
		return nil, err
	}
	b, err := Parse(said, nonce, o.Version)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", target, err)
	}
	return b, nil
}

// Local collects from a source, as Over does from another machine, and returns the bundle's bytes.
func Local(ctx context.Context, s host.Source, version string, uid int) ([]byte, error) {
	b, err := bundle.Collect(ctx, s, bundle.About{Host: s.Name(), Collected: s.Time(), Collector: version, UID: uid})
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := b.Write(&file); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}
