package secretscan

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/secretscan/decode"
)

// What stands encoded in a content is decoded where it stands, and the same rules look at the result, with a little of the text around it,
// for a key may stand outside and its value inside:
//
//	content   auth: "dXNlcjpnaHBfMTIz..."       view   auth: "user:ghp_123..."
//	                 |----- run ------|                       |--- live ---|
//
// Only what has a part in the live text counts. It is found where its encoded form stands. What is decoded is looked at for encoded
// text in turn, in a scanner of its own for each depth.
const (
	// DecodeDepth is how many layers of encoding are taken off by default; gitleaks has the same.
	DecodeDepth = 5
	// viewBefore and viewAfter are how much of the line around a run is looked at together with it.
	viewBefore = 128
	viewAfter  = 256
	// What may be decoded of a content in all, counted with what is looked at around it: runs of sixteen characters in one line cost thirty
	// times their length, and each depth as much again.
	decodeFirst = 64 << 20
	decodeEach  = 32
	// runCost is what a run costs besides, in bytes.
	runCost = 64
)

// hidden is a match in what was decoded.
type hidden struct {
	candidate Candidate
	// Where its secret's encoded form starts and ends, counted from where that of the match starts.
	secretStart, secretEnd int
	kinds                  string // encodings, from the outside inwards: "percent, base64"
}

// layerEnds stands between the kinds of a hidden match.
const layerEnds = ", "

// decoding is what a scanner decodes with.
type decoding struct {
	depth  int // how many layers may be taken off from here
	finder decode.Finder
	runs   []decode.Run
	keep   func(decode.Run) // adds to runs
	note   func(decode.Run) // for a trace
	view   []byte
	inner  *scanner // scans what was decoded
	budget *budget
}

// budget is what may still be decoded of a content.
type budget struct {
	room int
	out  bool // it was not enough
}

func (b *budget) take(n int) bool {
	if b.room -= n; b.room < 0 {
		b.out = true
	}
	return !b.out
}

// resetDecoding prepares for a new content.
func (s *scanner) resetDecoding() {
	d := &s.decoding
	if d.depth == 0 {
		return
	}
	d.finder.Reset()
	if d.budget == nil {
		d.budget = new(budget)
		d.keep, d.note = func(r decode.Run) { d.runs = append(d.runs, r) }, s.noteRun
	}
	*d.budget = budget{room: decodeFirst}
}

// decodeIn finds matches in what is encoded in data[from:to].
func (s *scanner) decodeIn(from, to int) {
	d := &s.decoding
	if d.depth == 0 {
		return
	}
	d.budget.room += decodeEach * (to - from)
	d.runs = d.runs[:0]
	limit := len(s.data)
	if to == s.to {
		limit = to
	}
	d.finder.Find(s.data, from, to, limit, d.keep)
	for _, run := range d.runs {
		s.decodeRun(run)
	}
}

// view is a text with a part that was decoded.
type view struct {
	run       decode.Run
	low, high int // of the text that it was made from
	from, to  int // of the live text in it
}

// viewOf makes the view of a run in s.decoding.view.
func (s *scanner) viewOf(run decode.Run) view {
	v := view{run: run, low: max(0, run.From-viewBefore), high: min(len(s.data), run.To+viewAfter)}
	v.low += bytes.LastIndexByte(s.data[v.low:run.From], '\n') + 1
	if n := bytes.IndexByte(s.data[run.To:v.high], '\n'); n >= 0 {
		v.high = run.To + n
	}
	v.low = min(runeStart(s.data, v.low), run.From)
	text := append(s.decoding.view[:0], s.data[v.low:run.From]...)
	v.from = len(text)
	text = run.Append(text, s.data)
	v.to = len(text)
	s.decoding.view = append(text, s.data[run.To:v.high]...)
	return v
}

// decodeRun finds matches in what a run stands for.
func (s *scanner) decodeRun(run decode.Run) {
	d := &s.decoding
	v := s.viewOf(run)
	if !d.budget.take(len(d.view) + runCost) {
		return
	}
	if d.inner == nil {
		d.inner = newScanner(s.engine)
		d.inner.least = s.least
		d.inner.decoding.depth = d.depth - 1
		d.inner.decoding.budget = d.budget
	}
	in := d.inner
	in.beginView(s.path, s.any)
	in.data, in.to, in.raw = d.view, len(d.view), in.raw[:0]
	in.hits(0, len(d.view))
	in.findUnanchored(0)
	if d.depth > 1 {
		in.decodeView(v.from, v.to)
	}
	in.sort()
	m := &maker{engine: s.engine, least: s.least, data: d.view}
	for i := range in.raw {
		if counts(&in.raw[i], v) {
			s.addHidden(m, in.raw[i], v)
		}
	}
}

// beginView prepares an inner scanner for another view.
func (s *scanner) beginView(path string, any bool) {
	s.nextEpoch(path, any)
	s.decoding.finder.Reset()
}

// decodeView is decodeIn for the live part of a view.
func (s *scanner) decodeView(from, to int) {
	d := &s.decoding
	d.runs = d.runs[:0]
	d.finder.Find(s.data, from, to, len(s.data), func(r decode.Run) {
		if r.From < to && r.To > from {
			d.runs = append(d.runs, r)
		}
	})
	for _, run := range d.runs {
		s.decodeRun(run)
	}
}

