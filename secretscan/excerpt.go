package secretscan

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"unicode/utf8"

	"keysweep/finding"
)

const (
	// excerptAround bounds how much of a line an excerpt keeps on either side of the match's start, in bytes: enough for a
	// wide terminal, little enough for a line of 200 MB.
	excerptAround = 400
	// matchKept bounds how much of a match is kept as text; a private key of 16,384 bits in PEM has 12.5 KB.
	matchKept = 64 << 10
	// excerptSecrets is how many secrets an excerpt holds at most; it ends before the next. It bounds what lines of nothing but
	// secrets cost.
	excerptSecrets = 16
)

// arrange prepares for excerpts: spans in the order of their secrets, and what must be masked as ranges that do not overlap.
func (m *maker) arrange() {
	slices.SortFunc(m.spans, func(a, b secretSpan) int {
		return cmp.Or(cmp.Compare(a.secretStart, b.secretStart), cmp.Compare(a.secretEnd, b.secretEnd), cmp.Compare(boolOf(b.blank), boolOf(a.blank)))
	})
	m.spans = slices.CompactFunc(m.spans, func(a, b secretSpan) bool {
		return a.secretStart == b.secretStart && a.secretEnd == b.secretEnd
	})
	m.masks = m.masks[:0]
	for _, s := range m.spans {
		if s.secretStart < s.secretEnd {
			m.masks = append(m.masks, finding.Range{Start: s.secretStart, End: s.secretEnd})
		}
	}
	m.masks = merged(m.masks)
	if m.known == nil {
		m.known = new(knownSecrets)
	}
	m.known.reset()
	for _, s := range m.spans {
		m.known.add(m.data[s.secretStart:s.secretEnd])
	}
}

// place gives a candidate its position, its excerpts, and the allow comment that covers it.
func (m *maker) place(c *Candidate, span secretSpan) {
	c.Span.Start = m.lines.position(m.data, span.start)
	end := m.lines
	c.Span.End = end.position(m.data, span.end)
	c.Allow = m.allows.covers(c.Rule, c.Span.Start.Line, c.Span.End.Line)

	from := max(span.start-excerptAround, 0)
	from += bytes.LastIndexByte(m.data[from:span.start], '\n') + 1
	to := min(span.start+2*excerptAround, len(m.data))
	if n := bytes.IndexByte(m.data[span.start:to], '\n'); n >= 0 {
		to = span.start + n
	}
	c.Line = m.excerpt(span, from, to)
	c.Match = m.excerpt(span, span.start, min(span.end, span.start+matchKept))
}

// excerpt cuts a piece out of the content and masks every secret in it, further copies of secrets in it included. It starts
// behind a secret that its edge would cut, and ends before one too many.
func (m *maker) excerpt(span secretSpan, from, to int) finding.Excerpt {
	first := sort.Search(len(m.masks), func(i int) bool { return m.masks[i].End > from })
	near := m.spans[sort.Search(len(m.spans), func(i int) bool { return m.spans[i].secretStart >= from }):]
	near = near[:sort.Search(len(near), func(i int) bool { return near[i].secretStart >= to })]
	if len(near) > excerptSecrets {
		to = max(min(to, near[excerptSecrets].secretStart), span.start)
		near = near[:excerptSecrets]
	}
	others := m.copies(append(slices.Clone(near), span), from, to)
	for _, mask := range m.masks[min(first, len(m.masks)):] {
		if mask.Start >= to {
			break
		}
		others = append(others, finding.Range{Start: mask.Start - from, End: mask.End - from})
	}
	from += behindCut(others, span.start-from)
	own := finding.Range{Start: span.secretStart - from, End: span.secretEnd - from}
	e := finding.NewExcerpt(validUTF8(m.data[from:to]), own, merged(others))
	if span.blank || slices.ContainsFunc(near, func(s secretSpan) bool { return s.blank }) {
		return e.Blank()
	}
	return e
}

// merged returns ranges in order, those that overlap as one.
func merged(ranges []finding.Range) []finding.Range {
	slices.SortFunc(ranges, func(a, b finding.Range) int { return cmp.Compare(a.Start, b.Start) })
	out := ranges[:0]
	for _, r := range ranges {
		if n := len(out); n > 0 && r.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, r.End)
		} else {
			out = append(out, r)
		}
	}
	return slices.Clone(out)
}

// behindCut moves ranges so that those that reach over the start, and end at most or before, are left out. It returns by how
// much: of a secret that is cut there, the mask would show the middle.
func behindCut(ranges []finding.Range, most int) (by int) {
	for _, r := range ranges {
		if r.Start < 0 && r.End <= most {
			by = max(by, r.End)
		}
	}
	for i := range ranges {
		ranges[i].Start, ranges[i].End = ranges[i].Start-by, ranges[i].End-by
	}
	return by
}

// copies returns where secrets stand in data[from:to], in part or as a whole, again or for the first time: those of spans, and
// all that are known.
func (m *maker) copies(spans []secretSpan, from, to int) (ranges []finding.Range) {
	for _, s := range spans {
		if s.secretEnd-s.secretStart < knownHead {
			ranges = append(ranges, shortCopies(m.data[from:to], m.data[s.secretStart:s.secretEnd])...)
		}
	}
	for at := max(from-knownBefore, 0); at < to; at++ {
		if n := m.known.at(m.data[at:]); n > 0 && at+n > from {
			ranges = append(ranges, finding.Range{Start: at - from, End: at + n - from})
		}
	}
	return ranges
}

func shortCopies(text, secret []byte) (ranges []finding.Range) {
	for at := 0; len(secret) > 0; {
		i := bytes.Index(text[at:], secret)
		if i < 0 {
			break
		}
		ranges = append(ranges, finding.Range{Start: at + i, End: at + i + len(secret)})
		at += i + len(secret)
	}
	return ranges
}

// validUTF8 returns data with a question mark for each byte that is not part of a character, so that offsets stay.
func validUTF8(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	out := bytes.Clone(data)
	for i := 0; i < len(out); {
		r, size := utf8.DecodeRune(out[i:])
		if r == utf8.RuneError && size == 1 {
			out[i] = '?'
		}
		i += size
	}
	return string(out)
}
