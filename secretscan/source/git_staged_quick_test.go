package source

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"keysweep/internal/git"
	"keysweep/secretscan"
)

// staged scans what is staged, with and without git's help, and insists on the same result.
func (r *gitRepo) staged(environ ...string) secretscan.Result {
	r.Helper()
	res, _ := r.stagedEmpty(environ...)
	return res
}

func (r *gitRepo) stagedEmpty(environ ...string) (secretscan.Result, string) {
	r.Helper()
	own, asked := Staged(r.open(environ...)), Staged(r.open(append(environ, git.AskGit+"=1")...))
	got, want := r.scan(own), r.scan(asked)
	if !reflect.DeepEqual(got, want) {
		r.Errorf("without git: %+v\ngit's answer: %+v", got, want)
	}
	if own.Empty() != asked.Empty() {
		r.Errorf("without git %q, git's answer %q", own.Empty(), asked.Empty())
	}
	return got, own.Empty()
}

// quick reports whether the comparison of the index needs no git.
func (r *gitRepo) quick(environ ...string) bool {
	r.Helper()
	diff := gitIndexDiff{repo: r.open(environ...), sink: gitQuietSink{}}
	_, ok := diff.quick(context.Background())
	return ok
}

// TestStagedNeedsNoGit says which states of an index need git; the findings are the same.
func TestStagedNeedsNoGit(t *testing.T) {
	const ours, gits = true, false
	long := []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	for _, test := range []struct {
		name  string
		quick bool
		do    func(r *gitRepo)
		want  []string
	}{
		{"a change", ours, func(r *gitRepo) { r.write("a", "x", "MARKnew"); r.git("add", ".") }, []string{"MARKnew a:2"}},
		{"unborn branch", ours, func(r *gitRepo) { r.git("checkout", "-q", "--orphan", "new"); r.write("n", "MARKn"); r.git("add", ".") },
			[]string{"MARKa a:1", "MARKb sub/b:1", "MARKn n:1"}},
		{"no index", ours, func(r *gitRepo) { r.remove(".git/index") }, nil},
		{"index of version 4", ours, func(r *gitRepo) {
			r.write("sub/c", "MARKc")
			r.git("add", ".")
			r.git("update-index", "--index-version=4")
		}, []string{"MARKc sub/c:1"}},
		{"packed", ours, func(r *gitRepo) { r.git("gc", "-q"); r.write("c", "MARKc"); r.git("add", ".") }, []string{"MARKc c:1"}},
		{"two files swap names", ours, func(r *gitRepo) {
			r.git("mv", "a", "t")
			r.git("mv", "sub/b", "a")
			r.git("mv", "t", "sub/b")
		}, []string{"MARKa sub/b:1", "MARKb a:1"}},
		{"renamed and copied", gits, func(r *gitRepo) { r.write("z", "MARKa"); r.git("mv", "a", "c"); r.git("add", ".") }, []string{"MARKa z:1"}},
		{"one of two alike is renamed", ours, func(r *gitRepo) {
			r.commit("a2", "MARKa")
			r.git("rm", "-q", "a", "a2")
			r.write("c", "MARKa")
			r.git("add", ".")
		}, nil},
		{"renamed with changes", ours, func(r *gitRepo) {
			r.commit("long", append(long, "MARKold")...)
			r.git("mv", "long", "moved")
			r.write("moved", append(long, "MARKold", "MARKnew")...)
			r.git("add", ".")
		}, []string{"MARKnew moved:12"}},
		{"renamed out of recognition", ours, func(r *gitRepo) {
			r.git("rm", "-q", "a")
			r.write("c", append(long, "MARKa")...)
			r.git("add", ".")
		}, []string{"MARKa c:11"}},
		{"intent to add", ours, func(r *gitRepo) { r.write("c", "MARKc"); r.git("add", "-N", "c") }, nil},
		{"mode", ours, func(r *gitRepo) { r.git("update-index", "--chmod=+x", "a") }, nil},
		{"link", ours, func(r *gitRepo) { r.remove("a"); r.link("MARKlink", "a"); r.git("add", ".") }, []string{"MARKlink a:1"}},
		{"link becomes a file", ours, func(r *gitRepo) {
			r.link("MARKlink", "l")
			r.git("add", ".")
			r.git("commit", "-q", "-m", "link")
			r.remove("l")
			r.write("l", "MARKlink", "MARKnew")
			r.git("add", ".")
		}, []string{"MARKnew l:2"}},
		{"file becomes a directory", ours, func(r *gitRepo) { r.git("rm", "-q", "a"); r.write("a/x", "MARKa", "MARKx"); r.git("add", ".") },
			[]string{"MARKx a/x:2"}},
		{"split index", gits, func(r *gitRepo) {
			r.git("update-index", "--split-index")
			r.write("c", "MARKc")
			r.git("add", ".")
		}, []string{"MARKc c:1"}},
		{"sparse checkout", ours, func(r *gitRepo) {
			r.git("sparse-checkout", "set", "--no-cone", "/a")
			r.write("a", "MARKnew")
			r.git("add", "a")
		}, []string{"MARKnew a:1"}},
		{"sparse index", gits, func(r *gitRepo) {
			r.commit("other/deep/x", "x")
			r.git("sparse-checkout", "set", "--cone", "--sparse-index", "sub")
			r.write("a", "MARKnew")
			r.git("add", "a")
		}, []string{"MARKnew a:1"}},
		{"alternates", ours, func(r *gitRepo) {
			other := filepath.Join(r.TempDir(), "clone")
			r.git("clone", "-q", "--shared", r.dir, other)
			r.dir = other
			r.write("c", "MARKc")
			r.git("add", ".")
		}, []string{"MARKc c:1"}},
		{"shallow", ours, func(r *gitRepo) {
			other := filepath.Join(r.TempDir(), "clone")
			r.git("clone", "-q", "--depth=1", "file://"+r.dir, other)
			r.dir = other
			r.write("c", "MARKc")
			r.git("add", ".")
		}, []string{"MARKc c:1"}},
		{"partial clone", gits, func(r *gitRepo) {
			r.git("config", "uploadpack.allowFilter", "true")
			other := filepath.Join(r.TempDir(), "clone")
			r.git("clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+r.dir, other)
			r.dir = other
			r.git("read-tree", "HEAD")
			r.write("c", "MARKc")
			r.git("add", "c")
		}, []string{"MARKc c:1"}},
		{"replaced commit", ours, func(r *gitRepo) {
			old := r.git("rev-parse", "HEAD")
			r.write("a", "other")
			r.git("add", ".")
			r.git("commit", "-q", "--amend", "-m", "other")
			r.git("replace", old, "HEAD")
			r.git("reset", "-q", "--soft", old)
			r.write("a", "MARKa", "MARKnew")
			r.git("add", ".")
		}, []string{"MARKnew a:2"}},
		{"clean merge", ours, func(r *gitRepo) {
			r.git("checkout", "-q", "-b", "side")
			r.commit("side", "MARKside")
			r.git("checkout", "-q", "main")
			r.commit("main", "MARKmain")
			r.git("merge", "-q", "--no-commit", "side")
			r.write("evil", "MARKevil")
			r.git("add", ".")
		}, []string{"MARKevil evil:1"}},
		{"octopus", ours, func(r *gitRepo) {
			for _, name := range []string{"one", "two"} {
				r.git("checkout", "-q", "-b", name, "main")
				r.commit(name, "MARK"+name)
			}
			r.git("checkout", "-q", "main")
			r.commit("main", "x")
			r.git("merge", "-q", "--no-commit", "one", "two")
			r.write("two", "MARKtwo", "MARKevil")
			r.git("add", ".")
		}, []string{"MARKevil two:2"}},
		{"index with a wrong checksum", gits, func(r *gitRepo) { r.write("c", "MARKc"); r.git("add", "."); r.append(".git/index", "x") }, []string{"MARKc c:1"}},
		{"index damaged", gits, func(r *gitRepo) {
			if err := os.WriteFile(filepath.Join(r.dir, ".git/index"), []byte("XIRC"+strings.Repeat("\x00", 60)), 0o644); err != nil {
				r.Fatal(err)
			}
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newGitRepo(t)
			r.commit("a", "MARKa")
			r.commit("sub/b", "MARKb")
			test.do(r)
			if got := r.quick(); got != test.quick {
				t.Errorf("needs no git: %t", got)
			}
			if test.name == "index damaged" {
				r.bothFail()
				return
			}
			r.want(r.staged(), test.want...)
		})
	}
}

// bothFail checks that the scan fails in either way, and in the same words.
func (r *gitRepo) bothFail() {
	r.Helper()
	engine, err := secretscan.Compile(gitTestRules)
	if err != nil {
		r.Fatal(err)
	}
	var said []string
	for _, environ := range [][]string{nil, {git.AskGit + "=1"}} {
		_, err := secretscan.Run(context.Background(), engine, Staged(r.open(environ...)), secretscan.Options{})
		said = append(said, fmt.Sprint(err))
	}
	if said[0] != said[1] || said[0] == "<nil>" {
		r.Errorf("errors %q", said)
	}
}

func (r *gitRepo) remove(name string) {
	r.Helper()
	if err := os.Remove(filepath.Join(r.dir, name)); err != nil {
		r.Fatal(err)
	}
}

func (r *gitRepo) link(target, name string) {
	r.Helper()
	if err := os.Symlink(target, filepath.Join(r.dir, name)); err != nil {
		r.Fatal(err)
	}
}

func (r *gitRepo) append(name, text string) {
	r.Helper()
	old, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(string(old)+text), 0o644); err != nil {
		r.Fatal(err)
	}
}

