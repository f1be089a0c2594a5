package judge

import (
	"encoding/hex"
	"strings"
)

// schemas are words by which a schema or a form says what a value has to be.
var schemas = set(`string str bool boolean int integer number varchar object required optional nullable null nil none undefined char void true false`)

// instead are words that tests have for a password that is another one than before, or has to be refused.
var instead = set(`another different other valid invalid wrong incorrect something anything whatever`)

// describes reports whether the value says what another value is to be, or where it is: string!, required|min:8, a sentence with accents, a
// page.
func (c *Claim) describes() bool {
	v := strings.ToLower(c.Value)
	first, _, _ := strings.Cut(v, "|")
	if schemas(strings.TrimRight(first, "!?")) || instead(v) {
		return true
	}
	page := strings.HasPrefix(v, "https://") || strings.HasPrefix(v, "http://")
	return page && !strings.ContainsAny(v, "@=") || strings.Contains(v, " ") && !isASCII(v)
}

// wide reports whether most of the value is written in letters beyond ASCII: it is said to somebody. Nobody's keyboard gives such passwords.
func (c *Claim) wide() bool {
	n := 6*strings.Count(c.Value, `\u`) + 10*strings.Count(c.Value, `\U`)
	for i := range len(c.Value) {
		if c.Value[i] >= 0x80 {
			n++
		}
	}
	return 2*n > len(c.Value)
}

// text reports whether the value of something that is generated is none that a generator would make: a sentence, letters beyond ASCII, three
// different characters, or the alphabet.
func (c *Claim) text() bool {
	var seen [256]bool
	spaces, different, run := 0, 0, 1
	for i := range len(c.Value) {
		b := c.Value[i]
		if b >= 0x80 {
			return true
		}
		if b == ' ' {
			spaces++
		}
		if !seen[b] {
			seen[b] = true
			different++
		}
		if i > 0 && b == c.Value[i-1]+1 {
			run++
		} else if run < alphabetLeast {
			run = 1
		}
	}
	list := contains("0123456789", c.Value[0]) && strings.Contains(c.Value, ",")
	if plain, err := hex.DecodeString(c.Value); err == nil && isSentence(plain) || isSentence([]byte(decoded(c.Value))) {
		return true
	}
	return spaces >= 3 && !list || different <= 3 || run >= alphabetLeast
}

// isSentence reports whether bytes are several words in ASCII.
func isSentence(text []byte) bool {
	spaces := 0
	for _, b := range text {
		if b < ' ' || b > '~' {
			return false
		}
		if b == ' ' {
			spaces++
		}
	}
	return spaces >= 2
}

// command reports whether the value is in the quotes of a shell for what a command prints.
func (c *Claim) command() bool { return c.Quote == Backtick && strings.Contains(c.Value, " ") }

// names reports whether the value of something that is generated is the name of a thing instead: a path, a package with its version, or what
// only says who or which.
func (c *Claim) names() bool {
	list := words(c.Key)
	if len(list) > 0 && signOf([]byte(list[len(list)-1]))&signIdentity != 0 || fleeting(squeeze(c.Key)) {
		return true
	}
	return isPath(c.Value) || isPackage(c.Value) || isNumbers(c.Value) || containsAny(c.Value, surelyExpression)
}

// surelyExpression stands in regular expressions, and hardly ever in what is generated, of whatever signs: three characters or more.
var surelyExpression = []string{"(?:", "(?i", "(?=", "(?!", "(?<", "(?P", "[a-z", "[A-Z", "[0-9", "[1-9", `\s*`, `\s+`, `\d*`, `\d+`, `\w*`, `\w+`}

// fleeting reports whether a key names a token that is worth nothing without the session it was made for.
func fleeting(key string) bool {
	return containsAny(key, []string{"csrf", "xsrf", "antiforgery", "authenticitytoken", "requestverificationtoken"})
}

// isNumbers reports whether a text is an object identifier, 1.3.6.1.5, or a security identifier of Windows, S-1-16-4096.
func isNumbers(s string) bool {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) || s[i] == '.' {
			n++
		}
	}
	return strings.HasPrefix(s, "S-1-") || strings.Count(s, ".") >= 4 && 10*n >= 7*len(s)
}

// isPath reports whether a text is a path from a root, and no accident: one of its parts is a word.
func isPath(s string) bool {
	if !strings.HasPrefix(strings.TrimLeft(s, ".~"), "/") {
		return false
	}
	for part := range strings.SplitSeq(strings.ToLower(s), "/") {
		if score, pairs := wordiness(part); pairs >= 3 && pairs == len(part)-1 && score > 0 {
			return true
		}
	}
	return false
}

// isPackage reports whether a text ends with a colon and a version: jackson:0.11.2.
func isPackage(s string) bool {
	version := s[strings.LastIndexByte(s, ':')+1:]
	return len(version) < len(s) && strings.Count(version, ".") >= 1 && isDigit(version[0]) && strings.Trim(version, "0123456789.") == ""
}

// alphabetLeast is how many characters that follow each other are the alphabet, or the digits, and no accident.
const alphabetLeast = 10
