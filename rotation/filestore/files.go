package filestore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keysweep/internal/atomicfile"
	"keysweep/rotation/internal/smallfile"
)

const ageSuffix = ".age"

// ageFiles returns the names of all files in dir that could be items or the head.
func ageFiles(dir string) (map[string]bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &smallfile.Error{Path: dir, Err: smallfile.Bare(err)}
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
		return &smallfile.Error{Path: path, Err: smallfile.Bare(err)}
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every system can; the name is gone all the same
		_ = dir.Close()
	}
	return nil
}
