package source

import (
	"context"
	"errors"
	"io/fs"

	"keysweep/secretscan"
)

// settle queues a file, or leaves it out for what it is.
func (w *walker) settle(ctx context.Context, t *tree, rel string, state fileState, err error) {
	if w.fits(t, rel, state, err) {
		w.send(ctx, entry{tree: t, rel: rel, size: state.size})
	}
}

// fits reports whether a file is to be scanned, by its state or by what came of looking at it; if not, it says why. In a
// *secretscan.SkipError stands why it is left out.
func (w *walker) fits(t *tree, rel string, state fileState, err error) bool {
	if err != nil {
		var skip *secretscan.SkipError
		if errors.As(err, &skip) {
			w.sink.Skip(skip.Reason, t.show(rel))
		} else {
			w.problem("look at", t.show(rel), err)
		}
		return false
	}
	if reason := w.leftOut(state); reason != "" {
		w.sink.Skip(reason, t.show(rel))
		return false
	}
	return true
}

// chosen asks the filter.
func (w *walker) chosen(t *tree, rel string) bool {
	if w.opts.Filter == nil {
		return true
	}
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
