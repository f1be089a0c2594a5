package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const gitConfig = ".git/config"

func TestWorkTree(t *testing.T) {
	dir := repo(t, tmp(t), "tracked.txt", "sub/tracked.txt", "forced.log", "gone.txt", ".gitignore")
	write(t, dir, ".gitignore", "*.log\nbuild/\n")
	write(t, dir, "untracked.txt", "u")
	write(t, dir, "sub/new/deep.txt", "d")
	write(t, dir, "ignored.log", "i")
	write(t, dir, "build/out.txt", "o")
	if err := os.Remove(filepath.Join(dir, "gone.txt")); err != nil {
		t.Fatal(err)
	}
	all := []string{"tracked.txt", "sub/tracked.txt", "forced.log", ".gitignore", "untracked.txt", "sub/new/deep.txt", gitConfig}
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, all...)
	b.wantSkips(t, skipGone, "gone.txt")
	b.wantNoProblem(t)
	if b.expected != int64(len(all)) {
		t.Errorf("expected %d files, want %d", b.expected, len(all))
	}

	b = scanIn(t, dir, FileOptions{NoIgnore: true}, ".")
	for _, want := range append(all, "ignored.log", "build/out.txt", ".git/hooks/pre-commit.sample") {
		if _, ok := b.blobs[want]; !ok {
			t.Errorf("with NoIgnore %s is missing", want)
		}
	}
	if b.twice != nil || slices.ContainsFunc(b.names(), func(n string) bool { return strings.HasPrefix(n, ".git/objects/") }) {
		t.Errorf("with NoIgnore: %q, twice %q", b.names(), b.twice)
	}
	b.wantSkips(t, skipInternals, ".git")
}

func TestWorkTreeTargetsBelow(t *testing.T) {
	dir := repo(t, tmp(t), "a.txt", "sub/b.txt", "sub/more/c.txt", "subs/d.txt", "build/forced.txt")
	write(t, dir, ".gitignore", "*.log\nbuild/\n")
	write(t, dir, "build/nested/out.log", "o")
	write(t, dir, "sub/x.log", "x")
	tests := []struct {
		cwd    string
		target string
		want   map[string]string // Path by Shown
	}{
		{"", "sub", map[string]string{"sub/b.txt": "sub/b.txt", "sub/more/c.txt": "sub/more/c.txt"}},
		{"sub", ".", map[string]string{"b.txt": "sub/b.txt", "more/c.txt": "sub/more/c.txt"}},
		{"sub/more", "..", map[string]string{"../b.txt": "sub/b.txt", "c.txt": "sub/more/c.txt"}},
		{"sub", "../a.txt", map[string]string{"../a.txt": "a.txt"}},
		{"", "build", map[string]string{"build/forced.txt": "build/forced.txt", "build/nested/out.log": "build/nested/out.log"}},
		{"", "build/nested", map[string]string{"build/nested/out.log": "build/nested/out.log"}},
		{"", "build/nested/out.log", map[string]string{"build/nested/out.log": "build/nested/out.log"}},
		{"", "sub/x.log", map[string]string{"sub/x.log": "sub/x.log"}},
		{"sub", "x.log", map[string]string{"x.log": "sub/x.log"}},
		{"", ".git/info", map[string]string{".git/info/exclude": ".git/info/exclude"}},
		{"", gitConfig, map[string]string{gitConfig: gitConfig}},
	}
	for _, tt := range tests {
		b := scanIn(t, filepath.Join(dir, tt.cwd), FileOptions{}, tt.target)
		got := map[string]string{}
		for shown, g := range b.blobs {
			got[shown] = g.path
		}
		delete(got, "../more/c.txt") // the same file as c.txt, seen from sub/more
		if tt.cwd == "sub/more" {
			tt.want = map[string]string{"../b.txt": "sub/b.txt"}
		}
		for shown, path := range tt.want {
			if got[shown] != path {
				t.Errorf("%s in %q: %q has path %q, want %q", tt.target, tt.cwd, shown, got[shown], path)
			}
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s in %q: %v, want %v", tt.target, tt.cwd, got, tt.want)
		}
		b.wantNoProblem(t)
	}
	b := scanIn(t, dir, FileOptions{}, ".", "sub/x.log", "build")
	b.wantNames(t, "a.txt", "sub/b.txt", "sub/more/c.txt", "subs/d.txt", ".gitignore", gitConfig,
		"sub/x.log", "build/forced.txt", "build/nested/out.log")
}

