package rules

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"keysweep/secretscan/rules/internal/distinct"
)

// maxLints is how many expressions and keywords of a file are looked at: one can take a millisecond.
const maxLints = 2000

// lint reports what a file may say but hardly means.
func (l *loader) lint(t fileTable) {
	for _, r := range t.rules {
		l.lintRule(r)
		lists := r.allowlists
		if r.allowlist != nil {
			lists = append(slices.Clip(lists), *r.allowlist)
		}
		for _, a := range lists {
			l.lintAllowlist(a, ruleName(r.id.value))
		}
	}
	lists := t.allowlists
	if t.allowlist != nil {
		lists = append(slices.Clip(lists), *t.allowlist)
	}
	for _, a := range lists {
		l.lintAllowlist(a, "")
	}
}

func (l *loader) lintRule(r ruleTable) {
	re, err := syntax.Parse(r.regex.value, syntax.Perl)
	if r.regex.value == "" || err != nil || !l.lintMore() {
		return
	}
	name := ruleName(r.id.value)
	if len(r.keywords) == 0 && !l.inheritsKeywords(r.id.value) && sureText(re) < longEnough {
		l.note(r.regex.at, `add keywords, such as the provider's name: keywords = ["acme"]`,
			"%s is slow: it has neither keywords nor fixed text to look for first", name)
	}
	if group := distinct.Group(re, r.secretGroup); r.secretGroup > 0 && group != nil && alwaysEmpty(group) {
		l.note(r.groupAt, "name another group", "%s: the group %d is always empty", name, r.secretGroup)
	}
	for _, k := range r.keywords {
		if !l.lintMore() {
			return
		}
		if possible, known := canContain(re, k.value); known && !possible {
			l.note(k.at, "the rule only matches where the keyword happens to stand in the same content",
				"%s: the keyword %.80q cannot be part of a match", name, k.value)
		}
	}
}

// lintMore counts what has been looked at, and reports whether there is time for one more.
func (l *loader) lintMore() bool {
	l.lints++
	return l.lints <= maxLints
}

// inheritsKeywords reports whether a rule without keywords has some from the rule that it is laid over.
func (l *loader) inheritsKeywords(id string) bool {
	return l.final != nil && l.final.rules[id] != nil && len(l.final.rules[id].Keywords) > 0
}

func (l *loader) lintAllowlist(a allowlistTable, whose string) {
	and := strings.EqualFold(a.condition.value, "and") || a.condition.value == "&&"
	for _, t := range slices.Concat(a.paths, a.regexes) {
		if !l.lintMore() {
			return
		}
		re, err := regexp.Compile(t.value)
		if err != nil || !matchesAll(re) {
			continue
		}
		hint := "so the allowlist allows everything; make it narrower"
		if and {
			hint = "so the condition is always met; leave it out"
		}
		l.note(t.at, hint, "%sthe expression matches everything", prefix(whose))
	}
}

// matchesAll reports whether an expression matches whatever it is tried on, as far as texts show that have nothing in common:
// long runs of one character.
func matchesAll(re *regexp.Regexp) bool {
	const long = 40
	for _, c := range []string{"q", "Z", "7", "~", "_", "/", "\u03a9"} {
		if !re.MatchString(strings.Repeat(c, long)) {
			return false
		}
	}
	return true
}

// longEnough is how long a fixed text must be to be worth looking for first: shorter ones stand everywhere.
const longEnough = 3

// sureText returns the length of the longest text that every match holds somewhere.
func sureText(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(string(re.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return sureText(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return sureText(re.Sub[0])
		}
	case syntax.OpConcat:
		longest := 0
		for _, sub := range re.Sub {
			longest = max(longest, sureText(sub))
		}
		return longest
	case syntax.OpAlternate:
		shortest := sureText(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			shortest = min(shortest, sureText(sub))
		}
		return shortest
	}
	return 0
}

// alwaysEmpty reports whether an expression can match no character.
func alwaysEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	case syntax.OpRepeat:
		return re.Max == 0 || alwaysEmpty(re.Sub[0])
	}
	for _, sub := range re.Sub {
		if !alwaysEmpty(sub) {
			return false
		}
	}
	return true
}
