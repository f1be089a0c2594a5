package hook_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommitIsBlockedUntilTheSecretIsGone(t *testing.T) {
	for name, secret := range map[string]string{"API key": apiKey(), "private key": privateKey()} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			r.keysweep("hook", "install")
			r.stage("conf.txt", secret)
			out := r.want(1, []string{"keysweep: commit refused", "conf.txt:1", "KEYSWEEP_BYPASS"}, "git", "commit", "-m", "x")
			for line := range strings.Lines(secret) {
				if len(line) > 60 && strings.Contains(out, line) {
					t.Errorf("the hook prints the secret:\n%s", out)
				}
			}
			if code, _ := r.run("git", "rev-parse", "--verify", "-q", "HEAD"); code == 0 {
				t.Error("there is a commit")
			}
			r.stage("conf.txt", "aws_id = os.environ\n")
			out = r.want(0, nil, "git", "commit", "-q", "-m", "x")
			if strings.Count(out, "\n") > 1 {
				t.Errorf("not quiet when all is well:\n%s", out)
			}
			r.want(0, []string{"nothing staged"}, "git", "commit", "-q", "--allow-empty", "-m", "y")
		})
	}
}

func TestCommitOfNamedFilesAndParts(t *testing.T) {
	r := newRepo(t)
	r.keysweep("hook", "install")
	r.commit("a.txt", "a\n")
	r.stage("b.txt", "harmless\n")
	r.write("a.txt", apiKey())
	r.want(1, []string{"a.txt"}, "git", "commit", "-m", "a temporary index", "--", "a.txt")
	r.want(0, nil, "git", "commit", "-q", "-m", "only what is staged counts")
	r.write("sub/x", "")
	r.git("add", "a.txt")
	r.at(r.path("sub")).want(1, []string{"a.txt:1"}, "git", "commit", "-m", "from below")
}

func TestPushIsBlocked(t *testing.T) {
	r := newRepo(t)
	server := r.at(temp(t))
	server.git("init", "-q", "--bare")
	r.git("remote", "add", "origin", server.dir)
	r.keysweep("hook", "install")
	r.commit("a.txt", "a\n")
	r.want(0, nil, "git", "push", "-q", "origin", "main")
	r.commit("b.txt", apiKey())
	r.want(1, []string{"keysweep: push refused", "b.txt:1"}, "git", "push", "origin", "main")
	r.commit("b.txt", "gone again\n") // but not from the history
	r.want(1, []string{"keysweep: push refused"}, "git", "push", "origin", "main", "HEAD~2:refs/heads/other")
	r.git("reset", "-q", "--hard", "HEAD~2")
	r.want(0, nil, "git", "push", "-q", "origin", "main")
	r.want(0, nil, "git", "push", "-q", "origin", "HEAD:refs/heads/x")
	r.want(0, nil, "git", "push", "-q", "origin", ":refs/heads/x")
}

func TestInstallNextToAHook(t *testing.T) {
	r := newRepo(t)
	server := r.at(temp(t))
	server.git("init", "-q", "--bare")
	r.git("remote", "add", "origin", server.dir)
	r.script(".git/hooks/pre-commit", "#!/bin/sh\necho before >>log\nif [ -e fail ]; then exit 7; fi\n")
	r.script(".git/hooks/pre-push", "#!/bin/sh\necho \"$1\" >>log\ncat >>log\n")
	before := r.snapshot(r.path(".git/hooks"))
	if out := r.keysweep("hook", "install"); !strings.Contains(out, "runs first") {
		t.Errorf("does not say what becomes of the hook:\n%s", out)
	}
	once := r.snapshot(r.path(".git/hooks"))
	r.keysweep("hook", "install")
	if twice := r.snapshot(r.path(".git/hooks")); twice != once {
		t.Errorf("installing again changes something:\n%s\nbefore:\n%s", twice, once)
	}
	r.stage("a.txt", apiKey())
	r.want(1, []string{"keysweep: commit refused"}, "git", "commit", "-m", "x")
	r.stage("a.txt", "a\n")
	r.write("fail", "")
	if out := r.want(1, nil, "git", "commit", "-m", "x"); strings.Contains(out, "keysweep") {
		t.Errorf("the other hook failed, and keysweep ran:\n%s", out)
	}
	if err := os.Remove(r.path("fail")); err != nil {
		t.Fatal(err)
	}
	r.git("commit", "-q", "-m", "x")
	r.git("push", "-q", "origin", "main")
	head := r.git("rev-parse", "HEAD")
	want := "before\nbefore\nbefore\norigin\nrefs/heads/main " + head + " refs/heads/main " + strings.Repeat("0", 40) + "\n"
	if got := r.read("log"); got != want {
		t.Errorf("the other hooks saw %q, want %q", got, want)
	}
	r.keysweep("hook", "uninstall")
	if after := r.snapshot(r.path(".git/hooks")); after != before {
		t.Errorf("uninstall leaves\n%s\nbefore:\n%s", after, before)
	}
}

