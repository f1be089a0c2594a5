package secretscan

import (
	"bytes"
	"math"

	"keysweep/secretscan/judge"
)

// Copy says that a content made by a delta has the bytes From to From+Len of its base at To.
type Copy = struct{ From, To, Len uint32 }

// Scanner scans contents that a source hands over on a goroutine of its own, and uses what it knows of the content that one was
// made from by a delta. It is for one goroutine; the traces it returns are for any number of them.
type Scanner interface {
	// Scan finds and files the candidates of b: exactly those that scanning the whole of it would find. b.Data holds all of it,
	// and need only be valid during the call. base is what Scan returned in the same run, from any of its Scanners, for the
	// content that copies copy from; nil if there is none. The copies are in the order of To, do not overlap there, and lie within
	// both contents. What Scan returns serves for the contents made from b; nil: they gain nothing from knowing b.
	Scan(b Blob, base *Trace, copies []Copy) *Trace
}

// Trace is what a scan of a content leaves for the contents that are made from it by a delta: every place that had to be looked at
// closely, what it took to decide on it, and the decision. It does not change.
//
// Of a content that is made by a delta only what is new is looked at:
//
//	base       ....a......b.............c........d...
//	                \      \              \        \       copied, with the bytes that decided: the decision holds
//	content    ......a......b|new|.......c.|new|......d
//	                       |-------|     |--------|        looked at: what is new, and before it what could not see all it needs
//
// The decision on a place goes by the bytes of its span alone, and by where the rule's match before it ends, for matches do not
// overlap. So places are gone through in their order, each with the rule's state as a scan of the whole has it there: in copied
// parts those of the base, elsewhere those that the prefilter finds. A place whose span is not copied as a whole, or reaches back
// over the end of the rule's last match, is decided on again.
type Trace struct {
	size    int       // of the content, without a byte order mark
	skipped int       // bytes of the byte order mark
	spots   []spot    // in the order of their places
	crowded []int32   // rules whose keywords stand in more places than there are spots for
	clean   []int32   // rules without anchors that were run over everything and do not match
	runs    []runSpot // by where they start
	longest int       // the length of the longest of those
	marks   []int32   // of allow comments, if marked; see allow_marks.go
	marked  bool
	located *located // nil: there are no candidates, or too many
}

// seamLeast is how much of what is copied is looked at again before a place where the copy ends, unless a literal is longer: what
// stands there was decided on by bytes behind that place. Anchors that look further ahead leave a spot wherever they stand.
const seamLeast = 96

// tracer is a run's Scanner.
type tracer struct {
	run    *run
	reader *reader
}

func newTracer(r *run) *tracer {
	return &tracer{run: r, reader: r.newReader()}
}

// Scan implements Scanner.
func (t *tracer) Scan(b Blob, base *Trace, copies []Copy) *Trace {
	if b.Open = nil; !b.Deferred {
		t.run.scan(t.reader, b) // which rules apply depends on the path
		return nil
	}
	if b.Path != "" {
		t.run.desk.file(b, t.run.engine.byName(b.Path))
	}
	found, trace := t.reader.trace(b.Data, base, copies)
	t.run.desk.file(b, found)
	t.run.leftOut(t.reader, b)
	t.run.done(b, int64(len(b.Data)), true)
	return trace
}

// trace returns the candidates of content in memory, for any path, and what is known of it from now on: nil for content that is
// transcoded, too large to be scanned in one piece, or so full of what looks like secrets that knowing it is no gain.
func (r *reader) trace(data []byte, base *Trace, copies []Copy) ([]Candidate, *Trace) {
	text := bytes.TrimPrefix(data, utf8BOM)
	if len(text) > r.blocks.size || len(text) > math.MaxInt32 || encodingOf(text) != nil {
		return r.bytes(data, "", true), nil
	}
	s := r.scan
	s.reset("", true)
	s.notes = &r.notes
	s.follow(text, len(data)-len(text), base, copies)
	found := r.candidates(base)
	s.notes = nil
	return found, r.notes.trace(s, len(data)-len(text))
}

// follow is find for a content that has parts of another one.
func (s *scanner) follow(data []byte, skipped int, base *Trace, copies []Copy) {
	s.data, s.to, s.raw = data, len(data), s.raw[:0]
	s.notes.begin()
	pos := 0
	for base != nil {
		if copies = s.longCopies(copies); len(copies) == 0 {
			break
		}
		var c stretch
		c, copies = nextStretch(copies, base.skipped, skipped)
		from, to := s.known(&c, base)
		if to <= from {
			continue
		}
		s.notes.copied = append(s.notes.copied, c)
		s.look(pos, from)
		s.carry(base, &c, from, to)
		s.carryRuns(base, &c, from, to)
		pos = to
	}
	s.look(pos, len(data))
	s.openGates(base)
	s.followUnanchored(base)
	s.decodeRuns()
	s.notes.carryMarks(data, base)
	s.sort()
}

// look goes through data[from:to].
func (s *scanner) look(from, to int) {
	s.notes.looked += max(0, to-from)
	s.hits(from, to)
	s.lookForRuns(from, to)
}

// stretch is data[to:end] of a content, which its base has at from.
type stretch struct {
	from, to, end int
	// The bytes that a decision may go by: lo and hi are to and end, or beyond the content's ends if the base starts and ends there, too.
	lo, hi int
}

// longCopies leaves out copies from the front in which nothing is known, as in most. The first bytes and the last copy may stand for the start
// and the end of a content.
func (s *scanner) longCopies(copies []Copy) []Copy {
	least := uint32(escapeBack + s.engine.seam)
	for len(copies) > 1 && copies[0].Len <= least && int(copies[0].To) > len(utf8BOM) && !goesOn(copies, 0) {
		copies = copies[1:]
	}
	return copies
}

// goesOn reports whether a copy ends where the next one starts, in both contents.
func goesOn(copies []Copy, n int) bool {
	a, b := &copies[n], &copies[n+1]
	return a.From+a.Len == b.From && a.To+a.Len == b.To
}

// nextStretch joins copies that go on where the one before ended, in both contents, and returns what is left. Byte order marks are
// not counted.
func nextStretch(copies []Copy, baseSkipped, skipped int) (stretch, []Copy) {
	n, size := 1, int(copies[0].Len)
	for n < len(copies) && goesOn(copies, n-1) {
		size += int(copies[n].Len)
		n++
	}
	from, to := int(copies[0].From)-baseSkipped, int(copies[0].To)-skipped
	cut := max(0, -from, -to)
	return stretch{from: from + cut, to: to + cut, end: to + max(size, cut)}, copies[n:]
}

// known returns the part of a stretch in which every place is known that the prefilter could find, or where a URL could end: where it
// sees as much of the text around as it saw in the base.
func (s *scanner) known(c *stretch, base *Trace) (from, to int) {
	c.lo, c.hi = c.to, c.end
	from, to = c.to+escapeBack, c.end-s.engine.seam // what stands before a place is looked at, for \b
	if c.end == len(s.data) && c.from+c.end-c.to == base.size {
		to, c.hi = c.end, math.MaxInt
	}
	if c.from == 0 && c.to == 0 {
		from, c.lo = 0, math.MinInt
	} else if from < to && s.engine.readers.reads(judge.URL) {
		from = max(from, judge.URLFrom(s.data, c.to))
	}
	return from, to
}
