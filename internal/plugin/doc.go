// Package plugin runs the plugins that replace credentials at their providers, as package keysweep/plugin describes. Start at
// Runner.
//
// A plugin gets secrets, so that only the program that the user pinned is run: its file and the directories above it may be
// changed by the user and root alone, and the bytes that are run have the pinned SHA-256. They are copied into a directory that
// only the user can enter, summed while they are copied, and the copy is run and removed. That is the same on all systems: a
// descriptor of a file that was summed (fexecve, /proc/self/fd) cannot be used, since a process that has switched off its core
// dumps may not open its own /proc, and a file that stays in its place could be changed between the look and the run. What a
// script's first line names, and what a program loads besides, is not pinned.
//
// The plugin sees a settled environment, no terminal, and neither arguments nor variables with secrets. It is the leader of a
// group of processes which is killed when its time is over or the caller's context ends.
package plugin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"keysweep/internal/owned"
)

// maxProgram is the most that a plugin may take, in bytes; ours, with the SDK of AWS, take 20 MB.
const maxProgram = 256 << 20

// Sum returns the SHA-256 of a plugin's file, in hex, after the same look at the file as before a run.
func Sum(path string) (string, error) {
	f, err := open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	return copySum(io.Discard, f)
}

// TrustError says that others than the user and root could change a plugin.
type TrustError struct{ Path, What string }

// Error says what is open to whom.
func (e *TrustError) Error() string { return fmt.Sprintf("plugin %s %s", e.Path, e.What) }

// Hint says what to do.
func (e *TrustError) Hint() string {
	return "install it where only root or you can write, for example: install -m 0755 FILE /usr/local/lib/keysweep/"
}

// open opens a plugin's file after a look at who can change it.
func open(path string) (*os.File, error) {
	f, err := owned.Open(path)
	if exposed, ok := errors.AsType[*owned.Error](err); ok {
		return nil, &TrustError{path, strings.TrimPrefix(exposed.Error(), path+" ")}
	}
	if err != nil {
		return nil, fmt.Errorf("open plugin: %w", err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.Size() > maxProgram:
		err = &TrustError{path, fmt.Sprintf("is larger than %d MB", maxProgram>>20)}
	case info.Mode().Perm()&0o111 == 0 && runtime.GOOS != "windows":
		err = &TrustError{path, "is not executable"}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func copySum(to io.Writer, from io.Reader) (string, error) {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, h), io.LimitReader(from, maxProgram+1))
	if err == nil && n > maxProgram {
		err = fmt.Errorf("it is larger than %d MB", maxProgram>>20)
	}
	if err != nil {
		return "", fmt.Errorf("read plugin: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// SumError says that a plugin is not the one that was pinned.
type SumError struct{ Name, Path, Want, Got string }

// Error says what differs.
func (e *SumError) Error() string {
	return fmt.Sprintf("plugin %s: %s is not the program that was pinned: its SHA-256 is %s, and not %s", e.Name, e.Path, e.Got, e.Want)
}

// Hint says what to do.
func (e *SumError) Hint() string {
	return "if you have replaced it yourself, pin it anew: keysweep cred plugin pin " + e.Path
}

// stage makes the copy that is run, and returns its path and a function that removes it.
func (r *Runner) stage(ctx context.Context) (string, func(), error) {
	f, err := open(r.Path)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = f.Close() }()
	if err := ctx.Err(); err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(r.Scratch, 0o700); err != nil {
		return "", nil, fmt.Errorf("copy plugin: %w", err)
	}
	dir, err := os.MkdirTemp(r.Scratch, copies) // mode 0700
	if err != nil {
		return "", nil, fmt.Errorf("copy plugin: %w", err)
	}
	sweep(r.Scratch, dir)
	remove := func() { _ = os.RemoveAll(dir) }
	path := filepath.Join(dir, filepath.Base(f.Name()))
	sum, err := copyTo(path, f)
	if err == nil && !strings.EqualFold(sum, r.SHA256) {
		err = &SumError{r.Name, r.Path, strings.ToLower(r.SHA256), sum}
	}
	if err != nil {
		remove()
		return "", nil, err
	}
	return path, remove, nil
}

// copies begins the names of the directories with copies; forgotten is how much older than a new one is one that a killed process has left: far
// longer than a step may take.
const (
	copies    = "plugin-"
	forgotten = 24 * time.Hour
)

// sweep takes away the copies in a directory that are forgotten, by the file system's clock. What cannot be removed is in nobody's way.
func sweep(scratch, fresh string) {
	now, err := os.Stat(fresh)
	if err != nil {
		return
	}
	entries, err := os.ReadDir(scratch)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), copies) && now.ModTime().Sub(info.ModTime()) > forgotten {
			_ = os.RemoveAll(filepath.Join(scratch, e.Name()))
		}
	}
}

func copyTo(path string, from io.Reader) (string, error) {
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o500)
	if err != nil {
		return "", fmt.Errorf("copy plugin: %w", err)
	}
	sum, err := copySum(to, from)
	return sum, errors.Join(err, to.Close())
}
