package git

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlainIsGitsAnswer opens repositories of many shapes with and without git's help.
func TestPlainIsGitsAnswer(t *testing.T) {
	const ours, gits = true, false
	for _, test := range []struct {
		name  string
		plain bool // it is found without git
		make  func(s *shape)
	}{
		{"top", ours, func(*shape) {}},
		{"below", ours, func(s *shape) { s.at = "sub" }},
		{"inside the git directory", gits, func(s *shape) { s.at = ".git" }},
		{"inside a directory of it", gits, func(s *shape) { s.at = ".git/refs" }},
		{"unborn", ours, func(s *shape) { s.git("checkout", "-q", "--orphan", "new/branch") }},
		{"unborn, and a tag of that name", ours, func(s *shape) {
			s.git("update-ref", "refs/tags/HEAD", "HEAD")
			s.git("checkout", "-q", "--orphan", "new")
		}},
		{"unborn, and a packed branch of that name", ours, func(s *shape) {
			s.git("update-ref", "refs/heads/HEAD", "HEAD")
			s.git("pack-refs", "--all")
			s.git("checkout", "-q", "--orphan", "new")
		}},
		{"detached", ours, func(s *shape) { s.git("checkout", "-q", "--detach") }},
		{"packed refs", ours, func(s *shape) { s.git("pack-refs", "--all") }},
		{"packed refs, moved on", ours, func(s *shape) { s.git("pack-refs", "--all"); s.git("commit", "-q", "--allow-empty", "-m", "more") }},
		{"branch within a name", ours, func(s *shape) {
			s.git("checkout", "-q", "-b", "a")
			s.git("pack-refs", "--all", "--prune")
			s.write(".git/refs/heads/a/.keep", "")
		}},
		{"branch of an odd name", ours, func(s *shape) { s.git("checkout", "-q", "-b", "a@b/ü(1)") }},
		{"HEAD names no branch", ours, func(s *shape) { s.write(".git/HEAD", "ref: refs/remotes/origin/x\n") }},
		{"HEAD is a link", gits, func(s *shape) { s.remove(".git/HEAD"); s.link("refs/heads/main", ".git/HEAD") }},
		{"HEAD is odd", gits, func(s *shape) { s.write(".git/HEAD", "ref:  refs/heads/main\n") }},
		{"HEAD is nothing", gits, func(s *shape) { s.write(".git/HEAD", "nothing\n") }},
		{"HEAD is gone", gits, func(s *shape) { s.remove(".git/HEAD") }},
		{"branch is a symbolic ref", ours, func(s *shape) {
			s.git("symbolic-ref", "refs/heads/other", "refs/heads/main")
			s.write(".git/HEAD", "ref: refs/heads/other\n")
		}},
		{"linked work tree", ours, func(s *shape) { s.git("worktree", "add", "-q", "../tree"); s.at = "../tree" }},
		{"linked work tree, below", ours, func(s *shape) { s.git("worktree", "add", "-q", "../tree"); s.at = "../tree/sub" }},
		{"linked work tree's own configuration", ours, func(s *shape) {
			s.git("config", "extensions.worktreeConfig", "true")
			s.git("worktree", "add", "-q", "../tree")
			s.git("config", "--worktree", "core.bare", "false")
			s.at = "../tree"
		}},
		{"worktree of a bare repository", ours, func(s *shape) {
			s.git("clone", "-q", "--bare", ".", "../bare.git")
			s.git("--git-dir=../bare.git", "worktree", "add", "-q", "../tree", "main")
			s.at = "../tree"
		}},
		{"bare", ours, func(s *shape) { s.git("clone", "-q", "--bare", ".", "../bare.git"); s.at = "../bare.git" }},
		{"bare, below", ours, func(s *shape) { s.git("clone", "-q", "--bare", ".", "../bare.git"); s.at = "../bare.git/refs/heads" }},
		{"bare, of a mirror", ours, func(s *shape) { s.git("clone", "-q", "--mirror", ".", "../bare.git"); s.at = "../bare.git" }},
		{"bare, cut off", ours, func(s *shape) {
			s.git("commit", "-q", "--allow-empty", "-m", "second")
			s.git("clone", "-q", "--bare", "--depth=1", "file://"+s.dir, "../bare.git")
			s.at = "../bare.git"
		}},
		{"bare, sha256", ours, func(s *shape) {
			s.git("init", "-q", "--bare", "--object-format=sha256", "../bare.git")
			s.at = "../bare.git"
		}},
		{"bare, of several work trees", ours, func(s *shape) {
			s.git("clone", "-q", "--bare", ".", "../bare.git")
			s.git("--git-dir=../bare.git", "worktree", "add", "-q", "../tree", "main")
			s.at = "../bare.git"
		}},
		{"bare by its own configuration", ours, func(s *shape) {
			s.git("clone", "-q", "--bare", ".", "../bare.git")
			s.git("-C", "../bare.git", "config", "extensions.worktreeConfig", "true")
			s.git("-C", "../bare.git", "config", "--unset", "core.bare")
			s.git("-C", "../bare.git", "config", "--worktree", "core.bare", "true")
			s.at = "../bare.git"
		}},
		{"bare, and does not say it", gits, func(s *shape) {
			s.git("clone", "-q", "--bare", ".", "../bare.git")
			s.git("-C", "../bare.git", "config", "--unset", "core.bare")
			s.at = "../bare.git"
		}},
		{"bare, and has core.worktree", gits, func(s *shape) {
			s.git("clone", "-q", "--bare", ".", "../bare.git")
			s.git("-C", "../bare.git", "config", "core.worktree", "/")
			s.at = "../bare.git"
		}},
		{"bare, without refs", gits, func(s *shape) {
			s.git("clone", "-q", "--bare", ".", "sub/bare.git")
			if err := os.RemoveAll(filepath.Join(s.dir, "sub/bare.git/refs")); err != nil {
				s.Fatal(err)
			}
			s.at = "sub/bare.git"
		}},
		{"a file named HEAD", gits, func(s *shape) { s.write("sub/HEAD", "x"); s.at = "sub" }},
		{"within the git directory of a linked work tree", gits, func(s *shape) {
			s.git("worktree", "add", "-q", "../tree")
			s.at = ".git/worktrees/tree"
		}},
		{"bare by its configuration", gits, func(s *shape) { s.git("config", "core.bare", "true") }},
		{"shallow", ours, func(s *shape) {
			s.git("commit", "-q", "--allow-empty", "-m", "second")
			s.git("clone", "-q", "--depth=1", "file://"+s.dir, "../cut")
			s.at = "../cut"
		}},
		{"sha256", ours, func(s *shape) { s.git("init", "-q", "--object-format=sha256", "../other"); s.at = "../other" }},
		{"separate git directory", ours, func(s *shape) { s.git("init", "-q", "--separate-git-dir=../kept.git", "../other"); s.at = "../other" }},
		{"submodule", ours, func(s *shape) {
			s.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", s.dir, "module")
			s.at = "module/sub"
		}},
		{"core.worktree", ours, func(s *shape) { s.git("config", "core.worktree", "../") }},
		{"core.worktree, absolute", ours, func(s *shape) { s.git("config", "core.worktree", s.dir) }},
		{"core.worktree below", gits, func(s *shape) { s.git("config", "core.worktree", s.dir+"/sub") }},
		{"core.worktree that is not there", gits, func(s *shape) { s.git("config", "core.worktree", "../../nowhere") }},
		{"nested", ours, func(s *shape) { s.git("init", "-q", "sub/inner"); s.at = "sub/inner" }},
		{".git is empty", gits, func(s *shape) { s.write("sub/.git/x", ""); s.at = "sub" }},
		{".git names nothing", gits, func(s *shape) { s.write("sub/.git", "gitdir: nowhere\n"); s.at = "sub" }},
		{".git is junk", gits, func(s *shape) { s.write("sub/.git", "junk\n"); s.at = "sub" }},
		{".git is a link", gits, func(s *shape) { s.link("../.git", "sub/.git"); s.at = "sub" }},
		{"through a link", ours, func(s *shape) { s.link("sub", "link"); s.at = "link" }},
		{"bare, in a work tree", ours, func(s *shape) { s.git("init", "-q", "--bare", "sub/x"); s.at = "sub/x/refs" }},
		{"no repository", gits, func(s *shape) { s.write("../plain/x", ""); s.at = "../plain" }},
		{"GIT_DIR", ours, func(s *shape) { s.env = append(s.env, "GIT_DIR=.git", "GIT_INDEX_FILE=.git/other") }},
		{"GIT_DIR, below", ours, func(s *shape) { s.at = "sub"; s.env = append(s.env, "GIT_DIR=../.git") }},
		{"GIT_DIR of a linked work tree", ours, func(s *shape) {
			s.git("worktree", "add", "-q", "../tree")
			s.at = "../tree"
			s.env = append(s.env, "GIT_DIR="+s.dir+"/.git/worktrees/tree")
		}},
		{"GIT_DIR and GIT_WORK_TREE", ours, func(s *shape) { s.at = "sub"; s.env = append(s.env, "GIT_DIR="+s.dir+"/.git", "GIT_WORK_TREE=..") }},
		{"GIT_WORK_TREE", ours, func(s *shape) { s.env = append(s.env, "GIT_WORK_TREE=sub") }},
		{"GIT_DIR names a file", ours, func(s *shape) {
			s.git("init", "-q", "--separate-git-dir=../kept.git", "../other")
			s.env = append(s.env, "GIT_DIR="+filepath.Join(s.dir, "../other/.git"))
		}},
		{"GIT_DIR is bare", gits, func(s *shape) {
			s.git("clone", "-q", "--bare", ".", "../bare.git")
			s.env = append(s.env, "GIT_DIR=../bare.git")
		}},
		{"GIT_DIR is nothing", gits, func(s *shape) { s.env = append(s.env, "GIT_DIR=nowhere") }},
		{"GIT_COMMON_DIR", gits, func(s *shape) { s.env = append(s.env, "GIT_DIR=.git", "GIT_COMMON_DIR=.git") }},
		{"GIT_OBJECT_DIRECTORY", gits, func(s *shape) { s.env = append(s.env, "GIT_OBJECT_DIRECTORY=.git/objects") }},
		{"GIT_ALTERNATE_OBJECT_DIRECTORIES", gits, func(s *shape) { s.env = append(s.env, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+s.dir) }},
		{"includes", ours, func(s *shape) {
			s.write("more", "[core]\n\tbare = true\n\tworktree = /nowhere\n[extensions]\n\tunknown = 1\n")
			s.git("config", "include.path", s.dir+"/more")
			s.git("config", "includeIf.gitdir:/**.path", s.dir+"/more")
		}},
		{"unknown extension", gits, func(s *shape) {
			s.git("config", "core.repositoryformatversion", "1")
			s.git("config", "extensions.someday", "x")
		}},
		{"unknown extension, version 0", gits, func(s *shape) { s.git("config", "extensions.someday", "x") }},
		{"object format, version 0", gits, func(s *shape) { s.git("config", "extensions.objectFormat", "sha1") }},
		{"version 1", ours, func(s *shape) {
			s.git("config", "core.repositoryformatversion", "1")
			s.git("config", "extensions.noop", "x")
		}},
		{"version 2", gits, func(s *shape) { s.git("config", "core.repositoryformatversion", "2") }},
		{"version missing", gits, func(s *shape) { s.git("config", "--unset", "core.repositoryformatversion") }},
		{"partial clone", gits, func(s *shape) {
			s.git("config", "core.repositoryformatversion", "1")
			s.git("config", "extensions.partialClone", "origin")
		}},
		{"promisor remote", gits, func(s *shape) { s.git("config", "remote.origin.promisor", "true") }},
		{"bare says yes", gits, func(s *shape) { s.git("config", "core.bare", "yes") }},
		{"bare says nothing", gits, func(s *shape) { s.write(".git/config", "[core]\n\trepositoryformatversion = 0\n\tbare\n") }},
		{"bare is not said", ours, func(s *shape) { s.git("config", "--unset", "core.bare") }},
		{"configuration is broken", gits, func(s *shape) { s.write(".git/config", "[core\n") }},
		{"configuration ends within quotes", gits, func(s *shape) { s.git("config", "a.b", "x"); s.append(".git/config", "[a]\n\tb = \"c\n") }},
		{"configuration has a line that goes on", gits, func(s *shape) { s.append(".git/config", "[a]\n\tb = c\\\n d\n") }},
		{"configuration is gone", gits, func(s *shape) { s.remove(".git/config") }},
		{"configuration of all sorts", ours, func(s *shape) {
			for key, value := range map[string]string{"remote.a\"b\\c.url": "x", "alias.x": "!f() { echo \"#;\"; }; f", "core.sshCommand": "ssh -o X=y", "branch.main.merge": "refs/heads/main"} {
				if !strings.Contains(key, `"`) {
					s.git("config", key, value)
				}
			}
			s.append(".git/config", "# text\n; text\n[user]\n\tname = A \"B\" # C \"\n\tflag\n")
		}},
		{"user excuses all", ours, func(s *shape) { s.git("config", "--global", "safe.directory", "*") }},
		{"objects are a link", gits, func(s *shape) {
			if err := os.Rename(filepath.Join(s.dir, ".git/objects"), filepath.Join(s.dir, "../objects")); err != nil {
				s.Fatal(err)
			}
			s.link("../../objects", ".git/objects")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newShape(t)
			test.make(s)
			s.compare(test.plain)
		})
	}
}

