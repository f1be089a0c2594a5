package hook_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"keysweep/internal/hook"
)

func TestMissing(t *testing.T) {
	r := newRepo(t)
	missing := func() []string {
		t.Helper()
		g := hook.Git{Environ: r.env}
		l, err := hook.Locate(t.Context(), g, r.dir)
		if err != nil {
			t.Fatal(err)
		}
		return hook.Missing(t.Context(), g, l, l.DefaultTypes())
	}
	want := func(names ...string) {
		t.Helper()
		if got := missing(); !slices.Equal(got, names) {
			t.Errorf("missing: %q, want %q", got, names)
		}
	}
	want("pre-commit", "pre-push")
	r.keysweep("hook", "install", "--type", "pre-commit")
	want("pre-push")
	r.keysweep("hook", "install")
	want()
	file := filepath.Join(r.dir, ".git", "hooks", "pre-push")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	want("pre-push")
	r.keysweep("hook", "uninstall")
	r.write(".git/hooks/pre-push", "#!/bin/sh\nexit 0\n")
	want("pre-commit", "pre-push")
	r.write(".husky/pre-commit", "keysweep hook run pre-commit\n")
	want("pre-push")
}
