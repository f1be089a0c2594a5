package secretscan

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"keysweep/finding"
	"keysweep/secretscan/judge"
)

// Rules with a Reader are found like the others, by words that the prefilter looks for. What stands beside a word is then read by
// package judge: a claim goes by the word's line, and seldom the next one, and by nothing that was found before it. So a place at which
// there is no claim is told by its span alone, and where there is one it is read again in each content, as far as it is not remembered.

// readers are the rules' readers.
type readers struct {
	rules [judge.LaneCount]int32 // that read each lane; -1: none
	words []readerWord
	url   int32 // which of the words is the mark of a URL
	mind  func() *mind
	model func() (*judge.Model, *[judge.LaneCount]float64) // the mind's
}

// mind is what values are judged by. It is made when it is first needed.
type mind struct {
	*judge.Model
	hopes [judge.LaneCount]float64 // see judge.Model.Hopes
}

func newMind(model *judge.Model) func() *mind {
	return sync.OnceValue(func() *mind {
		if model == nil {
			model = judge.Default()
		}
		return &mind{model, model.Hopes()}
	})
}

// scores returns what the judge says of a claim; false: it is less than least in each kind of text.
func (m *mind) scores(c *judge.Claim, least float64) (scores, bool) {
	all, ok := m.ScoresFrom(c, least, &m.hopes)
	return all, ok
}

// readerWord is a word at which readers look.
type readerWord struct {
	text  string
	form  readerForm
	signs string // the places in it of what is no letter
}

func newReaderWord(text string, form readerForm) readerWord {
	var signs []byte
	for i := range len(text) {
		if c := text[i]; c < 'a' || c > 'z' {
			signs = append(signs, byte(i))
		}
	}
	return readerWord{text, form, string(signs)}
}

// readerForm says how to read beside a word.
type readerForm uint8

const (
	formPassword readerForm = iota // a word of a key that names a password
	formToken                      // of another key
	formCall                       // a call or a program that takes a password
	formScheme
	formURL
)

// wordTarget and less are the anchors of readers' words in the prefilter's targets: wordTarget-i is that of the i-th word.
const wordTarget = gateTarget - 1

func newReaders(set Ruleset) readers {
	mind := newMind(set.Model)
	r := readers{mind: mind, model: func() (*judge.Model, *[judge.LaneCount]float64) { m := mind(); return m.Model, &m.hopes }}
	for lane := range r.rules {
		r.rules[lane] = -1
	}
	for i := range set.Rules {
		if lane, ok := set.Rules[i].Reader.lane(); ok {
			r.rules[lane] = int32(i)
		}
	}
	if r.reads(judge.Password, judge.Token, judge.Header) {
		for _, word := range judge.Words {
			form := formToken
			if judge.NamesPassword(word) {
				form = formPassword
			} else if !judge.NamesKey(word) {
				form = formCall
			}
			r.words = append(r.words, newReaderWord(word, form))
		}
	}
	if r.reads(judge.Header) {
		for _, word := range judge.Schemes {
			r.words = append(r.words, newReaderWord(word, formScheme))
		}
	}
	if r.reads(judge.URL) {
		r.url = int32(len(r.words))
		r.words = append(r.words, newReaderWord(judge.URLMark, formURL))
	}
	return r
}

// reads reports whether there is a rule for one of the lanes.
func (r *readers) reads(lanes ...judge.Lane) bool {
	for _, lane := range lanes {
		if r.rules[lane] >= 0 {
			return true
		}
	}
	return false
}

// plan adds the words to what the prefilter looks for.
func (r *readers) plan(targets *prefilterTargets) {
	for i, word := range r.words {
		if word.form == formURL {
			continue // three signs like many others: the prefilter would stop at every second line
		}
		targets.add(word.text, target{anchor: wordTarget - int32(i)})
	}
}

// checkReader says what is wrong with a rule that has a reader.
func checkReader(data *Rule) error {
	if _, ok := data.Reader.lane(); !ok {
		return &RuleError{data.ID, "reader", fmt.Errorf("there is no reader %q", data.Reader)}
	}
	if data.Regex != "" {
		return &RuleError{data.ID, "regex", errors.New("a rule with a reader has no regex")}
	}
	return nil
}

// claim is what a reader found at a word; places are counted from there.
type claim struct {
	rule                   int32
	start                  int32 // of the key, and of the match
	secretStart, secretEnd int32
	lane                   judge.Lane
	key                    int32 // its length
	scores                 scores
	opinion                *opinion // on the match, once it was asked for; like all of this it goes by the text around the word alone
}

// readWord looks at a word of the readers that the prefilter found at p.
func (s *scanner) readWord(t target, p int) {
	word := &s.engine.readers.words[wordTarget-t.anchor]
	if word.form == formURL {
		s.readURL(p)
		return
	}
	if !word.standsAt(s.data[p:]) {
		return
	}
	k := spot{anchor: t.anchor, at: int32(p)}
	sure, back, look := word.dismissed(s.data, p)
	if !sure {
		s.readClaims(k, word, p)
	} else if k.back, k.ahead = int32(back), int32(look); s.notes != nil && (back > 1 || look > s.engine.seam) {
		s.notes.add(k)
	}
}

// readClaims looks closely at a word at p and notes at a spot what it comes to.
func (s *scanner) readClaims(k spot, word *readerWord, p int) {
	from, to := judge.Reach(s.data, p, len(word.text))
	found := s.claims.at(s, word, from, p, to)
	for _, c := range found {
		if s.ruleApplies(c.rule) {
			s.raw = append(s.raw, rawMatch{rule: c.rule, spot: noSpot, start: p + int(c.start), end: p + int(c.secretEnd), claim: c})
		}
	}
	if s.notes == nil {
		return
	}
	if k.back, k.ahead = k.at-int32(from), int32(to)-k.at; len(found) > 0 {
		k.decision = openSpot
	}
	s.notes.add(k)
}

