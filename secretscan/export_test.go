package secretscan

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"keysweep/finding"
)

// Scan returns the candidates of a content as Run would find them.
func (e *Engine) Scan(data []byte) []Candidate { return newReader(e, 0).bytes(data, "", true) }

// ScanDecoded is Scan with what is encoded decoded, in blocks of a given size if that is not 0.
func (e *Engine) ScanDecoded(data []byte, depth, size int) []Candidate {
	r := newReader(e, depth)
	if size > 0 {
		r.blocks = blocks{size, blockAhead, blockBehind, blockHeld}
	}
	return r.bytes(data, "", true)
}

// ScanInBlocks is Scan with blocks of a given shape.
func (e *Engine) ScanInBlocks(data []byte, size, ahead, behind, held int) []Candidate {
	r := newReader(e, 0)
	r.blocks = blocks{size, ahead, behind, held}
	return r.bytes(data, "", true)
}

// Reference is Scan with every fast path off and nothing of the engine's search in it: each rule whose keyword is in the content is
// run over all of it by the regexp package.
func (e *Engine) Reference(data []byte) []Candidate {
	s := newScanner(e)
	s.reset("", true)
	lowered := strings.ToLower(string(data))
	for i := range e.rules {
		r := e.at(int32(i))
		if r.content == nil || len(r.Keywords) > 0 && !containsAny(lowered, r.Keywords) || !s.ruleApplies(int32(i)) {
			continue
		}
		for _, loc := range r.content.get().FindAllIndex(data, -1) {
			if loc[0] < loc[1] {
				s.raw = append(s.raw, rawMatch{rule: int32(i), start: loc[0], end: loc[1]})
			}
		}
	}
	s.raw = append(s.raw, e.referenceBehindEscapes(data, func(rule int32) bool { return s.ruleApplies(rule) })...)
	for p := range data {
		for i := range e.readers.words {
			if word := &e.readers.words[i]; p+len(word.text) <= len(data) && bytes.EqualFold(data[p:p+len(word.text)], []byte(word.text)) {
				if sure, _, _ := word.dismissed(data, p); sure {
					continue
				}
				for _, c := range e.claimsAt(word, data, p, finding.LowConfidence) {
					s.raw = append(s.raw, rawMatch{rule: c.rule, start: p + int(c.start), end: p + int(c.secretEnd), claim: c})
				}
			}
		}
	}
	s.sort()
	m := &maker{engine: e, data: data, allows: newAllowIndex(data, allowMarksIn(nil, data, 0, len(data)), lineCounter{}, nil)}
	return m.make(s.raw, 0, len(data))
}

// referenceBehindEscapes returns the matches that begin behind an escape for white space, of rules that begin with a word.
func (e *Engine) referenceBehindEscapes(data []byte, applies func(int32) bool) (found []rawMatch) {
	for i := range e.rules {
		next := 0
		for p := escapeBack; p < len(data); p++ {
			if p < next || data[p-2] != '\\' || !strings.ContainsRune("nrt", rune(data[p-1])) || !applies(int32(i)) || !e.startsHere(int32(i), data[p:]) {
				continue
			}
			if loc := e.at(int32(i)).content.get().FindIndex(data[p:]); loc != nil && loc[0] == 0 && loc[1] > 0 {
				next = p + loc[1]
				found = append(found, rawMatch{rule: int32(i), spot: noSpot, start: p, end: next})
			}
		}
	}
	return found
}

// startsHere reports whether a rule has an anchor with \b before it whose literal text begins with.
func (e *Engine) startsHere(rule int32, text []byte) bool {
	r := e.at(rule)
	for n, a := range r.anchors {
		for _, l := range a.Literals {
			if r.plan().anchors[n].startsWord() && hasFolded(text, string(foldAll(l))) {
				return true
			}
		}
	}
	return false
}

// Unanchored returns the ids of the rules that are run over everything because no literal stands in all their matches.
func (e *Engine) Unanchored() (ids []string) {
	for i := range e.rules {
		if e.at(int32(i)).content != nil && e.at(int32(i)).anchors == nil {
			ids = append(ids, e.at(int32(i)).ID)
		}
	}
	return ids
}

// Anchors returns the literals of a rule's anchors.
func (e *Engine) Anchors(id string) (all []string) {
	for _, a := range e.at(e.byID()[id]).anchors {
		all = append(all, a.Literals...)
	}
	return all
}

// Bound returns the length in bytes that no match of a rule exceeds; -1: there is none.
func (e *Engine) Bound(id string) int { return e.at(e.byID()[id]).plan().whole.most() }

