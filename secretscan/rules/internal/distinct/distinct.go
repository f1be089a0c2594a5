// Package distinct judges from a rule's expression how sure a match of it is. Start at Confidence.
package distinct

import (
	"regexp/syntax"
	"strings"
	"unicode"

	"keysweep/finding"
)

// Enough is how many characters of a secret an expression must fix for the secret to be recognisable by itself: "AKIA" and "SG."
// are, a dash between two runs of hexadecimal digits is not.
const Enough = 3

// Confidence returns how sure a match of a rule is before its context is looked at:
//
//   - low: the rule's id says that it is generic;
//   - high: every secret that the expression matches holds at least Enough fixed letters, digits or underscores, or two of
//     them beside punctuation, such as the prefix that a provider gives all its tokens;
//   - medium: everything else. The secret is a bare class of characters beside a name, or the rule looks only at a path.
//
// group is the capture group that holds the secret; 0 stands for the first one, or the whole match if there is none.
func Confidence(id, expr string, group int) finding.Confidence {
	if strings.Contains(strings.ToLower(id), "generic") {
		return finding.LowConfidence
	}
	re, err := syntax.Parse(expr, syntax.Perl)
	if expr == "" || err != nil {
		return finding.MediumConfidence
	}
	if fixed(secretPart(re, group)) >= Enough {
		return finding.HighConfidence
	}
	return finding.MediumConfidence
}

// secretPart returns the part of an expression that matches the secret.
func secretPart(re *syntax.Regexp, group int) *syntax.Regexp {
	if part := Group(re, max(group, 1)); part != nil {
		return part
	}
	return re
}

// Group returns the part of an expression that is the capture group with this number, or nil.
func Group(re *syntax.Regexp, group int) *syntax.Regexp {
	if re.Op == syntax.OpCapture && re.Cap == group {
		return re
	}
	for _, sub := range re.Sub {
		if found := Group(sub, group); found != nil {
			return found
		}
	}
	return nil
}

// fixed counts the letters, digits and underscores that stand in every match; a punctuation mark beside two of them counts too.
func fixed(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return fixedRunes(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return fixed(re.Sub[0])
	case syntax.OpRepeat:
		return min(re.Min*fixed(re.Sub[0]), Enough)
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n = min(n+fixed(sub), Enough)
		}
		return n
	case syntax.OpAlternate:
		n := fixed(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			n = min(n, fixed(sub))
		}
		return n
	}
	return 0
}

func fixedRunes(runes []rune) int {
	word, mark := 0, 0
	for _, r := range runes {
		switch {
		case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			word++
		case unicode.IsPunct(r) || unicode.IsSymbol(r):
			mark = 1
		}
	}
	if word < 2 {
		mark = 0
	}
	return min(word+mark, Enough)
}
