package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"keysweep/internal/git"
	"keysweep/secretscan"
)

// longestRecord bounds one entry of git's listing: a path and some 60 bytes.
const longestRecord = 1 << 20

const modeSubmodule = "160000"

// listing reads what `git ls-files -t -s -z` says: "? path" for a file that is not tracked, "? path/" for a repository that
// is not, and "H mode object stage TAB path", or other letters, for the index.
type listing struct {
	*walker
	tree   *tree
	scope  string  // what is listed: a directory below the root
	last   string  // the path before: a conflict has up to three entries
	parent string  // a directory below the root that was seen to be one, without links on the way to it
	files  []entry // of one directory, not queued yet
}

func (l *listing) run(ctx context.Context, repo *git.Repo) error {
	args := []string{"ls-files", "-z", "-t", "-s", "--cached", "--others", "--exclude-standard", "--"}
	if l.scope != "" {
		args = append(args, ":(top,literal)"+l.scope)
	}
	cmd := repo.Command(ctx, args...)
	var said warnings
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := l.read(ctx, out)
	l.flush(ctx)
	_, _ = io.Copy(io.Discard, out)
	err = cmd.Wait()
	switch {
	case readErr != nil:
		return readErr
	case err != nil:
		return errors.New(said.failure(err))
	}
	l.warned(&said)
	return nil
}

func (l *listing) read(ctx context.Context, out io.Reader) error {
	records := bufio.NewScanner(out)
	records.Buffer(make([]byte, 64<<10), longestRecord)
	records.Split(splitNUL)
	for records.Scan() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := l.record(ctx, records.Text()); err != nil {
			return err
		}
	}
	return records.Err()
}

// splitNUL is a bufio.SplitFunc for records that end with NUL.
func splitNUL(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

// parseRecord splits a record; mode is "" for what is not tracked.
func parseRecord(record string) (mode, path string, err error) {
	tag, rest, ok := strings.Cut(record, " ")
	if ok && tag == "?" {
		mode, path = "", rest
	} else if ok && len(tag) == 1 {
		var stage string
		stage, path, _ = strings.Cut(rest, "\t")
		mode, _, ok = strings.Cut(stage, " ")
	}
	if !ok || path == "" {
		return "", "", errors.New("git's listing has an unknown form")
	}
	return mode, path, nil
}

func (l *listing) record(ctx context.Context, record string) error {
	mode, path, err := parseRecord(record)
	if err != nil || path == l.last {
		return err
	}
	l.last = path
	name := strings.TrimSuffix(path, "/")
	rel, ok := l.below(name)
	switch {
	case !ok || !filepath.IsLocal(filepath.FromSlash(name)):
		l.problem(gitListing, l.tree.show(""), errors.New("the index names a path outside: "+git.Printable(name)))
	case mode == modeSubmodule || name != path:
		l.repository(ctx, rel, mode == modeSubmodule)
	default:
		l.file(ctx, rel, mode != "")
	}
	return nil
}

// below turns a path from the repository's root into one from the tree.
func (l *listing) below(path string) (string, bool) {
	if l.scope == "" || path == l.scope {
		return strings.TrimPrefix(path, l.scope), true
	}
	return strings.CutPrefix(path, l.scope+"/")
}

// file puts a file among those of its directory. Who hands them over looks at them; if somebody waits for the totals, that is done now.
func (l *listing) file(ctx context.Context, rel string, tracked bool) {
	if l.claimed(l.tree, rel) || !l.chosen(l.tree, rel) {
		return
	}
	e := entry{tree: l.tree, rel: rel, tracked: tracked}
	if err := l.parents(rel); err != nil {
		l.settle(ctx, l.tree, rel, fileState{}, e.gone(fileState{}, err))
		return
	}
	if !l.opts.Unsized && !l.looked(&e, nil) {
		return
	}
	if n := len(l.files); n == batchSize || n > 0 && l.files[0].directory() != e.directory() {
		l.flush(ctx)
	}
	l.files = append(l.files, e)
}

// flush queues the files of a directory.
func (l *listing) flush(ctx context.Context) {
	if len(l.files) > 0 {
		l.sendBatch(ctx, &batch{files: l.files, look: l.opts.Unsized})
		l.files = nil
	}
}

// look returns the state of what may be a repository.
func (l *listing) look(rel string) (fileState, error) {
	if err := l.parents(rel); err != nil {
		return fileState{}, err
	}
	return stateByName(l.tree.file(rel))
}

func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// parents makes sure that no directory between the tree and a path is a link: an index may name x/passwd where x is a link
// to /etc. Git lists paths in order, so most have the parent of the one before.
func (l *listing) parents(rel string) error {
	dir := rel[:strings.LastIndexByte(rel, '/')+1]
	if dir == l.parent {
		return nil
	}
	for i := 0; i < len(dir); i++ {
		if dir[i] != '/' || strings.HasPrefix(l.parent, dir[:i+1]) {
			continue
		}
		state, err := stateByName(l.tree.file(dir[:i]))
		switch {
		case err != nil:
			return err
		case state.mode&fs.ModeSymlink != 0:
			return &secretscan.SkipError{Reason: skipLinks}
		case !state.mode.IsDir():
			return fs.ErrNotExist
		}
	}
	l.parent = dir
	return nil
}

// repository deals with a submodule, or a nested repository that is not tracked.
func (l *listing) repository(ctx context.Context, rel string, submodule bool) {
	if l.claimed(l.tree, rel) {
		return
	}
	if !l.opts.Filter.Dir(l.tree.path + rel) {
		l.sink.Skip(skipExcluded, l.tree.show(rel))
		return
	}
	state, err := l.look(rel)
	if err != nil || !state.mode.IsDir() {
		l.noRepository(ctx, rel, state, err, submodule)
		return
	}
	if name := l.tree.file(rel); submodule && gitDirOf(name) == "" && l.isEmpty(name) {
		l.sink.Skip(skipSubmodules, l.tree.show(rel))
		return
	}
	l.queue.push(task{tree: l.tree, rel: prefix(rel)})
}

// noRepository deals with what is where a repository should be.
func (l *listing) noRepository(ctx context.Context, rel string, state fileState, err error, submodule bool) {
	if submodule && isGone(err) {
		l.sink.Skip(skipSubmodules, l.tree.show(rel))
		return
	}
	if !l.claimed(l.tree, rel) && l.chosen(l.tree, rel) {
		l.settle(ctx, l.tree, rel, state, err)
	}
}

// isEmpty reports whether there is nothing in a directory.
func (w *walker) isEmpty(name string) bool {
	dir, err := openDirectory(name)
	if err != nil {
		return false
	}
	defer dir.close()
	room := w.rooms.take()
	defer w.rooms.give(room)
	var entries []named
	for err == nil && len(entries) == 0 {
		entries, err = dir.read(room[:])
	}
	return len(entries) == 0 && errors.Is(err, io.EOF)
}
