package secretscan

import (
	"regexp/syntax"
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
	// literalLeast is what the prefilter hashes: see prefilter.go.
	literalLeast = 3
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
		set := []literal{{"", true}}
		for _, r := range re.Rune {
			grown := cross(set, runeLiterals(foldRune(r, re.Flags&syntax.FoldCase != 0)))
			if len(grown) > literalsMost || longEnough(set) {
				return inexact(set)
			}
			set = grown
		}
		return set
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

func concatLiterals(subs []*syntax.Regexp) []literal {
	set := []literal{{"", true}}
	for _, sub := range subs {
		next := literals(sub)
		if next == nil {
			return inexact(set)
		}
		if longEnough(set) {
			return inexact(set)
		}
		grown := cross(set, next)
		if len(grown) > literalsMost {
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
		grown := cross(set, sub)
		if sub == nil || len(grown) > literalsMost || longEnough(set) {
			return inexact(set)
		}
		set = grown
	}
	if re.Max != re.Min {
		return inexact(set)
	}
	return set
}

// runeLiterals returns the members of a small class.
func runeLiterals(runes runeSet) []literal {
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

// cross returns every literal of a followed by every one of b. Its size is for the caller to judge.
func cross(a, b []literal) []literal {
	var set []literal
	for _, x := range a {
		if !x.exact {
			set = append(set, x)
			continue
		}
		for _, y := range b {
			set = append(set, literal{x.text + y.text, y.exact})
		}
	}
	return unique(set)
}

func inexact(set []literal) []literal {
	out := make([]literal, len(set))
	for i, l := range set {
		out[i] = literal{l.text, false}
	}
	return unique(out)
}

func unique(set []literal) []literal {
	seen := make(map[literal]bool, len(set))
	out := set[:0:0]
	for _, l := range set {
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

func longEnough(set []literal) bool { return len(set) > 0 && shortest(set) >= literalEnough }

func shortest(set []literal) int {
	least := -1
	for _, l := range set {
		if n := utf8.RuneCountInString(l.text); least < 0 || n < least {
			least = n
		}
	}
	return max(least, 0)
}
