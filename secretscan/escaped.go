package secretscan

import "unicode/utf8"

// In a string of JSON, or of most programming languages, a line's end is written \n, and a tab \t. To a regular expression the letter of such
// an escape is one of the word behind it, so that an expression that begins with \b does not match a token that a line begins with:
//
//	"the key is\nAKIA..."
//	            |------- \b does not hold before the A
//
// So if an expression begins with \b and its anchor right behind that, and the anchor stands behind such an escape, then it is tried on what
// begins there. These matches have nothing to do with the others of the rule, none of which can begin there.

// escapeBack is how many bytes before a place tell that an escape ends there.
const escapeBack = 2

// behindEscape reports whether an escape for white space ends at data[p].
func behindEscape(data []byte, p int) bool {
	if p < escapeBack || data[p-2] != '\\' {
		return false // nearly always
	}
	switch data[p-1] {
	case 'n', 'r', 't':
		return true
	}
	return false
}

// startsWord reports whether nothing stands before the anchor's literal but the condition that a word starts there.
func (a *steps) startsWord() bool {
	for i := range a.lead {
		if a.lead[i].op != stepWord {
			return false
		}
	}
	return len(a.lead) > 0
}

// hitBehindEscape looks for a match of a rule that begins with the literal of an anchor at p, behind an escape. It reports false if the
// anchor is no such one, or no word: before a sign, \b holds behind the escape's letter, and the rule finds it as it is.
func (s *scanner) hitBehindEscape(t target, p int) bool {
	plan := s.engine.at(t.rule).plan()
	a := &plan.anchors[t.anchor]
	if !isWord(s.data[p]) || !a.startsWord() {
		return false
	}
	st, text := s.state(t.rule), s.data[p:]
	if p < st.escaped || !a.follow.verify(text, 0) || !a.verifyInner(text, 0) || !s.ruleApplies(t.rule) {
		return true
	}
	hi := min(len(text), plan.whole.reach(text, 0)+utf8.UTFMax)
	if st.escapes += hi; st.escapes > windowsMost(len(s.data)) {
		return true
	}
	if start, end, ok := s.engine.at(t.rule).content.next(text[:hi], 0); ok && start == 0 && end > 0 {
		s.raw = append(s.raw, rawMatch{rule: t.rule, spot: noSpot, start: p, end: p + end})
		st.escaped = p + end
	}
	return true
}
