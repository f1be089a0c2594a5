package secretscan

import (
	"bytes"
	"strings"

	"keysweep/finding"
)

// judgeText decides whatever can be decided from the content: entropy and the parts of allowlists that look at text. nil: it
// is no candidate.
func (m *maker) judgeText(span secretSpan) (*Candidate, verdict) {
	r := &m.engine.rules[span.rule]
	match := string(m.data[span.start:span.end])
	secret := match[span.secretStart-span.start : span.secretEnd-span.start]
	entropy := shannon(secret)
	if r.Entropy != 0 && entropy <= r.Entropy {
		return nil, dropped
	}
	if r.gated && !containsAny(strings.ToLower(match), r.Keywords) && !m.gate(span.rule) {
		return nil, droppedByAll
	}
	c := &Candidate{Rule: r.ID, rule: span.rule, Secret: finding.NewSecret(secret), Entropy: entropy}
	for n, lists := range [][]allowlist{m.engine.global, r.allow} {
		for i := range lists {
			a := &lists[i]
			if !a.wantsText() || !m.allowsText(a, span, secret, match) {
				continue
			}
			if a.and && a.wantsPlace() {
				c.allowed = append(c.allowed, int32(i)<<1|int32(n))
			} else if a.target == TargetLine {
				return nil, droppedLine
			} else {
				return nil, dropped
			}
		}
	}
	return c, kept
}

// gate reports whether one of a rule's keywords is in the content. It asks once: a content can hold very many matches.
func (m *maker) gate(rule int32) bool {
	open, known := m.gates[rule]
	if !known {
		if m.gates == nil {
			m.gates = make(map[int32]bool)
		}
		open = m.earlier != nil && m.earlier.state(rule).gate || hasKeyword(m.data, m.engine.rules[rule].Keywords)
		m.gates[rule] = open
	}
	return open
}

func (m *maker) allowsText(a *allowlist, span secretSpan, secret, match string) bool {
	subject := secret
	switch a.target {
	case TargetMatch:
		subject = match
	case TargetLine:
		return a.allowsText(m.line.of(m.data, span).matches(a), secret)
	case TargetSecret:
	}
	return a.allowsText(subject != "" && anyMatch(a.regexes, subject), secret)
}

// targetLine is the text that was tried last on expressions for lines, and what they said: a line can hold very many matches.
type targetLine struct {
	text     string
	from, to int  // in the content
	single   bool // it is one line, not those of a match of several
	answers  map[*allowlist]bool
}

// of makes l the line of a match, or the lines from its first to its last.
func (l *targetLine) of(data []byte, span secretSpan) *targetLine {
	if l.single && l.from < span.start && span.end <= l.to {
		return l
	}
	l.from, l.to = lineStart(data, span.start), lineEnd(data, span.end)
	l.text = string(data[l.from:l.to])
	l.single = strings.LastIndexByte(l.text, '\n') <= 0
	l.answers = make(map[*allowlist]bool)
	return l
}

func (l *targetLine) matches(a *allowlist) bool {
	answer, known := l.answers[a]
	if !known {
		answer = l.text != "" && anyMatch(a.regexes, l.text)
		l.answers[a] = answer
	}
	return answer
}

// lineStart returns the place of the newline before i, or 0: gitleaks' idea of where a line starts, which expressions for whole
// lines are written against.
func lineStart(data []byte, i int) int { return max(bytes.LastIndexByte(data[:i], '\n'), 0) }

func lineEnd(data []byte, i int) int {
	if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(data)
}
