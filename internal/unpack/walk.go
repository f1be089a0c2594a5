package unpack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
)

// Input is an outermost container.
type Input struct {
	Name   string      // of the file: what is in it is recognised by content first, by name second
	At     io.ReaderAt // nil: it can only be read once, from the start
	Size   int64       // of what At reads
	Stream io.Reader   // where At is nil
}

// Visitor gets what is in a container.
type Visitor interface {
	// Member is called for each member that is no container, and for each that is one and may show something as it is; so it is for the
	// input itself. It reads as much as it wants, before it returns. An error that reading gives is the visitor's to report; one that it returns ends the walk.
	Member(m *Member) error
	// Left says why a member was not looked at, or not to its end; "" is the outermost container itself.
	Left(path string, err *Error)
}

// Member is a member's content.
type Member struct {
	Path string // names from the outermost container inwards, with "!" between them: "lib/a.jar!META-INF/x"; "" is the input itself
	head *head
}

// Head returns the first bytes of the content, HeadSize if it has as many.
func (m *Member) Head() []byte { return m.head.start() }

// Read reads the content. An *Error, or one that wraps it, says that there was more.
func (m *Member) Read(p []byte) (int, error) { return m.head.Read(p) }

// Whole returns all of the content if it is in memory, and nothing of it was read yet. The bytes stay until Visitor.Member returns.
func (m *Member) Whole() ([]byte, bool) { return m.head.whole() }

// Walk goes through a container. It returns the visitor's error, or the context's unless that is an *Error, which is a limit like the
// others. What else goes wrong is told to the visitor.
func Walk(ctx context.Context, in Input, limits Limits, v Visitor) error {
	limits.Depth = min(limits.Depth, Deepest)
	w := &walker{visitor: v, budget: budget{ctx: ctx, limits: limits}}
	c := content{at: &input{at: in.At}, size: in.Size}
	w.budget.in = func() int64 { return in.Size }
	if in.At == nil {
		counted := &counter{r: &input{stream: in.Stream}}
		c = content{r: counted, size: -1}
		w.budget.in = func() int64 { return counted.n }
	}
	err := w.visit("", in.Name, c, 0)
	var stop *stopped
	if errors.As(err, &stop) {
		return stop.err
	}
	return err
}

// stopped ends a walk.
type stopped struct{ err error } // nil: a limit was reached, and that was told

// Error says so.
func (s *stopped) Error() string { return "the walk has ended" }

// walker is a walk's state.
type walker struct {
	visitor Visitor
	budget  budget
	heads   []*head // one for each level of nesting
	told    error   // what reading gave to the visitor last
	small   *small  // nil: not needed yet
}

// content is what is to be looked at.
type content struct {
	at   io.ReaderAt // nil: it can only be read once, from the start
	r    io.Reader   // where at is nil
	size int64       // -1: unknown
}

// reader returns the content from its start.
func (c content) reader() io.Reader {
	if c.at != nil {
		return io.NewSectionReader(c.at, 0, c.size)
	}
	return c.r
}

// visit looks at content that lies in depth containers.
func (w *walker) visit(path, name string, c content, depth int) error {
	h := w.head(depth)
	h.begin(c.reader())
	w.told = nil
	format := Detect(h.start(), name)
	if data, ok := h.whole(); ok && c.at == nil {
		c.at, c.size = bytes.NewReader(data), int64(len(data))
	}
	if format == SQLite && c.at == nil && depth < w.budget.limits.Depth {
		var err error
		if c, err = w.inMemory(content{r: h, size: -1}); err != nil {
			w.left(path, asError(err))
			format = None // what it holds is looked at as it is
		}
		h.begin(c.reader())
	}
	if format.Shows() {
		if err := w.member(path, h); err != nil || format == None {
			return err
		}
		if c.at == nil { // it was read, and what the name says is a guess
			return nil
		}
	}
	if depth >= w.budget.limits.Depth {
		if format != ZipInside {
			w.left(path, failf(TooDeep, "it is a container in %d containers, and is not opened", depth))
		}
		return nil
	}
	if c.at == nil {
		c.r = h
	}
	return w.settle(path, w.open(path, name, format, c, depth+1))
}

