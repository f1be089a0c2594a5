package secretscan

import (
	"bytes"
	"slices"

	"keysweep/finding"
)

// Positions and excerpts of candidates take longer than finding them again, and versions of a file mostly have the same candidates. If
// all of them stand in text that a delta copies, and keep their order, then the same secrets are to be masked as in the base, and
// what was said there of a candidate goes for it here, as far as the text around it is copied, too.

// located is what a trace knows of a content's candidates.
type located struct {
	found   []Candidate
	spans   []secretSpan // of each
	longest int          // the length of the longest secret
}

// placedMost is how many candidates a trace holds at most.
const placedMost = 1 << 12

// located returns what a trace is to hold of the candidates that were made last; nil: nothing.
func (m *maker) located(found []Candidate) *located {
	if len(found) == 0 || len(found) > placedMost {
		return nil
	}
	p := &located{found: found, spans: slices.Clone(m.own)}
	for i := range p.spans {
		p.longest = max(p.longest, p.spans[i].secretEnd-p.spans[i].secretStart)
	}
	return p
}

// placeFrom is placeAll for a content made from one that has the same candidates, of which base tells. false: it has others, and
// nothing was done.
func (m *maker) placeFrom(out []Candidate, base *located, copied []stretch) bool {
	if base == nil || !m.carried(base, copied) {
		return false
	}
	arranged := false
	k, last := 0, -1 // the stretches of this candidate and of the one before
	for i := range out {
		for copied[k].end < m.own[i].end {
			k++
		}
		c, old := &copied[k], &base.found[i]
		switch {
		case !c.surrounds(m.own[i], base.longest):
			if !arranged {
				m.arrange()
				arranged = true
			}
			m.place(&out[i], m.own[i])
		case c.lo < 0:
			m.placeLike(&out[i], old, m.own[i], c, old.Span.Start.Line)
		case k == last:
			m.placeLike(&out[i], old, m.own[i], c, out[i-1].Span.Start.Line+old.Span.Start.Line-base.found[i-1].Span.Start.Line)
		default:
			m.placeLike(&out[i], old, m.own[i], c, 0)
		}
		last = k
	}
	return true
}

// carried reports whether the candidates that were made last are those of base, and each of them is copied, in the same order.
func (m *maker) carried(base *located, copied []stretch) bool {
	if len(base.spans) != len(m.own) {
		return false
	}
	for i := 1; i < len(copied); i++ {
		if copied[i].from < copied[i-1].from+copied[i-1].end-copied[i-1].to {
			return false // something may be there twice
		}
	}
	k := 0
	for i, span := range m.own {
		for k < len(copied) && copied[k].end < span.end {
			k++
		}
		if k == len(copied) || min(span.start, span.secretStart) < copied[k].to || span.secretEnd > copied[k].end ||
			base.spans[i].shifted(copied[k].to-copied[k].from) != span {
			return false
		}
	}
	return true
}

// shifted returns the span as it stands so many bytes further on.
func (s secretSpan) shifted(by int) secretSpan {
	return secretSpan{s.rule, s.start + by, s.end + by, s.secretStart + by, s.secretEnd + by, s.blank}
}

// surrounds reports whether all that the excerpts of a candidate go by is copied: as much as they may hold, where a secret could
// begin that reaches into it, and where one of some length could end that begins in it.
func (c *stretch) surrounds(span secretSpan, longest int) bool {
	return c.lo <= span.start-excerptAround-knownBefore && max(span.start+2*excerptAround, span.end)+longest <= c.hi
}

// placeLike gives a candidate the excerpts of old, which is the same one in the base, its line if that is known and not 0, and the rest of
// its position.
func (m *maker) placeLike(out, old *Candidate, span secretSpan, c *stretch, line int) {
	start := finding.Position{Line: line, Column: old.Span.Start.Column}
	head := m.data[max(span.start-excerptAround, c.to):span.start]
	if line > 0 && (bytes.IndexByte(head, '\n') >= 0 || c.lo < 0 && len(head) == span.start) {
		m.lines = lineCounter{at: span.start, line: start.Line - 1, columns: start.Column - 1}
	} else {
		start = m.lines.position(m.data, span.start)
	}
	end := finding.Position{Line: old.Span.End.Line + start.Line - old.Span.Start.Line, Column: old.Span.End.Column}
	if start.Column != old.Span.Start.Column {
		lines := m.lines
		end = lines.position(m.data, span.end)
	}
	out.Span = finding.Span{Start: start, End: end}
	out.Allow = m.allows.covers(out.Rule, start.Line, end.Line)
	out.Line, out.Match = old.Line, old.Match
}
