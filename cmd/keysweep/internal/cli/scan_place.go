package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"keysweep/internal/git"
)

// place is where a scan happens: the repository, or the directory outside of any, whose configuration counts.
type place struct {
	root  string    // absolute; "" if there is none, as for standard input outside a repository
	shown string    // as the user would name it
	repo  *git.Repo // nil outside git
	many  bool      // targets lie in several places: no place's configuration counts
}

// findPlace finds the repository around the targets or, for what git is asked about, around the working directory.
func findPlace(ctx context.Context, env *Env, o *scanOptions, m mode) (place, error) {
	if m != modeFiles || len(o.targets) == 0 {
		p, err := placeOf(ctx, env, env.Dir, m == modeFiles || m == modeList || m == modeStdin)
		if err == nil && p.repo != nil && p.repo.Bare() && (m == modeFiles || m == modeStaged) {
			return p, usagef("scan its history: keysweep scan --history", "%s is a bare repository: it has neither files nor an index", p.shown)
		}
		return p, err
	}
	var first place
	for i, target := range o.targets {
		p, err := placeOf(ctx, env, absolute(env, target), true)
		if err != nil {
			return p, err
		}
		if i == 0 {
			first = p
		} else if p.root != first.root {
			return place{shown: env.Dir, many: true}, nil
		}
	}
	return first, nil
}

func absolute(env *Env, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(env.Dir, path)
}

// placeOf finds the repository that holds path. optional: outside a repository the directory itself is the place.
func placeOf(ctx context.Context, env *Env, path string, optional bool) (place, error) {
	dir := directoryOf(path)
	repo, err := git.Open(ctx, git.Options{Dir: dir, Environ: env.Environ, Cwd: env.Dir})
	if err == nil {
		root := repo.Root()
		if root == "" {
			root = repo.GitDir()
		}
		return place{root: root, shown: shownPath(env, root), repo: repo}, nil
	}
	if optional && !errors.Is(err, context.Canceled) {
		return place{root: dir, shown: shownPath(env, dir)}, nil
	}
	if errors.Is(err, git.ErrNotRepository) {
		return place{}, usagef("change to a repository, or scan files: keysweep scan PATH", "%s is not in a git repository", env.Dir)
	}
	return place{}, err
}

// directoryOf returns path if it is a directory, else the nearest one above it.
func directoryOf(path string) string {
	for {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path
		}
		above := filepath.Dir(path)
		if above == path {
			return path
		}
		path = above
	}
}

// shownPath returns path as a user in the working directory would type it.
func shownPath(env *Env, path string) string {
	rel, err := filepath.Rel(env.Dir, path)
	if err != nil {
		return path
	}
	if filepath.IsLocal(rel) {
		return rel
	}
	// What lies a little above is nearer by "..", if that leads there: in a directory reached through a link it does not.
	const most = 4
	if strings.Count(rel, "..") <= most {
		if real, err := filepath.EvalSymlinks(env.Dir); err == nil && real == env.Dir {
			return rel
		}
	}
	return path
}
