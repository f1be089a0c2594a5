package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Options say where to look for a repository.
type Options struct {
	Dir     string   // where to start: an absolute path of a directory
	Environ []string // the caller's environment; of its GIT_* variables only those that name a repository are kept
	Cwd     string   // what relative paths in Environ are relative to; "" is Dir
	Nested  bool     // the variables of Environ name another repository: ignore them, as for a submodule
}

// Repo is a git repository. It is safe for concurrent use.
type Repo struct {
	git, dir     string
	root, gitDir string
	commonDir    string
	indexFile    string
	format       string
	bare         bool
	shallow      bool
	plain        bool // found without git

	learn      sync.Mutex // of what git's commands need, if the repository was found without git
	flags, env []string
	excused    bool                        // the user has set safe.directory
	unlearned  func(context.Context) error // nil: flags and env are known

	look    sync.Once // for an obstacle
	blocked error     // that was found
}

// Root returns the absolute path of the top of the work tree; "" if there is none, or Open was called inside a git directory.
func (r *Repo) Root() string { return r.root }

// GitDir returns the absolute path of the git directory: of this work tree's, where there are several.
func (r *Repo) GitDir() string { return r.gitDir }

// CommonDir returns the absolute path of the git directory that all work trees share.
func (r *Repo) CommonDir() string { return r.commonDir }

// Bare reports whether the repository has no work tree.
func (r *Repo) Bare() bool { return r.bare }

// Shallow reports whether the history was cut off when it was fetched. See Boundary.
func (r *Repo) Shallow() bool { return r.shallow }

// Plain reports whether it is of the most usual form, found without starting git: with files of its own for refs and index, nothing
// borrowed, and nothing that only git could make sense of.
func (r *Repo) Plain() bool { return r.plain }

// IndexFile returns the absolute path of the index, which need not be there.
func (r *Repo) IndexFile() string { return r.indexFile }

// ObjectFormat returns the name of the hash: "sha1" or "sha256".
func (r *Repo) ObjectFormat() string { return r.format }

// Open finds the repository that contains a directory as git itself would. It fails with ErrNotRepository, ErrNoGit, an
// *OwnershipError, or an *Error for what else git says.
func Open(ctx context.Context, o Options) (*Repo, error) {
	if !filepath.IsAbs(o.Dir) {
		return nil, fmt.Errorf("open repository: %q is not an absolute path", o.Dir)
	}
	if info, err := os.Stat(o.Dir); err != nil {
		return nil, fmt.Errorf("open repository: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("open repository: %s is not a directory", o.Dir)
	}
	program, err := lookUp(o.Environ)
	if err != nil {
		return nil, err
	}
	cwd := o.Cwd
	if cwd == "" {
		cwd = o.Dir
	}
	others, place, config := split(o.Environ, cwd)
	if o.Nested {
		place = nil
	}
	own := slices.Concat(others, place, []string{"LC_ALL=C", "GIT_TERMINAL_PROMPT=0"})
	r, ok := plain(o, place)
	if !ok {
		r = &Repo{dir: o.Dir}
	}
	r.git = program
	r.unlearned = func(ctx context.Context) error {
		found, err := readSettings(ctx, program, o.Dir, slices.Concat(own, config))
		if err == nil {
			r.flags, r.env = found.flags(), slices.Concat(others, place, unconfigured, fixed, found.environ())
			r.excused = len(found.safe) > 0
		}
		return err
	}
	if !ok {
		if err := r.ask(ctx, slices.Concat(own, config, fixed)); err != nil {
			return nil, err
		}
	}
	if r.indexFile = variable(place, "GIT_INDEX_FILE"); r.indexFile == "" {
		r.indexFile = filepath.Join(r.gitDir, "index")
	}
	return r, nil
}

// ask lets git find everything. Git before 2.38 takes safe.directory from files only: where the user has excused some directories it
// reads them itself, in the configured environment.
func (r *Repo) ask(ctx context.Context, configured []string) error {
	if _, _, err := r.settled(ctx); err != nil {
		return err
	}
	err := r.locate(ctx)
	var refused *OwnershipError
	if !errors.As(err, &refused) || !r.excused {
		return err
	}
	r.env = configured
	if again := r.locate(ctx); again != nil {
		return err
	}
	return nil
}

// settled returns the options and the environment of every command. They are found out when the first command runs: git is
// started for it.
func (r *Repo) settled(ctx context.Context) (flags, env []string, err error) {
	r.learn.Lock()
	defer r.learn.Unlock()
	if r.unlearned != nil {
		if err := r.unlearned(ctx); err != nil {
			return nil, nil, err
		}
		r.unlearned = nil
	}
	return r.flags, r.env, nil
}

// readSettings reads the configuration as git does by itself, which runs nothing.
func readSettings(ctx context.Context, program, dir string, env []string) (settings, error) {
	cmd := prepare(ctx, program, dir, env, []string{"--no-pager", "config", "-z", "--includes", "--show-scope", "--get-regexp", asked})
	out, err := output(ctx, cmd, "config")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // nothing is set
		err = nil
	}
	if err != nil {
		return settings{}, fmt.Errorf("read git configuration: %w", err)
	}
	return parseSettings(string(out))
}

// locate asks git where everything is.
func (r *Repo) locate(ctx context.Context) error {
	args := []string{
		"rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-object-format",
		"--path-format=absolute", "--absolute-git-dir", "--git-common-dir", "--show-toplevel",
	}
	const paths = 5 // index of the first path's option, and what precedes it
	out, err := r.Output(ctx, args...)
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) < 5 { // not even the git directory: in one without a work tree only the last option fails
		if err == nil {
			err = &Error{Command: "rev-parse", Err: errors.New("unexpected output")}
		}
		return err
	}
	r.bare, r.shallow, r.format = lines[0] == "true", lines[1] == "true", lines[2]
	places := lines[3:]
	if want := 3; err != nil || len(places) != want { // no work tree, or a path with a line feed
		places = make([]string, want)
		for i := range places {
			one, oneErr := r.Output(ctx, "rev-parse", args[paths-1], args[paths+i])
			if oneErr != nil && i < want-1 {
				return oneErr
			}
			places[i] = strings.TrimSuffix(string(one), "\n")
			if oneErr != nil {
				places[i] = ""
			}
		}
	}
	r.gitDir, r.commonDir, r.root = filepath.FromSlash(places[0]), filepath.FromSlash(places[1]), filepath.FromSlash(places[2])
	if r.dir = r.root; r.root == "" {
		r.dir = r.gitDir
	}
	return nil
}
