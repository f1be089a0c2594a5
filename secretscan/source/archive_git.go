package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"keysweep/finding"
	"keysweep/internal/unpack"
	"keysweep/secretscan"
)

// Opening returns src, which hands over blobs of a git repository, with what is in those of them that are containers. A member's findings
// stand at each of its container's places, "a.zip!dir/file". It costs what unpacking every version of every container costs. What was
// remembered of earlier runs knows nothing of members, so src should not use it.
func Opening(src secretscan.Source, a Archives) secretscan.Source {
	if !a.open() {
		return src
	}
	return &opened{src: src, archives: a, members: map[string]int32{}}
}

// opened is a git source with what is in its containers. The sink gets a member as a deferred blob of its own, whose object is that of the
// container and the member's path. Before the source resolves places, the candidates of members join those of their container;
// Candidate.Member says which member each is from.
type opened struct {
	src      secretscan.Source
	archives Archives

	mu      sync.Mutex
	members map[string]int32 // by path within a container: their numbers, from 1 on
	names   []string
}

func (o *opened) number(member string) int32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.members[member]
	if n == 0 {
		o.names = append(o.names, member)
		n = int32(len(o.names))
		o.members[member] = n
	}
	return n
}

func (o *opened) name(number int32) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.names[number-1]
}

// tagged returns candidates with the number of their member.
func tagged(list []secretscan.Candidate, number int32) []secretscan.Candidate {
	list = slices.Clone(list)
	for i := range list {
		list[i].Member = number
	}
	return list
}

// Walk implements secretscan.Source.
func (o *opened) Walk(ctx context.Context, sink secretscan.Sink) error {
	return o.src.Walk(ctx, &openedSink{Sink: sink, ctx: ctx, opened: o})
}

// Resolve implements secretscan.Resolver.
func (o *opened) Resolve(ctx context.Context, found []secretscan.Found, sink secretscan.Sink, court secretscan.Court) error {
	r, ok := o.src.(secretscan.Resolver)
	if !ok {
		return nil
	}
	var merged []secretscan.Found
	at := map[string]int{}
	for _, f := range found {
		object, member, inside := strings.Cut(f.Blob.Object, "!")
		candidates := f.Candidates
		if inside {
			candidates = tagged(candidates, o.number(member))
		}
		i, known := at[object]
		if !known {
			i = len(merged)
			at[object] = i
			f.Blob.Object = object
			merged = append(merged, secretscan.Found{Blob: f.Blob})
		}
		merged[i].Candidates = append(merged[i].Candidates, candidates...)
	}
	slices.SortFunc(merged, func(a, b secretscan.Found) int { return cmp.Compare(a.Blob.Object, b.Blob.Object) })
	return r.Resolve(ctx, merged, sink, &openedCourt{Court: court, ctx: ctx, opened: o})
}

// openedSink opens the containers among the blobs that pass by.
type openedSink struct {
	secretscan.Sink
	ctx    context.Context // of one walk
	opened *opened
	one    sync.Mutex // for scanner
	own    secretscan.Scanner
}

// Blob passes a blob on and opens it.
func (s *openedSink) Blob(b secretscan.Blob) error {
	data, open := b.Data, b.Open
	isFile := b.Kind == finding.KindBlob || b.Kind == finding.KindIndex
	if data != nil {
		data = bytes.Clone(data[:min(len(data), unpack.HeadSize)]) // the receiver owns the rest
	}
	container := isFile && open == nil && unpack.Detect(data, path.Base(b.Path)) != unpack.None
	if container {
		data = bytes.Clone(b.Data)
	}
	if err := s.Sink.Blob(b); err != nil || !isFile {
		return err
	}
	switch {
	case container:
		return s.inside(b, unpack.Input{Name: b.Path, At: bytes.NewReader(data), Size: int64(len(data))})
	case open != nil:
		return s.stream(b, open)
	}
	return nil
}

// stream opens a blob that is too large to be in memory. What cannot be read is told by who reads it for its own sake.
func (s *openedSink) stream(b secretscan.Blob, open func() (io.ReadCloser, error)) error {
	r, err := open()
	if err != nil {
		return s.ctx.Err()
	}
	defer r.Close()
	start := make([]byte, unpack.HeadSize)
	n, _ := io.ReadFull(r, start)
	if unpack.Detect(start[:n], "") == unpack.None {
		return nil
	}
	return s.inside(b, unpack.Input{Name: b.Path, Stream: io.MultiReader(bytes.NewReader(start[:n]), r)})
}

// inside scans what is in a container with the sink's own scanner.
func (s *openedSink) inside(b secretscan.Blob, in unpack.Input) error {
	s.one.Lock()
	defer s.one.Unlock()
	if s.own == nil {
		s.own = s.Sink.Scanner()
	}
	return s.opened.walk(s.ctx, s.Sink, s.own, b, in)
}

// Scanner returns one that opens containers.
func (s *openedSink) Scanner() secretscan.Scanner {
	return &openedScanner{next: s.Sink.Scanner(), sink: s}
}

// openedScanner opens the containers among what it scans.
type openedScanner struct {
	next secretscan.Scanner
	sink *openedSink
}

