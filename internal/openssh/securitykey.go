package openssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SecurityKeyKinds returns the kinds of key that live on a security device (FIDO).
func SecurityKeyKinds() []string { return []string{"ed25519-sk", "ecdsa-sk"} }

// DeviceError says that no security device made a key.
type DeviceError struct {
	Said string // by ssh-keygen, fit for a terminal
}

// Error quotes ssh-keygen.
func (e *DeviceError) Error() string { return "no security device made a key: " + e.Said }

// Hint says what may be the matter.
func (e *DeviceError) Hint() string {
	return "plug the device in, touch it when it blinks, and see that no other program uses it"
}

// GenerateSecurityKey has ssh-keygen make a key of a kind on a security device, and returns its private key file, without a
// passphrase: it holds a handle that is of no use without the device. ssh-keygen talks to the person on talk, and asks for the
// device's PIN on the terminal. dir is where a directory for the file is made, which is gone when the function returns.
func (t *Tools) GenerateSecurityKey(ctx context.Context, kind, dir string, talk io.Writer) (private []byte, err error) {
	if !slices.Contains(SecurityKeyKinds(), kind) {
		return nil, fmt.Errorf("%q is no kind of key for a security device", kind)
	}
	scratch, err := os.MkdirTemp(dir, ".keysweep-*.tmp") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("make a key on a security device: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	file := filepath.Join(scratch, "key")
	cmd, err := t.command(ctx, "ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", file)
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = nil // it needs the terminal, which a session of its own would not have
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	var said note
	cmd.Stdout, cmd.Stderr = talk, io.MultiWriter(talk, &said)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("ssh-keygen: %w", context.Cause(ctx))
		}
		lines := strings.Split(said.String(), "\n")
		return nil, &DeviceError{Said: lines[len(lines)-1]}
	}
	return os.ReadFile(file)
}
