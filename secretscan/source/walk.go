package source

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"sync"

	"keysweep/secretscan"
)

// listedAhead is how many files may be listed before they are handed over: enough that the totals of most trees are known at once,
// and few enough (some 150 bytes each) to be held for any tree.
const listedAhead = 8192

// walker lists files: workers take tasks from the queue, which bring others, and hand files to the sink.
type walker struct {
	opts    FileOptions
	realDir string // opts.Dir without links
	sink    secretscan.Sink
	queue   *queue
	rooms   rooms
	folders folders
	claims  map[string]bool         // the targets, without links; not written to while workers run
	cancel  context.CancelCauseFunc // ends the walk

	mu   sync.Mutex
	seen map[string]bool // configuration files that were handed over: worktrees share one
}

func newWalker(opts FileOptions, sink secretscan.Sink) *walker {
	real, err := filepath.EvalSymlinks(opts.Dir)
	if err != nil {
		real = opts.Dir
	}
	if opts.Jobs <= 0 {
		opts.Jobs = runtime.GOMAXPROCS(0)
	}
	w := &walker{opts: opts, realDir: real, sink: sink, queue: newQueue(), claims: map[string]bool{}, seen: map[string]bool{}}
	if !opts.Unsized {
		w.queue.ahead = listedAhead
	}
	return w
}

// run does what start queues. It returns after everything it started has ended.
func (w *walker) run(ctx context.Context, start func(context.Context) error) error {
	ctx, w.cancel = context.WithCancelCause(ctx)
	defer w.cancel(nil)
	defer context.AfterFunc(ctx, w.queue.close)()
	err := start(ctx)
	w.work(ctx)
	return errors.Join(err, context.Cause(ctx))
}

// work runs the workers until no task is left.
func (w *walker) work(ctx context.Context) {
	var workers sync.WaitGroup
	for range w.opts.Jobs {
		workers.Go(func() {
			for t, ok := w.queue.pop(); ok; t, ok = w.queue.pop() {
				w.do(ctx, t)
				w.queue.done()
			}
		})
	}
	workers.Wait()
}

func (w *walker) do(ctx context.Context, t task) {
	switch {
	case t.batch != nil:
		w.handOver(ctx, t.batch)
	case t.repo:
		w.doRepo(ctx, t)
	default:
		w.doDir(ctx, t)
	}
}

// problem reports a file or directory that could not be looked at.
func (w *walker) problem(op, shown string, err error) {
	w.sink.Problem(problemError(op, shown, err).Problem)
}

// claimed reports whether a file or directory below t is to be handed over by another target's walk: the innermost one that it
// belongs to.
func (w *walker) claimed(t *tree, rel string) bool {
	if len(w.claims) < 2 {
		return false
	}
	file := t.file(rel)
	for !w.claims[file] {
		up := filepath.Dir(file)
		if up == file {
			return false
		}
		file = up
	}
	return file != t.claim
}
