package secretscan

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"keysweep/finding"
	"keysweep/secretscan/judge"
)

// rawMatch is where a rule's regexp matches.
type rawMatch struct {
	rule       int32
	verdict    verdict // once it was judged
	spot       int32   // where a trace tells of it; see trace_notes.go
	start, end int
	claim      *claim  // what a reader found; nil: an expression did
	hidden     *hidden // what stands there decoded; nil: it is as it stands
}

// scanner finds a rule set's matches in one content after the other. It keeps scratch memory between contents and is for one
// goroutine at a time.
//
// For each rule the matches are those of regexp.FindAllIndex: leftmost, in order, none overlapping the one before. A match is
// found by an anchor's hit at p: every match of the branch that has its anchor at p starts at lead(p) or after, at p or before,
// and ends at reach(p) or before. So the leftmost match that starts in [lead, p], searched for in that window with one character
// more on either side for \b and $ to look at, is a match of the whole content:
//
//	.......|c|[lead ......... p ............ reach]|cccc|......
//
// Hits come in the order of their places. If a match M starts leftmost, then so it does in the window of every hit before its
// own that lies inside it, since leads are counted from the first and reaches go for all starts before them. Hence no match
// that starts after M can be taken before it.
type scanner struct {
	engine *Engine
	rules  []ruleState // by state
	epoch  uint32      // counts contents
	raw    []rawMatch
	sweep  sweep
	data   []byte
	to     int // where the part of data ends that matches are looked for in
	path   string
	any    bool               // path is not known: every rule applies
	seen   seen               // what the last window looked at
	claims claims             // what readers found in texts that come again
	found  searches           // and expressions in windows that do
	least  finding.Confidence // of what is read; a run reports nothing less
	urls   urlEnds
	notes  *notes // for a trace; nil: none is wanted

	decoding decoding
}

// seen is the part of a content that a window's answer depends on.
type seen struct {
	from, to int  // may lie beyond the ends of the content: then it depends on where those are
	cut      bool // it depends on an earlier match of the rule, too
}

// ruleState is what a scanner remembers of a rule during one content.
type ruleState struct {
	epoch   uint32
	resume  int   // the next match starts here or after
	spent   int   // bytes given to the regexp in windows
	whole   bool  // windows cost more than running over everything: that was done
	gate    bool  // one of the keywords is there
	gates   uint8 // keywords noted in a trace
	applies tri   // to this path
	escaped int   // where the last match behind an escape ends
	escapes int   // bytes given to the regexp behind escapes
}

type tri uint8

const (
	unasked tri = iota
	yes
	no
)

// windowsMost bounds what windows of one rule may cost, in bytes given to the regexp, before the expression is run over the
// rest of the content instead: overlapping windows could otherwise make the time quadratic. A rule whose hits are all real
// spends about 100 bytes on each.
func windowsMost(size int) int { return 1<<16 + 8*size }

func newScanner(e *Engine) *scanner {
	return &scanner{engine: e, rules: make([]ruleState, len(e.rules))}
}

// reset prepares for new content at a path; any: for every path.
func (s *scanner) reset(path string, any bool) {
	s.nextEpoch(path, any)
	s.resetDecoding()
}

func (s *scanner) nextEpoch(path string, any bool) {
	if s.epoch++; s.epoch == 0 {
		clear(s.rules)
		s.epoch = 1
	}
	s.path, s.any = path, any
}

// state returns what is remembered of a rule. Most contents ask about few of them.
func (s *scanner) state(i int32) *ruleState {
	st := &s.rules[i]
	if st.epoch != s.epoch {
		*st = ruleState{epoch: s.epoch}
	}
	return st
}

// find appends to s.raw the matches whose anchors are in data[from:to], and those that start there of rules without anchors.
func (s *scanner) find(data []byte, from, to int) {
	s.data, s.to, s.raw = data, to, s.raw[:0]
	s.hits(from, to)
	s.findUnanchored(from)
	s.decodeIn(from, to)
	s.sort()
}