func TestWorkTreeTargetsWithOddNames(t *testing.T) {
	for _, name := range []string{"[ab]", ":x", "*", "-r", "a\nb", "\xff"} {
		dir := repo(t, tmp(t), "a/a.txt", name+"/tracked")
		write(t, dir, name+"/untracked", "u")
		b := scanIn(t, dir, FileOptions{}, "./"+name)
		b.wantNames(t, name+"/tracked", name+"/untracked")
		b.wantNoProblem(t)
	}
}

// TestColonNameIsNoMagic has a directory whose name git could take for a pathspec that means x.
func TestColonNameIsNoMagic(t *testing.T) {
	dir := repo(t, tmp(t), ":x/tracked")
	write(t, dir, ".gitignore", "x/\n*.log\n")
	write(t, dir, ":x/a.log", "a")
	write(t, dir, "x/b", "b")
	scanIn(t, dir, FileOptions{}, ":x").wantNames(t, ":x/tracked")
}

func TestConfigThatIsALink(t *testing.T) {
	dir := repo(t, filepath.Join(tmp(t), "r"), "a.txt")
	if err := os.Rename(filepath.Join(dir, gitConfig), filepath.Join(dir, "../kept")); err != nil {
		t.Fatal(err)
	}
	link(t, "../../kept", dir, gitConfig)
	b := scanIn(t, dir, FileOptions{}, ".")
	kept := filepath.ToSlash(filepath.Dir(dir)) + "/kept"
	b.wantNames(t, "a.txt", kept)
	if !strings.Contains(b.blobs[kept].content, "[core]") {
		t.Errorf("the configuration is read as %+v", b.blobs[kept])
	}
}

func TestWorkTreeFilter(t *testing.T) {
	dir := repo(t, tmp(t), "a.go", "b.txt", "vendor/c.go")
	filter, err := NewFilter([]string{"*.go", "/.git"}, []string{"vendor/"})
	if err != nil {
		t.Fatal(err)
	}
	b := scanIn(t, dir, FileOptions{Filter: filter}, ".")
	b.wantNames(t, "a.go", gitConfig)
	b.wantSkips(t, skipExcluded, "vendor/c.go")
	b.wantSkips(t, skipNotIncluded, "b.txt")
}

func TestWorkTreeLinks(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "outside/secret", "s")
	root := repo(t, filepath.Join(dir, "repo"), "x/secret", "y/secret", "link")
	link(t, "../outside", root, "untracked")
	for _, name := range []string{"x", "link"} {
		if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
		link(t, "../outside", root, name)
	}
	write(t, root, "link-holder/z", "z")
	b := scanIn(t, root, FileOptions{}, ".")
	b.wantNames(t, "y/secret", "link-holder/z", gitConfig)
	b.wantSkips(t, skipLinks, "untracked", "x", "x/secret", "link")
	b.wantNoProblem(t)
}

func TestConflictIsListedOnce(t *testing.T) {
	dir := repo(t, tmp(t), "f")
	for _, branch := range []string{"one", "two"} {
		gitIn(t, dir, "checkout", "-q", "-b", branch, "main")
		write(t, dir, "f", branch)
		gitIn(t, dir, "commit", "-q", "-a", "-m", branch)
	}
	// Three stages of one path, as a merge that stopped leaves them.
	gitIn(t, dir, "read-tree", "-i", "-m", "main", "two", "one")
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "f", gitConfig)
}

func TestFileBecomesDirectory(t *testing.T) {
	dir := repo(t, tmp(t), "a", "b/c")
	for _, name := range []string{"a", "b"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "a/new", "n")
	write(t, dir, "b", "b")
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "a/new", "b", gitConfig)
	b.wantSkips(t, skipGone, "a", "b/c")
	b.wantNoProblem(t)
}

