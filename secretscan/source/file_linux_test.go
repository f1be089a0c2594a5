package source

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"keysweep/secretscan"
)

func TestKernelFiles(t *testing.T) {
	want, err := os.ReadFile("/proc/version")
	if err != nil {
		t.Fatal(err)
	}
	b := scanIn(t, tmp(t), FileOptions{}, "/proc/version")
	if g := b.blobs["/proc/version"]; g.content != string(want) || g.err != nil || len(want) == 0 {
		t.Errorf("/proc/version gives %+v", g)
	}
	r, err := openFile("/proc/self/mem", "mem", new(rooms)) // reading at 0 fails: nothing is mapped there
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if p := problemIn(t, err); p.Op != "read" || p.Err != "input/output error" {
		t.Errorf("/proc/self/mem: %+v", p)
	}
}

func TestKernelFileSystemIsLeftOut(t *testing.T) {
	b := newBasket()
	w := newWalker(FileOptions{Dir: "/", Jobs: 1}, b)
	w.doDir(t.Context(), task{tree: &tree{dir: "/", claim: "/"}, rel: "proc/", dev: 1})
	b.wantSkips(t, skipKernel, "proc")
	if _, more := w.queue.pop(); more {
		t.Error("directories of /proc are queued")
	}
	self := "/proc/" + strconv.Itoa(os.Getpid()) + "/task"
	w.doDir(t.Context(), task{tree: &tree{dir: self, claim: self}, top: true})
	if len(b.problems) != 0 {
		t.Errorf("problems: %v", b.problems)
	}
	if _, more := w.queue.pop(); !more {
		t.Error("as a target it is not walked")
	}
}

func TestNothingStaysOpen(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "packed", "PK\x03\x04\x00\x00")
	write(t, dir, "text", "text")
	mkfifo(t, filepath.Join(dir, "fifo"))
	before := openFiles(t)
	for range 20 {
		for _, name := range []string{"packed", "text", "fifo", "missing", strings.Repeat("d/", 4000)} {
			r, err := openFile(filepath.Join(dir, name), name, new(rooms))
			var skip *secretscan.SkipError
			switch {
			case err == nil:
				_ = r.Close()
			case name == "packed" && !errors.As(err, &skip):
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files are open, %d were before", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestLinksOnTheWay puts a link to elsewhere in the place of a directory whose entries are waiting: what it leads to is not read.
func TestLinksOnTheWay(t *testing.T) {
	outside := tmp(t)
	write(t, outside, "b", "outside")
	write(t, outside, "sub/c", "outside")
	for _, repository := range []bool{false, true} {
		dir := tmp(t)
		files := []string{"top/a", "top/b", "top/sub/c"}
		if repository {
			repo(t, dir, files...)
		}
		for _, name := range files {
			write(t, dir, name, "inside")
		}
		b := newBasket()
		b.before = func(shown string) {
			if shown == gitConfig {
				return
			}
			_ = os.Rename(filepath.Join(dir, "top"), filepath.Join(dir, "was"))
			_ = os.Symlink(outside, filepath.Join(dir, "top"))
		}
		if err := Files(targets("."), FileOptions{Dir: dir, Jobs: 1, Unsized: true, Environ: gitEnviron()}).Walk(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		for name, g := range b.blobs {
			if g.content == "outside" {
				t.Errorf("repository %v: %s was read from elsewhere", repository, name)
			}
		}
		said := b.problems["top/sub"].Err
		if g := b.blobs["top/sub/c"]; g.err != nil {
			said = problemIn(t, g.err).Err
		}
		if said != errLinked.Error() {
			t.Errorf("repository %v: the link gives %q, %+v", repository, said, b.problems)
		}
	}
}

func TestOpenReal(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "d/f", "f")
	for link, to := range map[string]string{"l": "d", "d/l": "f"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]func(error) bool{
		"d/f": func(err error) bool { return err == nil },
		"d/l": isLinkError,
		"l/f": func(err error) bool { return errors.Is(err, errLinked) },
		"l/x": func(err error) bool { return errors.Is(err, errLinked) },
		"d/x": isGone,
	} {
		h, err := openReal(filepath.Join(dir, name))
		if err == nil {
			_ = h.Close()
		}
		if !want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	write(t, dir, "d/sub/f", "f")
	for name, want := range map[string]error{"l": syscall.ENOTDIR, "l/sub": errLinked, "d/sub": nil} {
		opened, err := openDirectory(filepath.Join(dir, name))
		if err == nil {
			opened.close()
		}
		if !errors.Is(err, want) {
			t.Errorf("the directory %s: %v", name, err)
		}
	}
}
