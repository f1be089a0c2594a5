package gitindex

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/internal/git"
	"keysweep/internal/odb"
)

// repo is a real repository.
type repo struct {
	*testing.T
	dir      string
	hashSize int
}

func newRepo(t *testing.T, initArgs ...string) *repo {
	t.Helper()
	r := &repo{t, t.TempDir(), 20}
	r.git(append([]string{"init", "-q", "-b", "main"}, initArgs...)...)
	if slices.Contains(initArgs, "--object-format=sha256") {
		r.hashSize = 32
	}
	return r
}

func (r *repo) git(args ...string) string { r.Helper(); return r.gitIn("", args...) }

func (r *repo) gitIn(stdin string, args ...string) string {
	r.Helper()
	out, err := r.try(stdin, args...)
	if err != nil {
		r.Fatal(err)
	}
	return out
}

func (r *repo) try(stdin string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = r.dir, strings.NewReader(stdin)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.org"}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %v: %w\n%s", args, err, said.String())
	}
	return out.String(), nil
}

func (r *repo) write(name, text string) {
	r.Helper()
	path := filepath.Join(r.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		r.Fatal(err)
	}
}

func (r *repo) index() []byte {
	r.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, ".git", "index"))
	if err != nil {
		r.Fatal(err)
	}
	return data
}

func (r *repo) parse() *File {
	r.Helper()
	f, err := Parse(r.index(), r.hashSize)
	if err != nil {
		r.Fatal(err)
	}
	return f
}

// listed writes the entries as git ls-files --stage does.
func (r *repo) listed(f *File) string {
	r.Helper()
	var out strings.Builder
	c := f.Cursor()
	for c.Next() {
		fmt.Fprintf(&out, "%06o %x %d\t%s\x00", c.Mode, c.ID, c.Stage, c.Path)
	}
	if c.Err != nil {
		r.Fatal(c.Err)
	}
	return out.String()
}

// diff writes what Diff finds as git diff-index does, in an order of its own.
func (r *repo) diff(f *File, tree string) (string, error) {
	r.Helper()
	repo, err := git.Open(context.Background(), git.Options{Dir: r.dir, Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir}})
	if err != nil {
		r.Fatal(err)
	}
	cat := repo.CatFile(context.Background())
	defer cat.Close()
	read := func(id git.OID) ([]byte, error) {
		o, err := cat.Get(id)
		return o.Data, errors.Join(err, o.Err)
	}
	root, err := git.ParseOID(tree)
	if err != nil {
		r.Fatal(err)
	}
	var lines []string
	err = f.Diff(root, read, func(c Change) error {
		status := "M"
		switch {
		case c.OldMode == 0:
			status = "A"
		case c.NewMode == 0:
			status = "D"
		case c.OldMode.Kind() != c.NewMode.Kind():
			status = "T"
		}
		lines = append(lines, fmt.Sprintf(":%06o %06o %s %s %s %s", c.OldMode, c.NewMode, r.id(c.OldID), r.id(c.NewID), status, c.Path))
		return nil
	})
	slices.Sort(lines)
	return strings.Join(lines, "\n"), err
}

func (r *repo) id(id git.OID) string {
	if id.IsZero() {
		return strings.Repeat("0", 2*r.hashSize)
	}
	return id.String()
}

