package judge

import (
	"slices"
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
		case i > start && isUpper(c) && (!isUpper(key[i-1]) || i+1 < len(key) && isLetter(key[i+1]) && !isUpper(key[i+1])):
			out = append(out, lower[start:i])
			start = i
		}
	}
	if start < len(key) {
		out = append(out, lower[start:])
	}
	return out
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
	words []string
	at    int // the last word that names one; -1: none does
	what  Feature
	from  int // the first word behind the last dot: what comes before is where the thing belongs
}

func namingOf(key string) naming {
	key = strings.TrimSuffix(key, ".new") // what is made is what comes before
	n := naming{words: words(key), at: -1, what: keyOther}
	for i := range n.words {
		if what, ok := keyWord(n.words, i); ok {
			n.at, n.what = i, what
		}
	}
	if dot := strings.LastIndexByte(key, '.'); dot >= 0 {
		n.from = len(n.words) - len(words(key[dot+1:]))
	}
	return n
}

func (f *Features) ofKey(c *Claim) {
	if c.Key == "" {
		f[keyNone] = true
		return
	}
	n := namingOf(c.Key)
	f[n.what] = true
	for i, w := range n.words {
		switch {
		case i > n.at && n.at >= 0:
			f[keyTail] = f[keyTail] || tails(w)
		case i >= n.from && i != n.at:
			f[keyHead] = f[keyHead] || heads(w)
		}
		f[keyAccident] = f[keyAccident] || others(w)
		f[keyID] = f[keyID] || identities(w)
		f[keyHashed] = f[keyHashed] || hasheds(w) || strings.Contains(w, "hash") || strings.Contains(w, "encrypted")
	}
	if c.Sep == Option || c.Sep == Second || c.Sep == Space && strings.EqualFold(c.Key, "identified") { // it takes a password, whatever its name
		n.what, n.at = keyPassword, len(n.words)-1
		f[keyOther], f[keyPassword] = false, true
	}
	f[keyAsks] = c.Sep == Paren && slices.ContainsFunc(n.words, asks)
	f[keyExact] = n.at == 0 && len(n.words) == 1
	f[keyEnds] = n.at >= 0 && n.at == len(n.words)-1
	f.ofKeyForm(c, len(n.words))
}

// keyWord returns what the i-th word of a key names.
func keyWord(list []string, i int) (Feature, bool) {
	switch w := list[i]; {
	case passwords(w):
		return keyPassword, true
	case secrets(w):
		return keySecret, true
	case tokens(w):
		return keyToken, true
	case apikeys(w):
		return keyAPI, true
	case auths(w):
		return keyAuth, true
	case w != "key" && w != "keys":
		return 0, false
	case i > 0 && keyKinds(list[i-1]):
		return keyAPI, true
	}
	return keyPlain, true
}

func (f *Features) ofKeyForm(c *Claim, count int) {
	f[keyUpper] = strings.ToUpper(c.Key) == c.Key
	f[keyCamel] = !f[keyUpper] && count > 1 && strings.ToLower(c.Key) != c.Key
	f[keySnake] = strings.Contains(c.Key, "_")
	f[keyDashed] = strings.Contains(c.Key, "-")
	f[keyDotted] = strings.Contains(c.Key, ".")
	f[keyLong] = len(c.Key) > 30
	score, n := wordiness(strings.ToLower(c.Key))
	f[keyRandom] = n >= 8 && score < -0.6
	f[keyWords] = count > 3
	f[keyFlag] = strings.HasSuffix(c.Before, "-")
	f[keySetting] = f[keyUpper] && f[keySnake] && c.Sep == Equals
	f[keyQuery] = c.Sep == Equals && (strings.HasSuffix(c.Before, "?") || strings.HasSuffix(c.Before, "&"))
	f[keyQuoted] = strings.HasSuffix(c.Before, `"`) || strings.HasSuffix(c.Before, "'")
}
