package hook

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"keysweep/internal/testneed"
)

func TestScriptsAreCleanShell(t *testing.T) {
	shellcheck := testneed.Program(t, "shellcheck")
	for _, s := range []script{
		{name: "pre-commit", exe: "/it's here/key sweep"},
		{name: "pre-push", exe: "/usr/bin/keysweep", made: true},
		{name: "pre-commit", exe: "/usr/bin/keysweep", global: true},
		{name: "pre-receive", exe: "/usr/bin/keysweep", global: true, replace: "/it's there"},
		{name: "commit-msg", exe: "/usr/bin/keysweep", global: true, pass: true},
	} {
		name := filepath.Join(t.TempDir(), "hook.sh")
		if err := os.WriteFile(name, s.text(), 0o600); err != nil {
			t.Fatal(err)
		}
		// 3013: POSIX has -ef since 2024, shells had it for decades.
		if out, err := exec.Command(shellcheck, "-s", "sh", "-e", "3013", name).CombinedOutput(); err != nil {
			t.Errorf("%+v: %v\n%s\n%s", s, err, out, s.text())
		}
	}
}

func TestQuote(t *testing.T) {
	for _, path := range []string{"/plain", "/with space", "/it's", "/a'b'c", `/back\slash`, "/$HOME`x`"} {
		out, err := exec.Command("sh", "-c", "printf %s "+quote(path)).Output()
		if err != nil || string(out) != path {
			t.Errorf("the shell reads %q as %q (%v)", path, out, err)
		}
	}
}

// FuzzEdit inserts our lines into files of any content and takes them out again.
func FuzzEdit(f *testing.F) {
	for _, text := range []string{
		"", "x", "#!/bin/sh\n. x\ncat\n", "pre-commit:\n  commands:\n    a:\n      run: b\n", "pre-push:\n jobs:\n - run: x",
		"# keysweep hook begin\n", "pre-commit:\n\tcommands:\n", "pre-commit:\r\n  commands:\r\n    a: b\r\n", "[a]\nb = 1",
	} {
		f.Add(text, byte(0))
		f.Add(text, byte(3))
	}
	f.Fuzz(func(t *testing.T, text string, kind byte) {
		if _, _, found := cut(text); found {
			return // it is as if we had been there
		}
		m := &Manager{Name: []string{"husky", "core.hooksPath", "lefthook", "lefthook"}[kind%4], root: "nowhere"}
		if kind%4 < 2 {
			m.dir = "hooks"
		} else {
			m.file = []string{"lefthook.yml", "lefthook.toml"}[kind%2]
		}
		for _, line := range m.Lines([]string{"pre-commit", "pre-push"}) {
			edited, err := m.insert(line, text, true)
			if err != nil {
				continue
			}
			if back, _, found := cut(edited); back != text || !found {
				t.Errorf("%s, %s: %q becomes %q and then %q", m.Name, line.Hook, text, edited, back)
			}
		}
	})
}
