package source

import (
	"context"
	"errors"
	"path/filepath"

	"keysweep/secretscan"
)

var errDirectory = errors.New("it is a directory")

// ListSource is files that are named one by one.
type ListSource struct {
	dir      string
	files    []string
	archives Archives
}

// List returns a source of exactly these files, as the pre-commit program gives them to a hook: whatever git ignores, whatever
// their size. Names are relative to dir, the working directory ("" is the process's), and so are the paths in reports. Links
// are left out: the names come from a repository, not from a person. A file that is not there, and a directory, is a Problem.
func List(dir string, files ...string) *ListSource { return &ListSource{dir: dir, files: files} }

// Opening makes the source open containers. It returns s.
func (s *ListSource) Opening(a Archives) *ListSource {
	s.archives = a
	return s
}

// Walk hands the files over, each once.
func (s *ListSource) Walk(ctx context.Context, sink secretscan.Sink) error {
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return &TargetError{Target: s.dir, Err: err}
	}
	w := newWalker(FileOptions{Dir: dir, Archives: s.archives}, sink)
	return w.run(ctx, func(ctx context.Context) error {
		for _, e := range w.listed(s.files) {
			w.send(ctx, e)
		}
		return nil
	})
}

// listed looks at the files.
func (w *walker) listed(files []string) []entry {
	var entries []entry
	for _, name := range files {
		file := name
		if !filepath.IsAbs(file) {
			file = filepath.Join(w.opts.Dir, file)
		}
		if w.seenBefore(filepath.Clean(file)) {
			continue
		}
		shown := shownFrom(w.opts.Dir, file, name)
		state, err := stateByName(file)
		if err == nil && state.mode.IsDir() {
			err = errDirectory
		}
		if err != nil {
			w.problem("look at", shown, err)
		} else if reason := w.leftOut(state); reason != "" {
			w.sink.Skip(reason, shown)
		} else {
			entries = append(entries, entry{tree: &tree{dir: inRealDir(file), path: shown, shown: shown}, size: state.size})
		}
	}
	return entries
}

// inRealDir returns where a file is without links, but for one that it is itself.
func inRealDir(file string) string {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil {
		return filepath.Join(dir, filepath.Base(file))
	}
	return file
}
