package secretscan

import (
	"sort"

	"keysweep/secretscan/judge"
)

// spot is a place in a content that had to be looked at closely, for one rule. Its span, the bytes that the decision goes by, is
// [at-back, at+ahead), and may reach over the content's ends: then the decision goes by where those are, too.
type spot struct {
	rule        int32
	anchor      int32 // whose literal it is
	decision    decision
	at          int32
	back, ahead int32
	start, end  int32 // of the match, counted from at
}

// decision says what stands at a spot.
type decision uint8

const (
	// deadSpot: no match goes through here, whatever stands before the span.
	deadSpot decision = iota
	// matchSpot: a match, if the one before it ends before the span. It is judged again in each content.
	matchSpot
	// quietSpot: a match like that, which is no candidate.
	quietSpot
	// openSpot: it depends on more than its span, or is a word beside which there is a claim, which is read again in each content.
	openSpot
	// gateSpot: a keyword of a rule without anchors.
	gateSpot
)

const (
	noSpot = -1
	// spotsMost bounds what a trace holds.
	spotsMost = 1 << 16
	// allowAround is how far from a match it is told whether it is an allow comment.
	allowAround = 16
)

// notes collects what goes into a trace.
type notes struct {
	spots   []spot
	crowded []int32 // rules with more keywords than spots for them
	clean   []int32 // as in Trace
	copied  []stretch
	runs    []runSpot
	marks   []int32 // as in Trace
	marked  bool
	located *located // as in Trace
	lost    bool     // not every spot was noted
	looked  int      // bytes gone through
	carried int      // spots taken over
}

func (n *notes) begin() {
	*n = notes{spots: n.spots[:0], crowded: n.crowded[:0], clean: n.clean[:0], copied: n.copied[:0], runs: n.runs[:0], marks: n.marks[:0]}
}

func (n *notes) add(s spot) { n.spots = append(n.spots, s) }

// trace returns what was noted of the content whose matches the scanner's reader has just judged.
func (n *notes) trace(s *scanner, skipped int) *Trace {
	if n.lost || len(n.spots)+len(n.runs) > spotsMost || s.decoding.budget != nil && s.decoding.budget.out {
		return nil
	}
	for i := range s.raw {
		if m := &s.raw[i]; m.spot != noSpot {
			n.spots[m.spot].settle(s.data, m)
		}
	}
	t := &Trace{size: len(s.data), skipped: skipped, located: n.located}
	t.spots, t.crowded, t.clean = append(t.spots, n.spots...), append(t.crowded, n.crowded...), append(t.clean, n.clean...)
	t.runs, t.longest = append(t.runs, n.runs...), longest(n.runs)
	if n.marked && len(n.marks) <= spotsMost {
		t.marks, t.marked = append(t.marks, n.marks...), true
	}
	return t
}

// settle makes the spot of a match that is no candidate, and would be none wherever its span stands, a quiet one.
func (k *spot) settle(data []byte, m *rawMatch) {
	switch m.verdict {
	case dropped:
		k.widen(m.start-allowAround, m.end+allowAround)
	case droppedLine:
		k.widen(lineStart(data, m.start)-1, lineEnd(data, m.end)+1)
	case droppedAround:
		k.widen(judge.Around(data, m.start, m.end))
	default:
		return
	}
	k.decision = quietSpot
}

// widen makes the span hold from and to.
func (k *spot) widen(from, to int) {
	k.back, k.ahead = max(k.back, k.at-int32(from)), max(k.ahead, int32(to)-k.at)
}

// hitNoted is hit for a scan that leaves a trace.
func (s *scanner) hitNoted(t target, p int) {
	switch {
	case t.anchor <= wordTarget:
		s.readWord(t, p)
		return
	case t.anchor == gateTarget:
		s.openGate(t.rule, p)
		return
	}
	k := spot{rule: t.rule, anchor: t.anchor, at: int32(p)}
	if behindEscape(s.data, p) && s.hitBehindEscape(t, p) {
		k.decision = openSpot
		s.notes.add(k)
		return
	}
	if s.state(t.rule).whole {
		return
	}
	switch a := &s.engine.at(t.rule).plan().anchors[t.anchor]; {
	case a.brief != nil && seamLeast <= s.engine.seam && !a.brief.verify(s.data, p):
	case !a.follow.verify(s.data, p):
		if a.look <= s.engine.seam {
			return
		}
		k.back, k.ahead = 1, int32(min(a.look, a.follow.reach(s.data, p)+1-p))
		if int(k.ahead) > s.engine.seam {
			s.notes.add(k)
		}
	case !s.ruleApplies(t.rule):
	case a.behind && !a.lead.verifyBehind(s.data, p):
		k.back = lookBehind
		s.notes.add(k)
	case !a.verifyInner(s.data, p):
		k.back, k.ahead = lookBehind, int32(a.inner.reach(s.data, p)+1-p)
		s.notes.add(k)
	default:
		s.examine(k)
	}
}

// examine looks at a place closely and notes what it comes to.
func (s *scanner) examine(k spot) {
	st, p := s.state(k.rule), int(k.at)
	k.decision = openSpot
	if p < st.resume {
		s.notes.add(k)
		return
	}
	n, resume := len(s.raw), st.resume
	s.window(k.rule, s.engine.at(k.rule).plan(), p)
	s.notes.lost = s.notes.lost || st.whole
	k.back, k.ahead = int32(p-s.seen.from), int32(s.seen.to-p)
	switch found := s.raw[n:]; {
	case s.seen.cut:
	case st.resume == resume:
		k.decision = deadSpot
	case len(found) == 1 && found[0].end == st.resume:
		k.decision = matchSpot
		k.start, k.end = int32(found[0].start-p), int32(found[0].end-p)
		found[0].spot = int32(len(s.notes.spots))
	}
	s.notes.add(k)
}

// carry goes through the spots of base that stand in data[from:to].
func (s *scanner) carry(base *Trace, c *stretch, from, to int) {
	shift := c.to - c.from
	first := sort.Search(len(base.spots), func(i int) bool { return int(base.spots[i].at)+shift >= from })
	for _, k := range base.spots[first:] {
		p := int(k.at) + shift
		if p >= to {
			return
		}
		if k.at = int32(p); s.holds(k, c) {
			s.notes.carried++
		} else {
			s.hitNoted(target{k.rule, k.anchor}, p)
		}
	}
}

// holds reports whether what was decided on a spot of the base goes for the content, too, and does what follows from it.
func (s *scanner) holds(k spot, c *stretch) bool {
	p := int(k.at)
	if k.decision == gateSpot {
		s.openGate(k.rule, p)
		return true
	}
	from := p - int(k.back)
	if from < c.lo || p+int(k.ahead) > c.hi {
		return false
	}
	switch k.decision {
	case deadSpot:
	case matchSpot, quietSpot:
		st := s.state(k.rule)
		if st.whole || from < st.resume {
			return false
		}
		st.resume = p + int(k.end)
		if k.decision == matchSpot {
			s.raw = append(s.raw, rawMatch{rule: k.rule, spot: int32(len(s.notes.spots)), start: p + int(k.start), end: p + int(k.end)})
		}
	default:
		return false
	}
	s.notes.add(k)
	return true
}