// TestStagedRandom changes a repository at random, in all the ways that an index can come about, and scans after each step.
func TestStagedRandom(t *testing.T) {
	quick, steps := 0, 0
	for seed := range uint64(6) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		r := newGitRepo(t)
		names := []string{"a", "b", "a-b", "d/a", "d/b", "d/e/a", "f/a"}
		content := func() (lines []string) {
			for i := range 12 {
				if rnd.IntN(3) > 0 {
					lines = append(lines, fmt.Sprintf("line %d", i))
				}
			}
			return append(lines, "MARK"+string(rune('a'+rnd.IntN(6))))
		}
		name := func() string { return names[rnd.IntN(len(names))] }
		for range 25 {
			switch rnd.IntN(12) {
			case 0, 1, 2, 3:
				one := name()
				_, _ = r.try("rm", "-rq", "--cached", "--ignore-unmatch", one)
				if err := os.RemoveAll(filepath.Join(r.dir, one)); err != nil {
					t.Fatal(err)
				}
				if info, err := os.Stat(filepath.Dir(filepath.Join(r.dir, one))); err == nil && info.IsDir() || strings.Count(one, "/") < 2 {
					r.write(one, content()...)
					r.git("add", one)
				}
			case 4, 5:
				_, _ = r.try("mv", "-k", name(), name()+"2")
			case 6:
				_, _ = r.try("rm", "-rqf", "--ignore-unmatch", name())
			case 7:
				_, _ = r.try("update-index", "--chmod=+x", name())
			case 8:
				_, _ = r.try("write-tree")
			case 9, 10:
				_, _ = r.try("commit", "-q", "-m", "m")
			case 11:
				_, _ = r.try("update-index", fmt.Sprintf("--index-version=%d", 2+2*rnd.IntN(2)))
			}
			if rnd.IntN(3) > 0 {
				continue
			}
			if steps++; r.quick() {
				quick++
			}
			r.staged()
			if t.Failed() {
				t.Fatalf("seed %d, step %d", seed, steps)
			}
		}
	}
	if quick*2 < steps {
		t.Errorf("only %d of %d were compared without git", quick, steps)
	}
}
