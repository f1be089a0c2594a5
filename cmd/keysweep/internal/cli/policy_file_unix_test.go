//go:build unix

package cli

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"keysweep/internal/testneed"
)

// A policy file that everybody may write, that would block or has no end is refused, and so is an exemption up to the date that stands for no
// date.
func TestPolicyFilesThatAreRefused(t *testing.T) {
	const name, until = ".config/keysweep/policy.toml", "[[rotation.exempt]]\nkey = 'a'\nreason = 'b'\nuntil = "
	for what, c := range map[string]struct {
		make func(w *dueWorld) error
		code int
	}{
		"as it should be":   {func(*dueWorld) error { return nil }, exitOK},
		"for everybody":     {func(w *dueWorld) error { return os.Chmod(w.path(name), 0o606) }, exitUsage},
		"its directory":     {func(w *dueWorld) error { return os.Chmod(w.path(".config/keysweep"), 0o777) }, exitUsage},
		"a directory above": {func(w *dueWorld) error { return os.Chmod(w.path(".config"), 0o757) }, exitUsage},
		"a FIFO":            {func(w *dueWorld) error { return os.Remove(w.path(name)) }, exitUsage},
		"too large":         {func(w *dueWorld) error { return os.Truncate(w.path(name), maxPolicy+1) }, exitIncomplete},
		"no date":           {func(w *dueWorld) error { w.file(name, until+"0001-01-01\n"); return nil }, exitUsage},
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

// TestPolicyOfAnother has root run keysweep with the home of another user, as sudo does where HOME is kept: what that user's policy says is not
// done as root, and why is said. The policy of a directory that is not there is none, whoever might make it.
func TestPolicyOfAnother(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Missing(t, "root, to give files away")
	}
	const name = ".config/keysweep/policy.toml"
	for what, path := range map[string]string{"file": name, "directory": ".config/keysweep", "home": ""} {
		w := newDueWorld(t, "here")
		w.file(".ssh/config", "")
		w.file(name, "[keys]\nmax_age = '90d'\n")
		if err := os.Chown(w.path(path), 61234, 61234); err != nil {
			t.Fatal(err)
		}
		w.run(exitUsage, "rotate-due", "--no-ledger")
		_, err := readPolicyFile(w.path(name))
		if err == nil || !strings.Contains(err.Error(), "belongs to another user (61234)") || !strings.Contains(err.Error(), "is not followed") ||
			!strings.Contains(hintOf(err), "use it as 61234") {
			t.Errorf("%s: %v, hint %q", what, err, hintOf(err))
		}
		if err := os.Remove(w.path(name)); err != nil {
			t.Fatal(err)
		}
		w.run(exitOK, "rotate-due", "--no-ledger")
	}
}
