package rules

import (
	"errors"
	"regexp/syntax"
	"strings"
)

// expression parses a regular expression the way the engine will, and reports what is wrong with it. whose names its owner:
// `rule "acme"`. An empty one gives nil. The expression itself is not repeated in messages, for an allowlist's may be a secret.
func (f *findings) expression(t text, whose string) *syntax.Regexp {
	re, err := syntax.Parse(t.value, syntax.Perl)
	if err == nil {
		return re
	}
	msg, hint := "the expression is not valid", "expressions are in RE2 syntax: https://github.com/google/re2/wiki/Syntax"
	var bad *syntax.Error
	if errors.As(err, &bad) {
		msg += ": " + bad.Code.String()
		if fragment := bad.Expr; len(fragment) <= 12 && fragment != t.value {
			msg += " `" + fragment + "`"
		}
		if missing := missingIn(bad); missing != "" {
			hint = missing
		}
	}
	f.fail(t.at, hint, "%s%s", prefix(whose), msg)
	return nil
}

// prefix returns the owner's name as the beginning of a message.
func prefix(whose string) string {
	if whose == "" {
		return ""
	}
	return whose + ": "
}

// missingIn names the thing that other engines have and RE2 lacks, if that is why an expression is not valid.
func missingIn(bad *syntax.Error) string {
	const instead = "; RE2 has none, so that matching takes linear time. "
	switch bad.Code {
	case syntax.ErrInvalidPerlOp, syntax.ErrMissingRepeatArgument, syntax.ErrInvalidNamedCapture:
		for _, op := range []struct{ open, name string }{
			{"(?=", "lookahead"}, {"(?!", "negative lookahead"}, {"(?<=", "lookbehind"}, {"(?<!", "negative lookbehind"},
		} {
			if strings.HasPrefix(bad.Expr, op.open) {
				return "`" + op.open + "` is a " + op.name + instead + "Match the neighbouring text too and put the secret in a group, or use an allowlist"
			}
		}
		switch {
		case strings.HasPrefix(bad.Expr, "(?>"):
			return "`(?>` is an atomic group" + instead + "Write (?:"
		case strings.HasPrefix(bad.Expr, "(?P="), strings.HasPrefix(bad.Expr, "(?R"), strings.HasPrefix(bad.Expr, "(?("):
			return "this is a backreference, recursion or condition" + instead + "Spell out what may stand there"
		}
	case syntax.ErrInvalidEscape:
		if len(bad.Expr) == 2 && (bad.Expr[1] >= '1' && bad.Expr[1] <= '9' || bad.Expr[1] == 'k' || bad.Expr[1] == 'g') {
			return "`" + bad.Expr + "` is a backreference" + instead + "Spell out what may stand there"
		}
		if bad.Expr == `\Z` {
			return "write `\\z` for the end of the text"
		}
	case syntax.ErrInvalidRepeatOp:
		if strings.HasSuffix(bad.Expr, "+") {
			return "`" + bad.Expr + "` is a possessive repetition" + instead + "Leave out the second +"
		}
	case syntax.ErrInvalidRepeatSize:
		return "RE2 repeats at most 1000 times, nested repetitions multiplied; an open end `{n,}` has no such limit"
	case syntax.ErrLarge, syntax.ErrNestingDepth:
		return "split it into several rules"
	}
	return ""
}
