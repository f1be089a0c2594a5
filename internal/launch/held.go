package launch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// Held is a directory of secrets in files, mode 0600, for a program that needs a path. It is locked as long as this process
// lives, so that Sweep knows those whose process was killed.
type Held struct {
	dir  string
	lock *flock.Flock
}

// lockName is the lock of the directory that holds the others; inUse is the lock within each of them.
const (
	lockName = ".lock"
	inUse    = ".in-use"
	prefix   = "run-"
)

// Hold makes a directory below dir, which is made if need be. dir should be the user's own, in memory if there is such a place.
func Hold(dir string) (*Held, error) {
	var held *Held
	err := alone(dir, func() error {
		made, err := os.MkdirTemp(dir, prefix) // mode 0700
		if err != nil {
			return err
		}
		held = &Held{made, flock.New(filepath.Join(made, inUse), flock.SetPermissions(0o600))}
		ok, err := held.lock.TryLock()
		if err == nil && !ok {
			err = errors.New("somebody else has locked it")
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make a directory for secrets: %w", err)
	}
	return held, nil
}

// Add writes a secret into a file and returns its path. The name is kept as far as it can be that of a file.
func (h *Held) Add(name string, data []byte) (string, error) {
	path := filepath.Join(h.dir, strings.Map(plain, name))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("write a secret into a file: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("write a secret into a file: %w", err)
	}
	return path, nil
}

func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
		return r
	}
	return '_'
}

// Remove deletes the directory and all in it, also what the program has put there. Doing it again is no error.
func (h *Held) Remove() error {
	err := errors.Join(h.lock.Unlock(), os.RemoveAll(h.dir)) // in this order: Windows deletes nothing that is open
	if err != nil {
		return fmt.Errorf("delete the files with secrets: %w", err)
	}
	return nil
}

// Sweep deletes what Hold made below dir for processes that no longer live. If there is no such directory, it does nothing.
func Sweep(dir string) error {
	if len(leftovers(dir)) == 0 {
		return nil
	}
	return alone(dir, func() (err error) {
		for _, dead := range leftovers(dir) {
			lock := flock.New(filepath.Join(dead, inUse), flock.SetPermissions(0o600))
			if ok, lockErr := lock.TryLock(); lockErr == nil && ok {
				err = errors.Join(err, lock.Unlock(), os.RemoveAll(dead))
			}
		}
		return err
	})
}

// leftovers returns what may have been left behind, or may be in use.
func leftovers(dir string) (paths []string) {
	entries, _ := os.ReadDir(dir) // without a directory there are none
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), prefix) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

// alone does work while nobody else makes or sweeps directories: one that is made and not yet locked looks like one left behind.
func alone(dir string, work func() error) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return err
	}
	err := work()
	return errors.Join(err, lock.Unlock())
}
