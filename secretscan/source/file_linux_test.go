package source

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
