package source

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// gitRepo is a real repository for a test. Its secrets are words that begin with MARK.
type gitRepo struct {
	*testing.T
	dir string
	env []string
}

func newGitRepo(t *testing.T, initArgs ...string) *gitRepo {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &gitRepo{t, dir, []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_COMMITTER_NAME=Com", "GIT_COMMITTER_EMAIL=com@example.org",
	}}
	r.git(append([]string{"init", "-q", "-b", "main"}, initArgs...)...)
	return r
}

func (r *gitRepo) try(args ...string) (string, error) { return r.tryIn("", args...) }

func (r *gitRepo) gitIn(stdin string, args ...string) string {
	r.Helper()
	out, err := r.tryIn(stdin, args...)
	if err != nil {
		r.Fatal(err)
	}
	return out
}

func (r *gitRepo) tryIn(stdin string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Dir, cmd.Env = r.dir, append(r.env, "GIT_EDITOR=true", "GIT_MERGE_AUTOEDIT=no")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("git %v: %w\n%s%s", args, err, said.String(), out.String())
	}
	return strings.TrimSpace(out.String()), err
}

func (r *gitRepo) git(args ...string) string {
	r.Helper()
	return r.gitIn("", args...)
}

// write puts a file into the work tree; lines are joined.
func (r *gitRepo) write(name string, lines ...string) {
	r.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		r.Fatal(err)
	}
}

// commit writes, adds and commits a file and returns the commit's id.
func (r *gitRepo) commit(name string, lines ...string) string {
	r.Helper()
	r.write(name, lines...)
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "change "+name)
	return r.git("rev-parse", "HEAD")
}

func (r *gitRepo) open(environ ...string) *git.Repo {
	r.Helper()
	repo, err := git.Open(context.Background(), git.Options{Dir: r.dir, Environ: append(slices.Clone(r.env), environ...)})
	if err != nil {
		r.Fatal(err)
	}
	return repo
}

// loose returns the file of a loose object.
func (r *gitRepo) loose(id string) string {
	return filepath.Join(r.dir, ".git", "objects", id[:2], id[2:])
}

var gitTestRules = secretscan.Ruleset{Rules: []secretscan.Rule{
	{ID: "mark", Regex: `MARK[a-z0-9]+`, Keywords: []string{"mark"}, Severity: finding.High},
	{ID: "file-name", Path: `\.p12$`, Severity: finding.High},
}, Allowlists: []secretscan.Allowlist{{Paths: []string{`^allowed/`}}}}

// scan runs the real engine over a source.
func (r *gitRepo) scan(src secretscan.Source) secretscan.Result {
	r.Helper()
	engine, err := secretscan.Compile(gitTestRules)
	if err != nil {
		r.Fatal(err)
	}
	res, err := secretscan.Run(context.Background(), engine, src, secretscan.Options{})
	if err != nil {
		r.Fatal(err)
	}
	return res
}

// foundAt writes a result's places as "secret path:line", sorted.
func foundAt(res secretscan.Result) (got []string) {
	for _, f := range res.Findings {
		for _, p := range f.Places {
			got = append(got, fmt.Sprintf("%s %s:%d", f.Secret.Reveal(), p.Path, p.Span.Start.Line))
		}
	}
	slices.Sort(got)
	return got
}

func (r *gitRepo) want(res secretscan.Result, want ...string) {
	r.Helper()
	slices.Sort(want)
	if got := foundAt(res); !slices.Equal(got, want) {
		r.Errorf("found %q\nwant  %q", got, want)
	}
	for _, p := range res.Problems {
		r.Errorf("problem %+v", p)
	}
}