func TestSubmodulesAndNested(t *testing.T) {
	dir := tmp(t)
	lib := repo(t, filepath.Join(dir, "lib"), "lib.txt")
	root := repo(t, filepath.Join(dir, "root"), "a.txt")
	gitIn(t, root, "submodule", "--quiet", "add", lib, "mods/lib")
	gitIn(t, root, "submodule", "--quiet", "add", lib, "mods/absent")
	gitIn(t, root, "submodule", "--quiet", "add", lib, "mods/emptied")
	gitIn(t, root, "commit", "-q", "-m", "modules")
	for _, name := range []string{"mods/absent", "mods/emptied"} {
		gitIn(t, root, "submodule", "--quiet", "deinit", "-f", name)
	}
	write(t, root, "mods/emptied/left.txt", "l")
	write(t, root, "mods/lib/new.txt", "n")
	nested := repo(t, filepath.Join(root, "mods/lib/nested"), "n.txt")
	write(t, nested, ".git/info/exclude", "*.log\n")
	write(t, nested, "x.log", "x")
	repo(t, filepath.Join(root, "no commit yet"))
	gitIn(t, root, "worktree", "add", "-q", "wt")

	b := scanIn(t, root, FileOptions{}, ".")
	b.wantNames(t, "a.txt", ".gitmodules", gitConfig, "mods/lib/lib.txt", "mods/lib/new.txt", ".git/modules/mods/lib/config",
		"mods/emptied/left.txt", "mods/lib/nested/n.txt", "mods/lib/nested/.git/config", "no commit yet/.git/config",
		"wt/a.txt", "wt/.gitmodules")
	b.wantNoProblem(t)
	slices.Sort(b.entered)
	if want := []string{"mods/lib", "mods/lib/nested", "no commit yet", "wt"}; !slices.Equal(b.entered, want) {
		t.Errorf("entered %q, want %q", b.entered, want)
	}
	b.wantSkips(t, skipSubmodules, "mods/absent", "wt/mods/absent", "wt/mods/emptied", "wt/mods/lib")
	if g := b.blobs[".git/modules/mods/lib/config"]; g.path != "mods/lib/.git/config" {
		t.Errorf("the submodule's configuration has path %q", g.path)
	}

	b = scanIn(t, filepath.Join(root, "mods/lib"), FileOptions{}, ".")
	if g := b.blobs["lib.txt"]; g.path != "lib.txt" {
		t.Errorf("in the submodule lib.txt is %+v of %q", g, b.names())
	}
	b = scanIn(t, filepath.Join(root, "wt"), FileOptions{}, ".")
	shared := filepath.ToSlash(root) + "/.git/config"
	b.wantNames(t, "a.txt", ".gitmodules", shared)
	if g := b.blobs[shared]; g.path != gitConfig {
		t.Errorf("a worktree's configuration has path %q", g.path)
	}
	b = scanIn(t, root, FileOptions{}, ".", "mods/lib", "mods/lib/nested/x.log")
	if g, ok := b.blobs["mods/lib/nested/x.log"]; !ok || g.path != "x.log" || b.twice != nil {
		t.Errorf("overlapping targets: %q, twice %q", b.names(), b.twice)
	}
}

func TestNoIgnoreSubmodulesAndWorktree(t *testing.T) {
	dir := tmp(t)
	lib := repo(t, filepath.Join(dir, "lib"), "lib.txt")
	root := repo(t, filepath.Join(dir, "root"), "a.txt")
	gitIn(t, root, "submodule", "--quiet", "add", lib, "sub")
	gitIn(t, root, "worktree", "add", "-q", "../wt", "HEAD")
	b := scanIn(t, root, FileOptions{NoIgnore: true}, ".")
	for _, want := range []string{"sub/lib.txt", "sub/.git", gitConfig, ".git/modules/sub/config"} {
		if _, ok := b.blobs[want]; !ok {
			t.Errorf("%s is missing", want)
		}
	}
	if b.twice != nil || !slices.Equal(b.entered, []string{"sub"}) {
		t.Errorf("twice %q, entered %q", b.twice, b.entered)
	}
	b = scanIn(t, filepath.Join(dir, "wt"), FileOptions{NoIgnore: true}, ".")
	b.wantNames(t, "a.txt", ".git", filepath.ToSlash(root)+"/.git/config")
}

func TestSparseCheckout(t *testing.T) {
	dir := repo(t, tmp(t), "top.txt", "in/a.txt", "out/b.txt", "skipped.txt")
	gitIn(t, dir, "sparse-checkout", "set", "--cone", "in")
	gitIn(t, dir, "update-index", "--skip-worktree", "skipped.txt")
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantNames(t, "top.txt", "in/a.txt", "skipped.txt", gitConfig, ".git/config.worktree")
	b.wantSkips(t, skipGone, "out/b.txt")
	b.wantNoProblem(t)
}

