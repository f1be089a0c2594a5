package secretscan

import (
	"regexp/syntax"
	"unicode/utf8"
)

// ending is how much of a text an expression has to see that asks for the end of a name, as `\.(?:docx?|png)$` does: each file's
// path is held against some, and with all of it that takes as long as opening the file.
type ending struct{ bytes int } // 0: all

// endingOf returns the ending that decides whether an expression matches.
func endingOf(re *syntax.Regexp) ending {
	last := len(re.Sub) - 1
	if re.Op != syntax.OpConcat || re.Sub[last].Op != syntax.OpEndText {
		return ending{}
	}
	n := 0
	for _, sub := range re.Sub[:last] {
		wide := width(sub)
		if wide < 0 || n > endingMost {
			return ending{}
		}
		n += wide
	}
	return ending{n * utf8.UTFMax}
}

// endingMost is the longest ending, in characters, that is worth a look of its own.
const endingMost = 32

// width returns the most characters that can match re, or -1 if there is no small limit, or if it looks at what stands around.
func width(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return 0
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpQuest:
		return width(re.Sub[0])
	case syntax.OpConcat, syntax.OpAlternate:
		n := 0
		for _, sub := range re.Sub {
			wide := width(sub)
			if wide < 0 {
				return -1
			}
			if re.Op == syntax.OpAlternate {
				n = max(n, wide)
			} else {
				n += wide
			}
		}
		return n
	default:
		return -1
	}
}

// of returns the end of a text. It starts with a character, so that it is decoded as in the whole.
func (e ending) of(text string) string {
	start := len(text) - e.bytes
	if e.bytes == 0 || start <= 0 {
		return text
	}
	for start > 0 && !utf8.RuneStart(text[start]) {
		start--
	}
	return text[start:]
}

// matchesName is MatchString of the compiled expression, made for names of files.
func (l *lazyRegexp) matchesName(name string) bool {
	l.onceEnding.Do(func() { l.ending = endingOf(l.tree()) })
	return l.get().MatchString(l.ending.of(name))
}
