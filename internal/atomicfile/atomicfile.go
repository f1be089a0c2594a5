// Package atomicfile writes files that a user cares about so that a crash, a full disk or an interrupt leaves either the old
// content or the new, never a part.
//
// Start at Write, which replaces a file, Stream, which does so from a function, and Create, which never replaces one. All
// three sync the file and, where the system can, its directory before they return. They may be called concurrently; the last
// rename wins.
//
// What a failure leaves: nothing new. What a killed process can leave: a file named ".NAME.*.tmp", mode 0600, beside
// the target, which nothing ever reads again.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the content of the file at path, or creates it, with exactly the permissions perm (the umask plays no part;
// on Windows only the owner's write bit counts).
//
// If path is a symbolic link to a regular file, that file is replaced and the link stays. Any other thing at path, a dangling
// link, a directory, a device or a FIFO, is refused. A hard link of the old file keeps the old content.
func Write(path string, data []byte, perm fs.FileMode) error {
	return Stream(path, perm, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Stream is Write with the content written by fill, for content too long to hold. If fill fails, its error is returned,
// wrapped, and the old file stays as it was.
func Stream(path string, perm fs.FileMode, fill func(io.Writer) error) error {
	target, err := resolve(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := beside(target, perm, fill, os.Rename); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// Create makes a new file at path with exactly the permissions perm. Whatever is at path already, a dangling symbolic link
// included, is left alone and makes an error that is fs.ErrExist. A killed process leaves the whole file at path or nothing;
// on a file system that can neither link nor rename without replacing, an empty file is a third possibility.
func Create(path string, data []byte, perm fs.FileMode) error {
	if _, err := os.Lstat(path); err == nil { // before a temporary file comes and goes; place makes sure
		return fmt.Errorf("create %s: %w", path, fs.ErrExist)
	}
	err := beside(path, perm, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}, func(temp, target string) error { return place(temp, target, ways()) })
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	return nil
}

// SyncDir makes the names in a directory durable, after files were linked, renamed or removed there.
func SyncDir(dir string) error { return syncDir(dir) }

// resolve returns the path of the regular file to replace, or path itself if nothing is there yet.
func resolve(path string) (string, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if err != nil {
		return "", err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return "", fmt.Errorf("symbolic link leads nowhere: %w", err)
		}
		if info, err = os.Lstat(path); err != nil {
			return "", err
		}
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("not a regular file but %s", info.Mode().Type())
	}
	return path, nil
}

// beside fills a temporary file beside target, which move brings there.
func beside(target string, perm fs.FileMode, fill func(io.Writer) error, move func(temp, target string) error) error {
	dir, name := filepath.Split(target)
	if dir == "" {
		dir = "."
	}
	// CreateTemp opens with O_EXCL and mode 0600, so that neither a waiting symbolic link nor another user gets the content.
	f, err := os.CreateTemp(dir, "."+name+".*.tmp")
	if err != nil {
		return err
	}
	kept := false
	defer func() { // also when fill panics
		if !kept {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := finish(f, perm, fill); err != nil {
		return err
	}
	if err := move(f.Name(), target); err != nil {
		return err
	}
	kept = true
	return syncDir(dir)
}

// finish fills, syncs and closes f, and gives it its permissions.
func finish(f *os.File, perm fs.FileMode, fill func(io.Writer) error) error {
	err := fill(f)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Chmod(perm)
	}
	return errors.Join(err, f.Close())
}
