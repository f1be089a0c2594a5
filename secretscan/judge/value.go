package judge

import (
	"bytes"
	"strings"
)

// value reads the value at p into the claim.
func (f *finder) value(c *Claim, p int) bool {
	p = f.spaces(p)
	if next, call := f.calls(p); next > p {
		p, c.Call = next, call
	}
	p = f.prefix(p)
	if f.quoted(c, p) || f.bare(c, p) {
		f.scheme(c)
		return c.Start < c.End
	}
	return false
}

// calls skips functions and types that the value is handed to right where it stands, if a quoted value follows: String("x"), []string{"x"},
// and the default of what is asked of the environment: os.getenv("NAME", "x").
func (f *finder) calls(p int) (int, string) {
	name := ""
	for q, n := p, 0; n < 3; n++ {
		start := q
		for q-start < 60 && (isWord(f.peek(q)) || contains(".:<>[]&*", f.peek(q))) {
			q++
		}
		word := string(f.text[start:min(q, len(f.text))])
		q = f.spaces(q)
		if contains("({", f.peek(q)) {
			q = f.spaces(q + 1)
		} else if !strings.HasSuffix(word, "[") {
			break
		}
		if name += word; !f.opens(f.prefix(q)) {
			continue
		}
		if fallback, ok := f.fallback(q, name); ok {
			return fallback, "default"
		}
		return q, name
	}
	return p, ""
}

// fallback finds the second string where the first is the name of a variable: getenv("NAME", "x"), ENV["NAME"] || "x".
func (f *finder) fallback(p int, call string) (int, bool) {
	call = strings.ToLower(call)
	if !strings.Contains(call, "env") && !strings.HasSuffix(call, ".get") && !strings.HasSuffix(call, ".fetch") {
		return 0, false
	}
	var first Claim
	if !f.quoted(&first, f.prefix(p)) {
		return 0, false
	}
	q := f.spaces(first.End + 1)
	for contains(")]", f.peek(q)) {
		q = f.spaces(q + 1)
	}
	for _, sign := range [...]string{",", "||", "??", "?:", "or ", ".or_else(", ".unwrap_or("} {
		if f.has(q, sign) {
			if q = f.prefix(f.spaces(q + len(sign))); f.opens(q) {
				return q, true
			}
		}
	}
	return 0, false
}

// prefix skips the letters that may stand before a quote: b"", u”, @"", L"".
func (f *finder) prefix(p int) int {
	for n := range 3 {
		if f.opens(p + n) {
			return p + n
		}
		if c := f.peek(p + n); !contains("bBuUrRfFLN@$", c) || c == 0 {
			break
		}
	}
	return p
}

// opens reports whether a quote stands at p.
func (f *finder) opens(p int) bool {
	return contains("\"'`", f.peek(p)) && f.peek(p) != 0 || f.peek(p) == '\\' && contains("\"'", f.peek(p+1)) || f.has(p, "&quot;")
}

// quoted reads a value in quotes.
func (f *finder) quoted(c *Claim, p int) bool {
	var end string
	switch {
	case f.has(p, `"""`), f.has(p, "'''"):
		end, c.Quote = string(f.text[p:p+3]), Double
	case f.peek(p) == '"':
		end, c.Quote = `"`, Double
	case f.peek(p) == '\'':
		end, c.Quote = "'", Single
	case f.peek(p) == '`':
		end, c.Quote = "`", Backtick
	case f.has(p, `\"`), f.has(p, `\'`):
		end, c.Quote = string(f.text[p:p+2]), Escaped
	case f.has(p, "&quot;"):
		end, c.Quote = "&quot;", Escaped
	default:
		return false
	}
	c.Start = p + len(end)
	if c.End = f.closing(c.Start, end); c.End < 0 {
		c.Quote = Bare
		return false
	}
	return true
}

// closing returns where a quoted text ends, or -1.
func (f *finder) closing(p int, end string) int {
	for q := p; q < f.to; q++ {
		if f.has(q, end) {
			return q
		}
		if f.text[q] == '\\' && end[0] != '\\' {
			q++
		}
	}
	return -1
}

// bare reads a value without quotes.
func (f *finder) bare(c *Claim, p int) bool {
	query := bytes.LastIndexAny(f.text[f.from:p], "?&") >= 0 && c.Sep == Equals
	q := p
	for ; q < f.to && q-p < valueMost; q++ {
		b := f.text[q]
		if b <= ' ' || contains("\"'`<>", b) || query && contains("&#", b) || b == '\\' && contains("nrt\"'", f.peek(q+1)) {
			break
		}
		if contains(",;", b) && (q+1 >= f.to || isSpace(f.peek(q+1)) || c.Sep != Equals) {
			break
		}
		if b == '&' && f.has(q, "&quot;") {
			break
		}
	}
	for q > p && contains(",;)}]", f.text[q-1]) && !balanced(f.text[p:q]) {
		q--
	}
	c.Quote, c.Start, c.End = Bare, p, q
	return q > p
}

// balanced reports whether a text closes no bracket that it did not open.
func balanced(text []byte) bool {
	last := text[len(text)-1]
	if last == ',' || last == ';' {
		return false
	}
	open := map[byte]byte{')': '(', '}': '{', ']': '['}[last]
	return bytes.Count(text, []byte{open}) >= bytes.Count(text, []byte{last})
}

// scheme moves the start of an authorization header's value behind the name of its scheme.
func (f *finder) scheme(c *Claim) {
	for _, word := range [...]string{"bearer", "basic", "apikey", "token", "digest", "negotiate", "key", "jwt", "oauth", "sso-key", "bot"} {
		p := c.Start + len(word)
		if !f.has(c.Start, word) || !isSpace(f.peek(p)) && f.peek(p) != '=' || !authKey(c.Key) {
			continue
		}
		if f.peek(p) == '=' && word != "key" && word != "token" {
			continue
		}
		p = f.spaces(p + 1)
		end := p
		for end < f.to && f.text[end] > ' ' && !contains("\"'`<>\\,;", f.text[end]) {
			end++
		}
		if end > p {
			c.Scheme, c.Start, c.End = word, p, end
		}
		return
	}
}

func authKey(key string) bool { return strings.Contains(strings.ToLower(key), "auth") }