// hits looks at every place in data[from:to] where a literal or the mark of a URL stands, in their order.
func (s *scanner) hits(from, to int) {
	if !s.engine.readers.reads(judge.URL) {
		s.sweep.scan(s.engine.filter(), s.data, from, to, s.hit)
		return
	}
	s.urls.begin(s.data, from, to)
	s.sweep.scan(s.engine.filter(), s.data, from, to, s.hitBehindURLs)
	s.readURLs(to)
}

// hitBehindURLs is hit with the URLs before p first.
func (s *scanner) hitBehindURLs(t target, p int) {
	if s.urls.next < p {
		s.readURLs(p)
	}
	s.hit(t, p)
}

// findUnanchored finds the matches of rules without anchors.
func (s *scanner) findUnanchored(from int) {
	for _, i := range s.engine.unanchored {
		if s.mayRun(i) {
			s.runWhole(i, from)
		}
	}
}

// sort brings the matches into the order of the content, and those of one place into the order of the rules.
func (s *scanner) sort() {
	if len(s.raw) < 2 {
		return
	}
	slices.SortFunc(s.raw, func(a, b rawMatch) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.rule, b.rule), cmp.Compare(a.end, b.end), compareClaims(a.claim, b.claim),
			compareHidden(a.hidden, b.hidden))
	})
	s.raw = dropTwins(s.raw)
	s.dropSeen()
}

// mayRun reports whether a rule without anchors has a keyword in the content.
func (s *scanner) mayRun(i int32) bool {
	r, st := s.engine.at(i), s.state(i)
	if len(r.Keywords) > 0 && !st.gate {
		if st.gate = r.unseen && hasKeyword(s.data, r.Keywords); !st.gate {
			return false
		}
	}
	return s.ruleApplies(i)
}

// ruleApplies reports whether a rule can report anything at the path at all.
func (s *scanner) ruleApplies(i int32) bool {
	st := s.state(i)
	if st.applies == unasked {
		st.applies = no
		if s.any && (!s.engine.at(i).SkipReport || s.engine.at(i).needed) || !s.any && s.engine.appliesAt(i, s.path) {
			st.applies = yes
		}
	}
	return st.applies == yes
}

func (s *scanner) hit(t target, p int) {
	if t.anchor <= wordTarget {
		s.readWord(t, p)
		return
	}
	if s.notes != nil {
		s.hitNoted(t, p)
		return
	}
	st := s.state(t.rule)
	if t.anchor == gateTarget {
		st.gate = true
		return
	}
	if behindEscape(s.data, p) && s.hitBehindEscape(t, p) {
		return
	}
	if st.whole || p < st.resume {
		return
	}
	plan := s.engine.at(t.rule).plan()
	if plan.anchors[t.anchor].verify(s.data, p) && s.ruleApplies(t.rule) {
		s.window(t.rule, plan, p)
	}
}

// window looks for the match that an anchor at p belongs to, and says in s.seen what the answer depends on.
func (s *scanner) window(i int32, plan *plan, p int) {
	st := s.state(i)
	hi, before := plan.whole.reach(s.data, p), st.resume
	s.seen = seen{from: p, to: hi + utf8.UTFMax}
	if tail := plan.tail.get(); tail != nil && st.spent <= windowsMost(len(s.data)) {
		st.spent += hi - p
		text := s.data[p:min(len(s.data), hi+utf8.UTFMax)]
		if _, end, ok := s.found.of(i, true, text, tail.find); ok {
			start := tail.start(s.data, p, st.resume)
			s.looked(start, before > 0 && start < before+utf8.UTFMax)
			s.add(i, start, p+end)
		}
		return
	}
	for p >= st.resume {
		lo := p
		for j := range plan.anchors {
			lo = min(lo, plan.anchors[j].lead.lead(s.data, p))
		}
		s.looked(lo, lo < before)
		lo = runeStart(s.data, max(lo, st.resume))
		if st.spent += hi - lo; st.spent > windowsMost(len(s.data)) {
			s.runWhole(i, lo)
			st.whole = true
			return
		}
		start, end, ok := s.next(i, s.data[:min(len(s.data), hi+utf8.UTFMax)], lo)
		if !ok || start > p {
			return
		}
		s.add(i, start, end)
	}
}

