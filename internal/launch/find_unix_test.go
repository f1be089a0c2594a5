//go:build unix

package launch

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"keysweep/internal/testneed"
)

// tree makes a directory with programs, files that are none, and a directory of the name of one.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"a/tool", "b", "c", "here"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"b/tool": 0o755, "c/tool": 0o755, "b/locked": 0o644, "c/both": 0o755, "b/both": 0o644, "here/mine": 0o755} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	testneed.Modes(t)
	dir := tree(t)
	path := "PATH=" + dir + "/none:" + dir + "/b/tool:" + dir + "/a:" + dir + "/b::" + dir + "/c"
	here := filepath.Join(dir, "here")
	for _, c := range []struct {
		name, want string
		environ    []string
		code       int
	}{
		{"tool", dir + "/b/tool", []string{path}, 0}, // not the directory in a
		{"both", dir + "/c/both", []string{path}, 0}, // not the one that may not be executed
		{"mine", here + "/mine", []string{path}, 0},  // an empty place is where one is
		{"mine", here + "/mine", []string{"PATH="}, 0},
		{"tool", dir + "/c/tool", []string{path, "PATH=" + dir + "/c"}, 0}, // the last one counts
		{"./mine", here + "/mine", []string{"PATH=/none"}, 0},
		{"../b/tool", dir + "/b/tool", nil, 0},
		{dir + "/c/tool", dir + "/c/tool", nil, 0},
		{"sh", "/bin/sh", nil, 0}, // without PATH
		{"locked", "", []string{path}, CodeNotExecutable},
		{"../b/locked", "", nil, CodeNotExecutable},
		{dir + "/a/tool", "", nil, CodeNotExecutable}, // a directory
		{"gone", "", []string{path}, CodeNotFound},
		{"./gone", "", []string{path}, CodeNotFound},
		{"../b/tool/x", "", nil, CodeNotFound},
		{"", "", []string{path}, CodeNotFound},
	} {
		got, err := Find(c.name, here, c.environ)
		var e *Error
		if c.code != 0 {
			if !errors.As(err, &e) || e.Code != c.code {
				t.Errorf("Find(%q, %q) = %q, %v; want code %d", c.name, c.environ, got, err, c.code)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("Find(%q, %q) = %q, %v; want %q", c.name, c.environ, got, err, c.want)
		}
	}
}