// TestPlainOwner gives parts of a repository away: git decides then, and refuses.
func TestPlainOwner(t *testing.T) {
	if os.Getuid() != 0 {
		return // only root can give a file away
	}
	for _, part := range []string{".", ".git", "../tree", "../tree/.git", "../kept", ".git/objects", "../bare.git", "../bare.git/objects"} {
		s := newShape(t)
		s.git("worktree", "add", "-q", "../tree")
		s.git("init", "-q", "--separate-git-dir="+filepath.Join(s.dir, "../kept"), "sep")
		if strings.HasPrefix(part, "../tree") {
			s.at = "../tree"
		}
		if part == "../kept" {
			s.at = "sep"
		}
		if strings.HasPrefix(part, "../bare.git") {
			s.git("clone", "-q", "--bare", ".", "../bare.git")
			s.at = "../bare.git"
		}
		if err := os.Lchown(filepath.Join(s.dir, part), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		s.compare(false)
	}
}

// shape is a repository in the making.
type shape struct {
	*testing.T
	dir, at  string   // the repository, and where in it Open starts
	env      []string // beside base
	settings []string
}

func newShape(t *testing.T) *shape {
	t.Helper()
	env := sandbox(t)
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &shape{T: t, dir: filepath.Join(top, "repo"), settings: env}
	s.write("sub/file", "text\n")
	s.git("init", "-q", "-b", "main")
	s.git("add", ".")
	s.git("commit", "-q", "-m", "first")
	return s
}

func (s *shape) git(args ...string) string { s.Helper(); return run(s.T, s.settings, s.dir, args...) }

func (s *shape) write(name, text string) { s.Helper(); write(s.T, filepath.Join(s.dir, name), text) }

func (s *shape) append(name, text string) {
	s.Helper()
	old, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.Fatal(err)
	}
	s.write(name, string(old)+text)
}

