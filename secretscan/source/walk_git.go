package source

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// gitFileLimit is the longest .git or commondir file that is read: a path and a few words.
const gitFileLimit = 8 << 10

// gitDirOf returns the git directory of the repository whose root is dir: dir/.git, or where that file points to
// (gitrepository-layout(5)); "" if dir is no root. It does not run git.
func gitDirOf(dir string) string {
	dotGit := filepath.Join(dir, ".git")
	info, err := os.Stat(dotGit)
	switch {
	case err != nil:
		return ""
	case info.IsDir():
		if _, err := os.Lstat(filepath.Join(dotGit, "HEAD")); err != nil {
			return ""
		}
		return dotGit
	}
	target, ok := strings.CutPrefix(firstLine(dotGit), "gitdir: ")
	if !ok {
		return ""
	}
	return against(dir, target)
}

// commonDirOf returns the directory that a linked worktree's git directory shares with the main one, else gitDir.
func commonDirOf(gitDir string) string {
	if common := firstLine(filepath.Join(gitDir, "commondir")); common != "" {
		return against(gitDir, common)
	}
	return gitDir
}

func against(dir, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// firstLine reads the line that a small regular file consists of; "" if it is not one.
func firstLine(name string) string {
	f, err := openHandle(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	if state, err := f.state(); err != nil || !state.mode.IsRegular() || state.size > gitFileLimit {
		return ""
	}
	buf := make([]byte, gitFileLimit)
	n, _ := f.Read(buf)
	return strings.TrimRight(string(buf[:n]), "\r\n")
}

// isGitDir reports whether dir is a git directory: .git itself, a bare repository, or a submodule's.
func isGitDir(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil {
		return false
	}
	for _, name := range []string{"objects", "refs"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// isInternal reports whether an entry of a git directory is git's own data. What is left is written by people and
// programs: configuration, hooks, descriptions.
func isInternal(name string) bool {
	switch name {
	case "objects", "refs", "logs", "lfs", "index", "packed-refs", "rr-cache", "reftable":
		return true
	}
	return false
}

// findRoot returns the root of the repository that dir is in, by looking upward on disk; "" if there is none.
func findRoot(dir string) (root, gitDir string) {
	for {
		if gitDir := gitDirOf(dir); gitDir != "" {
			return dir, gitDir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", ""
		}
		dir = up
	}
}

// configs queues a repository's configuration files: the repository's own, and the worktree's.
func (w *walker) configs(ctx context.Context, t *tree, gitDir string) {
	for _, name := range []string{filepath.Join(commonDirOf(gitDir), "config"), filepath.Join(gitDir, "config.worktree")} {
		w.config(ctx, t, name)
	}
}

func (w *walker) config(ctx context.Context, t *tree, name string) {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if _, walked := below(t.claim, name); walked && w.opts.NoIgnore {
		return
	}
	if _, err := os.Lstat(name); err != nil || w.claims[name] || w.seenBefore(name) {
		return
	}
	rel, ok := below(t.dir, name)
	if !ok { // a worktree's or submodule's, which is elsewhere
		rel = filepath.Base(name)
		t = &tree{dir: filepath.Dir(name), path: t.path + ".git/", shown: prefix(w.show(filepath.Dir(name))), claim: t.claim}
	}
	w.configFile(ctx, t, rel)
}

// configFile queues a configuration file that no other target's walk comes by.
func (w *walker) configFile(ctx context.Context, t *tree, rel string) {
	if !w.chosen(t, rel) {
		return
	}
	state, err := stateByName(t.file(rel))
	w.settle(ctx, t, rel, state, err)
}

// seenBefore reports whether a configuration file was handed over, and notes it.
func (w *walker) seenBefore(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.seen[name]
	w.seen[name] = true
	return before
}

// show names a file for people by where it is.
func (w *walker) show(file string) string {
	if rel, ok := below(w.realDir, file); ok {
		return rel
	}
	return shownFrom(w.opts.Dir, file, file)
}
