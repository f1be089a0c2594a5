package openssh

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// RevokeIn adds public keys to a key revocation list (KRL, ssh-keygen(1)) and returns the new list, after it was seen to hold
// every one of them. existing is the list so far, nil for a new one; lines are lines of .pub files. Only public
// keys lie in temporary files meanwhile. A revoked key brings its certificates down with it.
func (t *Tools) RevokeIn(ctx context.Context, existing []byte, lines [][]byte) ([]byte, error) {
	dir, err := scratch()
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	krl := filepath.Join(dir, "krl")
	args := []string{"-q", "-k", "-f", krl}
	if existing != nil {
		if err := os.WriteFile(krl, existing, 0o600); err != nil {
			return nil, fmt.Errorf("write revocation list: %w", err)
		}
		args = append(args, "-u")
	}
	files, err := publicFiles(dir, lines)
	if err != nil {
		return nil, err
	}
	if _, err := t.output(ctx, "ssh-keygen", append(args, files...)...); err != nil {
		return nil, fmt.Errorf("write revocation list: %w", err)
	}
	for i, file := range files {
		revoked, err := t.queryKRL(ctx, krl, file)
		if err != nil {
			return nil, err
		}
		if !revoked {
			return nil, fmt.Errorf("write revocation list: ssh-keygen left out the key %d of %d", i+1, len(files))
		}
	}
	return os.ReadFile(krl)
}

// RevokedIn reports whether a key revocation list names a public key, given as the line of a .pub file.
func (t *Tools) RevokedIn(ctx context.Context, krl, line []byte) (bool, error) {
	dir, err := scratch()
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "krl")
	if err := os.WriteFile(file, krl, 0o600); err != nil {
		return false, fmt.Errorf("read revocation list: %w", err)
	}
	files, err := publicFiles(dir, [][]byte{line})
	if err != nil {
		return false, err
	}
	return t.queryKRL(ctx, file, files[0])
}

// queryKRL asks ssh-keygen -Q. It ends with 1 if the key is revoked, and with 255 if it cannot tell.
func (t *Tools) queryKRL(ctx context.Context, krl, file string) (bool, error) {
	out, err := t.output(ctx, "ssh-keygen", "-Q", "-f", krl, file)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 && strings.Contains(string(out), "REVOKED") {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read revocation list: %w", err)
	}
	return false, nil
}

func publicFiles(dir string, lines [][]byte) (files []string, err error) {
	for i, line := range lines {
		file := filepath.Join(dir, fmt.Sprintf("key%d.pub", i))
		if err := os.WriteFile(file, line, 0o600); err != nil {
			return nil, fmt.Errorf("write revocation list: %w", err)
		}
		files = append(files, file)
	}
	return files, nil
}

func scratch() (string, error) {
	dir, err := os.MkdirTemp("", "keysweep-")
	if err != nil {
		return "", fmt.Errorf("directory for public keys: %w", err)
	}
	return dir, nil
}
