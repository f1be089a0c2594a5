package hook_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pathWithKeysweep is a PATH on which keysweep is.
func pathWithKeysweep() string {
	return "PATH=" + filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH")
}

// husky makes a repository laid out as husky 9 does: generated scripts in .husky/_, which run the tracked ones with sh -e.
func husky(t *testing.T) *repo {
	t.Helper()
	r := newRepo(t).with(pathWithKeysweep())
	r.git("config", "core.hooksPath", ".husky/_")
	r.write(".husky/_/.gitignore", "*")
	r.script(".husky/_/h", "#!/bin/sh\nn=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\n")
	for _, name := range []string{"pre-commit", "pre-push"} {
		r.script(".husky/_/"+name, "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n")
	}
	return r
}

func TestHusky(t *testing.T) {
	r := husky(t)
	r.write(".husky/pre-commit", "echo checked >>log") // no line feed at its end
	before := r.snapshot(r.path(".husky"))
	r.want(1, []string{"husky", "add to .husky/pre-commit:\n\n    keysweep hook run pre-commit\n", "not installed yet"}, program, "hook", "install")
	if after := r.snapshot(r.path(".husky")); after != before {
		t.Fatalf("edited without --write:\n%s", after)
	}
	r.want(1, []string{"pre-commit: NOT PROTECTED", "pre-push: NOT PROTECTED"}, program, "hook", "check")
	r.keysweep("hook", "install", "--write")
	written := r.snapshot(r.path(".husky"))
	if out := r.keysweep("hook", "install", "--write"); !strings.Contains(out, "already") || r.snapshot(r.path(".husky")) != written {
		t.Errorf("writing again changes something:\n%s", out)
	}
	r.keysweep("hook", "check")
	r.stage("k.txt", apiKey())
	r.want(1, []string{"keysweep: commit refused"}, "git", "commit", "-m", "x")
	r.stage("k.txt", "gone\n")
	r.git("commit", "-q", "-m", "x")
	if got := r.read("log"); got != "checked\n" {
		t.Errorf("the team's own command ran: %q", got)
	}
	r.keysweep("hook", "uninstall")
	if after := r.snapshot(r.path(".husky")); after != before {
		t.Errorf("uninstall leaves\n%s\nbefore:\n%s", after, before)
	}
}

func TestHuskyThatIsNotInPlace(t *testing.T) {
	r := newRepo(t)
	r.write(".husky/pre-commit", "npm test\n")
	r.want(1, []string{"core.hooksPath is not set", "npx husky"}, program, "hook", "install")
}

func TestHuskyPrePushSharesItsInput(t *testing.T) {
	r := husky(t)
	server := r.at(temp(t))
	server.git("init", "-q", "--bare")
	r.write(".husky/pre-push", "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/nothing\"\n\ncat >>log\n")
	r.write(".husky/_/nothing", "")
	before := r.read(".husky/pre-push")
	r.keysweep("hook", "install", "--write")
	head := r.commit("a.txt", "a\n")
	r.git("push", "-q", server.dir, "main")
	if got := r.read("log"); !strings.Contains(got, "refs/heads/main "+head+" refs/heads/main ") {
		t.Errorf("the team's own command read %q", got)
	}
	r.commit("k.txt", apiKey())
	r.want(1, []string{"keysweep: push refused"}, "git", "push", server.dir, "main")
	r.keysweep("hook", "uninstall")
	if got := r.read(".husky/pre-push"); got != before {
		t.Errorf("uninstall leaves %q, before %q", got, before)
	}
}

func TestTrackedHooksDirectory(t *testing.T) {
	r := newRepo(t).with(pathWithKeysweep())
	r.git("config", "core.hooksPath", ".githooks")
	r.script(".githooks/pre-commit", "#!/bin/bash\n# Ours.\n\necho checked >>log\n")
	r.script(".githooks/pre-push", "#!/usr/bin/env python3\nprint('pushed')\n")
	before := r.snapshot(r.path(".githooks"))
	r.want(1, []string{"core.hooksPath", "added to .githooks/pre-commit", "does not edit .githooks/pre-push: it is not a shell script"},
		program, "hook", "install", "--write")
	r.keysweep("hook", "check", "--type", "pre-commit")
	r.want(1, []string{"pre-push does not call keysweep"}, program, "hook", "check", "--type", "pre-push")
	r.keysweep("hook", "uninstall")
	if after := r.snapshot(r.path(".githooks")); after != before {
		t.Errorf("uninstall leaves\n%s\nbefore:\n%s", after, before)
	}
	r.keysweep("hook", "install", "--no-manager")
	r.keysweep("hook", "check")
	r.keysweep("hook", "uninstall")
	if after := r.snapshot(r.path(".githooks")); after != before {
		t.Errorf("uninstall leaves\n%s\nbefore:\n%s", after, before)
	}
	if err := os.RemoveAll(r.path(".githooks")); err != nil {
		t.Fatal(err)
	}
	r.keysweep("hook", "install", "--write")
	r.keysweep("hook", "check")
	r.keysweep("hook", "uninstall")
	if left := r.snapshot(r.path(".githooks")); left != "" {
		t.Errorf("uninstall leaves what it made:\n%s", left)
	}
}

