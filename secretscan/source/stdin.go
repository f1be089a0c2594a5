package source

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"

	"keysweep/finding"
	"keysweep/internal/unpack"
	"keysweep/secretscan"
)

// stdinChunk is how much is read at once.
const stdinChunk = 64 << 10

var errReadTwice = errors.New("it can be read only once")

// StdinSource is one stream, usually standard input.
type StdinSource struct {
	r        io.Reader
	name     string
	archives Archives
	once     sync.Once
	inside   io.ReadCloser // the stream, if it is a container
}

// Stdin returns a source of one blob of kind finding.KindStdin: everything that r gives. name is its path in reports and for
// path rules; it may be "". The stream is never held in memory as a whole. A read of r that never returns does not keep the
// run from being cancelled; the goroutine that waits in it is then left behind until it returns.
func Stdin(r io.Reader, name string) *StdinSource { return &StdinSource{r: r, name: name} }

// Opening makes the source open the stream if it is a container, such as an image's archive. It returns s.
func (s *StdinSource) Opening(a Archives) *StdinSource {
	s.archives = a
	return s
}

// Walk hands over the stream.
func (s *StdinSource) Walk(ctx context.Context, sink secretscan.Sink) error {
	size := s.size()
	sink.Expect(1, size)
	err := sink.Blob(secretscan.Blob{
		Kind: finding.KindStdin,
		Path: s.name,
		Size: size,
		Open: func() (io.ReadCloser, error) { return s.open(ctx) },
	})
	if err != nil {
		return err
	}
	if s.inside == nil && documented(s.name) { // what is allowed by its name nobody opened
		if r, err := s.open(ctx); err == nil && s.inside == nil {
			_ = r.Close() // nothing was read
		}
	}
	if s.inside == nil {
		return nil
	}
	defer func() { _ = s.inside.Close() }() // it is told nothing by that
	o := &opener{sink: sink, kind: finding.KindStdin, path: s.name, shown: s.name}
	if s.name == "" {
		o.path, o.shown = "-", "standard input"
	}
	return s.archives.walk(ctx, unpack.Input{Name: s.name, Stream: s.inside}, o, o)
}

// size returns how long the input is if it comes from a regular file, otherwise 0.
func (s *StdinSource) size() int64 {
	f, ok := s.r.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return 0
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}

func (s *StdinSource) open(ctx context.Context) (io.ReadCloser, error) {
	var r *stdinReader
	s.once.Do(func() { r = newStdinReader(ctx, s.r) })
	if r == nil {
		return nil, problemError("read", "standard input", errReadTwice)
	}
	if !s.archives.open() {
		return r, nil
	}
	ahead := bufio.NewReaderSize(r, stdinChunk)
	start, _ := ahead.Peek(headSize) // an error comes again when it is read
	if f := unpack.Detect(start, s.name); f != unpack.None && f != unpack.ZipInside {
		s.inside = stdinAhead{ahead, r}
		return io.NopCloser(strings.NewReader("")), nil
	}
	return stdinAhead{ahead, r}, nil
}

// stdinAhead is a stream whose start was looked at.
type stdinAhead struct {
	*bufio.Reader
	io.Closer
}

// stdinReader reads through a goroutine, so that waiting can end without the read. Two buffers go round: one is filled while
// the other is used.
type stdinReader struct {
	ctx    context.Context
	stop   context.CancelFunc
	full   chan stdinPiece
	free   chan []byte
	piece  stdinPiece // what is handed out now
	offset int
}

// stdinPiece is the result of one read.
type stdinPiece struct {
	buf []byte
	n   int
	err error
}

func newStdinReader(ctx context.Context, from io.Reader) *stdinReader {
	ctx, stop := context.WithCancel(ctx)
	r := &stdinReader{ctx: ctx, stop: stop, full: make(chan stdinPiece, 2), free: make(chan []byte, 2)}
	r.free <- make([]byte, stdinChunk)
	r.free <- make([]byte, stdinChunk)
	go r.fill(from)
	return r
}

// fill never blocks on full: there are as many places in it as buffers.
func (r *stdinReader) fill(from io.Reader) {
	for {
		select {
		case buf := <-r.free:
			n, err := from.Read(buf)
			r.full <- stdinPiece{buf, n, err}
			if err != nil {
				return
			}
		case <-r.ctx.Done():
			return
		}
	}
}

// Read reads; it returns the context's error soon after the run is cancelled.
func (r *stdinReader) Read(p []byte) (int, error) {
	for r.offset == r.piece.n {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.piece.buf[r.offset:r.piece.n])
	r.offset += n
	return n, nil
}

func (r *stdinReader) next() error {
	if err := r.piece.err; err != nil {
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		return problemError("read", "standard input", err)
	}
	if r.piece.buf != nil {
		r.free <- r.piece.buf
		r.piece = stdinPiece{}
	}
	r.offset = 0
	select {
	case r.piece = <-r.full:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// Close lets the reading goroutine go. It does not close what is read from, which belongs to the caller.
func (r *stdinReader) Close() error {
	r.stop()
	return nil
}
