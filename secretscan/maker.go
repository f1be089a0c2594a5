package secretscan

import (
	"bytes"

	"keysweep/finding"
)

// maker turns a content's raw matches into candidates.
type maker struct {
	engine *Engine
	data   []byte
	lines  lineCounter
	allows *allowIndex
	// earlier has seen what comes before data; nil if nothing does.
	earlier *scanner
	gates   map[int32]bool // of gated rules: whether a keyword is in the content, as far as it was asked
	line    targetLine
	spans   []secretSpan // of what was made, and, in the next block of the content, of what was made last
	masks   []finding.Range
	own     []secretSpan // of the candidates made last
	known   knownSecrets
}

// verdict is what became of a match.
type verdict uint8

const (
	unjudged     verdict = iota
	kept                 // a candidate
	dropped              // none, by the match and a few bytes on either side
	droppedLine          // none, by the lines on which it stands
	droppedByAll         // none, for lack of a keyword in the whole of the content
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
		span, ok := m.engine.secretOf(m.data, raw[i])
		if raw[i].verdict = dropped; !ok || isAllowComment(m.data, span) {
			continue
		}
		var c *Candidate
		if c, raw[i].verdict = m.judgeText(span); c == nil {
			continue
		}
		m.spans = append(m.spans, span)
		if raw[i].start >= until {
			continue
		}
		c.Offset = base + int64(span.start)
		out = append(out, *c)
		m.own = append(m.own, span)
	}
	return out
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
			kept = append(kept, secretSpan{s.rule, s.start - cut, s.end - cut, max(s.secretStart-cut, 0), s.secretEnd - cut})
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
}

// secretOf trims a match as gitleaks does and finds the secret in it: the group that the rule names, or the first that is not
// empty, of the expression matched against the trimmed match alone.
func (e *Engine) secretOf(data []byte, match rawMatch) (secretSpan, bool) {
	text := data[match.start:match.end]
	trimmed := bytes.Trim(text, "\n")
	if len(trimmed) == 0 {
		return secretSpan{}, false
	}
	start := match.start + len(text) - len(bytes.TrimLeft(text, "\n"))
	span := secretSpan{match.rule, start, start + len(trimmed), start, start + len(trimmed)}
	r := &e.rules[match.rule]
	re := r.content.get()
	if re.NumSubexp() == 0 {
		return span, true
	}
	groups := re.FindSubmatchIndex(trimmed)
	group := r.SecretGroup
	for g := 1; group == 0 && g < len(groups)/2; g++ {
		if groups[2*g] < groups[2*g+1] {
			group = g
		}
	}
	if group > 0 && 2*group < len(groups) {
		from, to := max(groups[2*group], 0), max(groups[2*group+1], 0)
		span.secretStart, span.secretEnd = start+from, start+to
	}
	return span, true
}

// isAllowComment reports whether what was taken for a secret is an allow comment: "keysweep:allow=private-key" has the shape of
// a key and its value.
func isAllowComment(data []byte, span secretSpan) bool {
	return bytes.HasPrefix(data[span.secretStart:], []byte("allow")) && bytes.HasSuffix(data[:span.secretStart], []byte("keysweep:"))
}
