package decode

import "unicode/utf8"

// unit is what stands at a place of a run of escapes: an escape, or a byte that stands for itself.
type unit struct {
	size int // bytes in the text
	text [utf8.UTFMax]byte
	n    int // bytes that it stands for
	// escape: it is one. ascii: it stands for a printable character of ASCII: runs without any are left alone.
	escape, ascii bool
}

// unitAt returns the unit of a kind at data[i].
func unitAt(k Kind, data []byte, i int) unit {
	u := unit{size: 1, n: 1}
	u.text[0] = data[i]
	switch k {
	case Percent:
		if data[i] == '%' {
			u.octet(data, i+1, 3)
		}
	case QuotedPrintable:
		if data[i] == '=' {
			u.quoted(data, i)
		}
	case Escape:
		if data[i] == '\\' {
			u.backslash(data, i)
		} else if data[i] == 'U' && i+1 < len(data) && data[i+1] == '+' && (i == 0 || classes[data[i-1]]&codeClass == 0) {
			u.codePoint(data, i)
		}
	case Entity:
		if data[i] == '&' {
			u.entity(data, i)
		}
	}
	return u
}

// octet makes u the byte that two hex digits at data[i] say.
func (u *unit) octet(data []byte, i, size int) {
	if i+2 > len(data) || classes[data[i]]&classes[data[i+1]]&digitClass == 0 {
		return
	}
	b := nibble(data[i])<<4 | nibble(data[i+1])
	if b >= utf8.RuneSelf || isText(b) {
		*u = unit{size: size, n: 1, escape: true, ascii: b >= ' ' && b < utf8.RuneSelf}
		u.text[0] = b
	}
}

// character makes u a character. Control characters and halves of characters stay as they are written.
func (u *unit) character(r rune, size int) {
	if r < utf8.RuneSelf && !isText(byte(r)) || !utf8.ValidRune(r) {
		return
	}
	*u = unit{size: size, escape: true, ascii: r >= ' ' && r < utf8.RuneSelf}
	u.n = utf8.EncodeRune(u.text[:], r)
}

// quoted reads what follows an equals sign: two hex digits in upper case, or the end of the line, which it takes away.
func (u *unit) quoted(data []byte, i int) {
	if n := softBreak(data, i); n > 0 {
		*u = unit{size: n, escape: true}
		return
	}
	if i+2 < len(data) && data[i+1] <= 'F' && data[i+2] <= 'F' {
		u.octet(data, i+1, 3)
	}
}

// softBreak returns the length of an equals sign at the end of a line, together with the end of the line, or 0.
func softBreak(data []byte, i int) int {
	switch rest := data[i:min(len(data), i+3)]; {
	case len(rest) >= 2 && rest[0] == '=' && rest[1] == '\n':
		return 2
	case len(rest) == 3 && rest[0] == '=' && rest[1] == '\r' && rest[2] == '\n':
		return 3
	}
	return 0
}

// backslash reads an escape with one backslash, or with two, as text in text has them.
func (u *unit) backslash(data []byte, i int) {
	at := i + 1
	if at < len(data) && data[at] == '\\' {
		at++
	}
	if at >= len(data) {
		return
	}
	letter := data[at]
	if at++; letter == 'x' && at < len(data) && classes[data[at]]&digitClass != 0 {
		u.octet(data, at, at+2-i)
		return
	}
	if letter != 'x' && letter != 'u' && letter != 'U' {
		return
	}
	if at < len(data) && data[at] == '{' {
		if r, n := hexNumber(data, at+1, 8); n > 0 && at+1+n < len(data) && data[at+1+n] == '}' {
			u.character(r, at+n+2-i)
		}
		return
	}
	if r, n := hexNumber(data, at, 8); letter == 'U' && n == 8 {
		u.character(r, at+8-i)
	} else if r, n = hexNumber(data, at, 4); letter != 'x' && n == 4 {
		u.character(r, at+4-i)
		u.pair(r, data, i, at+4)
	}
}

// pair makes u the character whose first half r is and whose second half stands at data[at:], written like the first.
func (u *unit) pair(r rune, data []byte, i, at int) {
	if r < 0xd800 || r >= 0xdc00 {
		return
	}
	n := at - i
	if at+n > len(data) || string(data[at:at+n-4]) != string(data[i:at-4]) {
		return
	}
	if low, digits := hexNumber(data, at+n-4, 4); digits == 4 && low >= 0xdc00 && low < 0xe000 {
		u.character((r-0xd800)<<10|(low-0xdc00)+0x10000, 2*n)
	}
}

// codePoint reads U+0041 with the space behind it, if another follows.
func (u *unit) codePoint(data []byte, i int) {
	r, n := hexNumber(data, i+2, 5)
	if n < 4 || n > 4 {
		return
	}
	size := 6
	if rest := data[i+6:]; len(rest) > 2 && (rest[0] == ' ' || rest[0] == '\t') && rest[1] == 'U' && rest[2] == '+' {
		size++
	}
	u.character(r, size)
}

// hexNumber reads up to most hex digits and returns how many there were.
func hexNumber(data []byte, i, most int) (r rune, n int) {
	for n < most && i+n < len(data) && classes[data[i+n]]&digitClass != 0 {
		if r >= 1<<24 {
			return 0, 0
		}
		r = r<<4 | rune(nibble(data[i+n]))
		n++
	}
	return r, n
}

// nibble returns what a hex digit says.
func nibble(b byte) byte {
	if b <= '9' {
		return b - '0'
	}
	return b&0x0f + 9
}

// entityMost is how long an entity is at most, between & and ;.
const entityMost = 8

// entity reads &name; and &#number;.
func (u *unit) entity(data []byte, i int) {
	name := data[i+1 : min(len(data), i+2+entityMost)]
	end := 0
	for end < len(name) && name[end] != ';' {
		if name[end] != '#' && classes[name[end]]&wordClass == 0 {
			return
		}
		end++
	}
	if end == len(name) || end == 0 {
		return
	}
	size := end + 2
	if name = name[:end]; name[0] != '#' {
		if r := entityOf(string(name)); r != 0 {
			u.character(r, size)
		}
		return
	}
	if end > 2 && name[1]|0x20 == 'x' {
		if r, n := hexNumber(name, 2, 6); n == end-2 {
			u.character(r, size)
		}
		return
	}
	var r rune
	for _, b := range name[1:] {
		if b < '0' || b > '9' {
			return
		}
		r = r*10 + rune(b-'0')
	}
	if end > 1 && r > 0 {
		u.character(r, size)
	}
}

// entityOf returns what the names of entities stand for that matter in what secrets are written with: those of XML, and of HTML's
// (https://html.spec.whatwg.org/entities.json) the ones for punctuation.
func entityOf(name string) rune {
	switch name {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	case "colon":
		return ':'
	case "comma":
		return ','
	case "commat":
		return '@'
	case "sol":
		return '/'
	case "semi":
		return ';'
	case "lowbar":
		return '_'
	case "lsqb", "lbrack":
		return '['
	case "lcub", "lbrace":
		return '{'
	case "lpar":
		return '('
	case "quest":
		return '?'
	case "ast":
		return '*'
	case "grave":
		return '`'
	}
	return 0
}
