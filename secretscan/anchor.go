package secretscan

import (
	"math"
	"regexp/syntax"
)

// Anchor is the place in one branch of a rule's regexp by which its matches are found: a literal that every match of the branch has
// there.
//
//	[\w.-]{0,50}?  (?:adafruit)  [ \t\w.-]{0,20}  ...
//	 lead           literals, and the start of follow
type Anchor struct {
	At       int      // which of the branch's elements it starts at
	Literals []string // ASCII letters in lower case
}

// steps are the sequences around an anchor.
type steps struct {
	lead   sequence // what stands before the literal
	follow sequence // the literal and everything after it, and the \b right before it
	behind bool     // lead asks for something: it is worth a look
	look   int      // how far from the literal's start follow's verify looks at most
	brief  sequence // follow, asking for so little that verify looks at no more than seamLeast bytes; nil: it does anyway
	inner  *inner   // nil: nothing more to look for
}

// aroundAnchor returns the sequences before and from the anchor, which is the element at of a branch.
func aroundAnchor(elements []*syntax.Regexp, at int) (lead, follow sequence) {
	from := at
	for from > 0 && elements[from-1].Op == syntax.OpWordBoundary {
		from--
	}
	return sequenceOfAll(elements[:at]), sequenceOfAll(elements[from:])
}

// stepsOf makes the steps of a branch whose anchor is the element at.
func stepsOf(elements []*syntax.Regexp, at int) steps {
	lead, follow := aroundAnchor(elements, at)
	return newSteps(lead, follow, innerOf(follow, elements[at:]))
}

// newSteps makes the steps of a branch. It marks the gaps in follow.
func newSteps(lead, follow sequence, inner *inner) steps {
	a := steps{lead: lead, follow: follow.withGaps(), inner: inner}
	a.behind, a.look = a.lead.asks(), a.follow.look()
	if a.look > seamLeast {
		a.brief = a.follow.atMost(seamLeast - 64)
	}
	return a
}

// verify reports whether a match may have its anchor's literal at data[p]: no is sure.
func (a *steps) verify(data []byte, p int) bool {
	return a.follow.verify(data, p) && (!a.behind || a.lead.verifyBehind(data, p)) && a.verifyInner(data, p)
}

// verifyInner is the part of verify that looks as far as what must stand there can be. It is the last.
func (a *steps) verifyInner(data []byte, p int) bool {
	return a.inner == nil || a.inner.in(data[p:a.inner.reach(data, p)])
}

// anchorsOf returns an anchor for each branch of an expression, or nil if a branch has none: its matches can then only be found
// by running the regexp over everything.
func anchorsOf(re *syntax.Regexp) []Anchor {
	var anchors []Anchor
	for _, branch := range branchesOf(re) {
		a, ok := bestAnchor(flatten(branch))
		if !ok {
			return nil
		}
		anchors = append(anchors, a)
	}
	return anchors
}

func branchesOf(re *syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return branchesOf(re.Sub[0])
	case syntax.OpAlternate:
		var all []*syntax.Regexp
		for _, sub := range re.Sub {
			all = append(all, branchesOf(sub)...)
		}
		return all
	}
	return []*syntax.Regexp{re}
}

// flatten returns the elements of nested concatenations in the order of the text.
func flatten(re *syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return flatten(re.Sub[0])
	case syntax.OpConcat:
		var all []*syntax.Regexp
		for _, sub := range re.Sub {
			all = append(all, flatten(sub)...)
		}
		return all
	}
	return []*syntax.Regexp{re}
}

func bestAnchor(elements []*syntax.Regexp) (best Anchor, ok bool) {
	lowest := math.Inf(1)
	var literals []literal
	for k, element := range elements {
		if !startsLiteral(element) {
			continue
		}
		set := concatLiterals(elements[k:])
		if shortest(set) < literalLeast {
			continue
		}
		if cost := cost(set); cost < lowest {
			lowest, ok = cost, true
			best.At, literals = k, set
		}
	}
	for _, l := range literals {
		best.Literals = append(best.Literals, l.text)
	}
	return best, ok
}

// startsLiteral reports whether it is worth looking for a literal that starts at an element: not at a class of many characters,
// nor where there need be nothing. It saves two thirds of what compiling a rule costs.
func startsLiteral(re *syntax.Regexp) bool {
	const few = 12 // \d with a letter behind it still gives something to look for
	if runes := runesOf(re); runes != nil {
		n := 0
		for i := 0; i < len(runes) && n <= few; i += 2 {
			n += int(runes[i+1]-runes[i]) + 1
		}
		return n <= few
	}
	switch re.Op {
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpStar, syntax.OpQuest:
		return false
	case syntax.OpPlus:
		return startsLiteral(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && startsLiteral(re.Sub[0])
	}
	return true
}

// cost guesses how often one of the literals stands in ordinary text: a letter more makes a literal some eight times rarer, but
// not one that only repeats the letter before it, as in a run of As or dashes.
func cost(set []literal) float64 {
	sum := 0.0
	for _, l := range set {
		changes := 0
		for i := range len(l.text) {
			if i == 0 || l.text[i] != l.text[i-1] {
				changes++
			}
		}
		sum += math.Pow(8, -float64(min(changes, literalEnough)))
	}
	return sum
}

func sequenceOfAll(elements []*syntax.Regexp) sequence {
	var seq sequence
	for _, element := range elements {
		seq = append(seq, sequenceOf(element)...)
	}
	return seq
}
