package secretscan

import (
	"bytes"
	"slices"
	"strings"
)

// judgeLine asks the allowlists that look at lines, and adds to allowed those that ask for a place too. false: one of them allows
// the match outright.
func (m *maker) judgeLine(span secretSpan, allowed []int32) ([]int32, bool) {
	for n, lists := range [...][]allowlist{m.engine.global, m.engine.at(span.rule).allow} {
		for i := range lists {
			a := &lists[i]
			if a.target != TargetLine || !a.wantsText() {
				continue
			}
			if secret := string(m.data[span.secretStart:span.secretEnd]); !a.allowsText(m.line.of(m.data, span).matches(a), secret) {
				continue
			}
			if !a.and || !a.wantsPlace() {
				return nil, false
			}
			allowed = append(slices.Clip(allowed), allowedBy(n, i))
		}
	}
	return allowed, true
}

// gate reports whether one of a rule's keywords is in the content. It asks once: a content can hold very many matches.
func (m *maker) gate(rule int32) bool {
	open, known := m.gates[rule]
	if !known {
		if m.gates == nil {
			m.gates = make(map[int32]bool)
		}
		open = m.earlier != nil && m.earlier.state(rule).gate || hasKeyword(m.data, m.engine.at(rule).Keywords)
		m.gates[rule] = open
	}
	return open
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
