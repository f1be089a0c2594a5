package judge

// separator finds what stands between the key and its value, and returns where the value may begin.
func (f *finder) separator(c *Claim, keyFrom, keyTo int) (int, bool) {
	p := f.closers(keyTo)
	if next, ok := f.pair(p); ok {
		c.Sep = Pair
		return next, true
	}
	q := f.spaces(p)
	if next, ok := f.operator(c, q, keyFrom, p > keyTo); ok {
		return next, true
	}
	if next, ok := f.typed(q); ok && q > p {
		c.Sep = Equals
		return next, true
	}
	if f.has(q, "by ") && f.has(keyFrom, "identified") {
		c.Sep = Space
		return q + len("by "), true
	}
	c.Sep = Space
	return q, q > p && q < f.to && f.standsAlone(q, keyFrom)
}

// closers skips the quotes and brackets that end a key: password"], "password\", 'password').
func (f *finder) closers(p int) int {
	for range 4 {
		switch c := f.peek(p); {
		case c == '"', c == '\'', c == '`', c == ']', c == '*', c == '?', c == '!':
			p++
		case c == '\\' && (f.peek(p+1) == '"' || f.peek(p+1) == '\''):
			p += 2
		case f.has(p, "&quot;"):
			p += len("&quot;")
		default:
			return p
		}
	}
	return p
}

// operator reads one of the signs that give a value to a key.
func (f *finder) operator(c *Claim, p, keyFrom int, quoted bool) (int, bool) {
	for _, o := range [...]struct {
		text string
		sep  Sep
	}{
		{":=", Define}, {"=>", Arrow}, {"->", Arrow}, {"===", Compare}, {"!==", Compare}, {"==", Compare}, {"!=", Compare},
		{"?=", Equals}, {"+=", Equals}, {"||=", Equals}, {"=", Equals}, {"::", Colon}, {":", Colon},
	} {
		if !f.has(p, o.text) {
			continue
		}
		c.Sep = o.sep
		if o.text == ":" {
			if next, ok := f.typed(f.spaces(p + 1)); ok {
				c.Sep = Equals
				return next, true
			}
		}
		return p + len(o.text), true
	}
	switch f.peek(p) {
	case ',':
		c.Sep = Comma
		return p + 1, quoted
	case '(':
		c.Sep = Paren
		return p + 1, true
	case '>':
		c.Sep = Element
		return p + 1, quoted || f.peek(keyFrom-1) == '<' || f.peek(keyFrom-1) == ':'
	case '|':
		c.Sep = Space
		return p + 1, true
	}
	return 0, false
}

// typed reads the name of a type and the sign behind it: string =, Optional[str] =, []byte :=.
func (f *finder) typed(p int) (int, bool) {
	end := p
	for end-p < 40 && (isWord(f.peek(end)) || contains("[]*&<>.?", f.peek(end))) {
		end++
	}
	q := f.spaces(end)
	if f.peek(q) == ':' && f.peek(q+1) == '=' {
		q++
	}
	if end == p || f.peek(q) != '=' || f.peek(q+1) == '=' || f.peek(q+1) == '>' || f.peek(end-1) == '=' {
		return 0, false
	}
	return q + 1, true
}

func contains(set string, c byte) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

// pair reads the name of the field that holds the value of the one that has the key: "name": "password", "value": "...". It may stand in
// the line below.
func (f *finder) pair(p int) (int, bool) {
	q := f.spaces(p)
	if f.peek(q) == ',' || f.peek(q) == ';' {
		q = f.spaces(q + 1)
	}
	below := q == f.to && q < len(f.text) && f.text[q] == '\n'
	if below {
		was := f.to
		f.to = lineTo(f.text, q+1)
		q = f.spaces(q + 1)
		defer func() {
			if below {
				f.to = was
			}
		}()
	}
	q = f.closers(q)
	for _, word := range [...]string{"value", "val", "content", "default", "text", "data"} {
		if !f.has(q, word) || isWord(f.peek(q+len(word))) {
			continue
		}
		if r := f.spaces(f.closers(q + len(word))); f.peek(r) == ':' || f.peek(r) == '=' {
			below = false
			if f.peek(r+1) == '>' {
				r++
			}
			return r + 1, true
		}
	}
	return 0, false
}

// standsAlone reports whether space alone may stand between a key and a value at p: behind an option, at the start of a line or of a statement of
// a few languages of configuration, or before a quote.
func (f *finder) standsAlone(p, keyFrom int) bool {
	if contains("\"'`", f.peek(p)) || f.peek(keyFrom-1) == '-' {
		return true
	}
	start := f.spaces(f.from)
	if start == keyFrom {
		return true
	}
	for _, word := range [...]string{"env ", "arg ", "setenv ", "set ", "machine ", "login ", "export "} {
		if f.has(start, word) {
			return true
		}
	}
	return false
}
