package hook_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckIsRedWhenTheHookIsBroken(t *testing.T) {
	tests := []struct {
		name, script string
		mode         os.FileMode
		code         int
		says         string
	}{
		{"replaced", "#!/bin/sh\nexit 0\n", 0o755, 1, "does not call keysweep"},
		{"calls and forgets", "#!/bin/sh\nkeysweep hook run pre-commit || true\n", 0o755, 1, "calls keysweep, but"},
		{"only in the background", "#!/bin/sh\n(keysweep hook run pre-commit) &\nexit 0\n", 0o755, 1, "calls keysweep, but"},
		{"not executable", "#!/bin/sh\nkeysweep hook run pre-commit\n", 0o644, 1, "cannot be executed"},
		{"refuses everything", "#!/bin/sh\necho never; exit 1\n", 0o755, 3, "not by keysweep: never"},
		{"broken configuration", "#!/bin/sh\nexec keysweep hook run pre-commit --config /nowhere\n", 0o755, 3, "refuses a harmless change too"},
		{"another hook", "#!/bin/sh\nkeysweep hook run pre-commit || exit\necho no; exit 1\n", 0o755, 0, "another hook refuses a harmless change"},
		{"fine", "#!/bin/sh\nexec keysweep hook run pre-commit\n", 0o755, 0, "pre-commit: ok"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRepo(t).with(pathWithKeysweep())
			r.keysweep("hook", "install")
			r.script(".git/hooks/pre-commit", test.script)
			if err := os.Chmod(r.path(".git/hooks/pre-commit"), test.mode); err != nil {
				t.Fatal(err)
			}
			r.want(test.code, []string{test.says}, program, "hook", "check", "--type", "pre-commit")
			r.with("KEYSWEEP_BYPASS=reason").want(test.code, []string{test.says}, program, "hook", "check", "--type", "pre-commit")
			r.keysweep("hook", "check", "--type", "pre-push")
		})
	}
}

func TestCheckLeavesEverythingAsItIs(t *testing.T) {
	r := newRepo(t)
	remote := r.at(temp(t))
	remote.git("init", "-q", "--bare")
	r.git("remote", "add", "origin", remote.dir)
	r.keysweep("hook", "install")
	r.script(".git/hooks/post-commit", "#!/bin/sh\ntouch '"+filepath.Join(remote.dir, "told")+"'\n")
	r.commit("a.txt", "a\n")
	r.commit("old.txt", apiKey()) // known to everyone: neither makes the check red nor green
	r.git("push", "-q", "--no-verify", "origin", "main")
	r.write("untracked.txt", "u\n")
	r.stage("staged.txt", "s\n")
	r.write("a.txt", "changed\n")
	tmp := r.with("TMPDIR=" + temp(t))
	dir := strings.TrimPrefix(tmp.env[len(tmp.env)-1], "TMPDIR=")
	mine, theirs := r.snapshot(r.dir), r.snapshot(remote.dir)
	tmp.want(0, []string{"pre-commit: ok", "pre-push: ok"}, program, "hook", "check")
	if r.snapshot(r.dir) != mine || r.snapshot(remote.dir) != theirs {
		t.Error("the check changes the repository or its remote")
	}
	if left := r.snapshot(dir); left != "" {
		t.Errorf("the check leaves\n%s", left)
	}
}

func TestCheckOutsideARepository(t *testing.T) {
	r := newRepo(t)
	r.at(temp(t)).want(2, []string{"not in a git repository"}, program, "hook", "check")
	r.want(2, []string{"pre-receive"}, program, "hook", "check", "--type", "pre-receive")
	r.want(2, []string{"there is no hook"}, program, "hook", "install", "--type", "pre-comit")
}

func TestCheckOfAServer(t *testing.T) {
	r, server := newServer(t)
	server.script("hooks/post-receive", "#!/bin/sh\ntouch told\n")
	server.keysweep("hook", "check")
	server.script("hooks/pre-receive", "#!/bin/sh\nexit 0\n")
	server.want(1, []string{"pre-receive: NOT PROTECTED"}, program, "hook", "check")
	if got := r.git("ls-remote", "origin"); strings.Contains(got, "keysweep") {
		t.Errorf("the check leaves refs: %s", got)
	}
	if _, err := os.Stat(server.path("told")); err == nil {
		t.Error("the check ran post-receive")
	}
}
