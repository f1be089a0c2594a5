package source

import (
	"context"
	"io"
	"strings"

	"keysweep/finding"
	"keysweep/internal/unpack"
	"keysweep/secretscan"
)

// batchSize is how many files are handed over by one worker: enough that the queue costs nothing, and few enough that no worker
// has much left to do when the others have nothing.
const batchSize = 32

// entry is a file that is to be scanned.
type entry struct {
	tree    *tree
	rel     string // below the tree; "" is the tree itself
	size    int64
	tracked bool // by git: it need not be there

	opened bool          // the sink opened it
	inside unpack.Format // what it turned out to be then
}

// batch is files of one directory.
type batch struct {
	files  []entry
	folder *folder // the directory; nil: it is not open
	look   bool    // what they are is not known yet
	unpack bool    // they are containers, and were handed over
}

// send queues a file whose state is known.
func (w *walker) send(ctx context.Context, e entry) {
	w.sink.Expect(1, e.size)
	w.sendBatch(ctx, &batch{files: []entry{e}})
}

// sendBatch queues files. Where too many are waiting it hands some over itself, so that not the whole of a tree is ever held.
func (w *walker) sendBatch(ctx context.Context, b *batch) {
	for crowded := w.queue.pushBatch(b); crowded; crowded = w.queue.crowded() {
		if b := w.queue.popBatch(); b != nil {
			w.handOver(ctx, b)
		}
	}
}

// handOver gives files to the sink. If it does not want them, the walk ends.
func (w *walker) handOver(ctx context.Context, b *batch) {
	defer func() { b.folder.release() }()
	if b.folder == nil && len(b.files) > 1 {
		b.folder, _ = w.folders.open(b.files[0].tree.file(b.files[0].directory())) // if that fails, opening the files says why
	}
	for i := range b.files {
		e := &b.files[i]
		if ctx.Err() != nil {
			return
		}
		if b.unpack {
			w.unpack(ctx, e)
			continue
		}
		if b.look && !w.looked(e, b.folder) {
			continue
		}
		if err := w.sink.Blob(e.blob(b.folder, w)); err != nil {
			w.cancel(err)
			return
		}
		if w.container(e) {
			w.queue.pushBatch(&batch{files: []entry{*e}, unpack: true})
		}
	}
}

// looked looks at a file that nobody has looked at, and reports whether it is to be scanned.
func (w *walker) looked(e *entry, in *folder) bool {
	state, err := e.state(in)
	if !w.fits(e.tree, e.rel, state, e.gone(state, err)) {
		return false
	}
	e.size = state.size
	w.sink.Expect(1, e.size)
	return true
}

// gone says of a file that git tracks, and that is not there, that this may well be.
func (e *entry) gone(state fileState, err error) error {
	if e.tracked && (isGone(err) || err == nil && state.mode.IsDir()) {
		return &secretscan.SkipError{Reason: skipGone}
	}
	return err
}

// name returns the last part of the path.
func (e *entry) name() string { return e.rel[strings.LastIndexByte(e.rel, '/')+1:] }

// directory returns the path to the directory that the file is in: "" or with a slash at its end.
func (e *entry) directory() string { return e.rel[:strings.LastIndexByte(e.rel, '/')+1] }

// state looks at the file, in its directory if that is open.
func (e *entry) state(in *folder) (fileState, error) {
	if in != nil {
		return in.state(e.name())
	}
	return stateByName(e.tree.file(e.rel))
}

// names are a file's.
type names struct{ path, shown string }

func (e *entry) named() names { return names{e.tree.path + e.rel, e.tree.show(e.rel)} }

func (e *entry) blob(in *folder, w *walker) secretscan.Blob {
	n := e.named()
	b := secretscan.Blob{Kind: finding.KindFile, Path: n.path, Size: e.size}
	if n.shown != n.path {
		b.Shown = n.shown
	}
	b.Open = func() (io.ReadCloser, error) { return e.open(in, n.shown, w) }
	return b
}

// open opens the file for the scanner. By then the directory may be closed.
func (e *entry) open(in *folder, shown string, w *walker) (io.ReadCloser, error) {
	e.opened = true
	var h handle
	var err error
	if in.hold() {
		defer in.release()
		h, err = in.openFile(e.name())
	} else {
		h, err = openReal(e.tree.file(e.rel))
	}
	r, err := newReader(h, err, shown, &w.rooms, w.opts.Archives.open())
	if err != nil {
		return nil, err
	}
	e.inside = r.format
	return r, nil
}