// standsAt reports whether data starts with the word: the prefilter takes some other bytes for those that are no letters.
func (w *readerWord) standsAt(data []byte) bool {
	for i := range len(w.signs) {
		if at := int(w.signs[i]); data[at] != w.text[at] {
			return false
		}
	}
	return true
}

// dismissed reports whether it is sure that there is no claim at a word, by data[p-back:p+look] alone.
func (w *readerWord) dismissed(data []byte, p int) (_ bool, back, look int) {
	if w.form > formToken {
		return false, 0, 0
	}
	if sure, look := judge.Dismiss(data, p, len(w.text), w.form == formPassword); sure {
		return true, 0, look
	}
	return judge.DismissBehind(data, p, len(w.text))
}

// claims remembers what was read, for one goroutine: the same line comes again and again in the versions of a file.
type claims struct{ known map[claimKey][]*claim }

type claimKey struct {
	text string
	at   int32 // of the word
	form readerForm
}

// at returns the claims at the word at p of the scanner's content, for which what is between from and to decides, and where that starts and ends.
func (k *claims) at(s *scanner, word *readerWord, from, p, to int) []*claim {
	data := s.data
	if from < 0 || to > len(data) || to-from > opinionText {
		return s.engine.claimsAt(word, data, p, s.least)
	}
	key, at := data[from:to], int32(p-from)
	if known, ok := k.known[claimKey{string(key), at, word.form}]; ok {
		return known
	}
	found := s.engine.claimsAt(word, data, p, s.least)
	if k.known == nil {
		k.known = make(map[claimKey][]*claim)
	} else if len(k.known) >= opinionsMost {
		clear(k.known)
	}
	k.known[claimKey{string(key), at, word.form}] = found
	return found
}

// claimsAt returns the claims at the word at data[p:] that come to a confidence somewhere.
func (e *Engine) claimsAt(word *readerWord, data []byte, p int, least finding.Confidence) (out []*claim) {
	var found []judge.Claim
	bar := e.bar(least)
	switch word.form {
	case formScheme:
		found = bar.FindHeader(data, p, len(word.text))
	case formURL:
		found = bar.FindURL(data, p)
	default:
		found = bar.Find(data, p, len(word.text))
	}
	for i := range found {
		c := &found[i]
		rule := e.readers.rules[c.Lane]
		if rule < 0 || c.Lane == judge.Password && word.form == formToken && !(c.Sep == judge.Second && judge.NamesPair(word.text)) {
			continue // which the word for it finds
		}
		all, ok := e.readers.mind().scores(c, bar.Least[c.Lane])
		if !ok {
			continue
		}
		start := c.From + len(c.Before)
		out = append(out, &claim{rule: rule, start: int32(start - p), secretStart: int32(c.Start - p), secretEnd: int32(c.End - p),
			lane: c.Lane, key: int32(len(c.Key)), scores: all})
	}
	return out
}

// bar is what claims have to come to, to be candidates.
func (e *Engine) bar(least finding.Confidence) judge.Bar {
	bar := judge.Bar{Model: e.readers.model}
	for lane, rule := range e.readers.rules {
		if bar.Least[lane] = math.Inf(1); rule >= 0 {
			bar.Least[lane] = e.leastScore(rule, least)
		}
	}
	return bar
}

// leastScore is the score from which on a value is a candidate of a rule: one that another rule requires counts even if it is not reported.
func (e *Engine) leastScore(rule int32, least finding.Confidence) float64 {
	if e.at(rule).needed {
		least = finding.LowConfidence
	}
	return scoreFor(least)
}

func compareClaims(a, b *claim) int {
	if a == nil || b == nil {
		return 0
	}
	return cmp.Compare(a.secretStart-a.start, b.secretStart-b.start)
}

// noRule marks a match that is dropped.
const noRule = -1

// twinsMost is how far apart two matches with the same value can start.
const twinsMost = 4096

// dropTwins leaves one of the matches of readers that have the same value: a key may hold two of the words, and a header has both a key and
// a scheme. The matches are in order.
func dropTwins(raw []rawMatch) []rawMatch {
	twins := false
	for i := range raw {
		for j := i - 1; raw[i].claim != nil && j >= 0 && raw[j].start > raw[i].start-twinsMost; j-- {
			if raw[j].claim == nil || raw[j].secretStart() != raw[i].secretStart() {
				continue
			}
			loser := &raw[i]
			if raw[i].claim.says(raw[j].claim) {
				loser = &raw[j]
			}
			loser.rule, loser.claim, twins = noRule, nil, true
		}
	}
	if twins {
		raw = slices.DeleteFunc(raw, func(m rawMatch) bool { return m.rule == noRule })
	}
	return raw
}

func (m *rawMatch) secretStart() int { return m.start + int(m.claim.secretStart-m.claim.start) }

// says reports whether a claim says more of a value than the claim of another word.
func (c *claim) says(other *claim) bool {
	if header := c.lane == judge.Header; header != (other.lane == judge.Header) {
		return header
	}
	return c.key > other.key
}

// rank orders rules by what they know of their secrets. One of a higher rank gives way in the same place.
type rank uint8

const (
	rankSpecific rank = iota
	rankGeneric       // an expression for secrets of any kind
	rankReader
)

func rankOf(r *Rule) rank {
	switch {
	case r.Reader != "":
		return rankReader
	case containsFold([]byte(r.ID), "generic"):
		return rankGeneric
	}
	return rankSpecific
}
