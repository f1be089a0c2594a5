package judge

import (
	"bytes"
	"strings"
	"unicode"
)

// words splits a key into its words, in lower case: dbPassword, DB_PASSWORD and db.password are db and password.
func words(key string) []string {
	if isASCII(key) {
		return asciiWords(key)
	}
	var out []string
	start, runes := 0, []rune(key)
	flush := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(string(runes[start:end])))
		}
		start = end
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			flush(i)
		}
	}
	flush(len(runes))
	return out
}

// asciiWords is words for nearly all keys. The words are parts of one text.
func asciiWords(key string) []string {
	lower := strings.ToLower(key)
	out := make([]string, 0, 4)
	start := 0
	for i := range len(key) {
		switch c := key[i]; {
		case !isAlnum(c):
			if i > start {
				out = append(out, lower[start:i])
			}
			start = i + 1
		case i > start && isUpper(c) && startsWord(key, i):
			out = append(out, lower[start:i])
			start = i
		}
	}
	if start < len(key) {
		out = append(out, lower[start:])
	}
	return out
}

// startsWord reports whether a word begins with the capital at key[i:], behind other letters or digits.
func startsWord(key string, i int) bool {
	return !isUpper(key[i-1]) || i+1 < len(key) && isLetter(key[i+1]) && !isUpper(key[i+1])
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// naming says which word of a key names a credential, and what.
type naming struct {
	signs []sign // of each word
	at    int    // the last word that names one; -1: none does
	what  Feature
	from  int // the first word behind the last dot: what comes before is where the thing belongs
}

// usualWords is how many words nearly all keys have at most.
const usualWords = 16

// namingOf looks at a key's words. What they say goes into a list that may hold something else before.
func namingOf(key string, signs []sign) naming {
	key = strings.TrimSuffix(key, ".new") // what is made is what comes before
	n := naming{at: -1, what: keyOther}
	n.signs, n.from = signsOf(key, signs[:0])
	for i, s := range n.signs {
		if what, ok := s.names(); ok {
			n.at, n.what = i, what
			if what == keyPlain && i > 0 && n.signs[i-1]&signKeyKind != 0 {
				n.what = keyAPI
			}
		}
	}
	return n
}

// signsOf appends what each word of a key says to a list, and returns which one is the first behind the last dot.
func signsOf(key string, signs []sign) (_ []sign, from int) {
	var lower [2*keyMost + 16]byte // room for the keys that Find finds
	if len(key) > len(lower) || !isASCII(key) {
		for _, word := range words(key) {
			signs = append(signs, signOf([]byte(word)))
		}
		if dot := strings.LastIndexByte(key, '.'); dot >= 0 {
			from = len(signs) - len(words(key[dot+1:]))
		}
		return signs, from
	}
	start := 0
	for i := range len(key) {
		c := key[i]
		if isUpper(c) {
			if i > start && startsWord(key, i) {
				signs = append(signs, signOf(lower[start:i]))
				start = i
			}
			c |= 0x20
		} else if !isAlnum(c) {
			if i > start {
				signs = append(signs, signOf(lower[start:i]))
			}
			if start = i + 1; c == '.' {
				from = len(signs)
			}
		}
		lower[i] = c
	}
	if start < len(key) {
		signs = append(signs, signOf(lower[start:len(key)]))
	}
	return signs, from
}

// signOf returns what a word in lower case says.
func signOf(word []byte) sign {
	s := signs()[string(word)]
	if s&signHashed == 0 && len(word) >= len("hash") && (bytes.Contains(word, []byte("hash")) || bytes.Contains(word, []byte("encrypted"))) {
		s |= signHashed
	}
	return s
}

// names returns what a word names, if it names a credential.
func (s sign) names() (Feature, bool) {
	switch {
	case s&signPassword != 0:
		return keyPassword, true
	case s&signSecret != 0:
		return keySecret, true
	case s&signToken != 0:
		return keyToken, true
	case s&signAPIKey != 0:
		return keyAPI, true
	case s&signAuth != 0:
		return keyAuth, true
	case s&signKey != 0:
		return keyPlain, true
	}
	return 0, false
}

func (f *Features) ofKey(c *Claim) {
	if c.Key == "" {
		f[keyNone] = true
		return
	}
	var memory [usualWords]sign
	n := namingOf(c.Key, memory[:])
	f[n.what] = true
	var all sign
	for i, s := range n.signs {
		all |= s
		switch {
		case i > n.at && n.at >= 0:
			f[keyTail] = f[keyTail] || s&signTail != 0
		case i >= n.from && i != n.at:
			f[keyHead] = f[keyHead] || s&signHead != 0
		}
	}
	named := n.what == keyPassword && n.at == len(n.signs)-1 // keystore_pass: no accident
	f[keyAccident], f[keyID], f[keyHashed] = all&signAccident != 0 && !named, all&signIdentity != 0, all&signHashed != 0
	if c.Sep == Option || c.Sep == Second || c.Sep == Space && strings.EqualFold(c.Key, "identified") { // it takes a password, whatever its name
		n.at = len(n.signs) - 1
		f[keyOther], f[keyPassword] = false, true
	}
	f[keyAsks] = c.Sep == Paren && all&signAsks != 0 && (n.what != keyAPI || all&signReads == 0) // parsePrivateKey("...") has one
	f[keyExact] = n.at == 0 && len(n.signs) == 1
	f[keyEnds] = n.at >= 0 && n.at == len(n.signs)-1
	f.ofKeyForm(c, len(n.signs))
}

func (f *Features) ofKeyForm(c *Claim, count int) {
	f[keyUpper] = strings.ToUpper(c.Key) == c.Key
	f[keyCamel] = !f[keyUpper] && count > 1 && strings.ToLower(c.Key) != c.Key
	f[keySnake] = strings.IndexByte(c.Key, '_') >= 0
	f[keyDashed] = strings.IndexByte(c.Key, '-') >= 0
	f[keyDotted] = strings.IndexByte(c.Key, '.') >= 0
	f[keyLong] = len(c.Key) > 30
	score, n := wordinessFold(c.Key)
	f[keyRandom] = n >= 8 && score < -0.6
	f[keyWords] = count > 3
	f[keyFlag] = strings.HasSuffix(c.Before, "-")
	f[keySetting] = f[keyUpper] && f[keySnake] && c.Sep == Equals
	f[keyQuery] = c.Sep == Equals && (strings.HasSuffix(c.Before, "?") || strings.HasSuffix(c.Before, "&"))
	f[keyQuoted] = c.keyQuoted()
}

// keyQuoted reports whether the key is in quotes: not in those of a text that holds key and value.
func (c *Claim) keyQuoted() bool {
	if c.Before == "" || c.Sep == Pair || c.Call == fallback || c.joined() { // the quotes are those of a field, or of the text around ${} or around all
		return false
	}
	quote := c.Before[len(c.Before)-1]
	if quote != '"' && quote != '\'' {
		return false
	}
	switch c.Quote {
	case Bare:
		return c.Sep != Equals || c.After == "" || c.After[0] != quote
	case Escaped:
		return c.Sep != Equals || strings.HasSuffix(c.Before, `\`+string(quote))
	}
	return true
}