// text hands over what was made of a container's content: it is no container, whatever it looks like.
func (w *walker) text(path string, r io.Reader, depth int) error {
	h := w.head(depth)
	h.begin(r)
	return w.member(path, h)
}

// head returns the buffer of a level.
func (w *walker) head(depth int) *head {
	for len(w.heads) <= depth {
		w.heads = append(w.heads, newHead())
	}
	return w.heads[depth]
}

// member hands content to the visitor.
func (w *walker) member(path string, h *head) error {
	w.told = nil
	if err := w.visitor.Member(&Member{Path: path, head: h}); err != nil {
		return &stopped{err}
	}
	w.told = h.err
	return w.goesOn()
}

// goesOn returns an error if a limit was reached that ends the walk, and that the visitor was told of.
func (w *walker) goesOn() error {
	if w.budget.spent != nil && errors.Is(w.told, w.budget.spent) {
		return &stopped{}
	}
	return nil
}

// open goes through a container.
func (w *walker) open(path, name string, format Format, c content, depth int) error {
	switch format {
	case Tar:
		return w.tar(path, c.reader(), depth)
	case Gzip, Bzip2, Xz, Lzma, Zstd:
		return w.compressed(path, name, format, c, depth)
	case Zip, ZipInside:
		return w.zip(path, format, c, depth)
	case SevenZip:
		return w.sevenZip(path, c, depth)
	case SQLite:
		return w.sqlite(path, c, depth)
	case PDF:
		return w.pdf(path, c, depth)
	case Bundle:
		return w.bundle(path, c, depth)
	}
	return nil
}

// settle tells what came of a container. It returns what ends the walk.
func (w *walker) settle(path string, err error) error {
	var stop *stopped
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stop):
		return err
	case w.budget.ctx.Err() != nil && !errors.As(context.Cause(w.budget.ctx), &e):
		return &stopped{context.Cause(w.budget.ctx)}
	}
	e = asError(err)
	if w.told == nil || !sameError(w.told, err) {
		w.left(path, e)
	}
	w.told = err
	if e.final() {
		return &stopped{}
	}
	return nil
}

// sameError reports whether an error is one that was told already: a stream that breaks off gives it to the member that was read,
// and then to each container around it.
func sameError(told, err error) bool { return asError(told).Text == asError(err).Text }

// left tells the visitor.
func (w *walker) left(path string, e *Error) { w.visitor.Left(path, e) }

// asError turns an error of a decoder into one of ours.
func asError(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return damagedf("it ends early")
	}
	return damagedf("%s", strings.TrimPrefix(err.Error(), "damaged: "))
}

// longestName is how much is kept of a member's name: it is shown, and matched by rules about paths.
const longestName = 4096

// join names a member of a container.
func join(container, name string) string {
	if len(name) > longestName {
		name = name[:longestName]
	}
	if rest := strings.TrimPrefix(name, "./"); rest != "" { // as tars of "." have it
		name = rest
	}
	if container == "" {
		return name
	}
	return container + "!" + name
}

// inMemory returns random access to a content: as it is, or read into memory as far as the limit goes. With an error comes a content that
// can still be read from its start.
func (w *walker) inMemory(c content) (content, error) {
	if c.at != nil {
		return c, nil
	}
	limit := w.budget.limits.Memory
	if c.size > limit {
		return c, w.noMemory()
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(c.r, limit+1))
	if err == nil && n > limit {
		err = w.noMemory()
	}
	if err != nil {
		return content{r: io.MultiReader(&b, c.r), size: -1}, err
	}
	return content{at: bytes.NewReader(b.Bytes()), size: n}, nil
}

func (w *walker) noMemory() *Error {
	return failf(NoMemory, "it can only be read in memory, and has more than %s", size(w.budget.limits.Memory))
}