// Gated reports whether a rule asks for keywords that its matches need not hold.
func (e *Engine) Gated(id string) bool { return e.at(e.byID()[id]).gated }

// Cost returns how many bytes are given to the regexps of rules for a content, expressions that are run over everything counted as
// that.
func (e *Engine) Cost(data []byte) (n int) {
	s := newScanner(e)
	s.reset("", true)
	s.find(data, 0, len(data))
	for i := range s.rules {
		n += s.state(int32(i)).spent
		if s.state(int32(i)).whole {
			n += len(data)
		}
	}
	return n
}

// Unclaimed returns what is wrong with the steps of a rule's anchors for a match of its expression at data[start:end], or "".
func (e *Engine) Unclaimed(id string, data []byte, start, end int) string {
	r := e.at(e.byID()[id])
	if r.anchors == nil {
		return ""
	}
	why := "no literal"
	for p := start; p <= end; p++ {
		for i, a := range r.anchors {
			near := r.plan().anchors[i]
			for _, l := range a.Literals {
				switch {
				case !hasFolded(data[p:], string(foldAll(l))):
				case !near.verify(data, p):
					why = "not verified"
				case near.lead.lead(data, p) > start:
					why = "starts before lead"
				case r.plan().whole.reach(data, p) < end:
					why = "ends after reach"
				default:
					return ""
				}
			}
		}
	}
	return why
}

// SameTables reports whether two engines look for the same literals in the same way, once b has asked what stands beside them.
func SameTables(a, b *Engine) bool {
	b.filter().ask(b.after)
	for i := range a.rules {
		x, y := a.at(int32(i)), b.at(int32(i))
		if !reflect.DeepEqual(x.anchors, y.anchors) || x.gated != y.gated || x.distant != y.distant || x.unseen != y.unseen {
			return false
		}
	}
	return reflect.DeepEqual(a.filter(), b.filter()) && a.seam == b.seam && slices.Equal(a.unanchored, b.unanchored) &&
		reflect.DeepEqual(a.named, b.named)
}

// DifferingPlans returns the ids of the rules of which two engines differ in what a hit of their literals needs.
func DifferingPlans(a, b *Engine) (ids []string) {
	brief := func(re *lazyRegexp) string {
		re.in(nil)
		return fmt.Sprint(re.expr, re.briefMost, re.brief)
	}
	for i := range a.rules {
		v, w := a.at(int32(i)), b.at(int32(i))
		if v.content == nil {
			continue
		}
		x, y := v.plan(), w.plan()
		same := reflect.DeepEqual(x.whole, y.whole) && reflect.DeepEqual(x.anchors, y.anchors) && x.needs == y.needs && x.most == y.most &&
			brief(v.content) == brief(w.content)
		if v, w := x.tail.get(), y.tail.get(); v != nil && w != nil {
			same = same && slices.Equal(v.class, w.class) && *v.ascii == *w.ascii && v.most == w.most && slices.Equal(v.literals, w.literals) &&
				brief(v.anchor) == brief(w.anchor)
		} else {
			same = same && v == w
		}
		if !same {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// Tracing scans contents with what is known of those they were made from.
type Tracing struct{ reader *reader }

// NewTracing returns a Tracing for one goroutine.
func (e *Engine) NewTracing() *Tracing { return &Tracing{newReader(e, 0)} }

// NewDecodingTracing is NewTracing with what is encoded decoded.
func (e *Engine) NewDecodingTracing() *Tracing { return &Tracing{newReader(e, DecodeDepth)} }

// Scan returns the candidates of a content, and its trace.
func (t *Tracing) Scan(data []byte, base *Trace, copies []Copy) ([]Candidate, *Trace) {
	return t.reader.trace(data, base, copies)
}

// Looked returns how many bytes of the last content were gone through, and how many of its spots' decisions were carried over.
func (t *Tracing) Looked() (bytes, carried int) { return t.reader.notes.looked, t.reader.notes.carried }

// TightSeams makes what is looked at again before the end of a copy as short as can be.
func (e *Engine) TightSeams() {
	e.seam = literalLeast
	for _, entry := range e.filter().Entries {
		e.seam = max(e.seam, int(entry.Length)+int(entry.More))
	}
}

// Spots returns the places of a trace.
func (t *Trace) Spots() (places []int) {
	if t != nil {
		for _, k := range t.spots {
			places = append(places, int(k.at)+t.skipped)
		}
	}
	return places
}

// Groups returns the groups of a rule's expression in text as the engine and as the regexp package find them.
func (e *Engine) Groups(id string, text []byte) (own, plain []int) {
	r := e.at(e.byID()[id])
	return r.groupsOf(text), r.content.get().FindSubmatchIndex(text)
}
