package source

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"keysweep/internal/git"
)

// gitListing names what was tried, for people.
const gitListing = "list files with git"

// doRepo lets git list a work tree, or the part of it that the task's tree is. If it cannot, that is said, and the directory is
// walked.
func (w *walker) doRepo(ctx context.Context, t task) {
	if t.root == "" {
		t.root = t.tree.dir
	}
	atRoot := t.root == t.tree.dir
	if gitDir := gitDirOf(t.root); atRoot && gitDir != "" {
		w.configs(ctx, t.tree, gitDir)
	}
	ignored, err := w.list(ctx, t, atRoot)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		w.problem(gitListing, t.tree.show(""), err)
		w.queue.push(task{tree: t.tree, top: true, git: atRoot})
	case ignored:
		w.queue.push(task{tree: t.tree, top: true})
	}
}

// list hands over what git lists, or reports that the tree is a directory that git ignores, and nothing was listed.
func (w *walker) list(ctx context.Context, t task, atRoot bool) (ignored bool, err error) {
	repo, err := w.open(ctx, t)
	if err != nil {
		return false, err
	}
	if atRoot && t.env {
		w.configs(ctx, t.tree, repo.GitDir())
	}
	scope, ok := below(t.root, t.tree.dir)
	if !ok {
		return false, errors.New("the directory is not below the work tree")
	}
	if scope != "" {
		if ignored, err := ignores(ctx, repo, scope); ignored || err != nil {
			return ignored, err
		}
	}
	l := listing{walker: w, tree: t.tree, scope: scope}
	return false, l.run(ctx, repo)
}

// open opens the repository of a task. Its root was found on disk, so what the environment, or core.worktree in the
// repository's configuration, says about another is overruled.
func (w *walker) open(ctx context.Context, t task) (*git.Repo, error) {
	if t.env {
		return git.Open(ctx, git.Options{Dir: w.realDir, Environ: w.opts.Environ})
	}
	environ := append(withoutPlace(w.opts.Environ), "GIT_WORK_TREE="+t.root)
	repo, err := git.Open(ctx, git.Options{Dir: t.root, Environ: environ})
	if err == nil && !sameFile(repo.Root(), t.root) {
		return nil, errors.New("git takes " + git.Printable(repo.Root()) + " for the work tree")
	}
	return repo, err
}

// withoutPlace leaves out of an environment what says where a repository is.
func withoutPlace(environ []string) []string {
	var rest []string
	for _, entry := range environ {
		name := entry
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		if !strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "GIT_CONFIG") {
			rest = append(rest, entry)
		}
	}
	return rest
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// ignores asks git whether it ignores a directory, or would if no file in it were tracked.
func ignores(ctx context.Context, repo *git.Repo, scope string) (bool, error) {
	_, err := repo.Output(ctx, "check-ignore", "-q", "--no-index", "--", "./"+scope)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return false, nil
	}
	return err == nil, err
}

// envRoot returns the work tree that GIT_DIR and GIT_WORK_TREE in the environment say, if dir is in it, otherwise "".
func (w *walker) envRoot(ctx context.Context, dir string) string {
	named := false
	for _, entry := range w.opts.Environ {
		named = named || strings.HasPrefix(entry, "GIT_DIR=")
	}
	if !named {
		return ""
	}
	repo, err := git.Open(ctx, git.Options{Dir: w.realDir, Environ: w.opts.Environ})
	if err != nil || repo.Root() == "" {
		return ""
	}
	root, err := filepath.EvalSymlinks(repo.Root())
	if err != nil {
		return ""
	}
	if _, ok := below(root, dir); !ok {
		return ""
	}
	return root
}
