package source

import (
	"context"
	"errors"
	"io/fs"

	"keysweep/secretscan"
)

// file deals with a file below a tree: leaves it out, says what is wrong with it, or queues it. look tells its state, or in a
// *secretscan.SkipError why it is left out.
func (w *walker) file(ctx context.Context, t *tree, rel string, look func() (fileState, error)) {
	if w.claimed(t, rel) || !w.chosen(t, rel) {
		return
	}
	state, err := look()
	var skip *secretscan.SkipError
	if errors.As(err, &skip) {
		w.sink.Skip(skip.Reason, t.show(rel))
		return
	}
	if err != nil {
		w.problem("look at", t.show(rel), err)
		return
	}
	w.settle(ctx, t, rel, state)
}

// settle queues a file, or leaves it out for what it is.
func (w *walker) settle(ctx context.Context, t *tree, rel string, state fileState) {
	if reason := w.leftOut(state); reason != "" {
		w.sink.Skip(reason, t.show(rel))
		return
	}
	w.send(ctx, entry{file: t.file(rel), path: t.path + rel, shown: t.show(rel), size: state.size})
}

// chosen asks the filter.
func (w *walker) chosen(t *tree, rel string) bool {
	chosen, reason := w.opts.Filter.File(t.path + rel)
	if !chosen {
		w.sink.Skip(reason, t.show(rel))
	}
	return chosen
}

// leftOut returns why something that is not a directory is left out, or "".
func (w *walker) leftOut(state fileState) string {
	switch {
	case state.mode&fs.ModeSymlink != 0:
		return skipLinks
	case !state.mode.IsRegular():
		return skipSpecial
	case w.opts.MaxSize > 0 && state.size > w.opts.MaxSize:
		return skipLarge
	}
	return ""
}
