//go:build !linux

package testneed

import (
	"os"
	"testing"
)

// Modes makes the modes of files count for root, too. On this system it cannot: a test run by root is skipped.
func Modes(t testing.TB) {
	t.Helper()
	if os.Geteuid() == 0 {
		Missing(t, "a user who is not root: to root the modes of files mean nothing")
	}
}
