//go:build unix

package testkeyring

import (
	"testing"

	"golang.org/x/sys/unix"
)

// Freeze stops the daemon without ending it: it answers nothing until Thaw.
func (k *Keyring) Freeze(t testing.TB) { t.Helper(); k.signal(t, unix.SIGSTOP) }

// Thaw lets the daemon go on.
func (k *Keyring) Thaw(t testing.TB) { t.Helper(); k.signal(t, unix.SIGCONT) }

func (k *Keyring) signal(t testing.TB, s unix.Signal) {
	t.Helper()
	if err := k.daemon.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
