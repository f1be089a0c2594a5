//go:build unix

package cli

import (
	"os"
	"syscall"
	"testing"
)

// A policy file that everybody may write, that would block or has no end is refused, and so is an exemption up to the date that stands for no
// date.
func TestPolicyFilesThatAreRefused(t *testing.T) {
	const name, until = ".config/keysweep/policy.toml", "[[rotation.exempt]]\nkey = 'a'\nreason = 'b'\nuntil = "
	for what, c := range map[string]struct {
		make func(w *dueWorld) error
		code int
	}{
		"as it should be": {func(*dueWorld) error { return nil }, exitOK},
		"for everybody":   {func(w *dueWorld) error { return os.Chmod(w.path(name), 0o606) }, exitUsage},
		"a FIFO":          {func(w *dueWorld) error { return os.Remove(w.path(name)) }, exitIncomplete},
		"too large":       {func(w *dueWorld) error { return os.Truncate(w.path(name), maxPolicy+1) }, exitIncomplete},
		"no date":         {func(w *dueWorld) error { w.file(name, until+"0001-01-01\n"); return nil }, exitUsage},
	} {
		t.Run(what, func(t *testing.T) {
			w := newDueWorld(t, "here")
			w.file(".ssh/config", "")
			w.file(name, until+"2021-01-01\n")
			err := c.make(w)
			if err == nil && what == "a FIFO" {
				err = syscall.Mkfifo(w.path(name), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			w.run(c.code, "rotate-due", "--no-ledger")
		})
	}
}
