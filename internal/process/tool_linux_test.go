package process_test

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"keysweep/internal/process"
)

func TestTool(t *testing.T) {
	said, err := process.Tool(t.Context(), "env")
	if err != nil || !strings.Contains(said, "LC_ALL=C\n") || strings.Contains(said, "HOME=") {
		t.Errorf("%v: %s", err, said)
	}
	if said, err = process.Tool(t.Context(), "ls", "/no/such/place"); err == nil || !strings.Contains(said, "No such file") {
		t.Errorf("%v: %s", err, said)
	}
	if said, err = process.Tool(t.Context(), "sh", "-c", "sleep 100 & echo $!"); err != nil {
		t.Errorf("a program that leaves another one: %v", err)
	} else if pid, err := strconv.Atoi(strings.TrimSpace(said)); err != nil || syscall.Kill(pid, syscall.SIGKILL) != nil {
		t.Errorf("%q: %v", said, err)
	}
	if said, err = process.Tool(t.Context(), "head", "-c", "3000000", "/dev/zero"); err != nil || len(said) != 1<<20 {
		t.Errorf("%v, %d bytes", err, len(said))
	}
	if _, err = process.Tool(t.Context(), "keysweep-no-such-program"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