func (r *repo) gitDiff(tree string) string {
	r.Helper()
	out := r.git("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ita-invisible-in-index", tree, "--")
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	var lines []string
	for i := 0; i+1 < len(fields); i += 2 {
		lines = append(lines, fields[i]+" "+fields[i+1])
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// check compares listing and difference with git's.
func (r *repo) check(tree string) {
	r.Helper()
	f := r.parse()
	if got, want := r.listed(f), r.git("ls-files", "--stage", "-z"); got != want {
		r.Errorf("entries:\n%q\ngit's:\n%q", got, want)
	}
	got, err := r.diff(f, strings.TrimSpace(r.git("rev-parse", tree+"^{tree}")))
	if want := r.gitDiff(tree); got != want || err != nil {
		r.Errorf("difference, %v:\n%s\ngit's:\n%s", err, got, want)
	}
}

func TestIndex(t *testing.T) {
	for _, test := range []struct {
		name string
		init []string
		do   func(r *repo)
	}{
		{"nothing staged", nil, func(*repo) {}},
		{"version 4", nil, func(r *repo) { r.write("sub/new", "x"); r.git("add", "."); r.git("update-index", "--index-version=4") }},
		{"version 4, sha256", []string{"--object-format=sha256"}, func(r *repo) { r.write("z", "x"); r.git("add", "."); r.git("update-index", "--index-version=4") }},
		{"sha256", []string{"--object-format=sha256"}, func(r *repo) { r.write("a", "x"); r.git("add", ".") }},
		{"intent to add", nil, func(r *repo) { r.write("n", "x"); r.write("a", "changed"); r.git("add", "-N", "n"); r.git("add", "a") }},
		{"intent to add what was there", nil, func(r *repo) { r.git("rm", "-q", "--cached", "a"); r.git("add", "-N", "a") }},
		{"intent to add below", nil, func(r *repo) { r.write("only/n", "x"); r.git("add", "-N", "only"); r.git("write-tree") }},
		{"skip-worktree", nil, func(r *repo) {
			r.git("update-index", "--skip-worktree", "a")
			r.git("update-index", "--assume-unchanged", "sub/b")
		}},
		{"mode", nil, func(r *repo) { r.git("update-index", "--chmod=+x", "a") }},
		{"link", nil, func(r *repo) { r.git("update-index", "--cacheinfo", "120000,"+r.blob("x")+",a") }},
		{"submodule", nil, func(r *repo) {
			r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.TrimSpace(r.git("rev-parse", "HEAD"))+",module")
			r.git("update-index", "--cacheinfo", "160000,"+strings.TrimSpace(r.git("rev-parse", "HEAD"))+",a")
		}},
		{"file becomes a directory", nil, func(r *repo) { r.git("rm", "-q", "a"); r.write("a/x", "y"); r.write("a-b", "z"); r.git("add", ".") }},
		{"directory becomes a file", nil, func(r *repo) {
			r.git("rm", "-rq", "sub")
			r.write("sub", "y")
			r.write("sub-b", "z")
			r.git("add", ".")
		}},
		{"directory gone", nil, func(r *repo) { r.git("rm", "-rq", "sub") }},
		{"everything gone", nil, func(r *repo) { r.git("rm", "-rq", ".") }},
		{"long names", nil, func(r *repo) {
			long := strings.Repeat(strings.Repeat("d", 200)+"/", 25)
			r.git("update-index", "--add", "--cacheinfo", "100644,"+r.blob("x")+","+long+"a")
			r.git("update-index", "--add", "--cacheinfo", "100644,"+r.blob("x")+","+long+"b")
		}},
		{"odd names", nil, func(r *repo) { r.write("ü\xff\n\"", "x"); r.git("add", ".") }},
		{"trees are remembered", nil, func(r *repo) { r.git("write-tree"); r.write("sub/new", "x"); r.git("add", ".") }},
		{"other extensions", nil, func(r *repo) { r.git("update-index", "--untracked-cache"); r.git("status") }},
		{"no checksum", nil, func(r *repo) {
			data := r.index()
			clear(data[len(data)-20:])
			if err := os.WriteFile(filepath.Join(r.dir, ".git", "index"), data, 0o644); err != nil {
				r.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRepo(t, test.init...)
			r.write("a", "one")
			r.write("sub/b", "two")
			r.write("sub/deep/c", "three")
			r.git("add", ".")
			r.git("commit", "-q", "-m", "m")
			test.do(r)
			r.check("HEAD")
		})
	}
}

func (r *repo) blob(text string) string {
	r.Helper()
	return strings.TrimSpace(r.gitIn(text, "hash-object", "-w", "--stdin"))
}

func TestConflict(t *testing.T) {
	r := newRepo(t)
	id := r.blob("x")
	r.gitIn(fmt.Sprintf("100644 %s 1\ta\n100644 %s 2\ta\n100755 %s 3\ta\n100644 %s 0\tb\n", id, id, id, id), "update-index", "--index-info")
	f := r.parse()
	if got, want := r.listed(f), r.git("ls-files", "--stage", "-z"); got != want {
		t.Errorf("%q, git's %q", got, want)
	}
	if _, err := r.diff(f, strings.TrimSpace(r.git("mktree"))); !errors.Is(err, errUnmerged) {
		t.Error(err)
	}
}

func TestUnknownExtensions(t *testing.T) {
	for name, do := range map[string]func(r *repo){
		"split": func(r *repo) { r.git("update-index", "--split-index") },
		"sparse": func(r *repo) {
			r.git("sparse-checkout", "init", "--cone", "--sparse-index")
			r.git("sparse-checkout", "set", "sub/deep")
		},
	} {
		r := newRepo(t)
		for _, name := range []string{"a", "other/b", "other/c", "sub/deep/c"} {
			r.write(name, name)
		}
		r.git("add", ".")
		r.git("commit", "-q", "-m", "m")
		do(r)
		if _, err := Parse(r.index(), 20); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestRememberedTrees counts what is read: only the directories that hold a change, and the root.
func TestRememberedTrees(t *testing.T) {
	r := newRepo(t)
	for _, name := range []string{"a", "other/deep/b", "sub/c", "sub/deep/d"} {
		r.write(name, name)
	}
	r.git("add", ".")
	r.git("commit", "-q", "-m", "m")
	r.git("read-tree", "HEAD") // remembers them
	r.git("update-index", "--cacheinfo", "100644,"+r.blob("changed")+",sub/c")
	for tree, want := range map[string][]string{"HEAD^{tree}": {"HEAD^{tree}", "HEAD:sub"}, "HEAD:other": {"HEAD:other", "HEAD:other/deep"}} {
		var read []string
		root, err := git.ParseOID(strings.TrimSpace(r.git("rev-parse", tree)))
		if err != nil {
			t.Fatal(err)
		}
		err = r.parse().Diff(root, func(id git.OID) ([]byte, error) {
			read = append(read, id.String())
			return []byte(r.git("cat-file", "tree", id.String())), nil
		}, func(Change) error { return nil })
		var ids []string
		for _, name := range want {
			ids = append(ids, strings.TrimSpace(r.git("rev-parse", name)))
		}
		if !slices.Equal(read, ids) || err != nil {
			t.Errorf("against %s: trees %q were read, want %q, %v", tree, read, ids, err)
		}
	}
}

// TestDamage flips every byte, and cuts the file everywhere.
func TestDamage(t *testing.T) {
	r := newRepo(t)
	r.write("sub/a", "x")
	r.write("b", "y")
	r.git("add", ".")
	whole := r.index()
	for i := range whole {
		if _, err := Parse(whole[:i], 20); err == nil {
			t.Errorf("cut at %d: no error", i)
		}
		data := bytes.Clone(whole)
		data[i] ^= 0x40
		if _, err := Parse(data, 20); err == nil {
			t.Errorf("changed at %d: no error", i)
		}
	}
}

// TestRandomDiff compares with git on trees and indexes that are made at random, with and without remembered trees.
func TestRandomDiff(t *testing.T) {
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		r := newRepo(t)
		ids := []string{r.blob("1"), r.blob("2"), r.blob("3")}
		names := []string{"a", "a-b", "a.b", "b", "a0"}
		fill := func(n int) {
			var lines strings.Builder
			for range n {
				parts := make([]string, 1+rnd.IntN(4))
				for i := range parts {
					parts[i] = names[rnd.IntN(len(names))]
				}
				mode := []string{"100644", "100755", "120000", "0"}[rnd.IntN(4)]
				fmt.Fprintf(&lines, "%s %s\t%s\n", mode, ids[rnd.IntN(len(ids))], strings.Join(parts, "/"))
			}
			r.gitIn(lines.String(), "update-index", "--index-info")
		}
		fill(60)
		tree := strings.TrimSpace(r.git("write-tree"))
		r.check(tree)
		fill(1 + rnd.IntN(20))
		r.check(tree)
		if rnd.IntN(2) == 0 {
			r.git("update-index", "--index-version=4")
		}
		r.git("write-tree")
		r.check(tree)
		r.git("read-tree", "--empty")
		fill(40)
		r.check(tree)
	}
}

// FuzzParse makes files that pass the checksum. Whatever is read can be gone over and compared.
func FuzzParse(f *testing.F) {
	for _, version := range []string{"2", "4"} {
		f.Add(seedIndex(f, version))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = append(bytes.Clone(data), make([]byte, 20)...)
		file, err := Parse(data, 20)
		if err != nil {
			return
		}
		c, n := file.Cursor(), 0
		for c.Next() {
			n++
		}
		if n != file.Len() || c.Err != nil {
			t.Fatalf("%d of %d entries, %v", n, file.Len(), c.Err)
		}
		if len(data) > 1<<16 {
			return
		}
		found := 0
		root := git.OID{}
		if file.Tree() != nil && file.Tree().Entries >= 0 {
			root = odb.RawID(file.Tree().ID)
		}
		noTree := errors.New("no such tree")
		err = file.Diff(root, func(git.OID) ([]byte, error) { return nil, noTree }, func(Change) error { found++; return nil })
		if found > n || err == nil && root.IsZero() && found == 0 && n > 0 && !allIntended(file) {
			t.Fatalf("%d changes of %d entries, %v", found, n, err)
		}
	})
}

func allIntended(f *File) bool {
	c := f.Cursor()
	for c.Next() {
		if !c.IntentToAdd {
			return false
		}
	}
	return true
}

// seedIndex returns an index without its checksum.
func seedIndex(f *testing.F, version string) []byte {
	f.Helper()
	dir := f.TempDir()
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"write-tree"}, {"update-index", "--index-version=" + version},
	} {
		if args[0] == "add" {
			for _, name := range []string{"a", "b"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
					f.Fatal(err)
				}
			}
		}
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
	if err != nil {
		f.Fatal(err)
	}
	return data[:len(data)-20]
}
