package secretscan

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"keysweep/finding"
)

// Options say how a run goes. The zero value is a sensible default.
type Options struct {
	Workers int // goroutines that scan; 0: one per processor
	// Salt returns the fingerprints' salt; nil: there is none. It is called once at the most, and only if something was found:
	// finding a repository's first commit costs a walk over all of them.
	Salt        func() []byte
	IgnoreAllow bool // allow comments have no force
	// Prove says what is certain of a finding, and what follows for its confidence and severity; nil: nothing is. It is called once for
	// each secret, at the end, from one goroutine.
	Prove func(*finding.Finding)
	// MinConfidence is that of a finding that is reported.
	MinConfidence finding.Confidence
	Counters      *Counters
	// DecodeDepth is how many layers of encoding are taken off; 0: as many as the constant says, and below 0: none.
	DecodeDepth int
}

// Counters tell how far a run has come; they may be read while it goes on.
type Counters struct {
	Blobs, Bytes           atomic.Int64
	BlobsTotal, BytesTotal atomic.Int64 // as far as known
	Findings               atomic.Int64
}

// Result is what a run found and what it covered. Elapsed, Root and Source of the coverage are the caller's to fill in.
type Result struct {
	Findings   []finding.Finding
	Suppressed []finding.Suppressed
	Notices    []finding.Notice
	Problems   []finding.Problem
	Coverage   finding.Coverage
}

