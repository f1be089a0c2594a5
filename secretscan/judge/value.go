package judge

import "bytes"

// value reads the value at p into the claim.
func (f *finder) value(c *Claim, key []byte, p int) bool {
	p = f.spaces(p)
	if line := f.below(p); line != p { // an assignment goes on in the next line: only a text in quotes is surely its value
		p = line
		if !f.opens(f.prefix(p)) {
			return false
		}
	}
	next, name := f.calls(p)
	called := next > p
	if called {
		p, c.Call = next, string(name)
	}
	if f.numbers(c, p) {
		return true
	}
	p = f.prefix(p)
	if !f.quoted(c, p) && !f.bare(c, p) || f.isKey(c, called) {
		return false
	}
	f.inner(c)
	f.scheme(c, key)
	return c.Start < c.End
}

// variable returns the claim, if any, of the default in ${NAME:-x} or ${name:x}, whose name is text[from:to].
func (f *finder) variable(from, to int) []Claim {
	c := Claim{Sep: Equals, Call: fallback, Quote: Double, Start: to + 1} // the braces are as good as quotes: it is no name
	if f.peek(to) != ':' {
		return nil
	}
	if f.peek(to+1) == '-' {
		c.Start++
	}
	if contains("$?+=}", f.peek(c.Start)) {
		return nil
	}
	c.End = c.Start
	for c.End < f.to && f.text[c.End] > ' ' && !contains("\"'`}", f.text[c.End]) {
		c.End++
	}
	if c.End == c.Start || f.peek(c.End) != '}' {
		return nil
	}
	c.Key = string(f.text[from:to])
	c.Lane = laneOf(&c)
	f.fill(&c, from)
	return f.keep(nil, &c)
}

// isKey reports whether what was taken for a value is the key of something else: f(password, {"name": "x"}). called: brackets or a call stand
// before it.
func (f *finder) isKey(c *Claim, called bool) bool {
	if c.Quote == Bare || !called && c.Sep != Comma && c.Sep != Paren {
		return false
	}
	p := f.spaces(f.behind(c))
	return f.peek(p) == ':' || f.has(p, "=>")
}

// inner narrows a value down to what is meant: the default of a variable that may be unset, ${NAME:-x} or ${name:x}; what openssl reads
// a password from, pass:x.
func (f *finder) inner(c *Claim) {
	v := f.text[c.Start:c.End]
	if bytes.HasPrefix(v, []byte("${")) && v[len(v)-1] == '}' {
		name := 2
		for isWord(v[name]) || contains(".-", v[name]) {
			name++
		}
		if v[name] == ':' {
			name++
			if v[name] == '-' {
				name++
			}
			if name < len(v)-1 && !contains("$?+=}", v[name]) {
				c.Start, c.End, c.Call = c.Start+name, c.End-1, fallback
			}
		}
	}
	const source = "pass:"
	if c.Sep == Space && f.has(c.Start, source) {
		c.Start += len(source)
	}
}

// bare reads a value without quotes.
func (f *finder) bare(c *Claim, p int) bool {
	if c.Sep == Element {
		return f.element(c, p)
	}
	q := p
	c.Start = p
	for q < f.to && q-p < valueMost && (isAlnum(f.text[q]) || !f.stops(c, q)) {
		q++
	}
	for q > p && contains(",;)}]", f.text[q-1]) && !balanced(f.text[p:q]) {
		q--
	}
	c.Quote, c.Start, c.End = Bare, p, q
	return q > p && !contains(",;", f.text[p]) && !f.has(q, "<%")
}

// element reads the text of an element, which ends with the element or the line, or with the section of CDATA that it is in.
func (f *finder) element(c *Claim, p int) bool {
	if section := []byte("<![CDATA["); bytes.HasPrefix(f.text[p:f.to], section) {
		p += len(section)
		n := bytes.Index(f.text[p:f.to], []byte("]]>"))
		c.Quote, c.Start, c.End = Bare, p, p+n
		return n > 0 && n < valueMost
	}
	q := p
	for q < f.to && q-p < valueMost && f.text[q] != '<' && f.text[q] >= ' ' {
		q++
	}
	if q < f.to && f.text[q] == '<' && f.peek(q+1) != '/' {
		return false
	}
	for q > p && isSpace(f.text[q-1]) {
		q--
	}
	c.Quote, c.Start, c.End = Bare, p, q
	return q > p
}

