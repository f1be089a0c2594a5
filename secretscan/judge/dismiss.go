package judge

import "bytes"

// NamesPassword reports whether one of Words makes a key the name of a password.
func NamesPassword(word string) bool {
	return word == "identified" || containsAny(word, passwordWords)
}

// NamesPair reports whether one of Words may be part of the name of what takes a user and a password as arguments.
func NamesPair[T string | []byte](word T) bool {
	for i := range pairCalls {
		if len(word) == len(pairCalls[i].word) && hasFold([]byte(word), pairCalls[i].word) {
			return true
		}
	}
	return false
}

// NamesKey reports whether one of Words is part of a key, and not a program or a call that takes a password without one.
func NamesKey(word string) bool {
	if word[len(word)-1] == '(' {
		return false
	}
	for i := range programs {
		if programs[i].name == word {
			return false
		}
	}
	return true
}

// dismissMost is how far from a word Dismiss looks at most.
const dismissMost = 90

// Dismiss reports whether Find surely returns nothing for one of Words at text[at:at+size] that counts, by text[at:at+look] alone: in most
// of the places where a word stands, what follows cannot come between a key and its value, or is too short for one. What counts is a claim
// of any lane for a word that names a password, and for others one of another lane than Password, or of a pair if NamesPair.
func Dismiss(text []byte, at, size int, password bool) (_ bool, look int) {
	if len(text) > at+dismissMost {
		text = text[:at+dismissMost]
	}
	d := dismisser{text: text, least: tokenLeast, pairs: password || NamesPair(text[at:at+size])}
	if password {
		d.least = passwordLeast
	}
	p := at + size
	for p < len(text) && isKey(text[p]) {
		p++
	}
	sure := d.behindKey(p, at+size)
	return sure && d.seen < len(text), d.seen + 1 - at
}

// dismisser looks at what follows a key. Where its text ends it knows nothing: seen is then its length.
type dismisser struct {
	text  []byte
	least int  // length of a value
	pairs bool // the key may take a user and a password, as arguments
	seen  int  // the last place it looked at
}

// at returns the byte at p, or 0 where the text ends.
func (d *dismisser) at(p int) byte {
	d.seen = max(d.seen, p)
	if p >= len(d.text) {
		d.seen = len(d.text)
		return 0
	}
	return d.text[p]
}

func (d *dismisser) spaces(p int) int {
	for isSpace(d.at(p)) {
		p++
	}
	return p
}

// behindKey looks at what follows a key whose last byte is before p, and which goes on to end at least.
func (d *dismisser) behindKey(p, end int) bool {
	if last := d.text[p-1]; p > end && (last == '.' || last == '-') {
		return d.at(p) != '>' // they are no part of the key, and nothing else of what may follow starts like that
	}
	quoted := false
	for n := 0; n < 4 && closesKey(d.at(p)); n++ {
		quoted = true
		p++
	}
	q := d.spaces(p)
	switch c := d.at(q); c {
	case '=', ':':
		return d.behindSign(q)
	case '(':
		return d.noValue(q + 1)
	case '|':
		return d.at(q+1) != '|' && d.noValue(q+1)
	case '>':
		return d.at(q+1) == '<' // the text of an element may begin with spaces
	case ',', ';':
		return !d.mayPair(d.spaces(q+1)) && (c == ';' || !d.secondName(q+1) && (!quoted || d.noValue(q+1)))
	case '+', '?', '!', '-':
		return d.at(q+1) != '=' && d.at(q+1) != '>' && (q == p || d.noValue(q))
	case '<':
		return d.at(q+1) != '/' && (q == p || d.noValue(q))
	case '\n':
		return !d.mayPair(d.spaces(q + 1))
	case '\\', '&', 0:
		return false
	}
	if q == p {
		return !quoted || !d.mayPair(q)
	}
	return !d.mayPair(q) && d.noValue(q)
}

// secondName reports whether the second name of an assignment to two may stand at p.
func (d *dismisser) secondName(p int) bool {
	p = d.spaces(p)
	for isWord(d.at(p)) {
		p++
	}
	p = d.spaces(p)
	return d.at(p) == ':' || d.at(p) == 0
}

// behindSign looks at what follows the sign of equality, or the colon, at q.
func (d *dismisser) behindSign(q int) bool {
	for n := 0; n < 3 && (d.at(q) == '=' || d.at(q) == ':' || d.at(q) == '>'); n++ {
		q++
	}
	return d.noValue(q)
}

// mayPair reports whether the name of a field for values may stand at p.
func (d *dismisser) mayPair(p int) bool {
	for n := 0; n < 4 && closesKey(d.at(p)); n++ {
		p++
	}
	switch d.at(p) | 0x20 {
	case 'v', 'c', 'd', 't', 's', '\\' | 0x20, '<' | 0x20, '&' | 0x20, '\n' | 0x20:
		return true
	}
	return false
}

// noValue reports whether what stands at p, or behind spaces there, is surely too short for a value, and nothing that a value is handed to.
func (d *dismisser) noValue(p int) bool {
	p = d.spaces(p)
	switch c := d.at(p); {
	case c == '"' || c == '\'' || c == '`':
		return !d.pairs && d.noQuoted(p, c)
	case c == '\\' || c == '&' || c == '\n' || c >= 0x80:
		return false
	}
	from := p
	for !endsBare(d.at(p)) {
		p++
	}
	if p-from >= d.least || p == len(d.text) || isScheme(d.text[from:p]) {
		return false
	}
	p = from
	for inCall(d.at(p)) {
		p++
	}
	switch d.at(p) {
	case '"', '\'', '`', '\\', '@', '$', '=', 0:
		return false
	case ',':
		return !d.pairs && !bytes.ContainsAny(d.text[from:p+1], "[{(0123456789-") // a list of numbers
	}
	return true
}

// noQuoted reports whether the text in quotes at p is too short.
func (d *dismisser) noQuoted(p int, quote byte) bool {
	for n := range d.least {
		switch d.at(p + 1 + n) {
		case quote:
			return n > 0 || quote != '`' && d.at(p+2) != quote
		case '\\', '\n', 0:
			return false
		}
	}
	return false
}

// isScheme reports whether a word may be the name of a scheme that comes before the credential in a header.
func isScheme(word []byte) bool {
	for _, s := range schemes {
		if len(word) >= len(s) && hasFold(word, s) {
			return true
		}
	}
	return false
}

func closesKey(c byte) bool { return contains("\"'`]*?!", c) }

// endsBare reports whether a value without quotes surely ends at a byte.
func endsBare(c byte) bool { return c <= ' ' || contains("\"<>", c) }

// inCall reports whether a byte may be one of what a value is handed to.
func inCall(c byte) bool { return isWord(c) || isSpace(c) || contains(".:<>[]&*({", c) }
