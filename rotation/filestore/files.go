package filestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keysweep/internal/atomicfile"
)

const ageSuffix = ".age"

// readFile reads a regular file of limit bytes at most. A file that is not there is fs.ErrNotExist.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Lstat(path) // before it is opened: a FIFO would block
	if err != nil {
		return nil, &fileError{path: path, err: bare(err)}
	}
	if !info.Mode().IsRegular() {
		return nil, &fileError{path: path, err: errors.New("it is not a regular file"), do: "see what it is, and take it away"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &fileError{path: path, err: bare(err)}
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, &fileError{path: path, err: bare(err)}
	}
	if int64(len(data)) > limit {
		return nil, &fileError{path, fmt.Errorf("%w: more than %d bytes", errTooLong, limit), "put it back from a backup"}
	}
	return data, nil
}

// errTooLong says that a file is larger than keysweep makes it.
var errTooLong = errors.New("it is too large")

// bare takes the path off an error, where the path is said anyway.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// ageFiles returns the names of all files in dir that could be items or the head.
func ageFiles(dir string) (map[string]bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &fileError{path: dir, err: bare(err)}
	}
	names := map[string]bool{}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ageSuffix) && name != identityFile && name != headFile && name[0] != '.' {
			names[name] = true
		}
	}
	return names, nil
}

// sweep takes away what killed processes left of files that they had not finished. Nobody else writes meanwhile: the caller has
// the lock.
func sweep(dir string, belongs func(target string) bool) {
	for _, file := range atomicfile.Litter(dir, belongs) {
		_ = os.Remove(file) // it is only litter
	}
}

// remove deletes a file and makes that last. A file that is not there is no error.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fileError{path: path, err: bare(err)}
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every system can; the name is gone all the same
		_ = dir.Close()
	}
	return nil
}
