package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// maxPath is the longest path that is walked. Every step into a directory costs time in proportion to its path.
const maxPath = 32 << 10

// named is an entry of a directory, with what reading the directory tells about it.
type named struct {
	name string
	mode fs.FileMode // the type's bits
}

// doDir reads a directory: its files are sent, its directories queued.
func (w *walker) doDir(ctx context.Context, t task) {
	name := t.tree.file(t.rel)
	if len(name) > maxPath {
		w.problem("list directory", t.tree.show(t.rel), errTooDeep)
		return
	}
	opened, err := w.folders.open(name)
	if err != nil {
		if t.top || !w.isRepo(ctx, &t, name) {
			w.problem("list directory", t.tree.show(t.rel), err)
		}
		return
	}
	defer opened.release()
	dev, kernel := deviceOf(opened.openDir, t.dev)
	if kernel {
		w.sink.Skip(skipKernel, t.tree.show(t.rel))
		return
	}
	d := directory{walker: w, task: t, folder: opened, dev: dev}
	d.read(ctx, name)
}

// isRepo deals with a directory that is the root of a repository: it is git's to list, or with NoIgnore walked like any other.
func (w *walker) isRepo(ctx context.Context, t *task, name string) bool {
	gitDir := gitDirOf(name)
	if gitDir == "" {
		return false
	}
	w.sink.Entered(t.tree.show(t.rel))
	if w.opts.NoIgnore {
		w.configs(ctx, t.tree.at(t.rel), gitDir)
		return false
	}
	w.queue.push(task{tree: t.tree.at(t.rel), repo: true})
	return true
}

// directory is one that is being read.
type directory struct {
	*walker
	task
	folder    *folder
	dev       uint64
	internals bool // it is git's own
	told      bool // that internals are left out
}

// read goes through the entries. Most directories are read at once; what is not among the entries then need not be looked for.
func (d *directory) read(ctx context.Context, name string) {
	room := d.rooms.take()
	defer d.rooms.give(room)
	entries, err := d.folder.read(room[:])
	var more []named
	if err == nil {
		more, err = d.folder.read(room[:])
	}
	may := func(name string) bool { return len(more) > 0 || !errors.Is(err, io.EOF) || holds(entries, name) }
	if !d.top && may(".git") && d.isRepo(ctx, &d.task, name) {
		return
	}
	d.internals = may("HEAD") && isGitDir(name)
	for ctx.Err() == nil {
		d.entries(ctx, entries)
		switch {
		case len(more) > 0:
			entries, more = more, nil
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			d.problem("list directory", d.tree.show(d.rel), err)
			return
		default:
			entries, err = d.folder.read(room[:])
		}
	}
}

// holds reports whether a name is among entries, for a file system that may not distinguish case.
func holds(entries []named, name string) bool {
	return slices.ContainsFunc(entries, func(e named) bool { return len(e.name) == len(name) && strings.EqualFold(e.name, name) })
}

// entries deals with some of the directory's entries.
func (d *directory) entries(ctx context.Context, entries []named) {
	files := make([]entry, 0, len(entries))
	var dirs []task
	for i := range entries {
		e := &entries[i]
		rel := d.rel + e.name
		switch {
		case d.git && e.name == ".git":
		case d.internals && isInternal(e.name):
			if !d.told {
				d.sink.Skip(skipInternals, d.tree.show(d.rel))
				d.told = true
			}
		case e.mode.IsDir():
			if d.enters(rel) {
				dirs = append(dirs, task{tree: d.tree, rel: rel + "/", dev: d.dev})
			}
		default:
			if size, ok := d.file(rel, e); ok {
				files = append(files, entry{tree: d.tree, rel: rel, size: size})
			}
		}
	}
	if len(dirs) > 0 {
		d.queue.push(dirs...)
	}
	for part := range slices.Chunk(files, batchSize) {
		d.sendFiles(ctx, part)
	}
}

// enters reports whether a directory is to be read.
func (d *directory) enters(rel string) bool {
	if d.claimed(d.tree, rel) {
		return false
	}
	if !d.opts.Filter.Dir(d.tree.path + rel) {
		d.sink.Skip(skipExcluded, d.tree.show(rel))
		return false
	}
	return true
}

// file reports whether a file is to be scanned. Of anything but regular files reading the directory told enough, and of those
// too if nobody wants to know their size.
func (d *directory) file(rel string, e *named) (size int64, ok bool) {
	if d.claimed(d.tree, rel) || !d.chosen(d.tree, rel) {
		return 0, false
	}
	state, err := fileState{mode: e.mode}, error(nil)
	if e.mode.IsRegular() && (!d.opts.Unsized || d.opts.MaxSize > 0) {
		state, err = d.folder.stateOf(e)
	}
	return state.size, d.fits(d.tree, rel, state, err)
}

// sendFiles queues files. The directory stays open for them, unless many are.
func (d *directory) sendFiles(ctx context.Context, files []entry) {
	b := &batch{files: files}
	if !d.folders.crowded() && d.folder.hold() {
		b.folder = d.folder
	}
	var size int64
	for i := range files {
		size += files[i].size
	}
	d.sink.Expect(int64(len(files)), size)
	d.sendBatch(ctx, b)
}
