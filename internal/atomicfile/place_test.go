package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestEveryWayNeverReplaces(t *testing.T) {
	for name, try := range map[string]way{"rename": renameNew, "link": linkNew, "reserve": reserve} {
		dir := t.TempDir()
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		mustWrite(t, from, "new")
		if err := try(from, to); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantContent(t, to, "new")
		wantOnly(t, dir, "to")
		mustWrite(t, from, "newer")
		if err := try(from, to); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s over a file: %v, want ErrExist", name, err)
		}
		wantContent(t, to, "new")
	}
}

func TestPlaceTriesTheNextWay(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	mustWrite(t, from, "new")
	broken := func(string, string) error { return errors.ErrUnsupported }
	if err := place(from, to, []way{broken, broken}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("no way: %v", err)
	}
	if err := place(from, to, []way{broken, reserve}); err != nil {
		t.Error(err)
	}
	wantContent(t, to, "new")
	never := func(string, string) error { t.Error("tried on after ErrExist"); return nil }
	mustWrite(t, from, "newer")
	if err := place(from, to, []way{linkNew, never}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("taken: %v", err)
	}
}

func TestReserveLeavesNothingWhenRenameFails(t *testing.T) {
	dir := t.TempDir()
	if err := reserve(filepath.Join(dir, "missing"), filepath.Join(dir, "to")); err == nil {
		t.Error("no error")
	}
	wantOnly(t, dir)
}

// TestKilledCreateLeavesAllOrNothing kills a process that makes files one after the other, again and again.
func TestKilledCreateLeavesAllOrNothing(t *testing.T) {
	content := make([]byte, 1<<16)
	for i := range content {
		content[i] = byte(i)
	}
	if dir := os.Getenv("ATOMICFILE_CREATE"); dir != "" {
		for i := 0; ; i++ {
			if err := Create(filepath.Join(dir, time.Duration(i).String()), content, 0o600); err != nil {
				os.Exit(1)
			}
		}
	}
	for i := range 20 {
		dir := t.TempDir()
		child := exec.Command(os.Args[0], "-test.run=^TestKilledCreateLeavesAllOrNothing$")
		child.Env = append(os.Environ(), "ATOMICFILE_CREATE="+dir)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+3*i) * time.Millisecond)
		_ = child.Process.Kill()
		_ = child.Wait()
		names, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if filepath.Ext(name.Name()) != ".tmp" {
				wantContent(t, filepath.Join(dir, name.Name()), string(content))
			}
		}
	}
}
