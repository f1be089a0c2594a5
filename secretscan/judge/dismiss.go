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
	d := dismisser{text: text[:min(len(text), at+dismissMost)], least: tokenLeast}
	if hasFold(d.text[at:], "identified") {
		return false, 0 // by and with are no signs
	}
	if d.pairs = password; password {
		d.least = passwordLeast
	} else {
		d.pairs = NamesPair(text[at : at+size])
	}
	p := at + size
	for p < len(d.text) && isKey(d.text[p]) {
		p++
	}
	sure := d.behindKey(p, at+size)
	return sure && !d.beyond, len(d.text) - at
}

// dismisser looks at what follows a key.
type dismisser struct {
	text   []byte
	least  int  // length of a value
	pairs  bool // the key may take a user and a password, as arguments
	beyond bool // it was asked for what is behind the text, of which it knows nothing
}

// at returns the byte at p, or 0 where the text ends.
func (d *dismisser) at(p int) byte {
	if p < len(d.text) {
		return d.text[p]
	}
	d.beyond = true
	return 0
}

func (d *dismisser) spaces(p int) int {
	for isSpace(d.at(p)) {
		p++
	}
	return p
}

// closers skips the quotes and brackets that end a key; those that are written with several signs are left.
func (d *dismisser) closers(p int) int {
	for n := 0; n < 4 && closesKey(d.at(p)); n++ {
		p++
	}
	return p
}

// behindKey looks at what follows a key whose last byte is before end, and which goes on to word at least.
func (d *dismisser) behindKey(end, word int) bool {
	if last := d.text[end-1]; end > word && (last == '.' || last == '-') {
		return d.at(end) != '>' // they are no part of the key, and nothing else of what may follow starts like that
	}
	p := d.closers(end)
	quoted := p > end
	q := d.spaces(p)
	switch c := d.at(q); c {
	case '=', ':':
		return d.behindSign(q)
	case '(':
		return d.noValue(q + 1)
	case '|':
		return d.at(q+1) != '|' && d.noValue(q+1)
	case '>':
		return d.at(q+1) == '<' && d.at(q+2) != '!' // the text of an element may begin with spaces
	case ',', ';':
		if c == ',' && d.mayInsert(p) {
			return false
		}
		return !d.mayPair(d.spaces(q+1)) && (c == ';' || !d.secondName(q+1) && (!quoted || d.noValue(q+1)))
	case '+', '?', '!', '-':
		return d.at(q+1) != '=' && d.at(q+1) != '>' && (q == p || d.noValue(q))
	case '<':
		return d.at(q+1) != '/' && (q == p || d.noValue(q))
	case '\n':
		return !d.mayPair(d.spaces(q + 1))
	case ')':
		if d.mayInsert(p) {
			return false
		}
	case '[', '{', '}':
		if d.mayDeclare(q) {
			return false
		}
	case '\\', '&':
		if q == p && d.mayClose(p) {
			return false
		}
	}
	if q == p {
		return !quoted || !d.mayPair(q)
	}
	return !d.mayPair(q) && d.noValue(q)
}

// mayClose reports whether one of the signs at p that are more than one byte long may be a quote: \" or &quot;.
func (d *dismisser) mayClose(p int) bool {
	switch d.at(p) {
	case '\\':
		return d.at(p+1) == '"' || d.at(p+1) == '\''
	case '&':
		return d.at(p+1)|0x20 == 'q' || d.at(p+1) == '#'
	}
	return false
}

// secondName reports whether the second name of an assignment to two stands at p.
func (d *dismisser) secondName(p int) bool {
	p = d.spaces(p)
	for isWord(d.at(p)) {
		p++
	}
	p = d.spaces(p)
	return d.at(p) == ':' && d.at(p+1) == '='
}

// behindSign looks at what follows the sign of equality, or the colon, at q.
func (d *dismisser) behindSign(q int) bool {
	for n := 0; n < 3 && (d.at(q) == '=' || d.at(q) == ':' || d.at(q) == '>'); n++ {
		q++
	}
	return d.noValue(q)
}

// mayPair reports whether the name of a field for values may stand at p, or in the line below if this one ends there.
func (d *dismisser) mayPair(p int) bool {
	switch d.at(p) {
	case 's', 'S':
		if d.at(p+1) == ':' {
			return true
		}
	case '<':
		return d.at(p+1) == '/'
	case '\n':
		p = d.spaces(p + 1)
	}
	p = d.closers(p)
	if d.mayClose(p) {
		return true
	}
	end := p
	for isWord(d.at(end)) {
		end++
	}
	for _, word := range values {
		if len(word) == end-p && hasFold(d.text[p:end], word) {
			end = d.spaces(d.closers(end))
			return d.at(end) == ':' || d.at(end) == '=' || d.mayClose(end)
		}
	}
	return false
}

// noValue reports whether what stands at p, or behind spaces there, is surely too short for a value, and nothing that a value is handed to.
func (d *dismisser) noValue(p int) bool {
	p = d.spaces(p)
	switch c := d.at(p); {
	case c == '"' || c == '\'' || c == '`':
		end := d.shortQuoted(p, c)
		return !d.pairs && end > 0 && !d.listed(p, end)
	case c == '\\' || c == '&' || c == '\n' || c >= 0x80:
		return false
	}
	from := p
	for !endsBare(d.at(p)) {
		if p++; p-from == d.least {
			return false
		}
	}
	if isScheme(d.text[from:p]) || p > from && contains("<>", d.at(p)) { // the default of a variable goes on: ${NAME:a>b}
		return false
	}
	p = from
	for inCall(d.at(p)) && (d.at(p) != '&' || !d.mayClose(p)) {
		p++
	}
	switch c := d.at(p); {
	case contains("\"'`\\@$=&", c), c >= 0x80:
		return false
	case c == ',':
		return !d.pairs && !bytes.ContainsAny(d.text[from:p+1], "[{(0123456789-") // a list of numbers
	}
	return !d.pairs || !d.mayArgue(p)
}

// mayArgue reports whether an argument that has a part at p, which is no name, may be followed by a second one.
func (d *dismisser) mayArgue(p int) bool {
	for d.at(p) > ' ' && !contains(",()\"'`", d.at(p)) {
		p++
	}
	return d.at(d.spaces(p)) == ','
}

// shortQuoted returns where the text in quotes at p ends, behind its quote, if it is too short; else 0.
func (d *dismisser) shortQuoted(p int, quote byte) int {
	for n := range d.least {
		switch d.at(p + 1 + n) {
		case quote:
			if n == 0 && (quote == '`' || d.at(p+2) == quote) {
				return 0
			}
			return p + n + 2
		case '\\', '\n':
			return 0
		}
	}
	return 0
}

// listed reports whether a text in quotes at p that ends before end is the first argument of several: the next may be long enough.
func (d *dismisser) listed(p, end int) bool {
	for isSpace(d.text[p-1]) {
		p--
	}
	return d.text[p-1] == '(' && d.at(d.spaces(end)) == ','
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

func closesKey(c byte) bool {
	switch c {
	case '"', '\'', '`', ']', '*', '?', '!':
		return true
	}
	return false
}

// endsBare reports whether a value without quotes surely ends at a byte.
func endsBare(c byte) bool { return c <= ' ' || c == '"' || c == '<' || c == '>' }

// inCall reports whether a byte may be one of what a value is handed to.
func inCall(c byte) bool {
	switch c {
	case '.', ':', '<', '>', '[', ']', '&', '*', '(', '{', '?', '!', ' ', '\t', '\r', '_':
		return true
	}
	return isAlnum(c)
}
