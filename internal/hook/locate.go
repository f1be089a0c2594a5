package hook

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Layout is where a repository keeps its hooks. Paths are absolute.
type Layout struct {
	Root      string // of the work tree; "" in a bare repository
	GitDir    string // of this work tree
	CommonDir string // the git directory that all work trees share
	Bare      bool
	Dir       string // the hooks directory that git uses
	HooksPath string // core.hooksPath as it is written; "" if it is not set
	Scope     string // where core.hooksPath is set: "local", "worktree", "global", "system", "command"
}

// Locate asks git where the hooks of the repository around dir are. Work trees of one repository share them; core.hooksPath
// of whatever configuration is followed.
func Locate(ctx context.Context, g Git, dir string) (Layout, error) {
	var l Layout
	bare, err := g.output(ctx, dir, "rev-parse", "--is-bare-repository")
	if err != nil {
		return l, fmt.Errorf("find the hooks directory: %w", err)
	}
	l.Bare = bare == "true"
	top := dir
	if !l.Bare {
		if l.Root, err = g.absolute(ctx, dir, "--show-toplevel"); err != nil {
			return l, fmt.Errorf("find the hooks directory: change to the work tree: %w", err)
		}
		top = l.Root
	}
	for _, ask := range []struct {
		to   *string
		args []string
	}{{&l.GitDir, []string{"--git-dir"}}, {&l.CommonDir, []string{"--git-common-dir"}}} {
		if *ask.to, err = g.absolute(ctx, dir, ask.args...); err != nil {
			return l, fmt.Errorf("find the hooks directory: %w", err)
		}
	}
	if l.Bare {
		top = l.GitDir
	}
	// A relative core.hooksPath counts from where hooks run: the top of the work tree, or the git directory of a bare one.
	path, scope, err := g.Config(ctx, dir, "path", "core.hooksPath")
	if err != nil {
		return l, fmt.Errorf("find the hooks directory: %w", err)
	}
	l.HooksPath, l.Scope = path, scope
	switch {
	case path == "":
		l.Dir = filepath.Join(l.CommonDir, "hooks")
	case filepath.IsAbs(path):
		l.Dir = filepath.Clean(path)
	default:
		l.Dir = filepath.Join(top, filepath.FromSlash(path))
	}
	return l, nil
}

// absolute asks rev-parse for a path.
func (g Git) absolute(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := g.output(ctx, dir, append([]string{"rev-parse", "--path-format=absolute"}, args...)...)
	if err == nil && out == "" {
		err = errors.New("git rev-parse printed no path")
	}
	return filepath.FromSlash(out), err
}

// Types returns the hooks that keysweep knows how to be.
func Types() []string { return []string{"pre-commit", "pre-push", "pre-receive"} }

// DefaultTypes returns the hooks that make sense in the repository.
func (l Layout) DefaultTypes() []string {
	if l.Bare {
		return []string{"pre-receive"}
	}
	return []string{"pre-commit", "pre-push"}
}

// inWorkTree returns the hooks directory relative to the work tree, with slashes, if it lies there and not in the git
// directory.
func (l Layout) inWorkTree() (string, bool) {
	if l.Root == "" {
		return "", false
	}
	rel, err := filepath.Rel(l.Root, l.Dir)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	rel = filepath.ToSlash(rel)
	if rel == ".git" || strings.HasPrefix(rel, ".git/") {
		return "", false
	}
	if in, err := filepath.Rel(l.CommonDir, l.Dir); err == nil && filepath.IsLocal(in) {
		return "", false
	}
	return rel, true
}
