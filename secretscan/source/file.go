package source

import (
	"context"
	"path/filepath"

	"keysweep/secretscan"
)

// Target is something to scan that was named on the command line: a file or a directory.
type Target struct {
	Path string // as it was typed; relative to FileOptions.Dir unless absolute
}

// FileOptions say which files are scanned. The zero value means: everything git would not ignore, whatever its size, and no container is
// opened.
type FileOptions struct {
	Dir      string   // the working directory; "" is the process's
	Environ  []string // git's environment, as os.Environ returns it; also asked for GIT_DIR
	Filter   *Filter  // nil: all files
	MaxSize  int64    // bytes; larger files are left out; 0: no limit
	NoIgnore bool     // ignored files too, and git's hooks
	Jobs     int      // goroutines that list files and hand them over; 0: one per processor
	Archives Archives // how far containers are opened; a container that is a target itself, too
	Unsized  bool     // nobody waits for the totals: sizes are not looked up ahead of the files that are handed over
}

// FilesSource is files as they lie on disk.
type FilesSource struct {
	targets []Target
	opts    FileOptions
}

// Files returns a source of the files in and below targets.
//
// In a git work tree these are the tracked files and the untracked ones that are not ignored, as git lists them, and the
// repository's configuration (".git/config"), where URLs with passwords are; submodules and nested repositories are entered.
// A target that git ignores is listed as if it were not. If git cannot list a repository, that is a Problem and the directory
// is walked instead. Outside git, and with NoIgnore, everything there is counts, but for git's own data (objects, refs, logs).
//
// The repository of a directory is the nearest one above it on disk, whatever GIT_DIR says; GIT_DIR and GIT_WORK_TREE count
// only where there is none. A repository's core.worktree has no force.
//
// A file that is a target itself is always handed over: ignored or not, whatever its size, and past the filter. A target that
// is missing, a FIFO or device, or a bare repository makes Walk return a *TargetError after everything else was handed over.
func Files(targets []Target, opts FileOptions) *FilesSource {
	return &FilesSource{targets: targets, opts: opts}
}

// Walk lists the files and hands them over, several at once. The totals it tells run ahead of the files that are handed over, unless
// nobody wants them; blobs then do not tell their size either.
func (s *FilesSource) Walk(ctx context.Context, sink secretscan.Sink) error {
	opts := s.opts
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return &TargetError{Target: opts.Dir, Err: err}
	}
	opts.Dir = dir
	w := newWalker(opts, sink)
	return w.run(ctx, func(ctx context.Context) error { return w.start(ctx, s.targets) })
}
