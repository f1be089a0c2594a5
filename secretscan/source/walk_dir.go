package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

const (
	// maxPath is the longest path that is walked. Every step into a directory costs time in proportion to its path.
	maxPath = 32 << 10
	// entriesAtOnce is how many entries of a directory are held.
	entriesAtOnce = 512
)

// doDir reads a directory: its files are sent, its directories queued.
func (w *walker) doDir(ctx context.Context, t task) {
	name := t.tree.file(t.rel)
	if len(name) > maxPath {
		w.problem("list directory", t.tree.show(t.rel), errTooDeep)
		return
	}
	if !t.top && w.isRepo(ctx, &t, name) {
		return
	}
	dir, err := openDirectory(name)
	if err != nil {
		w.problem("list directory", t.tree.show(t.rel), err)
		return
	}
	defer dir.Close()
	dev, kernel := deviceOf(dir, t.dev)
	if kernel {
		w.sink.Skip(skipKernel, t.tree.show(t.rel))
		return
	}
	d := directory{walker: w, task: t, file: dir, dev: dev, internals: isGitDir(name)}
	d.read(ctx)
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
	file      *os.File
	dev       uint64
	internals bool // it is git's own
	told      bool // that internals are left out
}

func (d *directory) read(ctx context.Context) {
	for ctx.Err() == nil {
		entries, err := d.file.ReadDir(entriesAtOnce)
		for _, e := range entries {
			d.entry(ctx, e)
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			d.problem("list directory", d.tree.show(d.rel), err)
			return
		}
	}
}

func (d *directory) entry(ctx context.Context, e fs.DirEntry) {
	rel := d.rel + e.Name()
	switch {
	case d.git && e.Name() == ".git":
	case d.internals && isInternal(e.Name()):
		if !d.told {
			d.sink.Skip(skipInternals, d.tree.show(d.rel))
			d.told = true
		}
	case e.IsDir():
		d.directory(rel + "/")
	default:
		d.walker.file(ctx, d.tree, rel, func() (fileState, error) { return d.look(e) })
	}
}

// directory queues a directory.
func (d *directory) directory(rel string) {
	switch {
	case d.claimed(d.tree, rel):
	case !d.opts.Filter.Dir(d.tree.path + rel[:len(rel)-1]):
		d.sink.Skip(skipExcluded, d.tree.show(rel))
	default:
		d.queue.push(task{tree: d.tree, rel: rel, dev: d.dev})
	}
}

// look returns an entry's state; for anything but regular files reading the directory told enough.
func (d *directory) look(e fs.DirEntry) (fileState, error) {
	if !e.Type().IsRegular() {
		return fileState{mode: e.Type()}, nil
	}
	return stateIn(d.file, e)
}