// Run scans everything a source has. It always returns what was found and covered so far; an error says that the run did not
// come to its end: the source's own error, or the context's.
func Run(ctx context.Context, e *Engine, src Source, o Options) (Result, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.DecodeDepth == 0 {
		o.DecodeDepth = DecodeDepth
	}
	o.DecodeDepth = max(o.DecodeDepth, 0)
	if o.Counters == nil {
		o.Counters = new(Counters)
	}
	r := &run{engine: e, opts: o, ctx: ctx, queue: make(chan Blob, 4*o.Workers), readers: make(chan *reader, o.Workers), desk: newDesk(e, o)}
	for range o.Workers {
		r.readers <- nil
	}
	err := src.Walk(ctx, r)
	close(r.queue)
	r.workers.Wait()
	if resolver, ok := src.(Resolver); ok {
		err = errors.Join(err, r.resolve(resolver))
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return r.desk.result(r), err
}

// resolve lets a source say where deferred blobs stand. If that comes to no end, what was found in them is reported all the same.
func (r *run) resolve(resolver Resolver) error {
	found := r.desk.deferred()
	err := r.ctx.Err()
	if err == nil {
		court := &court{run: r, readers: sync.Pool{New: func() any { return r.newReader() }}}
		err = resolver.Resolve(r.ctx, found, r, court)
	}
	if err != nil {
		r.desk.unresolved(found)
	}
	return err
}

// run is one run's state; it is the Sink that the source talks to.
type run struct {
	engine  *Engine
	opts    Options
	ctx     context.Context // a run is one call
	first   atomic.Int64    // bytes that came in memory; up to firstBytes no worker is needed
	hire    sync.Once       // starts the workers
	workers sync.WaitGroup
	queue   chan Blob    // for the workers
	readers chan *reader // for what is scanned by who brings it; nil: to be made
	desk    *desk

	files, blobs, commits, bytes atomic.Int64
}

// firstBytes is how much content in memory is scanned by who brings it before workers are started. That takes half a millisecond, as
// long as starting two of them does: a commit rarely has more.
const firstBytes = 128 << 10

// Blob implements Sink.
func (r *run) Blob(b Blob) error {
	if b.Open != nil && !b.Deferred || b.Open == nil && r.first.Add(int64(len(b.Data))) <= firstBytes {
		return r.here(b)
	}
	r.hire.Do(func() {
		for range r.opts.Workers {
			r.workers.Go(r.work)
		}
	})
	select {
	case r.queue <- b:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// here scans at once. Handing files from one goroutine to another takes a tenth of the time that small ones take.
func (r *run) here(b Blob) error {
	var reader *reader
	select {
	case reader = <-r.readers:
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	if reader == nil {
		reader = r.newReader()
	}
	if r.ctx.Err() == nil {
		r.scan(reader, b)
	}
	r.readers <- reader
	return r.ctx.Err()
}

// Scanner implements Sink.
func (r *run) Scanner() Scanner { return newTracer(r) }

// Expect implements Sink.
func (r *run) Expect(blobs, bytes int64) {
	r.opts.Counters.BlobsTotal.Add(blobs)
	r.opts.Counters.BytesTotal.Add(bytes)
}

// Commits implements Sink.
func (r *run) Commits(n int64) { r.commits.Add(n) }

// Skip implements Sink.
func (r *run) Skip(reason, path string) { r.desk.skip(reason, path) }

// Problem implements Sink.
func (r *run) Problem(p finding.Problem) { r.desk.problem(p) }

// Troubled implements Sink.
func (r *run) Troubled() bool { return r.desk.troubled() }

// Entered implements Sink.
func (r *run) Entered(path string) { r.desk.entered(path) }

func (r *run) work() {
	var reader *reader
	for b := range r.queue {
		if r.ctx.Err() != nil { // drain, so that the source is not kept waiting
			continue
		}
		if reader == nil {
			reader = r.newReader()
		}
		r.scan(reader, b)
	}
}

// scan scans one blob and files what it finds.
func (r *run) scan(reader *reader, b Blob) {
	if !b.Deferred && r.engine.Skips(b.Path) {
		r.desk.skip("paths allowed by the rules' configuration", b.shown())
		r.done(b, 0, false)
		return
	}
	if b.Path != "" {
		r.desk.file(b, r.engine.byName(b.Path))
	}
	n, err := r.content(reader, b)
	var skip *SkipError
	switch {
	case errors.As(err, &skip):
		r.desk.skip(skip.Reason, b.shown())
	case err != nil && r.ctx.Err() == nil:
		r.desk.problem(problemOf(b, err))
	}
	r.leftOut(reader, b)
	r.done(b, n, err == nil)
}

func (r *run) content(reader *reader, b Blob) (int64, error) {
	if b.Open == nil {
		r.desk.file(b, reader.bytes(b.Data, b.Path, b.Deferred))
		return int64(len(b.Data)), nil
	}
	src, err := b.Open()
	if err != nil {
		return 0, err
	}
	n, err := reader.stream(r.ctx, src, b.Path, b.Deferred, func(c []Candidate) error {
		r.desk.file(b, c)
		return r.ctx.Err()
	})
	if cerr := src.Close(); err == nil {
		err = cerr
	}
	return n, err
}

// done counts a blob.
func (r *run) done(b Blob, n int64, whole bool) {
	c := r.opts.Counters
	c.Blobs.Add(1)
	c.Bytes.Add(max(n, b.Size))
	if !whole {
		return
	}
	r.bytes.Add(n)
	switch {
	case b.Kind == finding.KindMessage, b.Kind == finding.KindTag: // counted as commits, if at all
	case b.Object != "":
		r.blobs.Add(1)
	default:
		r.files.Add(1)
	}
}

func (b *Blob) shown() string {
	switch {
	case b.Shown != "":
		return b.Shown
	case b.Path != "":
		return ShownPath(b.Path)
	case b.Object != "":
		return b.Object
	}
	return "standard input"
}

// problemOf describes a blob that could not be read.
func problemOf(b Blob, err error) finding.Problem {
	var p *ProblemError
	if errors.As(err, &p) {
		return p.Problem
	}
	return finding.Problem{Where: b.shown(), Op: "read", Err: err.Error()}
}

// ProblemError is an error of Blob.Open or of what it opened that already says all that a report should.
type ProblemError struct{ finding.Problem }

// Error names the place, the operation and the reason.
func (e *ProblemError) Error() string { return fmt.Sprintf("%s %s: %s", e.Op, e.Where, e.Err) }

// court lets a source's Resolve judge candidates.
type court struct {
	run     *run
	readers sync.Pool
}

// Scan implements Court.
func (c *court) Scan(data []byte) []Candidate {
	r := c.readers.Get().(*reader) // the pool holds nothing else
	defer c.readers.Put(r)
	return r.bytes(data, "", true)
}

// Keep implements Court.
func (c *court) Keep(list []Candidate, path, commit string) []Candidate {
	return c.run.desk.keep(list, path, commit)
}

// Emit implements Court.
func (c *court) Emit(candidate Candidate, p finding.Place) { c.run.desk.emit(candidate, p) }

// newReader returns a reader that finds what the run may report.
func (r *run) newReader() *reader {
	reader := newReader(r.engine, r.opts.DecodeDepth)
	reader.scan.least = r.opts.MinConfidence
	return reader
}