// Scan scans a blob, and what is in it.
func (s *openedScanner) Scan(b secretscan.Blob, base *secretscan.Trace, copies []secretscan.Copy) *secretscan.Trace {
	trace := s.next.Scan(b, base, copies)
	if b.Kind != finding.KindMessage && unpack.Detect(b.Data[:min(len(b.Data), unpack.HeadSize)], path.Base(b.Path)) != unpack.None {
		in := unpack.Input{Name: b.Path, At: bytes.NewReader(b.Data), Size: int64(len(b.Data))}
		_ = s.sink.opened.walk(s.sink.ctx, s.sink.Sink, s.next, b, in) // only the end of the run makes it fail, and who calls sees that
	}
	return trace
}

// walk goes through a container.
func (o *opened) walk(ctx context.Context, sink secretscan.Sink, scanner secretscan.Scanner, b secretscan.Blob, in unpack.Input) error {
	where := b.Object
	if b.Path != "" {
		where = fmt.Sprintf("%s (%s)", b.Object, b.Path)
	}
	v := &deferredMembers{opener: opener{sink: sink, path: where, shown: where}, archives: o.archives, blob: b, scanner: scanner}
	return o.archives.walk(ctx, in, v, &v.opener)
}

// deferredMembers scans members whose places are found out later.
type deferredMembers struct {
	opener
	archives Archives
	blob     secretscan.Blob
	scanner  secretscan.Scanner
}

// Member implements unpack.Visitor.
func (d *deferredMembers) Member(m *unpack.Member) error {
	if m.Path == "" {
		return nil
	}
	shown := d.shown + "!" + m.Path
	if reason := hidden(m.Head()); reason != "" {
		d.sink.Skip(reason, shown)
		return nil
	}
	data, err := memberData(m, d.archives.Memory)
	if err != nil {
		d.Left(m.Path, err)
	}
	d.sink.Expect(1, 0)
	b := secretscan.Blob{Kind: d.blob.Kind, Object: d.blob.Object + "!" + m.Path, Deferred: true, Data: data}
	d.scanner.Scan(b, nil, nil)
	return nil
}

// memberData reads a member into memory, as far as it can be read.
func memberData(m *unpack.Member, limit int64) ([]byte, *unpack.Error) {
	if data, ok := m.Whole(); ok {
		return data, nil
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(m, limit+1))
	var e *unpack.Error
	switch {
	case errors.As(err, &e):
	case n > limit:
		e = &unpack.Error{Reason: unpack.NoMemory, Text: "it is too large for what is scanned of a history: only its start is"}
		b.Truncate(int(limit))
	}
	return b.Bytes(), e
}

// openedCourt judges candidates of members at their own paths.
type openedCourt struct {
	secretscan.Court
	ctx    context.Context // of one call of Resolve
	opened *opened
}

// Scan finds the candidates of other content and of what is in it. Nothing that goes wrong is told: what is missing in an old version
// only makes something look new.
func (c *openedCourt) Scan(data []byte) []secretscan.Candidate {
	list := c.Court.Scan(data)
	if unpack.Detect(data[:min(len(data), unpack.HeadSize)], "") == unpack.None {
		return list
	}
	v := &oldMembers{court: c, list: list}
	_ = unpack.Walk(c.ctx, unpack.Input{At: bytes.NewReader(data), Size: int64(len(data))}, c.opened.archives.Limits, v)
	return v.list
}

// oldMembers collects the candidates of members.
type oldMembers struct {
	court *openedCourt
	list  []secretscan.Candidate
}

func (o *oldMembers) Member(m *unpack.Member) error {
	if m.Path != "" && hidden(m.Head()) == "" {
		data, _ := memberData(m, o.court.opened.archives.Memory)
		o.list = append(o.list, tagged(o.court.Court.Scan(data), o.court.opened.number(m.Path))...)
	}
	return o.court.ctx.Err()
}

func (o *oldMembers) Left(string, *unpack.Error) {}

// Keep judges each member's candidates at its own path.
func (c *openedCourt) Keep(list []secretscan.Candidate, path, commit string) (kept []secretscan.Candidate) {
	byMember := map[int32][]secretscan.Candidate{}
	var order []int32
	for _, one := range list {
		n := one.Member
		if byMember[n] == nil {
			order = append(order, n)
		}
		byMember[n] = append(byMember[n], one)
	}
	slices.Sort(order)
	for _, n := range order {
		kept = append(kept, c.Court.Keep(byMember[n], c.path(path, n), commit)...)
	}
	return kept
}

func (c *openedCourt) path(path string, number int32) string {
	if number == 0 {
		return path
	}
	return secretscan.MemberPath(path, c.opened.name(number))
}

// Emit reports a candidate at its member's path.
func (c *openedCourt) Emit(candidate secretscan.Candidate, p finding.Place) {
	n := candidate.Member
	p.Path = c.path(p.Path, n)
	if n > 0 {
		p.Also = slices.Clone(p.Also)
		for i := range p.Also {
			p.Also[i] = c.path(p.Also[i], n)
		}
	}
	c.Court.Emit(candidate, p)
}
