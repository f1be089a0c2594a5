package secretscan

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// A literal is a string that stands in every match of a branch of a rule's regexp, as the prefilter looks for it: ASCII letters
// in lower case. It is exact if nothing was cut off, so that what follows in the expression follows in the text.
type literal struct {
	text  string
	exact bool
}

const (
	// literalsMost bounds how many literals stand for one place in an expression: enough for a prefix of two letters and a
	// character of [a-zA-Z0-9] ("ey", "SK", "s."), and for the foldings of a word with several k and s.
	literalsMost = 64
	// literalLeast is what the prefilter looks for: see prefilter.go.
	literalLeast = 3
	// literalFew is how many continuations a literal that is long enough for the prefilter is still worth: "linked" with "in",
	// "-in" and "_in" is, "ghp_" with every letter and digit is not.
	literalFew = 4
	// literalEnough is the length past which more letters would not make a literal much rarer.
	literalEnough = 12
)

// literals returns literals one of which every match of re starts with, or nil if there is no such set of useful size.
func literals(re *syntax.Regexp) []literal {
	if runes := runesOf(re); runes != nil {
		return runeLiterals(runes)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return stringLiterals(re.Rune, re.Flags&syntax.FoldCase != 0)
	case syntax.OpConcat:
		return concatLiterals(re.Sub)
	case syntax.OpAlternate:
		var set []literal
		for _, sub := range re.Sub {
			alt := literals(sub)
			if alt == nil || len(set)+len(alt) > literalsMost {
				return nil
			}
			set = append(set, alt...)
		}
		return unique(set)
	case syntax.OpCapture:
		return literals(re.Sub[0])
	case syntax.OpPlus:
		return inexact(literals(re.Sub[0]))
	case syntax.OpQuest:
		if sub := literals(re.Sub[0]); sub != nil && len(sub) < literalsMost {
			return unique(append([]literal{{"", true}}, sub...))
		}
		return nil
	case syntax.OpRepeat:
		return repeatLiterals(re)
	case syntax.OpStar:
		return nil
	}
	return []literal{{"", true}} // zero-width conditions
}

// stringLiterals returns the literals of a string. Nearly all of its characters have one form only, and those are put together
// first.
func stringLiterals(text []rune, fold bool) []literal {
	set := []literal{{"", true}}
	var same []byte
	flush := func() {
		for i := range set {
			set[i].text += string(same)
		}
		same = same[:0]
	}
	for _, r := range text {
		if single := r < utf8.RuneSelf && (!fold || lowerASCII(r) != 'k' && lowerASCII(r) != 's'); single {
			same = append(same, byte(lowerASCII(r)))
			continue
		}
		flush()
		grown, ok := cross(set, runeLiterals(foldRune(r, fold)))
		if !ok {
			return inexact(set)
		}
		set = grown
	}
	flush()
	return set
}

func concatLiterals(subs []*syntax.Regexp) []literal {
	set := []literal{{"", true}}
	for _, sub := range subs {
		grown, ok := cross(set, literals(sub))
		if !ok {
			return inexact(set)
		}
		set = grown
	}
	return set
}

func repeatLiterals(re *syntax.Regexp) []literal {
	if re.Min == 0 {
		return nil
	}
	sub := literals(re.Sub[0])
	set := []literal{{"", true}}
	for range re.Min {
		grown, ok := cross(set, sub)
		if !ok {
			return inexact(set)
		}
		set = grown
	}
	if re.Max != re.Min {
		return inexact(set)
	}
	return set
}

// runeLiterals returns the members of a small class. One that holds U+FFFD has no literals: the regexp package reads that
// character in every byte that is not part of valid UTF-8.
func runeLiterals(runes runeSet) []literal {
	if runes.has(utf8.RuneError) {
		return nil
	}
	var set []literal
	for i := 0; i < len(runes); i += 2 {
		if runes[i+1]-runes[i] >= 2*literalsMost {
			return nil
		}
		for r := runes[i]; r <= runes[i+1]; r++ {
			set = append(set, literal{string(lowerASCII(r)), true})
		}
	}
	if set = unique(set); len(set) > literalsMost {
		return nil
	}
	return set
}

func lowerASCII(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// cross returns every literal of a followed by every one of b, long ones only if b has few. It gives up, with false, on a set
// that would be too large, or that is good enough as it is.
func cross(a, b []literal) ([]literal, bool) {
	whole := func(x literal) bool { return !x.exact || len(b) > literalFew && len(x.text) >= literalLeast }
	size, open := 0, false
	for _, x := range a {
		if whole(x) {
			size++
		} else {
			size, open = size+len(b), true
		}
	}
	if b == nil || !open || size > literalsMost || shortest(a) >= literalEnough {
		return nil, false
	}
	set := make([]literal, 0, size)
	for _, x := range a {
		if whole(x) {
			set = append(set, literal{x.text, false})
			continue
		}
		for _, y := range b {
			set = append(set, literal{x.text + y.text, y.exact})
		}
	}
	return unique(set), true
}

// inexact marks literals as not the whole of what they stand for; no set stays no set.
func inexact(set []literal) []literal {
	if set == nil {
		return nil
	}
	out := make([]literal, len(set))
	for i, l := range set {
		out[i] = literal{l.text, false}
	}
	return unique(out)
}

// unique sorts a set and removes what stands in it twice.
func unique(set []literal) []literal {
	slices.SortFunc(set, func(a, b literal) int {
		if a.exact != b.exact && a.text == b.text {
			return map[bool]int{true: -1, false: 1}[a.exact]
		}
		return strings.Compare(a.text, b.text)
	})
	return slices.Compact(set)
}

func shortest(set []literal) int {
	least := -1
	for _, l := range set {
		if n := utf8.RuneCountInString(l.text); least < 0 || n < least {
			least = n
		}
	}
	return max(least, 0)
}