func (s *shape) remove(name string) {
	s.Helper()
	if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
		s.Fatal(err)
	}
}

func (s *shape) link(target, name string) {
	s.Helper()
	if err := os.Symlink(target, filepath.Join(s.dir, name)); err != nil {
		s.Fatal(err)
	}
}

// compare opens the repository in both ways.
func (s *shape) compare(plain bool) {
	s.Helper()
	o := Options{Dir: filepath.Join(s.dir, s.at), Environ: append(s.env, s.settings...)}
	got, err := Open(context.Background(), o)
	o.Environ = append(o.Environ, AskGit+"=1")
	want, wantErr := Open(context.Background(), o)
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
		s.Fatalf("error %v, git's %v", err, wantErr)
	}
	if err != nil {
		if plain {
			s.Fatal(err)
		}
		return
	}
	if got.Plain() != plain || want.Plain() {
		s.Errorf("found without git: %t, %t", got.Plain(), want.Plain())
	}
	type answer struct {
		root, gitDir, commonDir, format, index string
		bare, shallow                          bool
	}
	answers := func(r *Repo) answer {
		return answer{r.Root(), r.GitDir(), r.CommonDir(), r.ObjectFormat(), r.IndexFile(), r.Bare(), r.Shallow()}
	}
	if answers(got) != answers(want) {
		s.Errorf("got  %+v\ngit: %+v", answers(got), answers(want))
	}
	s.compareHead(got, want)
}

func (s *shape) compareHead(got, want *Repo) {
	s.Helper()
	out, _ := want.Output(context.Background(), "rev-parse", "--verify", "--quiet", "HEAD")
	if id, ok := got.Head(); ok && id.String() != strings.TrimSpace(string(out)) {
		s.Errorf("HEAD is %s, git says %s", id, out)
	}
	for _, r := range []*Repo{got, want} { // commands run in the same place
		top, err := r.Output(context.Background(), "rev-parse", "--absolute-git-dir")
		if dir := strings.TrimSpace(string(top)); err != nil || dir != want.GitDir() {
			s.Errorf("commands run in %q, %v", dir, err)
		}
	}
}
