//go:build linux

package acceptance

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// snapshot is a tree of files in memory, to put back.
type snapshot struct{ files []snapped }

type snapped struct {
	path  string
	mode  fs.FileMode
	data  []byte
	mtime time.Time
}

func take(t *testing.T, roots ...string) (s snapshot) {
	t.Helper()
	for _, root := range roots {
		must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			f := snapped{path: path, mode: info.Mode(), mtime: info.ModTime()}
			if info.Mode().IsRegular() {
				f.data, err = os.ReadFile(path)
			}
			s.files = append(s.files, f)
			return err
		}))
	}
	return s
}

// put brings back what was there, and removes what was not.
func (s snapshot) put(t *testing.T, roots ...string) {
	t.Helper()
	for _, root := range roots {
		must(t, os.RemoveAll(root))
	}
	for _, f := range s.files {
		if f.mode.IsDir() {
			must(t, os.MkdirAll(f.path, 0o700))
		} else {
			must(t, os.WriteFile(f.path, f.data, 0o600))
		}
	}
	for _, f := range slices.Backward(s.files) {
		must(t, os.Chmod(f.path, f.mode.Perm()))
		must(t, os.Chtimes(f.path, f.mtime, f.mtime))
	}
}
