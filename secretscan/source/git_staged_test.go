package source

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStaged(t *testing.T) {
	long := []string{"one", "two", "three", "four", "five", "six", "seven", "eight"}
	for _, test := range []struct {
		name  string
		do    func(r *gitRepo)
		want  []string
		empty string
	}{
		{"nothing", func(r *gitRepo) { r.commit("a", "MARKold") }, nil, "nothing staged"},
		{"unstaged only", func(r *gitRepo) { r.commit("a", "x"); r.write("a", "MARKnew") }, nil, "nothing staged"},
		{"first commit", func(r *gitRepo) { r.write("a/b", "x", "MARKone"); r.git("add", ".") }, []string{"MARKone a/b:2"}, ""},
		{"nothing at all", func(*gitRepo) {}, nil, "nothing staged"},
		{"added line", func(r *gitRepo) {
			r.commit("a", "MARKold", "x")
			r.write("a", "x", "MARKnew", "MARKold")
			r.git("add", ".")
		}, []string{"MARKnew a:2"}, ""},
		{"second occurrence", func(r *gitRepo) {
			r.commit("a", "k = MARKold")
			r.write("a", "other = MARKold", "k = MARKold")
			r.git("add", ".")
		}, []string{"MARKold a:1"}, ""},
		{"moved and reindented", func(r *gitRepo) {
			r.commit("a", "MARKold", "x")
			r.write("a", "x", "    MARKold")
			r.git("add", ".")
		}, nil, ""},
		{"work tree differs", func(r *gitRepo) {
			r.commit("a", "x")
			r.write("a", "MARKstaged")
			r.git("add", ".")
			r.write("a", "MARKunstaged")
		}, []string{"MARKstaged a:1"}, ""},
		{"rename", func(r *gitRepo) { r.commit("a", "MARKold"); r.git("mv", "a", "b") }, nil, "nothing that is staged brings new content"},
		{"rename with change", func(r *gitRepo) {
			r.commit("a", append(long, "MARKold")...)
			r.git("mv", "a", "b")
			r.write("b", append(long, "MARKold", "MARKnew")...)
			r.git("add", ".")
		}, []string{"MARKnew b:10"}, ""},
		{"mode", func(r *gitRepo) { r.commit("a", "MARKold"); r.git("update-index", "--chmod=+x", "a") }, nil, "nothing that is staged brings new content"},
		{"deletion", func(r *gitRepo) { r.commit("a", "MARKold"); r.git("rm", "-q", "a") }, nil, "nothing that is staged brings new content"},
		{"copy", func(r *gitRepo) { r.commit("a", "MARKold"); r.write("b", "MARKold"); r.git("add", ".") }, []string{"MARKold b:1"}, ""},
		{"same blob twice", func(r *gitRepo) {
			r.write("a", "MARKone")
			r.write("b", "MARKone")
			r.git("add", ".")
		}, []string{"MARKone a:1", "MARKone b:1"}, ""},
		{"same blob, one path allowed", func(r *gitRepo) {
			r.write("allowed/a", "MARKone")
			r.write("b", "MARKone")
			r.git("add", ".")
		}, []string{"MARKone b:1"}, ""},
		{"out of an allowed path", func(r *gitRepo) {
			r.commit("allowed/a", append(long, "MARKone")...)
			r.git("mv", "allowed/a", "b")
			r.write("b", append(long, "MARKone", "x")...)
			r.git("add", ".")
		}, []string{"MARKone b:9"}, ""},
		{"symbolic link", func(r *gitRepo) {
			if err := os.Symlink("MARKtarget", filepath.Join(r.dir, "link")); err != nil {
				r.Fatal(err)
			}
			r.git("add", ".")
		}, []string{"MARKtarget link:1"}, ""},
		{"file becomes a link", func(r *gitRepo) {
			r.commit("a", "x")
			if err := os.Remove(filepath.Join(r.dir, "a")); err != nil {
				r.Fatal(err)
			}
			if err := os.Symlink("MARKtarget", filepath.Join(r.dir, "a")); err != nil {
				r.Fatal(err)
			}
			r.git("add", ".")
		}, []string{"MARKtarget a:1"}, ""},
		{"intent to add", func(r *gitRepo) { r.write("a", "MARKone"); r.git("add", "-N", "a") }, nil, "nothing staged"},
		{"allow comment stays", func(r *gitRepo) {
			r.commit("a", "MARKone keysweep:allow -- test")
			r.write("a", "x", "MARKone keysweep:allow -- test")
			r.git("add", ".")
		}, nil, ""},
		{"allow comment goes", func(r *gitRepo) {
			r.commit("a", "MARKone keysweep:allow -- test")
			r.write("a", "MARKone")
			r.git("add", ".")
		}, []string{"MARKone a:1"}, ""},
		{"file name", func(r *gitRepo) {
			r.commit("old.p12", "x")
			r.write("old.p12", "y")
			r.write("new.p12", "z")
			r.git("add", ".")
		}, []string{" new.p12:0"}, ""},
		{"odd names", func(r *gitRepo) {
			r.write("a\tb\n\"ü\xff", "MARKone")
			r.git("add", ".")
		}, []string{"MARKone a\tb\n\"ü\xff:1"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newGitRepo(t)
			test.do(r)
			res, empty := r.stagedEmpty()
			r.want(res, test.want...)
			if empty != test.empty {
				t.Errorf("empty is %q, want %q", empty, test.empty)
			}
		})
	}
}