// looked says that a window would start at lo, and whether a match before it keeps it from that. Where a character starts there,
// and what stands before it, is told by two characters more.
func (s *scanner) looked(lo int, cut bool) { s.seen.from, s.seen.cut = lo-2*utf8.UTFMax, cut }

// runWhole finds a rule's matches that start at from or after by its expression alone.
func (s *scanner) runWhole(i int32, from int) {
	r, st := s.engine.at(i), s.state(i)
	at := runeStart(s.data, max(from, st.resume))
	if starts := r.plan().starts(s.data, at); starts != nil {
		if at = s.runStarts(i, starts, at); at < 0 {
			return
		}
	} else if at < len(s.data) && !r.plan().needs.in(s.data[at:]) {
		return
	}
	for at <= len(s.data) {
		start, end, ok := r.content.next(s.data, at)
		if !ok || start >= s.to && s.to < len(s.data) {
			return
		}
		s.add(i, start, end)
		at = st.resume
	}
}

// runStarts is runWhole by the places at which a match may start. It gives up where that costs more than running over the rest, and
// returns that place, or -1.
func (s *scanner) runStarts(i int32, starts *starts, at int) int {
	r, st := s.engine.at(i), s.state(i)
	for at = starts.next(at); at >= 0; at = starts.next(at) {
		if at >= s.to && s.to < len(s.data) {
			return -1
		}
		hi := starts.whole.reach(s.data, at)
		if st.spent += hi - at; st.spent > windowsMost(len(s.data)) {
			return runeStart(s.data, at)
		}
		next := at + 1
		if runeStart(s.data, at) == at {
			start, end, ok := r.content.next(s.data[:min(len(s.data), hi+utf8.UTFMax)], at)
			if ok && start == at {
				s.add(i, start, end)
				next = st.resume
			}
		}
		at = next
	}
	return -1
}

// add keeps a match and moves on behind it; an empty one is as good as none, but the search must go on.
func (s *scanner) add(i int32, start, end int) {
	if start < end {
		s.raw = append(s.raw, rawMatch{rule: i, spot: noSpot, start: start, end: end})
		s.state(i).resume = end
		return
	}
	_, size := utf8.DecodeRune(s.data[end:])
	s.state(i).resume = end + max(size, 1)
}

// next is lazyRegexp.next of a rule's expression, with memory.
func (s *scanner) next(i int32, data []byte, at int) (start, end int, ok bool) {
	content := s.engine.at(i).content
	if at == 0 {
		return content.next(data, at)
	}
	_, size := utf8.DecodeLastRune(data[:at])
	start, end, ok = s.found.of(i, false, data[at-size:], content.behindRune)
	return at - size + start, at - size + end, ok
}

// next returns the leftmost match that starts at or after at, as the regexp finds it in the whole of data. at is the start of
// a character.
func (l *lazyRegexp) next(data []byte, at int) (start, end int, ok bool) {
	if at == 0 {
		loc := l.get().FindIndex(data)
		if loc == nil {
			return 0, 0, false
		}
		return loc[0], loc[1], true
	}
	_, size := utf8.DecodeLastRune(data[:at])
	start, end, ok = l.behindRune(data[at-size:])
	return at - size + start, at - size + end, ok
}

// behindRune returns the leftmost match that starts behind the first character of text.
func (l *lazyRegexp) behindRune(text []byte) (start, end int, ok bool) {
	loc := l.afterRune().FindIndex(text)
	if loc == nil {
		return 0, 0, false
	}
	_, size := utf8.DecodeRune(text[loc[0]:])
	return loc[0] + size, loc[1], true
}

// runeStart returns the start of the character that data[i] belongs to, as reading from the front would see it: a byte that
// does not continue a character starts one, and no character has more than three that do.
func runeStart(data []byte, i int) int {
	for j := i; j > i-utf8.UTFMax && j >= 0 && j < len(data); j-- {
		if utf8.RuneStart(data[j]) {
			if _, size := utf8.DecodeRune(data[j:]); j+size > i {
				return j
			}
			return i
		}
	}
	return i
}
