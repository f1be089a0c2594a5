package inventory

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"keysweep/internal/git"
	"keysweep/keys"
)

// gitTime is how long git may take to look through a history for one file. A quarter of a million commits take less.
const gitTime = 30 * time.Second

// repository tells which repository a path lies in, nil if none, and how it sees the path. history asks its commits, too.
func repository(ctx context.Context, path string, env Env, history bool) (*Repository, error) {
	dir := nearestDir(path)
	top := gitTop(dir)
	if top == "" {
		return nil, nil
	}
	repo, err := git.Open(ctx, git.Options{Dir: dir, Environ: env.Environ, Nested: true})
	switch {
	case err == nil && within(resolve(repo.GitDir()), resolve(top)): // as expected
	case err != nil && !errors.Is(err, git.ErrNotRepository):
		return &Repository{Root: top}, fmt.Errorf("ask git about %s: %w", path, err)
	case damaged(top): // git goes by such a .git, and on to a repository further up
		return &Repository{Root: top}, fmt.Errorf("ask git about %s: git does not take %s for a repository: what is in it cannot be told; see: git -C %[3]s fsck",
			path, filepath.Join(top, ".git"), top)
	case err != nil:
		return nil, nil
	}
	r := &Repository{Root: repo.Root()}
	if r.Root == "" || within(dir, resolve(repo.GitDir())) {
		if r.Root == "" {
			r.Root = repo.GitDir()
		}
		r.State, r.InHistory = GitInternal, No
		return r, nil
	}
	rel, err := filepath.Rel(resolve(r.Root), resolve(path))
	if err != nil {
		return r, fmt.Errorf("ask git about %s: %w", path, err)
	}
	return r, r.ask(ctx, repo, filepath.ToSlash(rel), history)
}

// ask fills in the state of a path relative to the top of the work tree.
func (r *Repository) ask(ctx context.Context, repo *git.Repo, rel string, history bool) error {
	spec := ":(top,literal)" + rel
	listed, err := repo.Output(ctx, "ls-files", "-z", "--cached", "--", spec)
	if err != nil {
		return err
	}
	_, err = repo.Output(ctx, "check-ignore", "-q", "--no-index", "--", "./"+rel)
	var exit interface{ ExitCode() int }
	switch {
	case len(listed) > 0:
		r.State = GitTracked
	case err == nil:
		r.State = GitIgnored
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		r.State = GitUntracked
	default:
		return err
	}
	if !history {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, gitTime)
	defer stop()
	return r.askHistory(ctx, repo, rel, spec)
}

// askHistory finds a commit that holds the path, or a blob with the content that the file has now under another name.
func (r *Repository) askHistory(ctx context.Context, repo *git.Repo, rel, spec string) error {
	if _, err := repo.Output(ctx, "rev-parse", "-q", "--verify", "HEAD"); err != nil {
		r.InHistory = No
		if out, err := repo.Output(ctx, "for-each-ref", "--count=1"); err != nil || len(out) > 0 {
			r.InHistory = Unknown
		}
		if r.InHistory == No {
			return nil
		}
	}
	out, err := repo.Output(ctx, "rev-list", "--all", "--max-count=1", "--", spec)
	if err != nil {
		return err
	}
	if len(out) == 0 {
		if out, err = r.sameContent(ctx, repo, rel); err != nil {
			return err
		}
	}
	if r.Commit = strings.TrimSpace(string(out)); r.Commit == "" {
		r.InHistory = No
	} else {
		r.InHistory = Yes
	}
	return nil
}

// sameContent looks for the file's content under any name. Most contents were never given to git: then one question is enough.
func (r *Repository) sameContent(ctx context.Context, repo *git.Repo, rel string) ([]byte, error) {
	info, err := os.Stat(filepath.Join(r.Root, filepath.FromSlash(rel)))
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSmall {
		return nil, nil
	}
	id, err := repo.Output(ctx, "hash-object", "--no-filters", "--", rel)
	if err != nil {
		return nil, err
	}
	blob := strings.TrimSpace(string(id))
	if _, err := repo.Output(ctx, "cat-file", "-e", blob); err != nil {
		return nil, nil
	}
	return repo.Output(ctx, "log", "--all", "--max-count=1", "--format=%H", "--find-object="+blob)
}

// gitTop returns the innermost directory above that looks like the top of a work tree or like a git directory; "" if none.
func gitTop(dir string) string {
	for _, up := range ancestors(dir) {
		if _, err := os.Lstat(filepath.Join(up, ".git")); err == nil {
			return up
		}
		_, head := os.Lstat(filepath.Join(up, "HEAD"))
		_, objects := os.Lstat(filepath.Join(up, "objects"))
		if _, refs := os.Lstat(filepath.Join(up, "refs")); head == nil && objects == nil && refs == nil {
			return up
		}
	}
	return ""
}

// damaged reports whether a .git that git does not know holds anything.
func damaged(top string) bool {
	entries, err := os.ReadDir(filepath.Join(top, ".git"))
	return err == nil && len(entries) > 0
}

// firstCommit returns when a public key first stood in a file of any commit, as the commits say; zero if it never did. Another key
// that the same file held before does not count.
func firstCommit(ctx context.Context, r *Repository, path string, public keys.Public, env Env) time.Time {
	repo, err := git.Open(ctx, git.Options{Dir: r.Root, Environ: env.Environ, Nested: true})
	if err != nil {
		return time.Time{}
	}
	rel, err := filepath.Rel(resolve(r.Root), resolve(path))
	if err != nil {
		return time.Time{}
	}
	ctx, stop := context.WithTimeout(ctx, gitTime)
	defer stop()
	out, err := repo.Output(ctx, "log", "--all", "-S"+base64.StdEncoding.EncodeToString(public.Blob), "--format=%aI", "--", ":(top,literal)"+filepath.ToSlash(rel))
	if err != nil {
		return time.Time{}
	}
	var first time.Time
	for line := range strings.FieldsSeq(string(out)) {
		if at, err := time.Parse(time.RFC3339, line); err == nil && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}
