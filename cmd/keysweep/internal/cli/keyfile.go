package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"keysweep/internal/atomicfile"
)

// The modes of keys and of what holds them, as ssh wants them.
const (
	keyDirMode  fs.FileMode = 0o700
	keyFileMode fs.FileMode = 0o600
	pubFileMode fs.FileMode = 0o644
)

// writeNewKey writes a key pair: the private file first, then path.pub. The directory is made if it is not there. Nothing is
// ever overwritten; what is there already makes an error that is fs.ErrExist. If only the private file could be written, the
// error is a *halfKeyError.
func writeNewKey(path string, private, pub []byte) error {
	if err := freeForKey(path); err != nil {
		return err
	}
	if err := makeKeyDir(filepath.Dir(path)); err != nil {
		return err
	}
	if err := atomicfile.Create(path, private, keyFileMode); err != nil {
		return err
	}
	if err := atomicfile.Create(path+".pub", pub, pubFileMode); err != nil {
		return &halfKeyError{path, err}
	}
	return nil
}

// freeForKey refuses names that are taken. It is asked before a passphrase is; writing asks again, by the file system.
func freeForKey(path string) error {
	for _, name := range []string{path, path + ".pub"} {
		_, err := os.Lstat(name)
		switch {
		case err == nil:
			return usagef("name another file; to look at it: keysweep key inspect "+shellWord(name),
				"%s is there, and keys are never overwritten: %w", name, fs.ErrExist)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("look at %s: %w", name, err)
		}
	}
	return nil
}

// makeKeyDir makes a directory for keys. One that is there is left as it is.
func makeKeyDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil { // as mkdir -p: only the last one is for keys alone
		return fmt.Errorf("make %s: %w", filepath.Dir(dir), err)
	}
	if err := os.Mkdir(dir, keyDirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	return nil
}

// halfKeyError says that the private key is there and its public half could not be written.
type halfKeyError struct {
	path string
	err  error
}

func (e *halfKeyError) Error() string {
	return fmt.Sprintf("the private key is in %s, but its public half could not be written: %v", e.path, e.err)
}
func (e *halfKeyError) Unwrap() error { return e.err }

// Hint says how to make the missing half.
func (e *halfKeyError) Hint() string { return "ssh-keygen -y -f " + e.path + " > " + e.path + ".pub" }
