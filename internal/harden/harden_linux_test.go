package harden

import (
	"testing"

	"golang.org/x/sys/unix"
)

func checkDumpable(t *testing.T) {
	t.Helper()
	if n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || n != 0 {
		t.Errorf("dumpable is %d, %v", n, err)
	}
}
