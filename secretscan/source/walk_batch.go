package source

import (
	"context"
	"io"
	"strings"

	"keysweep/finding"
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
}

// batch is files of one directory.
type batch struct {
	files  []entry
	folder *folder // the directory; nil: it is not open
	look   bool    // what they are is not known yet
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
		if b.look && !w.looked(e, b.folder) {
			continue
		}
		if err := w.sink.Blob(e.blob(b.folder, &w.rooms)); err != nil {
			w.cancel(err)
			return
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

func (e *entry) blob(in *folder, rooms *rooms) secretscan.Blob {
	b := secretscan.Blob{Kind: finding.KindFile, Path: e.tree.path + e.rel, Shown: e.tree.show(e.rel), Size: e.size}
	shown := b.Shown
	if b.Shown == b.Path {
		b.Shown = ""
	}
	b.Open = func() (io.ReadCloser, error) { return e.open(in, shown, rooms) }
	return b
}

// open opens the file for the scanner. By then the directory may be closed.
func (e *entry) open(in *folder, shown string, rooms *rooms) (io.ReadCloser, error) {
	if !in.hold() {
		return openFile(e.tree.file(e.rel), shown, rooms)
	}
	defer in.release()
	h, err := in.openFile(e.name())
	return newReader(h, err, shown, rooms)
}
