package judge

import (
	"bytes"
	"strings"
)

// Of returns the claim for a value, text[start:end], that an expression found together with its key, somewhere in text[from:start]. It is false
// where the value surely is no credential.
func Of(text []byte, from, start, end int) (Claim, bool) {
	at := keyStart(text, from, start)
	f := newFinder(text, at, at)
	keyFrom, keyTo := f.key(at, at)
	var c Claim
	if p, ok := f.separator(&c, keyFrom, keyTo); !ok || !f.value(&c, text[keyFrom:keyTo], p) || c.Start != start {
		c = Claim{Quote: quoteAt(text, start), Sep: sepIn(text[min(keyTo, start):start])}
	}
	c.Key, c.Start, c.End = string(text[keyFrom:keyTo]), start, end
	c.Lane = laneOf(&c)
	vector := f.isVector(&c)
	f.to = max(f.to, lineTo(text, end))
	f.fill(&c, keyFrom)
	if bytes.HasSuffix(text[from:start], []byte(" h1:")) { // the checksum of a module of Go, whose name the key is
		return c, false
	}
	return c, !vector && calls(text[keyFrom:keyTo]) && !c.public() && !c.hashed() && !c.published() && !c.masked() && !c.tellsWho() && (c.Lane != Token || !c.text() && !c.names() && !c.harmless())
}

// tellsWho reports whether the value is the base64 of a readable text, as in Kubernetes' Secrets, which says who or where and nothing else: a user, an
// address.
func (c *Claim) tellsWho() bool {
	text := decoded(c.Value)
	if text == "" {
		return false
	}
	list := words(c.Key)
	last := list[len(list)-1]
	return signs()[last]&signIdentity != 0 || places(last) || strings.Contains(text, "://") && !strings.Contains(text, "@")
}

// places are last words of keys that say where something is.
var places = set(`address addr host hostname server endpoint port url uri region domain bucket email path`)

// calls reports whether a key may be the name of a credential: a random text that holds key, or another such word, somewhere is none.
func calls(key []byte) bool {
	held := false
	for i := range key {
		for _, w := range [...]string{"access", "api", "auth", "cred", "key", "pass", "pwd", "secret", "token"} {
			if hasFold(key[i:], w) {
				if edged(key, i, i+len(w)) {
					return true
				}
				held = true
			}
		}
	}
	return !held
}

// keyStart returns where the first key in text[from:to] starts, or from.
func keyStart(text []byte, from, to int) int {
	for i := from; i < to; i++ {
		if isWord(text[i]) {
			return i
		}
	}
	return from
}

// sepIn tells the separator by what stands between a key and its value.
func sepIn(between []byte) Sep {
	for _, b := range between {
		switch b {
		case '=':
			return Equals
		case ':':
			return Colon
		case '>':
			return Element
		case ',':
			return Comma
		case '(':
			return Paren
		}
	}
	return Space
}

// quoteAt tells the quote that stands before text[start:].
func quoteAt(text []byte, start int) Quote {
	if start == 0 {
		return Bare
	}
	switch text[start-1] {
	case '"':
		return Double
	case '\'':
		return Single
	case '`':
		return Backtick
	}
	return Bare
}
