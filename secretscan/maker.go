package secretscan

import (
	"bytes"

	"keysweep/finding"
	"keysweep/secretscan/judge"
)

// maker turns a content's raw matches into candidates.
type maker struct {
	engine   *Engine
	opinions *opinions
	least    finding.Confidence // of what a candidate is about, where the judge is asked
	data     []byte
	lines    lineCounter
	allows   *allowIndex
	// earlier has seen what comes before data; nil if nothing does.
	earlier *scanner
	gates   map[int32]bool // of gated rules: whether a keyword is in the content, as far as it was asked
	line    targetLine
	spans   []secretSpan // of what was made, and, in the next block of the content, of what was made last
	masks   []finding.Range
	own     []secretSpan  // of the candidates made last
	known   *knownSecrets // nil: nothing was arranged
	expect  int           // how many candidates there will be, as far as one can tell
}

// verdict is what became of a match.
type verdict uint8

const (
	unjudged      verdict = iota
	kept                  // a candidate
	dropped               // none, by the match and a few bytes on either side
	droppedLine           // none, by the lines on which it stands
	droppedAround         // none, by what the judge looks at
	droppedByAll          // none, for lack of a keyword in the whole of the content
)

// make returns the candidates among raw that start before until; the others are there to be masked in their excerpts. raw is
// ordered by start.
func (m *maker) make(raw []rawMatch, base int64, until int) []Candidate {
	out := m.judge(raw, base, until)
	m.placeAll(out)
	return out
}

// judge is make without positions, excerpts and allow comments, which placeAll adds. It notes in raw what became of each match.
func (m *maker) judge(raw []rawMatch, base int64, until int) (out []Candidate) {
	m.own = m.own[:0]
	for i := range raw {
		var c *Candidate
		var span secretSpan
		if c, span, raw[i].verdict = m.judgeOne(raw[i]); c == nil {
			continue
		}
		m.spans = append(m.spans, span)
		if raw[i].start >= until {
			continue
		}
		if out == nil && m.expect > 0 {
			out = make([]Candidate, 0, m.expect)
		}
		c.Offset = base + int64(span.start)
		out = append(out, *c)
		m.own = append(m.own, span)
	}
	return out
}

// judgeOne decides whatever can be decided on a match from the content. nil: it is no candidate.
func (m *maker) judgeOne(match rawMatch) (*Candidate, secretSpan, verdict) {
	span := secretSpan{rule: match.rule}
	if h := match.hidden; h != nil {
		c := h.candidate
		span = secretSpan{match.rule, match.start, match.end, match.start + h.secretStart, match.start + h.secretEnd, c.Secret.ShowsNothing()}
		return &c, span, kept
	}
	if span.start, span.end = trimmed(m.data, match); span.start == span.end {
		return nil, span, dropped
	}
	o := m.opinionOf(match, span)
	span.secretStart, span.secretEnd = span.start+o.secretStart, span.start+o.secretEnd
	switch {
	case o.dropped, isAllowComment(m.data, span):
		return nil, span, dropped
	case o.gated && !m.gate(match.rule):
		return nil, span, droppedByAll
	}
	allowed, ok := m.judgeLine(span, o.allowed)
	if !ok {
		return nil, span, droppedLine
	}
	scores, ok := m.scoresOf(match, span)
	if !ok {
		return nil, span, droppedAround
	}
	secret := finding.NewSecret(string(m.data[span.secretStart:span.secretEnd]))
	return &Candidate{Rule: m.engine.at(match.rule).ID, rule: match.rule, Secret: secret, Entropy: o.entropy, allowed: allowed,
		secretAt: int32(o.secretStart), scores: scores, example: m.exampleOf(scores, span)}, span, kept
}

// opinionOf returns what the text of a match, trimmed, says about it.
func (m *maker) opinionOf(match rawMatch, span secretSpan) opinion {
	text := m.data[span.start:span.end]
	if match.claim == nil {
		return m.opinions.of(m.engine, match.rule, text)
	}
	c := match.claim
	if c.opinion == nil {
		c.opinion = &opinion{secretStart: int(c.secretStart - c.start), secretEnd: int(c.secretEnd - c.start)}
		m.engine.ask(c.opinion, match.rule, string(text))
	}
	return *c.opinion
}

// scoresOf returns what the judge says of a match, if it is asked; false: it is no credential in any kind of text.
func (m *maker) scoresOf(match rawMatch, span secretSpan) (*scores, bool) {
	switch {
	case match.claim != nil:
		return &match.claim.scores, true
	case !m.engine.at(match.rule).Judged:
		return nil, true
	}
	claim, ok := judge.Of(m.data, span.start, span.secretStart, span.secretEnd)
	if !ok {
		return nil, false
	}
	all, ok := m.engine.readers.mind().scores(&claim, m.engine.leastScore(match.rule, m.least))
	return &all, ok
}

// exampleOf says where a match that was judged is part of an example.
func (m *maker) exampleOf(judged *scores, span secretSpan) (e example) {
	if judged == nil || !m.opinions.speaksOfExamples(judge.Surroundings(m.data, span.secretStart, span.secretEnd)) {
		return 0
	}
	inProse, inCode := judge.Illustrates(m.data, span.secretStart, span.secretEnd)
	if inProse {
		e |= exampleInProse
	}
	if inCode {
		e |= exampleInCode
	}
	return e
}

// placeAll completes the candidates that were made last.
func (m *maker) placeAll(out []Candidate) {
	m.arrange()
	for i := range out {
		m.place(&out[i], m.own[i])
	}
}

// shift tells the maker that the first cut bytes of its data are gone. What is held back comes again.
func (m *maker) shift(cut int) {
	kept := m.spans[:0]
	for _, s := range m.spans {
		if s.secretEnd > cut {
			kept = append(kept, secretSpan{s.rule, s.start - cut, s.end - cut, max(s.secretStart-cut, 0), s.secretEnd - cut, s.blank})
		}
	}
	m.spans, m.line = kept, targetLine{}
	for rule, open := range m.gates {
		if !open {
			delete(m.gates, rule) // a keyword may come yet
		}
	}
}

// secretSpan is a match with the secret in it, both trimmed, as ranges of the content.
type secretSpan struct {
	rule                   int32
	start, end             int // the match without newlines around it
	secretStart, secretEnd int
	blank                  bool // nothing of the secret may be shown: it is what the text there decodes to, and short
}

// trimmed returns a match without the newlines around it.
func trimmed(data []byte, match rawMatch) (start, end int) {
	start, end = match.start, match.end
	for start < end && data[start] == '\n' {
		start++
	}
	for start < end && data[end-1] == '\n' {
		end--
	}
	return start, end
}

// isAllowComment reports whether what was taken for a secret is an allow comment: "keysweep:allow=private-key" has the shape of
// a key and its value.
func isAllowComment(data []byte, span secretSpan) bool {
	return bytes.HasPrefix(data[span.secretStart:], []byte("allow")) && bytes.HasSuffix(data[:span.secretStart], []byte("keysweep:"))
}
