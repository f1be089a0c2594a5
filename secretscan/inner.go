package secretscan

import "regexp/syntax"

// inner is a second look at a branch that can go on without end after its anchor, as curl's can: "\bcurl\b.*" and then " -u". One
// of its literals stands in every match behind the anchor, and most texts hold none of them where a match could.
type inner struct {
	before   sequence // from the anchor to the literal
	literals []string // folded
	longest  int      // of those
	first    byteSet  // what they start with, in either case
}

// innerLeast is how long a literal must be: two bytes are worth looking for where a match would hold them and nowhere else.
const innerLeast = 2

// innerOf returns the literals that stand behind the anchor in every match of a branch, or nil if it has none, or if its matches have a
// greatest length: then it costs little to try the expression. elements are those from the anchor on.
func innerOf(follow sequence, elements []*syntax.Regexp) *inner {
	if follow.most() >= 0 {
		return nil
	}
	var best []literal
	at := 0
	for k, element := range elements {
		if k == 0 || !startsLiteral(element) {
			continue
		}
		set := concatLiterals(elements[k:])
		if shortest(set) >= innerLeast && (best == nil || cost(set) < cost(best)) {
			best, at = set, k
		}
	}
	if best == nil {
		return nil
	}
	var texts []string
	for _, l := range best {
		texts = append(texts, string(foldAll(l.text)))
	}
	return newInner(sequenceOfAll(elements[:at]), texts)
}

func newInner(before sequence, literals []string) *inner {
	in := &inner{before: before, literals: literals, first: foldedFirst(literals)}
	for _, text := range literals {
		in.longest = max(in.longest, len(text))
	}
	return in
}

// foldedFirst returns what folded literals start with, folded or not: foldByte only ever sets a bit.
func foldedFirst(literals []string) (set byteSet) {
	for _, text := range literals {
		set.addRange(text[0], text[0])
		set.addRange(text[0]&^foldByte(0), text[0]&^foldByte(0))
	}
	return set
}

// reach returns where the last of the literals ends at most, if the anchor is at data[p].
func (n *inner) reach(data []byte, p int) int {
	return min(n.before.reach(data, p)+n.longest, len(data))
}

// in reports whether one of the literals stands in data.
func (n *inner) in(data []byte) bool {
	for i, b := range data {
		if !n.first.has(b) {
			continue
		}
		for _, l := range n.literals {
			if hasFolded(data[i:], l) {
				return true
			}
		}
	}
	return false
}
