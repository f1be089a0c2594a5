//go:build unix

package owned

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"keysweep/internal/testneed"
)

// tree is a directory with "dir/file" and "dir/to", a directory with a link "dir/link" -> "to/real", whoever runs the test and whatever the umask.
func tree(t *testing.T) string {
	t.Helper()
	base := t.TempDir()
	for _, dir := range []string{base, base + "/dir", base + "/dir/to"} {
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"/dir/file", "/dir/to/real"} {
		if err := errors.Join(os.WriteFile(base+file, []byte("content"), 0o600), os.Symlink("nothing", base+file+".dangling")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../dir/to/real", base+"/dir/link"); err != nil {
		t.Fatal(err)
	}
	return base
}

func TestOpen(t *testing.T) {
	others := func(base string) error {
		if os.Geteuid() != 0 {
			testneed.Missing(t, "root, to give files away")
		}
		return nil
	}
	for what, c := range map[string]struct {
		file   string
		change func(base string) error
		want   string // "": it opens
	}{
		"fine":                     {"dir/file", func(string) error { return nil }, ""},
		"through a link":           {"dir/link", func(string) error { return nil }, ""},
		"for everybody":            {"dir/file", func(b string) error { return os.Chmod(b+"/dir/file", 0o602) }, "everybody (mode 0602)"},
		"to be read by everybody":  {"dir/file", func(b string) error { return os.Chmod(b+"/dir/file", 0o644) }, ""},
		"directory for everybody":  {"dir/file", func(b string) error { return os.Chmod(b+"/dir", 0o777) }, "/dir can be written by everybody"},
		"directory above":          {"dir/file", func(b string) error { return os.Chmod(b, 0o757) }, "can be written by everybody"},
		"sticky directory":         {"dir/file", func(b string) error { return os.Chmod(b+"/dir", 0o777|fs.ModeSticky) }, ""},
		"link's target":            {"dir/link", func(b string) error { return os.Chmod(b+"/dir/to/real", 0o602) }, "can be written by everybody"},
		"directory of a target":    {"dir/link", func(b string) error { return os.Chmod(b+"/dir/to", 0o777) }, "/dir/to can be written by everybody"},
		"no file":                  {"dir/none", func(b string) error { return os.Chmod(b+"/dir", 0o777) }, "no such file"},
		"link to nothing":          {"dir/file.dangling", func(string) error { return nil }, "no such file"},
		"a directory":              {"dir", func(string) error { return nil }, "is no regular file"},
		"a FIFO":                   {"dir/fifo", func(b string) error { return syscall.Mkfifo(b+"/dir/fifo", 0o600) }, "is no regular file"},
		"a circle":                 {"dir/a", func(b string) error { return errors.Join(os.Symlink("b", b+"/dir/a"), os.Symlink("a", b+"/dir/b")) }, "too many"},
		"another user's":           {"dir/file", func(b string) error { return errors.Join(others(b), os.Chown(b+"/dir/file", 61234, 0)) }, "belongs to another user (61234)"},
		"another user's directory": {"dir/file", func(b string) error { return errors.Join(others(b), os.Chown(b+"/dir", 61234, 0)) }, "/dir belongs to another user"},
		"another user's link":      {"dir/link", func(b string) error { return errors.Join(others(b), os.Lchown(b+"/dir/link", 61234, 0)) }, "/dir/link belongs to another user"},
		"a strange group's": {"dir/file", func(b string) error {
			return errors.Join(others(b), os.Chown(b+"/dir/file", 0, 61234), os.Chmod(b+"/dir/file", 0o660))
		}, "can be written by its group (mode 0660)"},
	} {
		t.Run(what, func(t *testing.T) {
			base := tree(t)
			if err := c.change(base); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(base, c.file)
			f, err := Open(path)
			if err == nil {
				data, readErr := io.ReadAll(f)
				err = errors.Join(readErr, f.Close())
				if string(data) != "content" {
					t.Errorf("read %q", data)
				}
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			var open *Error
			if errors.As(err, &open) && (open.Hint() == "" || !strings.HasPrefix(err.Error(), path)) {
				t.Errorf("error %v, hint %q: want the path and a hint", err, open.Hint())
			}
			if checked := Check(path); err == nil && checked != nil {
				t.Errorf("it opens, and Check says %v", checked)
			}
		})
	}
}

// TestUnmappedOwner wants nobody to be told to become nobody.
func TestUnmappedOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Missing(t, "root, to give files away")
	}
	base := tree(t)
	if err := os.Chown(base+"/dir", unmapped, 0); err != nil {
		t.Fatal(err)
	}
	var open *Error
	if err := Check(base + "/dir/file"); !errors.As(err, &open) || !strings.Contains(open.Hint(), "user namespace") {
		t.Errorf("%v, hint %q", err, open.Hint())
	}
}

func TestRelative(t *testing.T) {
	var open *Error
	if err := Check("dir/file"); !errors.As(err, &open) || open.Hint() == "" {
		t.Errorf("a relative path: %v", err)
	}
}

// TestPrivateGroup has a file that the user's own group may write: that nobody else is in it is for the system's files to say.
func TestPrivateGroup(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	base := tree(t)
	gid, err := strconv.Atoi(me.Gid)
	if err == nil {
		err = errors.Join(os.Chown(base+"/dir/file", -1, gid), os.Chmod(base+"/dir/file", 0o660))
	}
	if err != nil {
		t.Fatal(err)
	}
	err = Check(base + "/dir/file")
	if os.Geteuid() == 0 && runtime.GOOS == "linux" {
		if err != nil {
			t.Errorf("root's own group: %v", err)
		}
	} else if err != nil && !strings.Contains(err.Error(), "its group") {
		t.Error(err)
	}
}
