package secretscan

import (
	"regexp/syntax"
	"slices"
	"sync"
	"unicode/utf8"
)

// A tail is the short way to the matches of an expression that starts with as few characters of a class as possible and goes on
// with its anchor, as 103 of gitleaks' do:
//
//	[\w.-]{0,50}?  (?:adafruit) ...
//	 prefix         rest, tried at the anchor's hit alone
//
// The leftmost match starts as far left as the class and the limit allow, and because the prefix is taken as short as possible
// it goes on at the first hit from which the rest matches. Hits come in order, so that is the first for which the rest does.
type tail struct {
	class  runeSet
	ascii  *byteSet
	most   int
	anchor *lazyRegexp // the rest, at the start of the text

	literals []string // that the rest starts with, folded
}

// lazyTail makes a tail when it is first asked for: for most hits it never is.
type lazyTail struct {
	once sync.Once
	make func() *tail
	tail *tail
}

// get returns nil if matches are to be searched for in windows.
func (l *lazyTail) get() *tail {
	l.once.Do(func() { l.tail, l.make = l.make(), nil })
	return l.tail
}

// newTail makes a tail of its class, its limit, the rest and the literals that the rest starts with.
func newTail(class runeSet, most int, anchor *lazyRegexp, literals []string) *tail {
	t := &tail{class: class, ascii: class.bytes(), most: most, anchor: anchor}
	for _, l := range literals {
		t.literals = append(t.literals, string(foldAll(l)))
	}
	return t
}

// tailOf returns the tail of an expression that is made like that, or nil. k is the place of the anchor.
func tailOf(re *syntax.Regexp, anchors []Anchor) *tail {
	if len(anchors) != 1 || anchors[0].At == 0 {
		return nil
	}
	elements := flatten(re)
	prefix, rest := elements[:anchors[0].At], elements[anchors[0].At:]
	if looksBack(rest) {
		return nil
	}
	var class runeSet
	most := 0
	for _, e := range prefix {
		if e.Op != syntax.OpRepeat || e.Min != 0 || e.Max < 0 || e.Flags&syntax.NonGreedy == 0 {
			return nil
		}
		one := runesOf(e.Sub[0])
		if one == nil || class != nil && !slices.Equal(one, class) {
			return nil
		}
		class, most = one, most+e.Max
	}
	expr := `^(?:` + (&syntax.Regexp{Op: syntax.OpConcat, Sub: rest}).String() + `)`
	if _, err := syntax.Parse(expr, syntax.Perl); err != nil {
		return nil // it was right with the prefix; the long way finds the same
	}
	return newTail(class, most, &lazyRegexp{expr: expr}, anchors[0].Literals)
}

// looksBack reports whether elements may ask, before they take their first character, what stands before it: a rest that is
// tried at the anchor's hit alone could not know.
func looksBack(elements []*syntax.Regexp) bool {
	for _, e := range elements {
		if asksBack(e) {
			return true
		}
		if shortest(literals(e)) > 0 {
			return false
		}
	}
	return false
}

// asksBack reports whether a condition about the character before stands anywhere in re.
func asksBack(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, asksBack)
}

// start returns where a match starts that has its anchor at data[p], no earlier than resume.
func (t *tail) start(data []byte, p, resume int) int {
	for n := 0; n < t.most && p > resume; n++ {
		size := 1
		if b := data[p-1]; b < utf8.RuneSelf {
			if !t.ascii.has(b) {
				break
			}
		} else {
			var r rune
			if r, size = utf8.DecodeLastRune(data[:p]); !t.class.has(r) || p-size < resume {
				break
			}
		}
		p -= size
	}
	return p
}

// find returns the match of the rest at the start of text.
func (t *tail) find(text []byte) (start, end int, ok bool) {
	loc := t.anchor.in(text).FindIndex(text)
	if loc == nil {
		return 0, 0, false
	}
	return loc[0], loc[1], true
}

// groups returns the groups of the match of the whole expression that starts where text does, or nil if none does. As few
// characters as possible belong to the prefix, so it is the first place from which the rest matches.
func (t *tail) groups(text []byte) []int {
	at := 0
	for n := 0; n <= t.most && at < len(text); n++ {
		if t.starts(text[at:]) {
			if groups := t.anchor.in(text).FindSubmatchIndex(text[at:]); groups != nil {
				return shifted(groups, at)
			}
		}
		r, size := utf8.DecodeRune(text[at:])
		if !t.class.has(r) {
			return nil
		}
		at += size
	}
	return nil
}

// groupsOf returns the groups of the rule's expression in a match, as FindSubmatchIndex does.
func (r *rule) groupsOf(match []byte) []int {
	re := r.content.in(match)
	if t := r.plan().tail.get(); t != nil && t.anchor.in(match).NumSubexp() == re.NumSubexp() {
		if groups := t.groups(match); groups != nil {
			return groups
		}
	}
	return re.FindSubmatchIndex(match)
}

// shifted makes groups of a text at an offset those of the whole, which begins with the first group's match.
func shifted(groups []int, offset int) []int {
	for i := range groups {
		if groups[i] >= 0 && i > 0 {
			groups[i] += offset
		}
	}
	return groups
}

// starts reports whether one of the anchor's literals stands at the start of text.
func (t *tail) starts(text []byte) bool {
	for _, l := range t.literals {
		if hasFolded(text, l) {
			return true
		}
	}
	return false
}

// has reports whether r is a member.
func (s runeSet) has(r rune) bool {
	for i := 0; i < len(s); i += 2 {
		if s[i] <= r && r <= s[i+1] {
			return true
		}
	}
	return false
}
