package judge

import (
	"encoding/base64"
	"math"
	"math/bits"
	"strings"
)

// shape counts what a value is made of.
type shape struct {
	n, lower, upper, digit, special, space, wide, vowels, run, distinct int
	hex                                                                 bool
	entropy                                                             float64 // bits a character
	count                                                               [256]int32
}

// has reports whether a value holds a byte.
func (s *shape) has(c byte) bool { return s.count[c] > 0 }

// of returns how often a value holds a byte.
func (s *shape) of(c byte) int { return int(s.count[c]) }

func shapeOf(v string) shape {
	var s shape
	var seen [4]uint64
	s.n, s.hex = len(v), true
	run := 0
	for i := range len(v) {
		c := v[i]
		s.count[c]++
		seen[c>>6] |= 1 << (c & 63)
		letter := false
		switch {
		case c >= 'a' && c <= 'z':
			s.lower++
			letter = true
		case c >= 'A' && c <= 'Z':
			s.upper++
			letter = true
		case c >= '0' && c <= '9':
			s.digit++
		case c == ' ':
			s.space++
		case c >= 0x80:
			s.wide++
		default:
			s.special++
		}
		if letter && isVowel(c) {
			s.vowels++
			run = 0
		} else if letter {
			run++
			s.run = max(s.run, run)
		} else {
			run = 0
		}
		s.hex = s.hex && (c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f')
	}
	s.ofBytes(&seen)
	return s
}

// ofBytes completes a shape by how many different bytes there are, and how they are distributed.
func (s *shape) ofBytes(seen *[4]uint64) {
	var terms [8]float64 // of the sum, by how often a byte is there: most are there but once
	for i, set := range seen {
		for ; set != 0; set &= set - 1 {
			s.distinct++
			k := s.of(byte(64*i + bits.TrailingZeros64(set)))
			if k < len(terms) && terms[k] != 0 {
				s.entropy -= terms[k]
				continue
			}
			p := float64(k) / float64(s.n)
			term := p * math.Log2(p)
			if s.entropy -= term; k < len(terms) {
				terms[k] = term
			}
		}
	}
}

func isVowel(letter byte) bool {
	switch letter | 0x20 {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// ofShape sets what holds for the characters of a value.
func (f *Features) ofShape(c *Claim, s shape) {
	for i, least := range [...]int{3, 5, 7, 9, 12, 16, 20, 28, 36, 48, 72} {
		if s.n >= least && (i == 10 || s.n < [...]int{5, 7, 9, 12, 16, 20, 28, 36, 48, 72}[i]) {
			f.one(len3, i)
		}
	}
	f.ofClasses(&s)
	f.ofPatterns(c.Value, &s, c.Quote)
	f[hasSpecial] = f[hasSpecial] && c.Lane != URL
	if c.Lane == Password || c.Lane == URL { // people choose words
		f[wordy], f[wordless] = false, false
	}
}

// ofMeaning sets what holds for a value as a text. Its shape, the key, the form and the surroundings are known.
func (f *Features) ofMeaning(c *Claim) {
	v := c.Value
	f.ofWords(c, v)
	f[ownWord] = c.Lane == URL && !f[placeholder] && !f[testWord] && !f[namesCredential] && !f[weak] && !f[typeWord] && !f[valueBefore] && !f[userEquals] &&
		!f[percent] && !f[startsSign] && !f[repeats]
	f[basicDecodes] = (c.Scheme == "basic" || c.Scheme == "" && f[keyAuth]) && decodesToPair(v)
}

func (f *Features) ofClasses(s *shape) {
	plain := s.special == 0 && s.space == 0 && s.wide == 0
	f[onlyLower] = s.lower == s.n
	f[onlyUpper] = s.upper == s.n
	f[onlyDigits] = s.digit == s.n
	f[lowerDigits] = plain && s.lower > 0 && s.digit > 0 && s.upper == 0
	f[upperDigits] = plain && s.upper > 0 && s.digit > 0 && s.lower == 0
	f[mixedLetters] = s.upper > 0 && s.lower > 0 && s.digit == 0
	f[mixedDigits] = s.upper > 0 && s.lower > 0 && s.digit > 0
	f[hasSpecial] = s.special > 0
	f[oneSpace] = s.space == 1
	f[manySpaces] = s.space > 1
	f[nonASCII] = s.wide > 0
	f[repeats] = s.distinct <= 3 && s.n >= 5
	full := math.Log2(float64(max(2, s.n)))
	f[entropyLow] = s.entropy < 0.75*full && s.entropy < 3
	f[entropyMiddle] = s.entropy >= 3 && s.entropy < 4
	f[entropyHigh] = s.entropy >= 4
	f[digitsSome] = s.digit > 0 && 5*s.digit < s.n
	f[digitsMany] = 5*s.digit >= s.n && s.digit < s.n
	letters := s.lower + s.upper
	f[vowelsFew] = letters >= 5 && 5*s.vowels < letters
	f[vowelsMany] = letters >= 5 && 10*s.vowels >= 3*letters
	f[consonants] = s.run >= 5
	f[wideMost] = 2*s.wide > s.n
}

func (f *Features) ofPatterns(v string, s *shape, quote Quote) {
	f[hexLong] = s.hex && s.n >= 16
	f[hexDigest] = s.hex && (s.n == 32 || s.n == 40 || s.n == 64 || s.n == 128)
	f[uuid] = s.n == 36 && s.of('-') == 4 && v[8] == '-' && v[13] == '-'
	f[base64Like] = s.n >= 16 && s.space == 0 && s.wide == 0 && (s.has('+') || s.has('/') || strings.HasSuffix(v, "=")) && s.upper > 0 && s.lower > 0
	f[base64Padded] = strings.HasSuffix(v, "=")
	f[base32Like] = s.n >= 16 && s.n%8 == 0 && s.upper+s.digit == s.n && s.upper > 0 && s.digit > 0 && s.of('0')+s.of('1')+s.of('8')+s.of('9') == 0
	words := s.digit == 0 && s.space == 0 && s.wide == 0
	score, pairs := wordinessFold(v)
	wordLike := pairs >= 3 && score > -0.2
	f[randomCase] = s.digit == 0 && s.special == 0 && s.space == 0 && s.lower > 0 && s.upper > 0 && !wordLike
	words = words && wordLike
	f[camelWord] = words && s.special == 0 && s.lower > 0 && s.upper > 0 && v[0] >= 'a' && v[0] <= 'z' && 4*s.upper < s.n
	f[titleWord] = words && s.special == 0 && s.upper > 0 && v[0] >= 'A' && v[0] <= 'Z' && s.lower > 0 && 4*s.upper < s.n
	f[snakeWord] = words && s.has('_') && s.special == s.of('_') && s.upper == 0
	f[constWord] = words && s.has('_') && s.lower == 0
	f[kebabWord] = words && s.has('-') && s.special == s.of('-')
	f[dottedWord] = s.space == 0 && s.has('.') && words && s.special <= s.of('.')+s.of('_')
	f[pathLike] = s.has('/') && !f[base64Like] || s.has('\\') && strings.Contains(v, `:\`)
	f[absolutePath] = v[0] == '/' && s.of('/') >= 2 && s.space == 0
	f[coordinates] = s.space == 0 && s.of(':') >= 2 && s.has('.') && isWord(v[0])
	f[urlLike] = s.has(':') && strings.Contains(v, "://")
	f[emailLike] = s.has('@') && strings.Contains(v[strings.Index(v, "@"):], ".") && s.space == 0
	f[versionLike] = s.of('.') >= 2 && s.digit+s.of('.') >= s.n-2
	f[colonPair] = s.has(':')
	f[ellipsis] = s.of('.') >= 3 && strings.Contains(v, "...") || s.wide > 0 && strings.Contains(v, "…")
	f[startsSign] = contains("$%@:/&*-<[{(.", v[0])
	f[callLike] = s.has('(') || s.has('[')
	f[percent] = s.has('{') || s.has('$') || s.has('%') && (strings.Contains(v, "%s") || strings.Contains(v, "%d"))
	f[hasBang] = s.special > 0 && strings.ContainsAny(v, "!@#^*?&")
	f[bytesList] = s.of(',') >= 8 && s.digit*3 > s.n
	f[endsDigits] = s.digit > 0 && s.digit < s.n && len(strings.TrimRight(v, "0123456789")) == s.n-s.digit
	f[dotsAndDigits] = s.digit+s.of('.')+s.of('^')+s.of('~')+s.of('*')+s.of('x')+s.of('X')+s.of('-') == s.n
	f[hashForm] = strings.HasPrefix(v, "sha1-") || strings.HasPrefix(v, "AAAA") || strings.HasPrefix(v, "ssh-")
	f[expression] = s.special > 0 && isExpression(v)
	f[sequential] = hasSequence(v)
	f[listed] = s.of(',') >= 2 || s.of(';') >= 2
	letters := 5*(s.lower+s.upper) >= 3*s.n
	f[wordy] = pairs >= 3 && score > 0 && letters && !f[hexLong]
	f[wordless] = pairs >= 3 && score < -0.6
	f[bareCall] = quote == Bare && f[callLike] && !f[bytesList]
}

// expressionSigns stand in regular expressions, and hardly anywhere else.
var expressionSigns = []string{"(?:", "(?i", "(?=", "(?!", "(?<", "(?P", "[^", `\s`, `\d`, `\w`, `\S`, `\b`, "[a-z", "[A-Z", "[0-9", ".*", ".+", ")?", ")*", "]+", "]*"}

// isExpression reports whether a text is a regular expression.
func isExpression(v string) bool {
	return strings.ContainsAny(v, `[\?*+`) && strings.ContainsAny(v, "[(.\\") && containsAny(v, expressionSigns)
}

// hasSequence reports whether four characters follow each other in the alphabet.
func hasSequence(v string) bool {
	run := 1
	for i := 1; i < len(v); i++ {
		if v[i] == v[i-1]+1 && isWord(v[i]) {
			if run++; run >= 4 {
				return true
			}
		} else {
			run = 1
		}
	}
	return false
}

var (
	placeholders = []string{"your", "change", "replace", "insert", "enter", "example", "sample", "placeholder", "dummy", "fake", "mock", "todo", "fixme", "redact", "hidden", "xxx", "***",
		"none", "null", "undefined", "here", "some", "asdf", "blah", "my_", "my-", "goes", "<", "invalid", "wrong", "missing", "unset", "empty", "should", "matter", "too_", "too "}
	tests     = []string{"test", "demo", "temp", "abc", "123"}
	nameWords = []string{"pass", "pwd", "token", "key", "secret", "auth", "api", "cred", "login", "user"}
	accidents = []string{"monkey", "donkey", "turkey", "jockey", "hockey", "whiskey", "mickey", "compass"} // no keys, no passwords
	anythings = set(`foo bar baz qux quux foobar foobaz barfoo barbaz foobarbaz bob alice doe john jane asd abc abcd xyz short long valid correct incorrect another other different
		something anything whatever ignored unused irrelevant`)
	types = set(`string str bool boolean int integer text password varchar object required true false optional number null nil none undefined byte bytes char any void
		secret token key hidden input email date default auto yes no on off enabled disabled basic bearer include omit id value string? function uuid binary long jwt apikey oauth oauth2 saml
		utf-8 utf8 ascii latin1 base64 hex ldap md5 sha1 sha256 hmac rsa self this new prompt ask stdin file env`)
	weakest = set(`password passw0rd password1 123456 1234 12345 12345678 123456789 admin root qwerty letmein welcome secret changeme toor guest master iloveyou dragon
		monkey abc123 111111 postgres mysql oracle redis rabbitmq hello test test123 admin123 root123 p@ssw0rd 000000 654321`)
)

func (f *Features) ofWords(c *Claim, v string) {
	lower := strings.ToLower(v)
	plain := lower + " " + strings.ToLower(decoded(v))
	f[placeholder] = containsAny(plain, placeholders) || anythings(lower)
	f[testWord] = containsAny(plain, tests)
	f[namesCredential] = containsAny(without(plain, accidents), nameWords)
	key, value := squeeze(c.Key), squeeze(v)
	f[equalsKey] = key != "" && value != "" && (key == value || strings.HasSuffix(key, value) || strings.HasSuffix(value, key) || strings.HasPrefix(value, key) || len(value) >= 4 && strings.Contains(key, value))
	f[weak] = weakest(lower)
	f[typeWord] = !f[weak] && types(lower)
	f[valueBefore] = strings.Contains(strings.ToLower(c.Before), lower)
}

// without drops words from a text.
func without(s string, words []string) string {
	for _, w := range words {
		s = strings.ReplaceAll(s, w, "")
	}
	return s
}

// squeeze drops everything but letters and digits, and the case.
func squeeze(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; isWord(c) && c != '_' {
			b.WriteByte(c)
		}
	}
	return strings.ToLower(b.String())
}

// decodesToPair reports whether a value is the base64 of a name and a password.
func decodesToPair(v string) bool {
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "="))
	return err == nil && strings.Contains(string(text), ":")
}
