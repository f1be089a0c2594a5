package unpack

import (
	"bytes"
	"encoding/hex"
)

// pdfTokens splits content into tokens.
type pdfTokens struct {
	data []byte
	at   int
}

// next returns the next token: 'w' a word, 'n' a number, '/' a name, '(' a string, decoded, '[' and ']' themselves; 0 at
// the end.
func (t *pdfTokens) next() (kind byte, text []byte) {
	for t.at < len(t.data) {
		c := t.data[t.at]
		switch {
		case c == '[', c == ']':
			t.at++
			return c, nil
		case pdfSpace(rune(c)), c == '{', c == '}', c == ')':
			t.at++
		case c == '%':
			t.at += lineLength(t.data[t.at:])
		case c == '(':
			return '(', t.literal()
		case c == '<' && !bytes.HasPrefix(t.data[t.at:], []byte("<<")):
			return '(', t.hex()
		case c == '<', c == '>':
			t.at++
		case c == '/':
			t.at++
			return '/', t.word()
		default:
			word := t.word()
			if len(word) == 0 {
				t.at++
				continue
			}
			if c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
				return 'n', word
			}
			return 'w', word
		}
	}
	return 0, nil
}

func lineLength(b []byte) int {
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		return i + 1
	}
	return len(b)
}

// word reads up to what ends a word.
func (t *pdfTokens) word() []byte {
	from := t.at
	for t.at < len(t.data) {
		if c := t.data[t.at]; pdfSpace(rune(c)) || bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 {
			break
		}
		t.at++
	}
	return t.data[from:t.at]
}

// literal reads a string in parentheses.
func (t *pdfTokens) literal() (out []byte) {
	depth := 0
	for t.at < len(t.data) {
		c := t.data[t.at]
		t.at++
		switch {
		case c == '(':
			if depth++; depth == 1 {
				continue
			}
		case c == ')':
			if depth--; depth == 0 {
				return out
			}
		case c == '\\' && t.at < len(t.data):
			out = t.escape(out)
			continue
		}
		out = append(out, c)
	}
	return out
}

// escape reads what stands behind a backslash.
func (t *pdfTokens) escape(out []byte) []byte {
	c := t.data[t.at]
	t.at++
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	switch {
	case c == '\n':
		return out
	case c == '\r':
		if t.at < len(t.data) && t.data[t.at] == '\n' {
			t.at++
		}
		return out
	case c < '0' || c > '7':
		return append(out, c)
	}
	n := c - '0'
	for i := 0; i < 2 && t.at < len(t.data) && t.data[t.at] >= '0' && t.data[t.at] <= '7'; i++ {
		n = n<<3 | (t.data[t.at] - '0')
		t.at++
	}
	return append(out, n)
}

// hex reads a string in hexadecimal digits.
func (t *pdfTokens) hex() []byte {
	t.at++
	digits := make([]byte, 0, 64)
	for t.at < len(t.data) {
		c := t.data[t.at]
		t.at++
		if c == '>' {
			break
		}
		if !pdfSpace(rune(c)) {
			digits = append(digits, c)
		}
	}
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	n, _ := hex.Decode(digits, digits) // what comes before a wrong digit counts
	return digits[:n]
}

// skipImage goes behind an image that stands in the content.
func (t *pdfTokens) skipImage() {
	if i := bytes.Index(t.data[t.at:], []byte("EI")); i >= 0 {
		t.at += i + 2
	} else {
		t.at = len(t.data)
	}
}
