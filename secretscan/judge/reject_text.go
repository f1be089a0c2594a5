package judge

import (
	"encoding/hex"
	"net/netip"
	"strings"
)

// schemas are words by which a schema or a form says what a value has to be, and nsswitch.conf(5) where passwords are looked up.
var schemas = set(`string str bool boolean int integer number varchar object required optional nullable null nil none undefined char void true false digest
	files compat sss winbind systemd`)

// instead are words that tests have for a password that is another one than before, or has to be refused.
var instead = set(`another different other valid invalid wrong incorrect something anything whatever short tooshort toolong`)

// sentenceLeast is how many spaces a text has at least that is a sentence if it ends as one.
const sentenceLeast = 4

// describes reports whether the value says what another value is to be, or where it is: string!, required|min:8, a sentence with accents, a
// page.
func (c *Claim) describes() bool {
	v := strings.ToLower(c.Value)
	first, _, _ := strings.Cut(v, "|")
	if schemas(strings.Trim(first, "!?")) || instead(v) {
		return true
	}
	if strings.Count(v, " ") >= sentenceLeast && contains(".!?:", v[len(v)-1]) {
		return true
	}
	if isVersion(v) || isRoute(v) || isAnything(v) || c.Lane == Password && isUUID(v) && c.tailed() {
		return true
	}
	page := strings.HasPrefix(v, "https://") || strings.HasPrefix(v, "http://")
	return page && !strings.ContainsAny(v, "@=") || strings.Contains(v, " ") && !isASCII(v)
}

// formats reports whether the value says what other values are to look like: an expression for all of a text, verbs of printf.
func (c *Claim) formats() bool {
	v := c.Value
	if len(v) > 3 && v[0] == '^' && v[len(v)-1] == '$' {
		return true
	}
	verbs := 0
	for i := 0; i+1 < len(v); i++ {
		if v[i] == '%' && contains("sdvqxXfT", v[i+1]) {
			verbs++
		}
	}
	return c.Lane == Token && verbs > 1 && 8*verbs >= len(v)
}

// isUUID reports whether a text is a UUID.
func isUUID(v string) bool {
	return len(v) == 36 && strings.Count(v, "-") == 4 && isHexDigits(strings.ReplaceAll(v, "-", ""))
}

// tailed reports whether the key goes on behind the word that names a credential: it is something about one.
func (c *Claim) tailed() bool {
	var memory [usualWords]sign
	n := namingOf(c.Key, memory[:])
	for i := n.at + 1; n.at >= 0 && i < len(n.signs); i++ {
		if n.signs[i]&signTail != 0 {
			return true
		}
	}
	return false
}

// isAnything reports whether a text is made of the words that stand for anything: foobarbaz, foo_bar.
func isAnything(v string) bool {
	if len(v) <= len("foobar") { // people have that one
		return false
	}
	for v != "" {
		rest := strings.TrimLeft(v, "_-.")
		for _, word := range [...]string{"foo", "bar", "baz", "qux", "quux"} {
			rest = strings.TrimPrefix(rest, word)
		}
		if rest == v {
			return false
		}
		v = rest
	}
	return true
}

// isVersion reports whether a text is a version, or says which ones are wanted: 7.52.0, ^7.4|^8.0.
func isVersion(v string) bool {
	if strings.Trim(v, "0123456789.^~<>=|*, vx-") != "" || !strings.Contains(v, ".") {
		return false
	}
	return contains("^~<>=", v[0]) || strings.Count(v, ".") >= 2 && strings.Trim(v, "0123456789.") == ""
}

// isRoute reports whether a text is several words in small letters with slashes between them, as paths of web pages are: routes/main.
func isRoute(v string) bool {
	if !strings.Contains(v, "/") {
		return false
	}
	for part := range strings.SplitSeq(v, "/") {
		if score, pairs := wordiness(part); pairs < 2 || pairs != len(part)-1 || score < -0.5 {
			return false
		}
	}
	return true
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
		if i > 0 && (b == c.Value[i-1]+1 || b|0x20 == 'a' && c.Value[i-1] == '9') {
			run++
		} else if run < alphabetLeast {
			run = 1
		}
	}
	list := contains("0123456789", c.Value[0]) && strings.Contains(c.Value, ",")
	if plain, err := hex.DecodeString(c.Value); err == nil && isSentence(plain) || isSentence([]byte(decoded(c.Value))) {
		return true
	}
	list = list || isObject(c.Value)
	return spaces >= 3 && !list || different <= 3 || run >= alphabetLeast || inSequence(c.Value)
}

