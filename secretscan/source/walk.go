package source

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync"

	"keysweep/finding"
	"keysweep/secretscan"
)

// ahead is how many files may be listed before they are handed over: enough that the totals of most trees are known at once,
// and few enough (some 300 bytes each) to be held for any tree.
const ahead = 8192

// entry is a file that is to be scanned.
type entry struct {
	file, path, shown string
	size              int64
}

// walker lists files: workers take tasks from the queue and send entries, one goroutine hands them to the sink.
type walker struct {
	opts    FileOptions
	realDir string // opts.Dir without links
	sink    secretscan.Sink
	queue   *queue
	out     chan entry
	rooms   rooms
	claims  map[string]bool // the targets, without links; not written to while workers run

	mu   sync.Mutex
	seen map[string]bool // configuration files that were handed over: worktrees share one
}

func newWalker(opts FileOptions, sink secretscan.Sink) *walker {
	real, err := filepath.EvalSymlinks(opts.Dir)
	if err != nil {
		real = opts.Dir
	}
	return &walker{
		opts:    opts,
		realDir: real,
		sink:    sink,
		queue:   newQueue(),
		out:     make(chan entry, ahead),
		claims:  map[string]bool{},
		seen:    map[string]bool{},
	}
}

// run walks the targets. It returns after everything it started has ended.
func (w *walker) run(ctx context.Context, targets []Target) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, w.queue.close)()

	handed := make(chan struct{})
	go func() {
		defer close(handed)
		if err := w.handOver(ctx); err != nil {
			cancel(err)
		}
	}()
	err := w.start(ctx, targets)
	w.work(ctx)
	close(w.out)
	<-handed
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
	if t.repo {
		w.doRepo(ctx, t)
		return
	}
	w.doDir(ctx, t)
}

// handOver gives the entries to the sink. After an error nobody needs to take the rest: the senders stop with the context.
func (w *walker) handOver(ctx context.Context) error {
	for e := range w.out {
		if ctx.Err() != nil {
			return nil
		}
		if err := w.sink.Blob(e.blob(&w.rooms)); err != nil {
			return err
		}
	}
	return nil
}

func (e entry) blob(rooms *rooms) secretscan.Blob {
	b := secretscan.Blob{Kind: finding.KindFile, Path: e.path, Shown: e.shown, Size: e.size}
	if b.Shown == b.Path {
		b.Shown = ""
	}
	b.Open = func() (io.ReadCloser, error) { return openFile(e.file, e.shown, rooms) }
	return b
}

// send queues an entry.
func (w *walker) send(ctx context.Context, e entry) {
	select {
	case w.out <- e:
		w.sink.Expect(1, e.size)
	case <-ctx.Done():
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