func TestUninstallRestores(t *testing.T) {
	tests := []struct {
		name  string
		setup func(r *repo)
	}{
		{"nothing was there", func(*repo) {}},
		{"no hooks directory", func(r *repo) { _ = os.RemoveAll(r.path(".git/hooks")) }},
		{"odd bytes and mode", func(r *repo) {
			r.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 0 # \r\n# \xff\x01 no end")
			_ = os.Chmod(r.path(".git/hooks/pre-commit"), 0o744)
		}},
		{"not executable", func(r *repo) { r.write(".git/hooks/pre-commit", "exit 1\n") }},
		{"a link", func(r *repo) {
			r.script("tools/hook.sh", "#!/bin/sh\nexit 0\n")
			_ = os.Symlink("../../tools/hook.sh", r.path(".git/hooks/pre-commit"))
		}},
		{"a link to nothing", func(r *repo) { _ = os.Symlink("nowhere", r.path(".git/hooks/pre-push")) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRepo(t)
			test.setup(r)
			before := r.snapshot(r.path(".git"))
			r.keysweep("hook", "install")
			r.stage("a.txt", apiKey())
			r.want(1, []string{"keysweep: commit refused"}, "git", "commit", "-m", "x")
			r.git("rm", "-q", "-f", "a.txt")
			_ = os.Remove(r.path(".git/index"))
			r.keysweep("hook", "uninstall")
			clean(r)
			if after := r.snapshot(r.path(".git")); after != before {
				t.Errorf("uninstall leaves\n%s\nbefore:\n%s", after, before)
			}
			r.keysweep("hook", "uninstall")
		})
	}
}

// clean removes what git itself has left of a commit that was refused.
func clean(r *repo) {
	for _, name := range []string{".git/objects", ".git/COMMIT_EDITMSG"} {
		_ = filepath.Walk(r.path(name), func(name string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() {
				return os.Remove(name)
			}
			return nil
		})
	}
}

func TestSomethingReplacedTheScript(t *testing.T) {
	r := newRepo(t)
	r.script(".git/hooks/pre-commit", "#!/bin/sh\necho first\n")
	r.keysweep("hook", "install")
	r.script(".git/hooks/pre-commit", "#!/bin/sh\necho other tool\n")
	r.want(3, []string{"is not keysweep's", "hint:"}, program, "hook", "install")
	r.want(3, []string{"is not keysweep's"}, program, "hook", "uninstall")
	if got := r.read(".git/hooks/pre-commit"); !strings.Contains(got, "other tool") {
		t.Errorf("the other tool's hook is gone: %q", got)
	}
	if err := os.Remove(r.path(".git/hooks/pre-commit")); err != nil {
		t.Fatal(err)
	}
	r.keysweep("hook", "uninstall")
	if got := r.read(".git/hooks/pre-commit"); !strings.Contains(got, "first") {
		t.Errorf("the first hook is not back: %q", got)
	}
}

func TestHooksPath(t *testing.T) {
	elsewhere := temp(t)
	for _, path := range []string{"my hooks", elsewhere} {
		r := newRepo(t)
		r.git("config", "core.hooksPath", path)
		r.write(".gitignore", "/my hooks/\n")
		r.write("sub/a.txt", "")
		r.at(r.path("sub")).keysweep("hook", "install") // counts from the top all the same
		dir := path
		if !filepath.IsAbs(path) {
			dir = r.path(path)
		}
		if _, err := os.Stat(filepath.Join(dir, "pre-commit")); err != nil {
			t.Fatal(err)
		}
		r.stage("a.txt", apiKey())
		r.want(1, []string{"keysweep: commit refused"}, "git", "commit", "-m", "x")
		r.keysweep("hook", "check")
		r.keysweep("hook", "uninstall")
		r.git("commit", "-q", "-m", "x")
	}
}

func TestWorkTreesAndSubmodulesShareOrHaveTheirOwn(t *testing.T) {
	r := newRepo(t)
	r.commit("a.txt", "a\n")
	tree := r.at(filepath.Join(temp(t), "tree"))
	r.git("worktree", "add", "-q", tree.dir)
	tree.keysweep("hook", "install")
	for _, each := range []*repo{r, tree} {
		each.stage("k.txt", apiKey())
		each.want(1, []string{"k.txt:1", "keysweep: commit refused"}, "git", "commit", "-m", "x")
		each.git("rm", "-q", "-f", "k.txt")
		each.keysweep("hook", "check")
	}
	lib := newRepo(t)
	lib.commit("l.txt", "l\n")
	r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", lib.dir, "lib")
	sub := r.at(r.path("lib"))
	sub.keysweep("hook", "install")
	sub.stage("k.txt", apiKey())
	sub.want(1, []string{"k.txt:1", "keysweep: commit refused"}, "git", "commit", "-m", "x")
	sub.git("rm", "-q", "-f", "k.txt")
	sub.keysweep("hook", "check")
	r.want(0, nil, "git", "commit", "-q", "-m", "add a submodule")
}

func TestWithoutTheProgramTheHookRefuses(t *testing.T) {
	r := newRepo(t)
	copied := filepath.Join(temp(t), "dir with ' quote", "keysweep")
	data, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(copied), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, data, 0o755); err != nil {
		t.Fatal(err)
	}
	r.want(0, nil, copied, "hook", "install")
	r.stage("a.txt", "a\n")
	r.git("commit", "-q", "-m", "a")
	if err := os.Remove(copied); err != nil {
		t.Fatal(err)
	}
	r.stage("a.txt", "b\n")
	r.want(1, []string{"keysweep: pre-commit refused", "neither", "PATH", copied[:strings.Index(copied, "'")]}, "git", "commit", "-m", "b")
	r.want(3, []string{"pre-commit: UNCLEAR", "neither"}, program, "hook", "check", "--type", "pre-commit")
	found := r.with("PATH=" + filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH"))
	found.want(0, nil, "git", "commit", "-q", "-m", "b")
}
