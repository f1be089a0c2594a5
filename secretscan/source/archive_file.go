package source

import (
	"context"
	"errors"
	"path"

	"keysweep/finding"
	"keysweep/internal/unpack"
	"keysweep/secretscan"
)

// container reports whether a file that was handed over is to be opened.
func (w *walker) container(e *entry) bool {
	if !w.opts.Archives.open() {
		return false
	}
	return e.inside != unpack.None || !e.opened && documented(e.tree.path+e.rel)
}

// unpack opens a container and hands over what is in it.
func (w *walker) unpack(ctx context.Context, e *entry) {
	b := e.named()
	h, err := openReal(e.tree.file(e.rel))
	if err != nil {
		w.failed(openError(b.shown, err), b.shown)
		return
	}
	before, err := h.state()
	if err == nil && !before.mode.IsRegular() {
		err = errChanged
	}
	if err == nil {
		o := &opener{sink: w.sink, kind: finding.KindFile, path: b.path, shown: b.shown}
		in := unpack.Input{Name: path.Base(b.path), At: h, Size: before.size}
		if werr := w.opts.Archives.walk(ctx, in, o, o); werr != nil {
			w.cancel(werr)
		}
		var after fileState
		if after, err = h.state(); err == nil && after != before {
			err = errChanged
		}
	}
	if cerr := h.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		w.problem("unpack", b.shown, err)
	}
}

// failed files an error of opening.
func (w *walker) failed(err error, shown string) {
	var skip *secretscan.SkipError
	var problem *secretscan.ProblemError
	switch {
	case errors.As(err, &skip):
		w.sink.Skip(skip.Reason, shown)
	case errors.As(err, &problem):
		w.sink.Problem(problem.Problem)
	}
}
