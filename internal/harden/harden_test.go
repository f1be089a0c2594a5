//go:build unix

package harden

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNoCoreDump crashes this test binary as another process, which would dump core without Process.
func TestNoCoreDump(t *testing.T) {
	if os.Getenv("HARDEN_CRASH") != "" {
		if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 1 << 30, Max: 1 << 30}); err != nil && !errors.Is(err, unix.EPERM) {
			t.Fatal(err)
		}
		if os.Getenv("HARDEN_CRASH") == "hardened" {
			if err := Process(); err != nil {
				t.Fatal(err)
			}
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {}
	}
	child := exec.Command(os.Args[0], "-test.run=^TestNoCoreDump$")
	child.Dir = t.TempDir()
	child.Env = append(os.Environ(), "HARDEN_CRASH=hardened", "GOTRACEBACK=crash")
	err := child.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("the child did not crash: %v", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.CoreDump() {
		t.Error("core dumped")
	}
	if left, _ := filepath.Glob(filepath.Join(child.Dir, "*core*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestTakesEffect asks the kernel, in another process, so that this one stays as it is.
func TestTakesEffect(t *testing.T) {
	if os.Getenv("HARDEN_ASK") == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestTakesEffect$")
		child.Env = append(os.Environ(), "HARDEN_ASK=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	var before, limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	if err := Process(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != before.Max {
		t.Errorf("limit %+v, %v; it was %+v, and a program started later could not be given that back", limit, err, before)
	}
	if runtime.GOOS == "linux" {
		checkDumpable(t)
	}
	if err := Process(); err != nil {
		t.Errorf("a second time: %v", err)
	}
	// What is open already can still be read, by its number.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	if n, err := syscall.Read(int(r.Fd()), make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("read from a descriptor: %d, %v", n, err)
	}
}
