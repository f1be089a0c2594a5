package secretscan

import (
	"slices"
	"unicode/utf8"
)

// Rules without anchors are run over everything, if one of their keywords is there. Of a content made by a delta it is enough to
// run them where a match can stand that the base did not have, if it had none and a match has a greatest length.

// gatesMost is how many gateSpots a trace has for one rule at most.
const gatesMost = 4

// openGate notes a keyword of a rule.
func (s *scanner) openGate(i int32, p int) {
	st := s.state(i)
	st.gate = true
	if s.engine.at(i).anchors != nil {
		return // it asks by itself if it has to
	}
	if st.gates == gatesMost {
		s.notes.crowd(i)
		return
	}
	st.gates++
	s.notes.add(spot{rule: i, decision: gateSpot, at: int32(p)})
}

// openGates looks for the keywords of rules of which the base did not note every place.
func (s *scanner) openGates(base *Trace) {
	if base == nil {
		return
	}
	for _, i := range base.crowded {
		s.notes.crowd(i)
		st := s.state(i)
		st.gate = st.gate || hasKeyword(s.data, s.engine.at(i).Keywords)
	}
}

// crowd notes that a rule has more keywords than spots.
func (n *notes) crowd(rule int32) {
	if !slices.Contains(n.crowded, rule) {
		n.crowded = append(n.crowded, rule)
	}
}

// followUnanchored is findUnanchored for a content that has parts of another one.
func (s *scanner) followUnanchored(base *Trace) {
	for _, i := range s.engine.unanchored {
		if !s.mayRun(i) {
			continue
		}
		most := -1
		if base != nil && slices.Contains(base.clean, i) {
			most = s.engine.at(i).plan().most
		}
		if most < 0 {
			s.runWhole(i, 0)
		} else {
			s.runBetween(i, most)
		}
		if s.state(i).resume == 0 {
			s.notes.clean = append(s.notes.clean, i)
		}
	}
}

// runBetween finds a rule's matches except those that the base would have had, too, for it had none: what stands in copied text as
// a whole, with a character on either side. most is the length of the longest match.
func (s *scanner) runBetween(i int32, most int) {
	pos := 0
	for _, c := range s.notes.copied {
		if from, to := max(c.lo, -utf8.UTFMax)+utf8.UTFMax, min(c.hi-most-utf8.UTFMax, len(s.data)); from < to {
			s.runPart(i, pos, from, most)
			pos = to
		}
	}
	s.runPart(i, pos, len(s.data)+1, most)
}

// runPart finds the matches of a rule that start in data[from:to], after the one before.
func (s *scanner) runPart(i int32, from, to, most int) {
	r, st := s.engine.at(i), s.state(i)
	data := s.data[:min(len(s.data), to+most+utf8.UTFMax)]
	for at := max(from, st.resume); at < to && at <= len(data); at = st.resume {
		start, end, ok := r.content.next(data, runeStart(data, at))
		if !ok || start >= to {
			return
		}
		s.add(i, start, end)
	}
}