func TestLefthookFile(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             string // what is in the file afterwards; "" is refused
	}{
		{"no hooks", "lefthook.yml", "min_version: 1.5.0\n", "min_version: 1.5.0\n# B\npre-commit:\n  commands:\n    keysweep:\n      run: keysweep hook run pre-commit\n# E\n" +
			"# B\npre-push:\n  commands:\n    keysweep:\n      run: keysweep hook run pre-push {0}\n      use_stdin: true\n# E\n"},
		{"commands", ".lefthook.yaml", "pre-commit: # ours\n    parallel: true\n    commands:\n\n        lint:\n            run: make lint\npre-push:\n  commands:\n    test:\n      run: make\n",
			"pre-commit: # ours\n    parallel: true\n    commands:\n        # B\n        keysweep:\n            run: keysweep hook run pre-commit\n        # E\n\n        lint:\n            run: make lint\n" +
				"pre-push:\n  commands:\n    # B\n    keysweep:\n      run: keysweep hook run pre-push {0}\n      use_stdin: true\n    # E\n    test:\n      run: make\n"},
		{"jobs, no line feed at the end", "lefthook.yml", "pre-commit:\n  jobs:\n  - run: make lint\npre-push:\n  jobs:\n    - run: make",
			"pre-commit:\n  jobs:\n  # B (the line before had no end)\n  - name: keysweep\n    run: keysweep hook run pre-commit\n  # E\n  - run: make lint\n" +
				"pre-push:\n  jobs:\n    # B\n    - name: keysweep\n      run: keysweep hook run pre-push {0}\n      use_stdin: true\n    # E\n    - run: make\n"},
		{"TOML", "lefthook.toml", "[pre-commit.commands.lint]\nrun = \"make lint\"\n", "[pre-commit.commands.lint]\nrun = \"make lint\"\n" +
			"# B\n[pre-commit.commands.keysweep]\nrun = \"keysweep hook run pre-commit\"\n# E\n" +
			"# B\n[pre-push.commands.keysweep]\nrun = \"keysweep hook run pre-push {0}\"\nuse_stdin = true\n# E\n"},
		{"flow style", "lefthook.yml", "pre-commit: {commands: {lint: {run: make}}}\n", ""},
		{"quoted key", "lefthook.yml", "\"pre-commit\":\n  commands: {}\n", ""},
		{"empty commands", "lefthook.yml", "pre-commit:\n  commands: {}\n", ""},
		{"scripts only", "lefthook.yml", "pre-commit:\n  scripts:\n    a.sh:\n      runner: sh\n", ""},
		{"TOML inline", "lefthook.toml", "pre-commit = { commands = {} }\n", ""},
		{"JSON", "lefthook.json", "{}\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRepo(t)
			r.write(test.file, test.text)
			code, out := r.run(program, "hook", "install", "--write")
			marks := strings.NewReplacer("# B", "# keysweep hook begin", "# E", "# keysweep hook end")
			if test.want == "" {
				if code == 0 || !strings.Contains(out, "keysweep hook run pre-commit") {
					t.Errorf("exit code %d:\n%s", code, out)
				}
				if got := r.read(test.file); got != test.text {
					t.Errorf("edited all the same: %q", got)
				}
				return
			}
			if got := r.read(test.file); code != 0 || got != marks.Replace(test.want) {
				t.Errorf("exit code %d, file\n%s\nwant\n%s\n%s", code, got, marks.Replace(test.want), out)
			}
			r.keysweep("hook", "install", "--write")
			r.keysweep("hook", "uninstall")
			if got := r.read(test.file); got != test.text {
				t.Errorf("uninstall leaves %q, before %q", got, test.text)
			}
		})
	}
}

func TestManagersThatAreNotEdited(t *testing.T) {
	r := newRepo(t)
	r.write(".pre-commit-config.yaml", "repos: []\n")
	r.want(1, []string{"add to .pre-commit-config.yaml:", "entry: keysweep hook run pre-commit-framework", "pre-commit install"}, program, "hook", "install", "--write")
	r.write(".pre-commit-config.yaml", "repos:\n  - repo: local\n    hooks: [{id: keysweep}]\n")
	r.want(0, []string{"calls keysweep already"}, program, "hook", "install")
	r = newRepo(t)
	r.write(".overcommit.yml", "PreCommit: {}\n")
	r.want(1, []string{"add to .overcommit.yml:", "PreCommit:", "PrePush:", "overcommit --sign"}, program, "hook", "install")
	r.keysweep("hook", "install", "--no-manager")
	r.keysweep("hook", "check")
}