// How many of a sign in a row stand for others that are not shown, and how many of any character fill up what nothing generated.
const (
	maskedLeast = 5
	filledLeast = 8
)

// masked reports whether part of the value is not shown: there are x or * in its place, or points.
func (c *Claim) masked() bool {
	run := 1
	if c.Lane == Token && strings.Contains(c.Value, "...") {
		return true
	}
	for i := 1; i < len(c.Value); i++ {
		if c.Value[i] != c.Value[i-1] {
			run = 1
		} else if run++; run >= maskedLeast && contains("xX*.#", c.Value[i]) || run >= filledLeast && c.Lane == Token {
			return true
		}
	}
	return run >= maskedLeast-1 && contains("xX*", c.Value[len(c.Value)-1])
}

// solidLeast is how many letters and digits in a row an object of JSON holds at least if it could be a token.
const solidLeast = 16

// isObject reports whether a text is an object of JSON with a text in it that something generated.
func isObject(v string) bool {
	if v[0] != '{' || v[len(v)-1] != '}' || !strings.Contains(v, `":`) && !strings.Contains(v, `" :`) {
		return false
	}
	run, digits := 0, 0
	for i := range len(v) {
		switch c := v[i]; {
		case isDigit(c):
			digits++
			run++
		case isLetter(c):
			run++
		default:
			run, digits = 0, 0
		}
		if run >= solidLeast && digits > 0 {
			return true
		}
	}
	return false
}

// sequenceLeast is how many characters that follow each other are part of the alphabet, or of the digits, if most of the value is such parts.
const sequenceLeast = 3

// inSequence reports whether three quarters of a value are parts of the alphabet and of the digits: 123456abcdef.
func inSequence(v string) bool {
	total, run := 0, 1
	for i := 1; i <= len(v); i++ {
		if i < len(v) && v[i] == v[i-1]+1 {
			run++
			continue
		}
		if run >= sequenceLeast {
			total += run
		}
		run = 1
	}
	return 4*total >= 3*len(v)
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
	var memory [usualWords]sign
	n := namingOf(c.Key, memory[:])
	if last := len(n.signs) - 1; last >= 0 && (n.signs[last]&signIdentity != 0 || strings.HasSuffix(strings.ToLower(c.Key), "hash")) || fleeting(squeeze(c.Key)) {
		return true
	}
	if n.at < 0 && (n.accidental() || isWordList(strings.ToLower(c.Value))) || n.what == keyPlain && (isWordList(c.Value) || n.at > 0 && n.signs[n.at-1]&signHashed != 0) {
		return true
	}
	return isPath(c.Value) || isPackage(c.Value) || isNumbers(c.Value) || isConstant(c.Value) || areAddresses(c.Value) || containsAny(c.Value, surelyExpression)
}

// isWordList reports whether a text is made of words in small letters, with signs between them that names have.
func isWordList(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLower(c) && !contains("_-./ ", c) {
			return false
		}
	}
	score, pairs := wordiness(s)
	return pairs >= 3 && score > -0.5
}

// accidental reports whether a word of the key holds one that names a credential by accident: author, keyboard.
func (n *naming) accidental() bool {
	for _, s := range n.signs {
		if s&signAccident != 0 {
			return true
		}
	}
	return false
}

// isConstant reports whether a text is the name of a constant, of words in capitals: AUTH_BASIC, BYRADIUS, AWS_SIGV4.
func isConstant(s string) bool {
	const most = 32
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case !isUpper(c) && c != '_':
			return false
		}
	}
	score, pairs := wordinessFold(s)
	return len(s) <= most && pairs >= 3 && (digits == 0 && score > -0.2 || digits <= 2 && strings.Contains(s, "_"))
}

// areAddresses reports whether a text is a list of addresses of hosts or networks: 10.0.0.1, 10.1.0.0/16.
func areAddresses(s string) bool {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		part, _, _ = strings.Cut(part, "/")
		if _, err := netip.ParseAddr(part); err == nil {
			continue
		}
		if _, err := netip.ParseAddrPort(part); err != nil {
			return false
		}
	}
	return strings.ContainsAny(s, ".:")
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