func TestBareRepository(t *testing.T) {
	dir := tmp(t)
	gitIn(t, dir, "init", "-q", "--bare", "b.git")
	write(t, dir, "beside.txt", "b")
	_, err := walkError(t, Files(targets("b.git"), FileOptions{Dir: dir, Environ: gitEnviron()}))
	if err == nil || !strings.Contains(err.Error(), "bare repository") || !strings.Contains(err.Error(), "--history") {
		t.Errorf("a bare repository as target: %v", err)
	}
	b := scanIn(t, dir, FileOptions{}, ".")
	b.wantSkips(t, skipInternals, "b.git")
	for _, want := range []string{"beside.txt", "b.git/config"} {
		if _, ok := b.blobs[want]; !ok {
			t.Errorf("%s is missing in %q", want, b.names())
		}
	}
}

func TestGitDirInEnvironment(t *testing.T) {
	dir := tmp(t)
	one := repo(t, filepath.Join(dir, "one"), "one.txt")
	two := repo(t, filepath.Join(dir, "two"), "two.txt", "s/two.txt")
	write(t, two, ".git/info/exclude", "*.log\n")
	write(t, two, "x.log", "x")
	// As in a hook of one: two is still its own.
	hook := append(gitEnviron(), "GIT_DIR="+filepath.Join(one, ".git"), "GIT_INDEX_FILE="+filepath.Join(one, ".git/index"))
	scanIn(t, two, FileOptions{Environ: hook}, ".").wantNames(t, "two.txt", "s/two.txt", gitConfig)
	relative := append(gitEnviron(), "GIT_DIR=.git", "GIT_INDEX_FILE=.git/index", "GIT_WORK_TREE=.")
	scanIn(t, two, FileOptions{Environ: relative}, ".").wantNames(t, "two.txt", "s/two.txt", gitConfig)
	scanIn(t, two, FileOptions{Environ: relative}, "s").wantNames(t, "s/two.txt")

	// A work tree that only the environment knows.
	home := filepath.Join(dir, "home")
	write(t, home, ".profile", "p")
	write(t, home, "docs/a.txt", "a")
	write(t, home, "docs/b.log", "b")
	away := filepath.Join(dir, "dots.git")
	gitIn(t, dir, "init", "-q", "--bare", away)
	write(t, away, "info/exclude", "*.log\n")
	dots := append(gitEnviron(), "GIT_DIR="+away, "GIT_WORK_TREE="+home)
	b := scanIn(t, home, FileOptions{Environ: dots}, ".")
	b.wantNames(t, ".profile", "docs/a.txt", filepath.ToSlash(away)+"/config")
	b.wantNoProblem(t)
	b = scanIn(t, home, FileOptions{Environ: dots}, "docs")
	b.wantNames(t, "docs/a.txt")
	// Elsewhere it has no say.
	b = scanIn(t, home, FileOptions{Environ: dots}, "../one")
	b.wantNames(t, "../one/one.txt", "../one/.git/config")
}

func TestCoreWorktreeHasNoForce(t *testing.T) {
	dir := tmp(t)
	write(t, dir, "victim/secret", "s")
	root := repo(t, filepath.Join(dir, "repo"), "a.txt")
	gitIn(t, root, "config", "core.worktree", filepath.Join(dir, "victim"))
	b := scanIn(t, root, FileOptions{}, ".")
	b.wantNames(t, "a.txt", gitConfig)
	b.wantNoProblem(t)
}

func TestListingFailsAndFilesAreScanned(t *testing.T) {
	breaks := map[string]func(dir string) error{
		"index is damaged": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, ".git/index"), []byte("DIRCgarbage"), 0o644)
		},
		"git is not there":  func(string) error { return nil },
		"config is damaged": func(dir string) error { return os.WriteFile(filepath.Join(dir, gitConfig), []byte("[core\n"), 0o644) },
		"gitdir is missing": func(dir string) error {
			return os.Rename(filepath.Join(dir, ".git"), filepath.Join(dir, "../elsewhere"))
		},
	}
	for how, damage := range breaks {
		dir := repo(t, filepath.Join(tmp(t), "r"), "a.txt", "s/b.txt")
		if err := damage(dir); err != nil {
			t.Fatal(err)
		}
		opts := FileOptions{}
		want := []string{"a.txt", "s/b.txt", gitConfig}
		switch how {
		case "git is not there":
			opts.Environ = []string{"PATH=/nonexistent"}
		case "gitdir is missing":
			write(t, dir, ".git", "gitdir: /nonexistent/git\n")
			want = want[:2]
		}
		b := scanIn(t, dir, opts, ".")
		b.wantNames(t, want...)
		if p := b.problems["."]; p.Op != gitListing || p.Err == "" || strings.Contains(p.Err, "hint:") {
			t.Errorf("%s: problems %+v", how, b.problems)
		}
	}
}

