package hook_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// ourselves makes a local clone that the pre-commit program can build keysweep from: this work tree as it is, as a commit.
func ourselves(t *testing.T) (dir, rev string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := newRepo(t)
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if strings.HasSuffix(name, "_test.go") || strings.Contains("/"+name, "/testdata/") {
			continue // what is not built need not be copied
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		r.write(name, string(data))
	}
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "keysweep")
	return r.dir, r.git("rev-parse", "HEAD")
}

// underPreCommit makes a repository whose hooks the pre-commit program runs, with keysweep built by it from a clone.
func underPreCommit(t *testing.T) *repo {
	t.Helper()
	testneed.Program(t, "pre-commit")
	source, rev := ourselves(t)
	r := newRepo(t)
	// Go's caches are the machine's: only the build is what is tried.
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GONOSUMDB", "GONOSUMCHECK", "GOSUMDB", "GOTOOLCHAIN"} {
		out, err := exec.Command("go", "env", name).Output()
		if value := strings.TrimSpace(string(out)); err == nil && value != "" {
			r = r.with(name + "=" + value)
		}
	}
	r = r.with("PRE_COMMIT_HOME=" + temp(t))
	r.write(".pre-commit-config.yaml", "repos:\n  - repo: "+source+"\n    rev: "+rev+"\n    hooks:\n      - id: keysweep\n      - id: keysweep-files\n")
	r.git("add", ".pre-commit-config.yaml")
	r.git("commit", "-q", "-m", "configure")
	return r
}

func TestPreCommitProgram(t *testing.T) {
	r := underPreCommit(t)
	base := r.git("rev-parse", "HEAD")
	r.want(0, nil, "pre-commit", "install", "--hook-type", "pre-commit", "--hook-type", "pre-push")

	r.stage("k.txt", apiKey())
	r.write("unstaged.txt", privateKey())
	r.want(1, []string{"keysweep: commit refused", "k.txt:1"}, "git", "commit", "-m", "plain commit")
	r.want(1, []string{"k.txt:1", "- exit code: 1"}, "pre-commit", "run")
	r.want(1, []string{"k.txt:1"}, "pre-commit", "run", "keysweep")
	r.want(1, []string{"k.txt:1"}, "pre-commit", "run", "--all-files")
	r.want(0, nil, "pre-commit", "run", "--files", ".pre-commit-config.yaml", "--hook-stage", "manual", "keysweep-files")
	r.write("k.txt", "changed, but not staged\n")
	r.want(1, []string{"k.txt:1"}, "pre-commit", "run", "keysweep")
	if got := r.read("k.txt"); got != "changed, but not staged\n" {
		t.Errorf("the work tree is %q", got)
	}
	r.stage("k.txt", "gone\n")
	r.want(0, []string{"Passed"}, "git", "commit", "-q", "-m", "gone")
	r.want(0, []string{"Passed"}, "pre-commit", "run", "--all-files")

	leak := r.commit("k.txt", apiKey())
	r.commit("k.txt", "gone from the files, not from the history\n")
	r.want(1, []string{"k.txt:1", leak[:12]}, "pre-commit", "run", "--from-ref", base, "--to-ref", "HEAD")
	r.want(0, nil, "pre-commit", "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")

	server := r.at(temp(t))
	server.git("init", "-q", "--bare")
	r.git("remote", "add", "origin", server.dir)
	r.want(1, []string{"keysweep: push refused", leak[:12]}, "git", "push", "origin", "main") // the first: pre-commit names no range
	r.want(0, nil, "git", "push", "-q", "origin", base+":refs/heads/main")
	r.git("fetch", "-q", "origin")
	r.want(1, []string{"keysweep: push refused", leak[:12]}, "git", "push", "origin", "main")
	r.git("reset", "-q", "--hard", leak+"~1")
	r.want(0, nil, "git", "push", "-q", "origin", "main")
}

func TestCheckUnderPreCommit(t *testing.T) {
	testneed.Program(t, "pre-commit")
	r := newRepo(t).with(pathWithKeysweep(), "PRE_COMMIT_HOME="+temp(t))
	r.write(".pre-commit-config.yaml", "repos:\n")
	_, out := r.run(program, "hook", "install")
	_, rest, _ := strings.Cut(out, "add to .pre-commit-config.yaml:\n\n")
	snippet, _, found := strings.Cut(rest, "\n\n")
	if !found {
		t.Fatalf("no lines to add:\n%s", out)
	}
	for line := range strings.Lines(snippet + "\n") {
		r.write(".pre-commit-config.yaml", r.read(".pre-commit-config.yaml")+strings.TrimPrefix(line, "    "))
	}
	r.want(1, []string{"pre-commit: NOT PROTECTED"}, program, "hook", "check")
	r.want(0, nil, "pre-commit", "install", "--hook-type", "pre-commit", "--hook-type", "pre-push")
	r.want(0, []string{"pre-commit: ok", "pre-push: ok"}, program, "hook", "check")
}

// TestManagerInstalledAfterwards: the pre-commit program moves our script aside and runs it first.
func TestManagerInstalledAfterwards(t *testing.T) {
	testneed.Program(t, "pre-commit")
	r := newRepo(t).with("PRE_COMMIT_HOME=" + temp(t))
	r.write(".pre-commit-config.yaml", "repos: []\n")
	r.script(".git/hooks/pre-commit", "#!/bin/sh\necho first >>log\n")
	r.keysweep("hook", "install", "--no-manager")
	r.want(0, nil, "pre-commit", "install")
	refuses := func() {
		t.Helper()
		r.stage("k.txt", apiKey())
		r.want(1, []string{"keysweep: commit refused"}, "git", "commit", "-m", "x")
		r.git("rm", "-q", "-f", "k.txt")
		r.keysweep("hook", "check")
	}
	refuses()
	r.keysweep("hook", "install", "--no-manager")
	refuses()
	r.keysweep("hook", "uninstall")
	if got := r.read(".git/hooks/pre-commit.legacy"); !strings.Contains(got, "first") {
		t.Errorf("the first hook is not where pre-commit runs it: %q", got)
	}
	if err := os.Remove(r.path(".git/hooks/pre-commit.legacy")); err != nil {
		t.Fatal(err)
	}
	before := r.snapshot(r.path(".git/hooks"))
	r.keysweep("hook", "install", "--no-manager")
	refuses()
	r.want(0, nil, "pre-commit", "install") // now each has the other to run: it must come to an end
	refuses()
	r.keysweep("hook", "uninstall")
	if after := r.snapshot(r.path(".git/hooks")); after != before {
		t.Errorf("uninstall leaves\n%s\nbefore:\n%s", after, before)
	}
}
