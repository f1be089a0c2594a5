package rollover

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"keysweep/internal/atomicfile"
	"keysweep/keys"
)

const (
	privateMode fs.FileMode = 0o600
	publicMode  fs.FileMode = 0o644
)

// Disk is Files on the file system. Every change is durable when its method returns.
type Disk struct {
	// Overwrite overwrites a private key, what a killed process left of it in temporary files, and removes all of it.
	Overwrite func(file string) error
	// Own gives a new file the owner that the old key's has: root may rotate another user's key, and that user must be able to
	// read the new one. Nil for leaving it.
	Own func(file string) error
}

// Fingerprint is Files'. A file that hides its public half is taken to be the key of the .pub file beside it.
func (Disk) Fingerprint(file string) (string, error) {
	data, err := readKey(file)
	if err != nil {
		return "", err
	}
	defer clear(data)
	parsed, err := keys.Parse(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	if parsed.Public != nil {
		return parsed.Public.SHA256(), nil
	}
	line, err := readKey(file + ".pub")
	if err != nil {
		return "", fmt.Errorf("%s hides its public half: %w", file, err)
	}
	public, _, err := keys.ParsePublicLine(line)
	if err != nil {
		return "", fmt.Errorf("%s.pub: %w", file, err)
	}
	return public.SHA256(), nil
}

// readKey reads a key file, which is of bounded size. The caller clears it.
func readKey(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, keys.MaxFile+1))
}

// Exists is Files'.
func (Disk) Exists(file string) (bool, error) {
	_, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Same is Files'.
func (Disk) Same(file, other string) (bool, error) {
	a, err := readKey(file)
	defer func() { clear(a) }()
	if err == nil {
		var b []byte
		b, err = readKey(other)
		defer clear(b)
		if err == nil {
			return bytes.Equal(a, b), nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return false, err
}

// Create is Files'.
func (d Disk) Create(file string, private []byte) error {
	err := tidy(file)
	if err == nil {
		err = atomicfile.Create(file, private, privateMode)
	}
	return d.own(file, err)
}

// WritePublic is Files'.
func (d Disk) WritePublic(file, line string) error {
	err := tidy(file)
	if err == nil {
		err = atomicfile.Write(file, []byte(line+"\n"), publicMode)
	}
	return d.own(file, err)
}

// own sees to the owner of a file, if that was written without an error.
func (d Disk) own(file string, err error) error {
	if err != nil || d.Own == nil {
		return err
	}
	return d.Own(file)
}

// Link is Files'. Where the file system knows no second names, it makes a copy.
func (d Disk) Link(file, second string) error {
	err := os.Link(file, second)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return errors.Join(err, syncName(second))
	}
	data, err := readKey(file)
	if err != nil {
		return err
	}
	defer clear(data)
	return d.own(second, atomicfile.Create(second, data, privateMode))
}

// Rename is Files'.
func (Disk) Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncName(to)
}

// Remove is Files'.
func (Disk) Remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncName(file)
}

// Destroy is Files'.
func (d Disk) Destroy(file string) error {
	if exists, err := d.Exists(file); !exists {
		return errors.Join(err, tidy(file))
	}
	return d.Overwrite(file)
}

// tidy removes what killed processes left of a file that they had not finished. The journal's lock says that there are no others.
func tidy(file string) error {
	for _, left := range atomicfile.Litter(filepath.Dir(file), func(name string) bool { return name == filepath.Base(file) }) {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// syncName makes a change of names durable.
func syncName(file string) error { return atomicfile.SyncDir(filepath.Dir(file)) }