// TestIndexWithForeignNames feeds a listing that leads out of the work tree to files that are there.
func TestIndexWithForeignNames(t *testing.T) {
	up := tmp(t)
	dir := filepath.Join(up, "tree")
	write(t, up, "outside", "o")
	write(t, dir, "ok", "ok")
	write(t, dir, "a/x", "x")
	repo(t, filepath.Join(up, "nested"))
	b := newBasket()
	l := listing{walker: newWalker(FileOptions{Dir: dir, Jobs: 1}, b), tree: &tree{dir: dir, claim: dir}}
	for _, record := range []string{"H 100644 0 0\t../outside", "? a/../../outside", "H 100644 0 0\t/ok", "? ../nested/"} {
		clear(b.problems)
		if err := l.read(t.Context(), strings.NewReader(record+"\x00")); err != nil {
			t.Fatal(err)
		}
		if len(l.files)+l.queue.waiting != 0 || len(l.queue.tasks) != 0 || len(b.problems) != 1 {
			t.Errorf("%q: %d files sent, tasks %v, problems %v", record, len(l.files)+l.queue.waiting, l.queue.tasks, b.problems)
		}
	}
	if err := l.read(t.Context(), strings.NewReader("H 100644 0 0\tok\x00")); err != nil || len(l.files)+l.queue.waiting != 1 {
		t.Errorf("a file in the tree: %d sent, error %v", len(l.files)+l.queue.waiting, err)
	}
}

func TestListingForms(t *testing.T) {
	good := map[string][2]string{
		"? a b":                      {"", "a b"},
		"? dir/":                     {"", "dir/"},
		"H 100644 e69de29 0\ta\tb":   {"100644", "a\tb"},
		"S 160000 e69de29 0\tmod":    {modeSubmodule, "mod"},
		"M 100755 e69de29 2\t? a":    {"100755", "? a"},
		"H 120000 e69de29 0\tx\ny\\": {"120000", "x\ny\\"},
	}
	for record, want := range good {
		mode, path, err := parseRecord(record)
		if err != nil || mode != want[0] || path != want[1] {
			t.Errorf("%q is %q, %q, %v", record, mode, path, err)
		}
	}
	for _, record := range []string{"", "?", "? ", "H", "H x", "H \t", "H 100644 e69de29 0 a", "HH 100644 e 0\ta"} {
		if _, path, err := parseRecord(record); err == nil {
			t.Errorf("%q is taken for %q", record, path)
		}
	}
	l := listing{walker: newWalker(FileOptions{Dir: tmp(t)}, newBasket()), tree: &tree{}}
	if err := l.read(t.Context(), strings.NewReader("? cut o")); err == nil {
		t.Error("a listing that is cut off is taken for whole")
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add("H 100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 0\ta.txt")
	f.Add("? a/")
	f.Fuzz(func(t *testing.T, record string) {
		mode, path, err := parseRecord(record)
		if err == nil && (path == "" || !strings.HasSuffix(record, path) || !strings.Contains(record, mode)) {
			t.Errorf("%q gives mode %q and path %q", record, mode, path)
		}
	})
}

func FuzzWarning(f *testing.F) {
	f.Add("warning: could not open directory 'a/b/': Permission denied")
	f.Add("warning: could not open directory '../x/': no\nfatal: y")
	f.Add("warning: could not open directory './': ")
	f.Fuzz(func(t *testing.T, said string) {
		l := listing{walker: newWalker(FileOptions{Dir: t.TempDir()}, newBasket()), tree: &tree{dir: "/nonexistent"}}
		rel, ok := l.unopened(said)
		if ok && !filepath.IsLocal(rel) {
			t.Errorf("%q leads to %q", said, rel)
		}
		var w warnings
		_, _ = w.Write([]byte(said))
		l.warned(&w)
	})
}
