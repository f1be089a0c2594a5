package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// sandbox is an environment in which nothing of the machine's configuration counts.
func sandbox(t *testing.T) []string {
	t.Helper()
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=C", "GIT_COMMITTER_EMAIL=c@example.org",
	}
}

func run(t *testing.T, env []string, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, env
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, said.String())
	}
	return strings.TrimSpace(out.String())
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// repository makes one with a commit of a file.
func repository(t *testing.T, env []string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	run(t, env, dir, "init", "-q", "-b", "main")
	write(t, filepath.Join(dir, "sub", "file"), "text\n")
	run(t, env, dir, "add", ".")
	run(t, env, dir, "commit", "-q", "-m", "first")
	return dir
}

func open(t *testing.T, o Options) *Repo {
	t.Helper()
	r, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpenPlaces(t *testing.T) {
	env := sandbox(t)
	dir := repository(t, env)
	bare := filepath.Join(t.TempDir(), "bare.git")
	run(t, env, dir, "clone", "-q", "--bare", dir, bare)
	tree := filepath.Join(t.TempDir(), "tree with\nline feed")
	run(t, env, dir, "worktree", "add", "-q", "-b", "tree", tree)
	dot := filepath.Join(dir, ".git")
	for _, test := range []struct {
		name, dir, root, gitDir, common string
		env                             []string
		bare                            bool
	}{
		{name: "top", dir: dir, root: dir, gitDir: dot, common: dot},
		{name: "below", dir: filepath.Join(dir, "sub"), root: dir, gitDir: dot, common: dot},
		{name: "inside the git directory", dir: dot, gitDir: dot, common: dot},
		{name: "bare", dir: bare, gitDir: bare, common: bare, bare: true},
		{name: "work tree", dir: tree, root: tree, gitDir: filepath.Join(dot, "worktrees", filepath.Base(tree)), common: dot},
		{name: "hook", dir: dir, root: dir, gitDir: dot, common: dot, env: []string{"GIT_DIR=.git", "GIT_INDEX_FILE=.git/index"}},
		{name: "receiving hook", dir: bare, gitDir: bare, common: bare, bare: true, env: []string{"GIT_DIR=."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := open(t, Options{Dir: test.dir, Environ: append(test.env, env...)})
			if r.Root() != test.root || r.Bare() != test.bare || r.Shallow() || r.ObjectFormat() != "sha1" {
				t.Errorf("root %q bare %t shallow %t format %q", r.Root(), r.Bare(), r.Shallow(), r.ObjectFormat())
			}
			if test.name != "work tree" && r.GitDir() != test.gitDir || r.CommonDir() != test.common {
				t.Errorf("git dir %q, common dir %q", r.GitDir(), r.CommonDir())
			}
			if _, err := r.Output(context.Background(), "cat-file", "-e", "HEAD"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	env := sandbox(t)
	ctx := context.Background()
	if _, err := Open(ctx, Options{Dir: t.TempDir(), Environ: env}); !errors.Is(err, ErrNotRepository) {
		t.Errorf("outside a repository: %v", err)
	}
	if _, err := Open(ctx, Options{Dir: "x", Environ: env}); err == nil {
		t.Error("a relative directory was taken")
	}
	if _, err := Open(ctx, Options{Dir: t.TempDir(), Environ: []string{"PATH=.:"}}); !errors.Is(err, ErrNoGit) {
		t.Errorf("without git: %v", err)
	}
	dir := repository(t, env)
	write(t, filepath.Join(dir, ".git", "config"), "[core\n")
	if _, err := Open(ctx, Options{Dir: dir, Environ: env}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("broken configuration: %v", err)
	}
}

func TestGitIsNotTakenFromTheRepository(t *testing.T) {
	env := sandbox(t)
	dir := repository(t, env)
	write(t, filepath.Join(dir, "git"), "#!/bin/sh\ntouch ran\n")
	open(t, Options{Dir: dir, Environ: append(env, "PATH=.:"+os.Getenv("PATH"))})
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		t.Error("the repository's own git was run")
	}
}

func TestOwnership(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	env := sandbox(t)
	dir := repository(t, env)
	for _, path := range []string{dir, filepath.Join(dir, ".git")} {
		if err := os.Chown(path, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	var refused *OwnershipError
	if _, err := Open(context.Background(), Options{Dir: dir, Environ: env}); !errors.As(err, &refused) || refused.Dir != dir {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(refused.Error(), "git config --global --add safe.directory") {
		t.Errorf("no hint: %v", refused)
	}
	t.Run("the repository cannot excuse itself", func(t *testing.T) {
		run(t, env, dir, "config", "-f", ".git/config", "safe.directory", "*")
		if _, err := Open(context.Background(), Options{Dir: dir, Environ: env}); !errors.As(err, &refused) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the user can", func(t *testing.T) {
		run(t, env, dir, "config", "--global", "safe.directory", dir)
		open(t, Options{Dir: dir, Environ: env})
	})
	t.Run("the environment can", func(t *testing.T) {
		env := append(sandbox(t), "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
		open(t, Options{Dir: dir, Environ: env})
	})
}

func TestUserConfiguration(t *testing.T) {
	env := sandbox(t)
	dir := repository(t, env)
	write(t, filepath.Join(dir, "junk"), "x")
	ignore := filepath.Join(t.TempDir(), "ignore")
	write(t, ignore, "junk\n")
	run(t, env, dir, "config", "--global", "core.excludesFile", ignore)
	run(t, env, dir, "config", "--global", "core.quotePath", "false")
	r := open(t, Options{Dir: dir, Environ: env})
	out, err := r.Output(context.Background(), "ls-files", "--others", "--exclude-standard")
	if err != nil || len(out) != 0 {
		t.Errorf("the user's excludes file was not read: %q, %v", out, err)
	}
	if out, err := r.Output(context.Background(), "config", "core.quotePath"); err == nil {
		t.Errorf("other user configuration is in force: %q", out)
	}
	run(t, env, dir, "config", "core.excludesFile", "/nowhere")
	r = open(t, Options{Dir: dir, Environ: env})
	out, err = r.Output(context.Background(), "ls-files", "--others", "--exclude-standard")
	if err != nil || string(out) != "junk\n" {
		t.Errorf("the repository's excludes file is not stronger than the user's: %q, %v", out, err)
	}
}

func TestEnvironment(t *testing.T) {
	env := sandbox(t)
	dir, other := repository(t, env), repository(t, env)
	given := append(env, "GIT_DIR="+filepath.Join(other, ".git"), "GIT_TRACE="+filepath.Join(dir, "trace"),
		"GIT_EXTERNAL_DIFF=false", "GIT_EXEC_PATH=/nowhere", "GIT_INDEX_FILE=idx", "GIT_ALTERNATE_OBJECT_DIRECTORIES=alt:/abs")
	r := open(t, Options{Dir: dir, Environ: given, Cwd: filepath.Join(dir, "sub")})
	if r.GitDir() != filepath.Join(other, ".git") {
		t.Errorf("GIT_DIR has no force: %s", r.GitDir())
	}
	for _, want := range []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "sub", "idx"),
		"GIT_ALTERNATE_OBJECT_DIRECTORIES=" + filepath.Join(dir, "sub", "alt") + ":/abs"} {
		if !strings.Contains(strings.Join(r.env, "\n"), want) {
			t.Errorf("no %s in the environment", want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "trace")); err == nil {
		t.Error("GIT_TRACE was passed on")
	}
	if r := open(t, Options{Dir: dir, Environ: given, Nested: true}); r.Root() != dir {
		t.Errorf("a nested repository was not found: %s", r.Root())
	}
}

// TestHostileConfiguration gives a repository every setting that starts a program and runs the commands that could heed it.
func TestHostileConfiguration(t *testing.T) {
	env := sandbox(t)
	dir := repository(t, env)
	canary := filepath.Join(t.TempDir(), "canary")
	script := filepath.Join(t.TempDir(), "script")
	write(t, script, "#!/bin/sh\necho \"$0 $@\" >> '"+canary+"'\ncat\n")
	for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "reference-transaction"} {
		write(t, filepath.Join(dir, "hooks", hook), "#!/bin/sh\ntouch '"+canary+"'\n")
	}
	for key, value := range map[string]string{
		"core.fsmonitor": script, "core.hooksPath": filepath.Join(dir, "hooks"), "core.pager": script, "core.sshCommand": script,
		"core.alternateRefsCommand": script, "core.askPass": script, "core.gitProxy": script, "gpg.program": script,
		"log.showSignature": "true", "diff.external": script, "diff.evil.command": script, "diff.evil.textconv": script,
		"filter.a=b.clean": script, "filter.a=b.smudge": script, "filter.a=b.required": "true", "filter.proc.process": script,
		"filter.proc.required": "true", "pager.log": script, "pager.ls-files": script, "credential.helper": "!" + script,
		"remote.origin.url": "ext::" + script, "remote.origin.promisor": "true", "remote.origin.uploadpack": script,
		"protocol.allow": "always", "protocol.ext.allow": "always", "extensions.partialClone": "origin", "uploadpack.packObjectsHook": script,
		"alias.cat-file": "!" + script, "core.attributesFile": filepath.Join(dir, "attr"), "core.repositoryformatversion": "1",
	} {
		run(t, env, dir, "config", key, value)
	}
	write(t, filepath.Join(dir, "attr"), "* diff=evil filter=a=b\n")
	write(t, filepath.Join(dir, ".git", "info", "attributes"), "sub/* diff=evil filter=a=b\nproc diff=evil filter=proc\n")
	r := open(t, Options{Dir: dir, Environ: env})
	ctx := context.Background()
	head := run(t, sandbox(t), dir, "rev-parse", "HEAD")
	write(t, filepath.Join(dir, "sub", "file"), "TEXT\n") // same size: only its content tells that it was changed
	write(t, filepath.Join(dir, "proc"), "text\n")
	for _, args := range [][]string{
		{"ls-files", "-z", "--stage"}, {"ls-files", "-z", "--others", "--exclude-standard"}, {"ls-files", "-m"},
		{"diff-index", "--cached", "--raw", "-z", "-M", head}, {"diff-index", "-p", head}, {"diff-files", "-p"},
		{"diff-tree", "-p", "--root", head}, {"log", "-p", "--all"}, {"show", head}, {"status", "--porcelain"},
		{"rev-list", "--objects", "--all"}, {"cat-file", "--batch-check", "--batch-all-objects"}, {"for-each-ref"},
		{"cat-file", "-t", strings.Repeat("12", 20)}, {"rev-list", "--objects", "--all", "--not", "--remotes"},
		{"hash-object", "proc"}, {"rev-list", "HEAD", "--alternate-refs"},
	} {
		if _, err := r.Output(ctx, args...); err != nil && args[0] != "cat-file" {
			t.Errorf("git %v: %v", args, err)
		}
		if ran, err := os.ReadFile(canary); err == nil {
			t.Fatalf("git %v ran a program: %s", args, ran)
		}
	}
}

func TestStream(t *testing.T) {
	env := sandbox(t)
	r := open(t, Options{Dir: repository(t, env), Environ: env})
	ctx := context.Background()
	wrong := errors.New("enough")
	first := func(out io.Reader) error { _, err := out.Read(make([]byte, 1)); return err }
	for _, test := range []struct {
		name string
		read func(io.Reader) error
		args []string
		want string
	}{
		{"all", func(out io.Reader) error { _, err := io.Copy(io.Discard, out); return err }, []string{"rev-list", "HEAD"}, ""},
		{"a part", first, []string{"rev-list", "HEAD"}, ""},
		{"reader fails", func(io.Reader) error { return wrong }, []string{"rev-list", "HEAD"}, "enough"},
		{"git fails", func(out io.Reader) error { _, err := io.Copy(io.Discard, out); return err }, []string{"rev-list", "nothing"}, "unknown revision"},
	} {
		err := r.Stream(ctx, nil, test.read, test.args...)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestCancelKills(t *testing.T) {
	env := sandbox(t)
	r := open(t, Options{Dir: repository(t, env), Environ: env})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	in, out := io.Pipe() // never written: git would wait for ever
	defer out.Close()
	err := r.Stream(ctx, in, func(out io.Reader) error { _, err := io.Copy(io.Discard, out); in.Close(); return err }, "cat-file", "--batch")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestPrintable(t *testing.T) {
	if got := Printable("a\x1b[31mb\xffc\u202ed\n"); got != "a?[31mb?c?d\n" {
		t.Errorf("got %q", got)
	}
	var n note
	_, _ = n.Write(bytes.Repeat([]byte("x"), stderrLimit*2))
	if len(n.String()) != stderrLimit {
		t.Errorf("kept %d bytes", len(n.String()))
	}
}

func TestOpenBlob(t *testing.T) {
	env := sandbox(t)
	dir := repository(t, env)
	r := open(t, Options{Dir: dir, Environ: env})
	ids := blobs(t, env, dir, strings.Repeat("x", 3<<20), "gone", "another size")
	if err := os.Remove(loose(dir, ids[1])); err != nil {
		t.Fatal(err)
	}
	read := func(id OID, most int64) (int64, error, error) {
		body, err := r.OpenBlob(context.Background(), id, 3<<20)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(body, most))
		return n, err, body.Close()
	}
	if n, err, closed := read(ids[0], 1<<40); n != 3<<20 || err != nil || closed != nil {
		t.Error(n, err, closed)
	}
	if n, err, closed := read(ids[0], 5); n != 5 || err != nil || closed != nil {
		t.Error(n, err, closed)
	}
	var corrupt *CorruptError
	for _, id := range ids[1:] {
		if _, err, closed := read(id, 1<<40); !errors.As(err, &corrupt) || closed == nil {
			t.Error(err, closed)
		}
	}
}