func TestStagedMerge(t *testing.T) {
	r := newGitRepo(t)
	r.commit("base", "x")
	r.git("checkout", "-q", "-b", "side")
	r.commit("side", "MARKside")
	r.commit("both", "one", "MARKtheirs")
	r.git("checkout", "-q", "main")
	r.commit("both", "one", "MARKours")
	if _, err := r.try("merge", "side"); err == nil {
		t.Fatal("no conflict")
	}
	r.want(r.staged())
	r.write("both", "one", "MARKours", "MARKtheirs", "MARKevil")
	r.git("add", ".")
	r.want(r.staged(), "MARKevil both:4")
}

func TestStagedCherryPickConflict(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "base", "MARKbase")
	r.git("checkout", "-q", "-b", "side")
	picked := r.commit("a", "theirs", "MARKtheirs")
	r.git("checkout", "-q", "main")
	r.commit("a", "ours", "MARKours")
	if _, err := r.try("cherry-pick", picked); err == nil {
		t.Fatal("no conflict")
	}
	r.want(r.staged(), "MARKtheirs a:2")
}

func TestStagedSubmodule(t *testing.T) {
	inner, r := newGitRepo(t), newGitRepo(t)
	inner.commit("f", "MARKinner")
	r.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.dir, "sub")
	res := r.staged()
	r.want(res)
	if len(res.Coverage.Skipped) != 1 || res.Coverage.Skipped[0].Reason != "submodule pointers" || res.Coverage.Skipped[0].Paths[0] != "sub" {
		t.Errorf("skipped %+v", res.Coverage.Skipped)
	}
}

// TestStagedHook lets git itself set the environment, as it does for a hook: the test's own pre-commit hook writes it down.
func TestStagedHook(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(r *gitRepo) error
		want []string
	}{
		{"commit", func(r *gitRepo) error { r.git("add", "a"); _, err := r.try("commit", "-m", "m"); return err }, []string{"MARKa a:1"}},
		{"commit -a", func(r *gitRepo) error { _, err := r.try("commit", "-a", "-m", "m"); return err }, []string{"MARKa a:1", "MARKb b:1"}},
		{"commit FILE", func(r *gitRepo) error { r.git("add", "a"); _, err := r.try("commit", "-m", "m", "b"); return err }, []string{"MARKb b:1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newGitRepo(t)
			r.commit("a", "x")
			r.commit("b", "x")
			r.commit("c", "x")
			r.write("a", "MARKa")
			r.write("b", "MARKb")
			hook := "#!/bin/sh\nenv > seen\ncp .git/index* .git/next-index* kept 2>/dev/null\nmkdir kept; cp .git/*index* kept\nexit 1\n"
			path := filepath.Join(r.dir, ".git", "hooks", "pre-commit")
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(hook), 0o755); err != nil {
				t.Fatal(err)
			}
			if test.do(r) == nil {
				t.Fatal("the hook did not run")
			}
			r.want(r.staged(r.seen()...), test.want...)
		})
	}
}

