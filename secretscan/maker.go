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
	known   knownSecrets
}

// make returns the candidates among raw that start before until; the others are there to be masked in their excerpts. raw is
// ordered by start.
func (m *maker) make(raw []rawMatch, base int64, until int) []Candidate {
	var out []Candidate
	var own []secretSpan
	for _, match := range raw {
		span, ok := m.engine.secretOf(m.data, match)
		if !ok || isAllowComment(m.data, span) {
			continue
		}
		c := m.judgeText(span)
		if c == nil {
			continue
		}
		m.spans = append(m.spans, span)
		if match.start >= until {
			continue
		}
		c.Offset = base + int64(span.start)
		out = append(out, *c)
		own = append(own, span)
	}
	m.arrange()
	for i := range out {
		m.place(&out[i], own[i])
	}
	return out
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
