package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"strings"

	"keysweep/secretscan"
)

// expressions writes random expressions from a grammar that has what users' rules have, and what they should not: small
// alphabets, so that parts of an expression match each other's text.
type expressions struct{ rnd *rand.Rand }

func (g expressions) pick(list ...string) string { return list[g.rnd.IntN(len(list))] }

// expr returns an expression of some depth.
func (g expressions) expr(depth int) string {
	n := 1
	if depth > 0 && g.rnd.IntN(3) == 0 {
		n += g.rnd.IntN(3)
	}
	alts := make([]string, n)
	for i := range alts {
		var b strings.Builder
		for range 1 + g.rnd.IntN(4) {
			b.WriteString(g.factor(depth))
		}
		alts[i] = b.String()
	}
	return g.pick("", "", "", "", "(?i)", "(?s)", "(?m)", "(?im)", "(?U)") + strings.Join(alts, "|")
}

// gitleaksLike returns an expression of the form that most of gitleaks' have: a lazy prefix, a name, what stands between, a value.
func (g expressions) gitleaksLike() string {
	name := g.word() + g.word()
	if g.rnd.IntN(3) == 0 {
		name = "(?:" + g.factor(1) + name + "|" + g.word() + ")"
	}
	return g.pick("", "(?i)", "(?s)", "(?im)") + g.class() + g.pick("{0,2}?", "{0,5}?", "{0,50}?") + g.pick("", "", g.class()+"{0,3}?") +
		g.pick("", "", "", `\b`, `(?m:^)`, `\B`) + name + g.expr(1)
}

func (g expressions) factor(depth int) string {
	switch n := g.rnd.IntN(20); {
	case n < 7:
		return g.word()
	case n < 9:
		return g.pick(`\b`, `\B`, `^`, `$`, `\A`, `\z`, `(?m:^)`, `(?m:$)`, `(?:)`, `\b`, `\b`)
	case n < 14 || depth == 0:
		return g.class() + g.times()
	case n < 15:
		return g.word() + g.times()
	}
	return g.pick("(", "(?:", "(?i:", "(?s:", "(?-i:", "(?P<x"+fmt.Sprint(g.rnd.Uint32())+">") + g.expr(depth-1) + ")" + g.times()
}

func (g expressions) word() string {
	return g.pick("abc", "key", "sk-", "aaa", "aba", "kab", "abcabc", "s", "k", "a", "=", "_", `\n`, "é", "K", "ſk", "İab", "abİ",
		`\x{FFFD}`, `\x{FFFD}ab`, "ÿabc", "ABC", "ßab", "\x00ab", `\xff`)
}

func (g expressions) class() string {
	return g.pick(`[ab]`, `[a-c]`, `\w`, `\s`, `.`, `[^a]`, `[^\n]`, `[\s\S]`, `(?s:.)`, `\d`, `[\w.-]`, `[k-s]`, `[aé]`, `[à-\x{D800}]`,
		`\pL`, `\PL`, `\p{Greek}`, `[[:alnum:]]`, `[^[:word:]]`, `[\x{FFFC}-\x{FFFE}]`, `[Kk]`, `[=:]`, `\W`, `[a-zA-Z0-9]`, `a`, `[^\x00-\x{10FFFF}]`)
}

func (g expressions) times() string {
	return g.pick("", "", "", "?", "*", "+", "??", "*?", "+?", "{2}", "{0,3}", "{0,3}?", "{1,4}", "{2,}", "{1,}?", "{0}", "{3,5}?", "{0,20}?")
}

// rule returns a random rule that compiles, and its tree.
func (g expressions) rule() (secretscan.Rule, *syntax.Regexp) {
	for {
		r := secretscan.Rule{ID: "rule", Regex: g.expr(2)}
		if g.rnd.IntN(3) == 0 {
			r.Regex = g.gitleaksLike()
		}
		tree, err := syntax.Parse(r.Regex, syntax.Perl)
		if err != nil || len(r.Regex) > 200 {
			continue
		}
		switch g.rnd.IntN(6) {
		case 0:
			r.Keywords = []string{g.pick("abc", "KEY", "sk-", "a", "é", "kab", "iab", "s", "éab", "ÉÉK", "ßab")}
		case 1:
			r.Keywords = []string{g.pick("abc", "=", "ßa"), g.pick("key", "kk", "sab")}
		}
		return r, tree
	}
}

// noise returns bytes that are rarely a match.
func (g expressions) noise() string {
	var b strings.Builder
	for range g.rnd.IntN(6) {
		b.WriteString(g.pick("a", "b", "c", "k", "s", "ab", "abc", "key", "sk-", "KEY", "ABC", "K", "ſ", "İ", "é", "É", "\n", "\n\n", "\r\n", " ",
			"=", "_", "\xff", "\xc3", "\xe2\x84", "\xa9", "\xf0\x9f", "\x00", "0", "Ω", "\ufffd", "😀", "\xed\xa0\x80", "ÿ"))
	}
	return b.String()
}

// content returns matches of an expression and noise.
func (g expressions) content(tree *syntax.Regexp) string {
	s := &sampler{g.rnd}
	var b strings.Builder
	b.WriteString(g.noise())
	for range 1 + g.rnd.IntN(5) {
		var one strings.Builder
		s.write(&one, tree)
		text := one.String()
		if g.rnd.IntN(5) == 0 && len(text) > 1 {
			text = text[:g.rnd.IntN(len(text))]
		}
		b.WriteString(text + g.noise())
	}
	return b.String()
}
