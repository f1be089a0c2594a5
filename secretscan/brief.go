package secretscan

import (
	"regexp"
	"regexp/syntax"
)

// The regexp package is some ten times as fast with a short program as with one of more than 500 instructions, and "[\w.=-]{10,150}"
// alone has 300. In a text of up to 150 bytes it matches what "[\w.=-]{10,}" does, which has 13; and matches are that short, but
// for a few.

const (
	// briefLeast is how great a bound must be to be left out: text that is shorter is what the expression without it is for.
	briefLeast = 100
	// briefSaved is how many repetitions must be saved.
	briefSaved = 50
)

// in returns the expression compiled for a text of this length.
func (l *lazyRegexp) in(text []byte) *regexp.Regexp {
	l.onceBrief.Do(func() {
		var expr string
		if r := l.written; r.plans != nil {
			l.briefMost, expr = r.brief()
		} else {
			l.briefMost, expr = briefOf(l.expr)
		}
		if l.briefMost > 0 {
			l.brief = regexp.MustCompile(expr)
		}
	})
	if l.brief != nil && len(text) <= l.briefMost {
		return l.brief
	}
	return l.get()
}

// briefOf returns an expression without great bounds, and the length of the longest text for which it matches what the expression it is
// made of does, or 0 if it has none.
func briefOf(expr string) (most int, brief string) {
	tree, _ := syntax.Parse(expr, syntax.Perl) // it was parsed before
	if most = unbound(tree); most > 0 {
		brief = tree.String()
	}
	return most, brief
}

// unbound takes the bounds off great repetitions of a character in re, and returns the length of the longest text for which that
// makes no difference, or 0 if there are none.
func unbound(re *syntax.Regexp) (most int) {
	if re.Op == syntax.OpRepeat && re.Max >= briefLeast && re.Max-re.Min >= briefSaved && runesOf(re.Sub[0]) != nil {
		most, re.Max = re.Max, -1
	}
	for _, sub := range re.Sub {
		if n := unbound(sub); n > 0 && (most == 0 || n < most) {
			most = n
		}
	}
	return most
}