// seen returns the GIT_ variables that the hook saw. Git has removed its temporary index since: the copy is named instead.
func (r *gitRepo) seen() (environ []string) {
	r.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, "seen"))
	if err != nil {
		r.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		name, value, _ := strings.Cut(line, "=")
		switch {
		case name == "GIT_INDEX_FILE":
			environ = append(environ, "GIT_INDEX_FILE="+filepath.Join("kept", filepath.Base(value)))
		case strings.HasPrefix(name, "GIT_"):
			environ = append(environ, line)
		}
	}
	return environ
}

func TestStagedWorktree(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "x")
	tree := filepath.Join(t.TempDir(), "tree")
	r.git("worktree", "add", "-q", "-b", "other", tree)
	r.write("a", "MARKmain")
	r.git("add", ".")
	r.dir = tree
	r.write("a", "x", "MARKtree")
	r.git("add", ".")
	r.want(r.staged(), "MARKtree a:2")
}

func TestStagedLargeAndDamaged(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "x")
	r.write("big", strings.Repeat("0123456789abcde\n", gitInMemory/16), "MARKbig")
	r.write("gone", "MARKgone")
	r.write("fine", "MARKfine")
	r.git("add", ".")
	id := r.git("rev-parse", ":gone")
	if err := os.Remove(r.loose(id)); err != nil {
		t.Fatal(err)
	}
	res := r.staged()
	if got := strings.Join(foundAt(res), " "); got != "MARKbig big:524290 MARKfine fine:1" {
		t.Errorf("found %q", got)
	}
	if len(res.Problems) != 1 || !strings.Contains(res.Problems[0].Where, id) || !strings.Contains(res.Problems[0].Where, "gone") || res.Problems[0].Hint == "" {
		t.Errorf("problems %+v", res.Problems)
	}
}

func TestStagedWithoutHead(t *testing.T) {
	r := newGitRepo(t)
	head := r.commit("a", "MARKold")
	r.write("b", "MARKnew")
	r.git("add", ".")
	if err := os.Remove(r.loose(head)); err != nil {
		t.Fatal(err)
	}
	res := r.staged()
	if got := strings.Join(foundAt(res), " "); got != "MARKnew b:1 MARKold a:1" {
		t.Errorf("found %q", got)
	}
	if len(res.Problems) != 1 || res.Problems[0].Where != head {
		t.Errorf("problems %+v", res.Problems)
	}
}

func TestStagedSHA256(t *testing.T) {
	r := newGitRepo(t, "--object-format=sha256")
	r.write("a", "MARKone")
	r.git("add", ".")
	r.want(r.staged(), "MARKone a:1")
}

func FuzzParseGitRaw(f *testing.F) {
	id := strings.Repeat("ab", 20)
	f.Add(":100644 100755 " + id + " " + id + " M\x00path\x00")
	f.Add(":100644 100644 " + id + " " + id + " R086\x00from\x00to\x00:000000 100644 " + strings.Repeat("0", 40) + " " + id + " A\x00\x00")
	f.Add(":")
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		err := parseGitRaw(strings.NewReader(text), func(c gitChange) error {
			n += len(c.path) + 1
			if c.status == 'R' || c.status == 'C' {
				n += len(c.oldPath) + 1
			}
			return nil
		})
		if n > len(text) || err == nil && n == 0 && text != "" {
			t.Errorf("%q gives %d bytes of paths, %v", text, n, err)
		}
	})
}

// TestStagedWithBrokenIndex: what cannot be compared at all is told once, with the way out.
func TestStagedWithBrokenIndex(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "x")
	index := filepath.Join(r.dir, ".git", "index")
	if err := os.WriteFile(index, []byte("XIRC"+strings.Repeat("\x00", 60)), 0o644); err != nil {
		t.Fatal(err)
	}
	b := newBasket()
	err := Staged(r.open()).Walk(t.Context(), b)
	var h interface{ Hint() string }
	if !errors.As(err, &h) || !strings.Contains(h.Hint(), index) || !strings.Contains(h.Hint(), "git reset") || len(b.problems) > 0 {
		t.Errorf("error %v, problems %v", err, b.problems)
	}
}