// counts reports whether a match in a view counts: not what has no part in the live text. A value that a word beside it calls a credential is
// found as it stands in base64, too, and is not the better known for being decoded, unless all of it is inside.
func counts(m *rawMatch, v view) bool {
	switch whole := v.run.Kind == decode.Base64 || v.run.Kind == decode.Hex; {
	case m.hidden != nil: // its run has a part in the live text
		return true
	case m.claim != nil && whole:
		return m.start >= v.from && m.end <= v.to
	}
	return m.start < v.to && m.end > v.from
}

// addHidden adds a match of a view.
func (s *scanner) addHidden(m *maker, match rawMatch, v view) {
	c, span, _ := m.judgeOne(match)
	if c == nil {
		return
	}
	h := &hidden{candidate: *c, kinds: v.run.Kind.String()}
	if match.hidden != nil {
		h.kinds += layerEnds + match.hidden.kinds
	}
	start, end := v.source(s.data, span.start, span.end)
	if start < v.run.First || start >= v.run.Next {
		return
	}
	h.secretStart, h.secretEnd = v.source(s.data, span.secretStart, span.secretEnd)
	if c.Secret.IsZero() || h.secretStart >= h.secretEnd {
		return
	}
	start, end = min(start, h.secretStart), max(end, h.secretEnd)
	h.secretStart, h.secretEnd = h.secretStart-start, h.secretEnd-start
	h.candidate.secretAt, h.candidate.covers, h.candidate.Decoded = int32(h.secretStart), int32(h.secretEnd-h.secretStart), h.kinds
	s.raw = append(s.raw, rawMatch{rule: match.rule, spot: noSpot, start: start, end: end, hidden: h})
}

// source returns where in the text the view's bytes from to to come from.
func (v *view) source(data []byte, from, to int) (start, end int) {
	at := func(i int) (int, int) {
		switch {
		case i < v.from:
			return v.low + i, v.low + i + 1
		case i >= v.to:
			return v.run.To + i - v.to, v.run.To + i - v.to + 1
		}
		return v.run.Source(data, i-v.from)
	}
	start, _ = at(from)
	_, end = at(max(from, to-1))
	return start, end
}

// compareHidden orders matches that are alike otherwise.
func compareHidden(a, b *hidden) int {
	if a == nil || b == nil {
		return cmp.Compare(boolOf(a != nil), boolOf(b != nil))
	}
	return cmp.Or(cmp.Compare(a.secretStart, b.secretStart), cmp.Compare(a.secretEnd, b.secretEnd), strings.Compare(a.kinds, b.kinds))
}

func boolOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dropSeen drops what was found in two runs. Matches are in their order.
func (s *scanner) dropSeen() {
	seen := false
	for i := range s.raw {
		h := s.raw[i].hidden
		for j := i - 1; h != nil && j >= 0 && s.raw[j].start > s.raw[i].start-twinsMost; j-- {
			if s.raw[j].sameHidden(&s.raw[i]) {
				s.raw[i].rule, s.raw[i].hidden, seen = noRule, nil, true
				break
			}
		}
	}
	if seen {
		s.raw = slices.DeleteFunc(s.raw, func(m rawMatch) bool { return m.rule == noRule })
	}
}

// sameHidden reports whether two matches, the second a hidden one, are of the same rule and have the same secret at the same place, with as
// many layers taken off.
func (m *rawMatch) sameHidden(other *rawMatch) bool {
	h, o := m.hidden, other.hidden
	return h != nil && m.rule == other.rule && m.start+h.secretStart == other.start+o.secretStart && m.start+h.secretEnd == other.start+o.secretEnd &&
		h.candidate.Secret == o.candidate.Secret && h.candidate.layers() == o.candidate.layers()
}

// note adds to the note of a place what was decoded there.
func (c *Candidate) note(note string) string {
	switch {
	case c.Decoded == "":
		return note
	case note == "":
		return "decoded from " + c.Decoded
	}
	return note + "; decoded from " + c.Decoded
}

// tagDecoded adds gitleaks' tags for what was decoded to a finding: decoded:base64, decode-depth:1.
func tagDecoded(f *finding.Finding, decoded string) {
	if decoded == "" {
		return
	}
	kinds := strings.Split(decoded, layerEnds)
	tags := []string{fmt.Sprintf("decode-depth:%d", len(kinds))}
	for _, kind := range kinds {
		tags = append(tags, "decoded:"+kind)
	}
	for _, tag := range tags {
		if i, found := slices.BinarySearch(f.Tags, tag); !found {
			f.Tags = slices.Insert(f.Tags, i, tag)
		}
	}
}

// leftOut records if not everything was decoded that is encoded in a content.
func (r *run) leftOut(reader *reader, b Blob) {
	if budget := reader.scan.decoding.budget; budget != nil && budget.out {
		budget.out = false // what comes next may fail before it is scanned
		r.desk.problem(finding.Problem{Where: b.shown(), Op: "decode",
			Err:  "it holds more encoded text, within encoded text, than is decoded of one file; the rest was only looked at as it stands",
			Hint: "decode it and scan the result, or exclude the file"})
	}
}