// stops reports whether a value without quotes ends at q.
func (f *finder) stops(c *Claim, q int) bool {
	switch b := f.text[q]; {
	case b <= ' ' || contains("\"<>", b):
		return true
	case b == '\'' || b == '`':
		return !isWord(f.peek(q+1)) || bytes.IndexByte(f.text[f.from:c.Start], b) >= 0
	case b == '&' || b == '#':
		return f.inQuery(c) || f.has(q, "&quot;") || f.has(q, "&#39;") || f.has(q, "&lt;")
	case b == '\\':
		return contains("nrt\"'", f.peek(q+1))
	case b == ',' || b == ';':
		return c.Sep != Equals || q+1 >= f.to || f.text[q+1] <= ' ' || contains("\"'`\\", f.text[q+1]) || f.assigns(q+1)
	}
	return false
}

// inQuery reports whether a value may be one of a URL.
func (f *finder) inQuery(c *Claim) bool {
	return c.Sep == Equals && bytes.ContainsAny(f.text[f.from:min(c.Start, f.to)], "?&")
}

// assigns reports whether the next part of a list of settings begins at p: a name and =.
func (f *finder) assigns(p int) bool {
	p = f.spaces(p)
	end := p
	for end-p < 40 && (isWord(f.peek(end)) || contains(" .-", f.peek(end))) {
		end++
	}
	return end > p && f.peek(end) == '='
}

// balanced reports whether a text that ends with a bracket, a comma or a semicolon closes nothing that it did not open.
func balanced(text []byte) bool {
	var open byte
	last := text[len(text)-1]
	switch last {
	case ')':
		open = '('
	case '}':
		open = '{'
	case ']':
		open = '['
	default:
		return false
	}
	opened, closed := 0, 0
	for _, c := range text {
		if c == open {
			opened++
		} else if c == last {
			closed++
		}
	}
	return opened >= closed
}

// schemes of HTTP authentication, and words that stand for one, that come before a value in a header.
var schemes = [...]string{"bearer", "basic", "apikey", "token", "digest", "negotiate", "key", "jwt", "oauth", "sso-key", "bot", "ntlm"}

// scheme moves the start of an authorization header's value behind the name of its scheme.
func (f *finder) scheme(c *Claim, key []byte) {
	if !holdsFold(key, "auth") {
		return
	}
	for _, word := range schemes {
		p := c.Start + len(word)
		equals := f.peek(p) == '=' && (word == "key" || word == "token")
		if !f.has(c.Start, word) || !isSpace(f.peek(p)) && !equals {
			continue
		}
		p = f.spaces(p + 1)
		end := p
		for end < f.to && f.text[end] > ' ' && !contains("\"'`<>\\,;", f.text[end]) {
			end++
		}
		if end > p && f.text[end-1] == '=' && contains("\"'\\", f.peek(end)) && (end < c.End || c.Quote == Bare) && isParameter(f.text[p:end-1]) {
			c.End = c.Start // a list of parameters, which are looked at by themselves
		} else if end > p {
			c.Scheme, c.Start, c.End = word, p, end
		}
		return
	}
}

// parameterMost is how long the name of a parameter in an authorization header is at most: oauth_signature_method and its like.
const parameterMost = 24

// isParameter reports whether a text before = may be the name of a parameter, and not base64.
func isParameter(name []byte) bool {
	for _, b := range name {
		if !isLetter(b) && b != '_' && b != '-' {
			return false
		}
	}
	return len(name) <= parameterMost
}

// holdsFold reports whether a word in lower case stands in a text, in any case.
func holdsFold(text []byte, lower string) bool {
	for i := range text {
		if text[i]|0x20 == lower[0] && hasFold(text[i:], lower) {
			return true
		}
	}
	return false
}
