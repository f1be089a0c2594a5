package catalog

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Expression returns the expression that finds credentials of the kind in content. Its only group, if it has one, is the credential;
// else that is the whole match. The kind must be one that Read returned without an error.
//
// A token is found wherever it is not part of a longer word: of letters, digits and underscores, or of its own last characters.
//
// A value is found behind a name and one of the key's words, on one line, but for the "value" of a list of names and values:
//
//	ACME_  STAGING_  API_KEY  _1  ": "  VALUE
//	name   between   key      rest sep  value
func (k *Kind) Expression() string {
	if k.Token != "" {
		return bordered(k.Token, true)
	}
	names := make([]string, len(k.Names))
	for i, name := range k.Names {
		names[i] = anyCase(name)
	}
	return choice(names) + between + `(?i:` + strings.Join(k.Keys, "|") + nothing + `)` + rest + named + separator + scheme + bordered(k.Value, false)
}

const (
	// between is what may stand between the name and the key's word: more of the key, or of the line, but no assignment and no
	// end of a statement. 32 is enough for acme.NewClient("https://api.acme.com/").token and for "acme-corp": {"production": {"token".
	between = `[\w \t.:/@>?&#$"'()\[\]{}-]{0,32}?`
	// nothing is one more choice for the key's word, which never matches. With it the words have no text in common that all matches hold: the
	// engine is to look for the provider's name, which is rare, and not for every "secret".
	nothing = `|[^\x00-\x{10FFFF}]`
	// rest is what may follow the word in the key.
	rest = `[\w.-]{0,16}?`
	// named is what stands before the value in lists of names and values, as in deployments and in XML, and a declared type.
	named = `(?:["', \t]{0,3}(?:,|\s)\s{0,20}["']?(?i:value)|[ \t:&*]{1,4}(?:'static )?(?i:str|string))?`
	// separator is what stands between key and value: an assignment, a comma between arguments, or only space and quotes.
	separator = "(?::-|[ \\t=:,>|?+(\\[{\"'`\\])\\\\]{1,12})"
	// scheme is what stands before a value that is written as a header's.
	scheme = `(?:(?i:bearer|token|basic) )?`
)

// anyCase returns an expression for a name in any case of its ASCII letters. (?i) would let k and s have other forms as well, and so
// multiply what has to be looked for.
func anyCase(name string) string {
	var b strings.Builder
	plain := ""
	flush := func() {
		if plain != "" {
			b.WriteString("(?i:" + plain + ")")
		}
		plain = ""
	}
	for _, r := range name {
		switch {
		case r == 'k' || r == 's':
			flush()
			b.WriteString("[" + string(r) + string(unicode.ToUpper(r)) + "]")
		case r == '.':
			plain += `\.`
		default:
			plain += string(r)
		}
	}
	flush()
	return b.String()
}

// choice returns an expression for one of several names. The empty group in front of all but the first keeps the parser from taking out
// what two names begin with: the engine would look for "line" then, and not for "linebot" and "line_channel".
func choice(exprs []string) string {
	if len(exprs) == 1 {
		return exprs[0]
	}
	return "(?:" + strings.Join(exprs, "|(?:)") + ")"
}

// bordered puts conditions around a credential: that it does not go on at its end, and, if open, nor at its start. \b and \B say that without
// taking a character, so that of two credentials with one character between them both are found.
func bordered(expr string, open bool) string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return expr
	}
	core, before, behind := "(?:"+expr+")", "", ""
	first, last := edge(re, true), edge(re, false)
	if open && first.mixed() {
		before = "(?:^|" + first.outside() + `|\b)` // \b for the second of two that are side by side
	} else if open && first.words() {
		before = `\b`
	}
	switch {
	case last.mixed():
		behind = "(?:" + last.outside() + "|$)"
	case last.words():
		behind = `\b`
	default:
		behind = `\B`
	}
	if !open || first.mixed() || last.mixed() {
		core = "(" + expr + ")"
	}
	return before + core + behind
}

// set is the ASCII characters that can stand at one end of an expression's matches.
type set [128]bool

// edge returns what can stand at the start or at the end of an expression's matches.
func edge(re *syntax.Regexp, start bool) set {
	var s set
	s.collect(re, start)
	return s
}

// collect adds what can stand at one end of re, and reports whether re can be empty.
func (s *set) collect(re *syntax.Regexp, start bool) (empty bool) {
	switch re.Op {
	case syntax.OpLiteral:
		r := re.Rune[len(re.Rune)-1]
		if start {
			r = re.Rune[0]
		}
		s.add(r, r)
		if re.Flags&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				s.add(f, f)
			}
		}
		return false
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			s.add(re.Rune[i], re.Rune[i+1])
		}
		return false
	case syntax.OpConcat:
		subs := slices.Clone(re.Sub)
		if !start {
			slices.Reverse(subs)
		}
		for _, sub := range subs {
			if !s.collect(sub, start) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			empty = s.collect(sub, start) || empty
		}
		return empty
	case syntax.OpQuest:
		s.collect(re.Sub[0], start)
		return true
	case syntax.OpRepeat:
		return s.collect(re.Sub[0], start) || re.Min == 0
	}
	return true
}

func (s *set) add(from, to rune) {
	for r := from; r <= to && int(r) < len(s); r++ {
		s[r] = true
	}
}

// words reports whether all are letters, digits or underscores.
func (s *set) words() bool { return !s.some(false) }

// mixed reports whether there are such and others.
func (s *set) mixed() bool { return s.some(true) && s.some(false) }

func (s *set) some(word bool) bool {
	for b, in := range s {
		if in && isWord(b) == word {
			return true
		}
	}
	return false
}

func isWord(b int) bool {
	return b == '_' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

// outside returns the class of the characters that are neither in the set nor in words.
func (s *set) outside() string {
	class := `[^\w`
	for b, in := range s {
		if in && !isWord(b) {
			class += syntaxQuote(byte(b))
		}
	}
	return class + "]"
}

// syntaxQuote returns a character as it may stand in a class.
func syntaxQuote(b byte) string {
	if strings.IndexByte(`\]^-[`, b) >= 0 {
		return `\` + string(b)
	}
	return string(b)
}