func TestGlobal(t *testing.T) {
	r := newRepo(t)
	r.script(".git/hooks/pre-commit", "#!/bin/sh\necho own >>log\n")
	r.script(".git/hooks/commit-msg", "#!/bin/sh\necho \"$1\" >>log\n")
	home := strings.TrimPrefix(r.env[1], "HOME=")
	before := r.snapshot(home)
	r.keysweep("hook", "install", "--global")
	installed := r.snapshot(home)
	r.keysweep("hook", "install", "--global")
	if again := r.snapshot(home); again != installed {
		t.Errorf("installing again changes something:\n%s\nbefore:\n%s", again, installed)
	}
	r.keysweep("hook", "check")
	r.stage("k.txt", apiKey())
	r.want(1, []string{"keysweep: commit refused"}, "git", "commit", "-m", "x")
	r.stage("k.txt", "gone\n")
	r.git("commit", "-q", "-m", "x")
	if got := r.read("log"); got != "own\nown\n.git/COMMIT_EDITMSG\n" {
		t.Errorf("the repository's own hooks: %q", got)
	}
	if out := r.keysweep("hook", "install"); !strings.Contains(out, "already") {
		t.Errorf("a repository that is covered: %s", out)
	}
	r.want(2, []string{"--global"}, program, "hook", "uninstall")
	r.keysweep("hook", "uninstall", "--global")
	if after := r.snapshot(home); strings.ReplaceAll(after, ".gitconfig -rw-r--r-- \"\"\n", "") != before {
		t.Errorf("uninstall leaves\n%s\nbefore:\n%s", after, before)
	}
	r.stage("k.txt", apiKey())
	r.git("commit", "-q", "-m", "x")
}

// TestGlobalAndOwn has keysweep in both places: it runs once.
func TestGlobalAndOwn(t *testing.T) {
	r := newRepo(t)
	r.keysweep("hook", "install")
	r.keysweep("hook", "install", "--global")
	r.stage("a.txt", "a\n")
	if out := r.want(0, nil, "git", "commit", "-q", "-m", "x"); strings.Count(out, "keysweep:") != 1 {
		t.Errorf("it runs more than once:\n%s", out)
	}
}

func TestGlobalNextToAnother(t *testing.T) {
	r := newRepo(t)
	other := r.at(temp(t))
	other.script("pre-commit", "#!/bin/sh\necho other >>log\n")
	r.git("config", "--global", "core.hooksPath", other.dir)
	r.want(2, []string{"core.hooksPath already: " + other.dir, "--replace"}, program, "hook", "install", "--global")
	r.keysweep("hook", "install", "--global", "--replace")
	r.keysweep("hook", "install", "--global")
	r.stage("a.txt", apiKey())
	r.want(1, []string{"keysweep: commit refused"}, "git", "commit", "-m", "x")
	if got := r.read("log"); got != "other\n" {
		t.Errorf("the other directory's hook: %q", got)
	}
	r.keysweep("hook", "check")
	r.keysweep("hook", "uninstall", "--global")
	if got := r.git("config", "--global", "core.hooksPath"); got != other.dir {
		t.Errorf("core.hooksPath is %q", got)
	}
}

func TestGlobalNextToTheSystems(t *testing.T) {
	r := newRepo(t)
	other := r.at(temp(t))
	other.script("pre-commit", "#!/bin/sh\necho system >>log\n")
	other.write("gitconfig", "[core]\n\thooksPath = "+other.dir+"\n")
	r = r.with("GIT_CONFIG_NOSYSTEM=", "GIT_CONFIG_SYSTEM="+other.path("gitconfig"))
	r.want(2, []string{"the system git configuration", "--replace"}, program, "hook", "install", "--global")
	r.keysweep("hook", "install", "--global", "--replace")
	r.keysweep("hook", "install", "--global")
	r.keysweep("hook", "check")
	r.stage("a.txt", "a\n")
	r.git("commit", "-q", "-m", "x")
	r.keysweep("hook", "uninstall", "--global")
	if got := r.git("config", "core.hooksPath"); got != other.dir {
		t.Errorf("core.hooksPath is %q", got)
	}
	if got := r.read("log"); got != "system\n" {
		t.Errorf("the system's hook: %q", got)
	}
}
