package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// place is a target that was found on disk.
type place struct {
	typed string
	abs   string // absolute, as typed
	real  string // without links
	dir   bool
	size  int64
}

// start finds the targets, sends those that are files and queues those that are directories. Its error names every target
// that cannot be scanned.
func (w *walker) start(ctx context.Context, targets []Target) error {
	var errs []error
	var places []place
	for _, t := range targets {
		p, err := w.find(t.Path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if !w.claims[p.real] {
			w.claims[p.real] = true
			places = append(places, p)
		}
	}
	roots := map[string]string{}
	for _, p := range places {
		if p.dir {
			w.startDir(ctx, p)
			continue
		}
		w.startFile(ctx, p, roots)
	}
	return errors.Join(errs...)
}

// find looks at a target; a link is followed.
func (w *walker) find(typed string) (place, error) {
	p := place{typed: typed, abs: filepath.Clean(typed)}
	if !filepath.IsAbs(p.abs) {
		p.abs = filepath.Join(w.opts.Dir, typed)
	}
	info, err := os.Stat(p.abs)
	if err == nil && info.Mode().Type()&^fs.ModeDir != 0 {
		return p, &TargetError{
			Target: typed, Err: errors.New("it is a FIFO, a socket or a device"),
			Hint: "to scan what comes out of it: keysweep scan - < " + typed,
		}
	}
	if err == nil {
		p.dir, p.size = info.IsDir(), info.Size()
		p.real, err = filepath.EvalSymlinks(p.abs)
	}
	if err != nil {
		return p, targetError(typed, err)
	}
	if p.dir && isBare(p.real) {
		return p, &TargetError{
			Target: typed, Err: errors.New("it is a bare repository: there is no work tree to scan"),
			Hint: fmt.Sprintf("scan its history: cd %s && keysweep scan --history", typed),
		}
	}
	return p, nil
}

func targetError(typed string, err error) error {
	e := &TargetError{Target: typed, Err: err, Hint: hintFor(err)}
	var inPath *fs.PathError
	if errors.As(err, &inPath) {
		e.Err = inPath.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.Hint = "check the name; relative paths start at the working directory"
	}
	return e
}

// isBare reports whether a directory is a repository without a work tree. Git directories inside .git look the same and are
// walked, if someone asks for that.
func isBare(dir string) bool {
	return isGitDir(dir) && gitDirOf(dir) == "" && !inGitDir(filepath.ToSlash(dir))
}

// inGitDir reports whether a slash-separated path is a .git directory or in one.
func inGitDir(path string) bool {
	return strings.Contains("/"+path+"/", "/.git/")
}

// startFile sends a file. roots remembers the repositories of directories.
func (w *walker) startFile(ctx context.Context, p place, roots map[string]string) {
	dir := filepath.Dir(p.abs)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	root, known := roots[dir]
	if !known {
		root, _ = findRoot(dir)
		roots[dir] = root
	}
	shown := w.shownPlace(p)
	path := shown
	if root != "" {
		if rel, ok := below(root, filepath.Join(dir, filepath.Base(p.abs))); ok {
			path = rel
		}
	}
	w.send(ctx, entry{tree: &tree{dir: p.real, path: path, shown: shown}, size: p.size})
}

// startDir queues a directory: for git to list if it is in a work tree.
func (w *walker) startDir(ctx context.Context, p place) {
	root, gitDir := findRoot(p.real)
	fromEnv := root == "" && !w.opts.NoIgnore
	if fromEnv {
		root = w.envRoot(ctx, p.real)
	}
	scope := ""
	if root != "" {
		scope, _ = below(root, p.real)
	}
	t := &tree{dir: p.real, path: prefix(scope), shown: prefix(w.shownPlace(p)), claim: p.real}
	if root != "" && !w.opts.NoIgnore && !inGitDir(scope) {
		w.queue.push(task{tree: t, repo: true, root: root, env: fromEnv})
		return
	}
	if root == p.real {
		w.configs(ctx, t, gitDir)
	}
	w.queue.push(task{tree: t, top: true})
}

// shownPlace names a target for people.
func (w *walker) shownPlace(p place) string {
	if rel, ok := below(w.realDir, p.real); ok && !filepath.IsLocal(p.typed) {
		return rel
	}
	return shownFrom(w.opts.Dir, p.abs, p.typed)
}
