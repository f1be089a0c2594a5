package judge

import "strings"

// separator finds what stands between the key and its value, and returns where the value may begin.
func (f *finder) separator(c *Claim, keyFrom, keyTo int) (int, bool) {
	p := f.closers(keyTo)
	if next, ok := f.pair(p); ok && f.peek(keyFrom-1) != '$' {
		c.Sep = Pair
		return next, true
	}
	if p > keyTo && isSpace(f.peek(p)) && contains("\"'", f.peek(p-1)) {
		if next, ok := f.attribute(p); ok || next > p {
			c.Sep = Pair
			return next, ok
		}
	}
	q := f.spaces(p)
	if next, ok := f.operator(c, q, keyFrom, p > keyTo); ok {
		return next, true
	}
	if next, ok := f.declared(c, q, keyTo); ok {
		return next, true
	}
	if next, ok := f.typed(q); ok && q > p && f.peek(keyFrom-1) != '<' { // nor is it an attribute of an element
		c.Sep = Equals
		return next, true
	}
	c.Sep = Space
	if f.has(keyFrom, "identified") {
		next, ok := f.identified(q)
		return next, ok && f.inStatement(keyFrom)
	}
	return q, q > p && q < f.end && f.standsAlone(q, keyFrom, keyTo)
}

// identified reads what stands behind IDENTIFIED in SQL, up to the password: BY, WITH plugin BY.
func (f *finder) identified(p int) (int, bool) {
	if f.has(p, "with ") {
		p = f.spaces(p + len("with "))
		for isWord(f.peek(p)) || contains("'\"`", f.peek(p)) {
			p++
		}
		p = f.spaces(p)
	}
	return p + len("by "), f.has(p, "by ")
}

// inStatement reports whether IDENTIFIED at p is SQL, and not a word of a sentence.
func (f *finder) inStatement(p int) bool {
	if isUpper(f.text[p+1]) || f.spaces(f.from) == p {
		return true
	}
	before := strings.ToLower(string(f.text[f.from:p]))
	return containsAny(before, statementsOfUsers[:])
}

// statementsOfUsers begin SQL statements that give a user a password.
var statementsOfUsers = [...]string{"create user", "alter user", "create role", "alter role", "create login", "alter login", "grant ", "set password"}

// closers skips the quotes and brackets that end a key: password"], "password\", 'password'), **password**.
func (f *finder) closers(p int) int {
	for range 4 {
		switch c := f.peek(p); {
		case closesKey(c):
			p++
		case c == '\\' && contains("\"'", f.peek(p+1)):
			p += 2
		case c != '&':
			return p
		case f.has(p, "&quot;"):
			p += len("&quot;")
		case f.has(p, "&#34;"), f.has(p, "&#39;"):
			p += len("&#34;")
		default:
			return p
		}
	}
	return p
}

// operators give a value to a key. Those that begin with another come before it.
var operators = [...]struct {
	text string
	sep  Sep
}{
	{":=", Define}, {"=>", Arrow}, {"->", Arrow}, {"===", Compare}, {"!==", Compare}, {"==", Compare}, {"!=", Compare},
	{"?=", Equals}, {"+=", Equals}, {"||=", Equals}, {"=&gt;", Arrow}, {"=", Equals}, {"::", Colon}, {":", Colon},
}

// operator reads one of the signs that give a value to a key. quoted: a quote or bracket stands behind the key.
func (f *finder) operator(c *Claim, p, keyFrom int, quoted bool) (int, bool) {
	for i := range operators {
		o := &operators[i]
		if f.peek(p) != o.text[0] || !f.has(p, o.text) {
			continue
		}
		c.Sep = o.sep
		if o.text == ":" {
			if f.isChain(p, keyFrom) {
				return 0, false
			}
			if next, ok := f.typed(f.spaces(p + 1)); ok {
				c.Sep = Equals
				return next, true
			}
		}
		return p + len(o.text), true
	}
	switch f.peek(p) {
	case ',':
		if next, ok := f.secondName(p + 1); ok {
			c.Sep = Define
			return next, true
		}
		c.Sep = Comma
		return p + 1, quoted && f.isArgument(keyFrom) && !f.inList(p+1, keyFrom) && string(f.text[keyFrom:min(p, keyFrom+len("PASS'"))]) != "PASS'" // of a test
	case '(':
		if c.Sep = Paren; f.has(keyFrom, "password(") && holdsFold(f.text[f.from:keyFrom], "set password") {
			c.Sep = Equals // SET PASSWORD FOR 'me' = PASSWORD('x')
		}
		return p + 1, !f.remark(p) && f.peek(p+1) != ')'
	case '>':
		c.Sep = Element
		return p + 1, quoted || contains("<:", f.peek(keyFrom-1))
	case '|':
		c.Sep = Space
		return p + 1, f.inTable(keyFrom) && !f.alternates(p+1)
	}
	return 0, false
}

// isChain reports whether the colon at p gives no value to the key at keyFrom, but goes on with a path of names, or with what CSS asks of an element.
//
//	include ":web:username-password:form"
//	overlay=eof_action=pass:repeatlast=0
//	input[type="password"]:focus
func (f *finder) isChain(p, keyFrom int) bool {
	next := f.peek(p + 1)
	switch f.peek(p - 1) {
	case ']':
		return isLetter(next)
	case '"', '\'', '`', '*':
		return false
	}
	return isWord(next) && (f.peek(keyFrom-1) == ':' && f.peek(keyFrom-2) != ':' || f.peek(keyFrom-1) == '=' && f.peek(p-1) != ' ')
}

// remark reports whether the bracket at p, behind a space, opens a remark of one word: password (encrypted).
func (f *finder) remark(p int) bool {
	end := p + 1
	for isLetter(f.peek(end)) {
		end++
	}
	return isSpace(f.peek(p-1)) && end > p+1 && f.peek(end) == ')'
}

// alternates reports whether the word at p is one of several with | between them, as in expressions: do|if|in.
func (f *finder) alternates(p int) bool {
	end := p
	for isWord(f.peek(end)) || f.peek(end) == '-' {
		end++
	}
	return end > p && f.peek(end) == '|' && !isSpace(f.peek(end+1)) && f.peek(end+1) > ' '
}

// inTable reports whether a key at p may be a cell of a table, which | ends, and not what is handed on to a program or a function: echo "$PASSWORD" |
// tool.
func (f *finder) inTable(p int) bool {
	start := f.spaces(f.from)
	for contains("*`\"'", f.peek(start)) {
		start++
	}
	return start == p || f.peek(start) == '|'
}

// secondName reads the second name of an assignment to two: key, err := f("x").
func (f *finder) secondName(p int) (int, bool) {
	p = f.spaces(p)
	for isWord(f.peek(p)) {
		p++
	}
	p = f.spaces(p)
	return p + 2, f.has(p, ":=")
}

// isArgument reports whether the key, in quotes, is the first of a list, and not itself the value of another key or one of several
// names.
func (f *finder) isArgument(keyFrom int) bool {
	p := keyFrom - 1
	for contains("\"'`\\ :@bru", f.peek(p)) && f.peek(p) != 0 {
		p--
	}
	return contains("([{", f.peek(p))
}

// inList reports whether the text at p, behind the comma of a first one in quotes whose key is at keyFrom, is one of a list of names in square
// brackets, and not the key's value: something is assigned the list, or it has a third text.
func (f *finder) inList(p, keyFrom int) bool {
	q := keyFrom - 1
	for contains("\"'`\\ :@bru", f.peek(q)) && f.peek(q) != 0 {
		q--
	}
	if f.peek(q) != '[' {
		return false
	}
	for q--; isSpace(f.peek(q)); q-- {
	}
	var second Claim
	if contains("=:>", f.peek(q)) {
		return true
	}
	if !f.quoted(&second, f.prefix(f.spaces(p))) {
		return false
	}
	p = f.spaces(f.behind(&second))
	return f.peek(p) == ',' && f.opens(f.prefix(f.spaces(p+1)))
}

// typed reads the name of a type and the sign behind it: string =, Optional[str] =, []byte :=.
func (f *finder) typed(p int) (int, bool) {
	end := p
	for end-p < 40 && (isWord(f.peek(end)) || contains("[]*&<>.?!", f.peek(end))) {
		end++
	}
	q := f.spaces(end)
	if f.peek(q) == ':' && f.peek(q+1) == '=' {
		q++
	}
	if end == p || f.peek(q) != '=' || contains("=>", f.peek(q+1)) || f.spaces(q+1) >= f.to {
		return 0, false
	}
	return q + 1, true
}

// values are names of fields that hold the value of what another field names.
var values = [...]string{"value", "val", "content", "default", "text", "data", "string"}

// pair reads the name of the field that holds the value of the one that has the key: "name": "password", "value": "...". It may stand in
// the line below, as may an element: <key>password</key> <string>...</string>.
func (f *finder) pair(p int) (int, bool) {
	q := f.spaces(p)
	if f.peek(q) == '<' && f.peek(q+1) == '/' {
		return f.elements(q)
	}
	if contains(",;", f.peek(q)) {
		q = f.spaces(q + 1)
	}
	if end, ok := f.serialized(q); ok {
		return end, true
	}
	if q = f.closers(f.below(q)); !isLetter(f.peek(q)) {
		return 0, false
	}
	for _, word := range values {
		if !f.has(q, word) || isWord(f.peek(q+len(word))) {
			continue
		}
		if r := f.spaces(f.closers(q + len(word))); contains(":=", f.peek(r)) {
			if f.peek(r+1) == '>' {
				r++
			}
			return r + 1, true
		}
	}
	return 0, false
}

// attribute goes over the attributes of a tag that follow the one that has the key, and returns where the value of the one named value begins; false
// if there is none: then what comes back is beyond p if attributes follow, which hold something else.
//
//	<input type="text" name="password" class="wide" value="...">
func (f *finder) attribute(p int) (int, bool) {
	for range attributesMost {
		name := f.spaces(p)
		end := name
		for isWord(f.peek(end)) || f.peek(end) == '-' || f.peek(end) == ':' {
			end++
		}
		if name == p || end == name || f.peek(end) != '=' || !contains("\"'", f.peek(end+1)) {
			return p, false
		}
		if f.has(name, "value") && end == name+len("value") {
			return end + 1, true
		}
		for p = end + 2; p < f.to && f.text[p] != f.text[end+1] && f.text[p] != '\n'; p++ {
		}
		p++
	}
	return p, false
}

// attributesMost is how many attributes are gone over for the value of one.
const attributesMost = 8

// serialized reads what stands before a text in PHP's serialize format: s:12:"...".
func (f *finder) serialized(p int) (int, bool) {
	if f.peek(p) != 's' || f.peek(p+1) != ':' {
		return 0, false
	}
	for p += 2; isDigit(f.peek(p)); p++ {
	}
	return p + 1, f.peek(p) == ':'
}

// elements reads the end of an element that holds a key and the start of the one that holds the value.
func (f *finder) elements(p int) (int, bool) {
	for p < f.to && f.text[p] != '>' {
		p++
	}
	p = f.below(f.spaces(p + 1))
	if f.peek(p) != '<' {
		return 0, false
	}
	for _, word := range values {
		if end := p + 1 + len(word); f.has(p+1, word) && f.peek(end) == '>' {
			return end + 1, true
		}
	}
	return 0, false
}

// statements begin with one of these words, in which a key and its value have only space between them: in Dockerfiles, shells, .netrc.
var statements = [...]string{"env ", "arg ", "setenv ", "set ", "machine ", "login ", "export ", "default "}

// standsAlone reports whether space alone may stand between a key and a value at p: behind an option, at the start of a line or of a statement of
// a few languages of configuration, or before a quote.
func (f *finder) standsAlone(p, keyFrom, keyTo int) bool {
	switch {
	case f.peek(keyFrom-1) == '$', f.peek(keyFrom-1) == ':' && f.peek(keyFrom-2) != ':', f.peek(p) == '|':
		return false // "$PASSWORD" "x"; -u me:password "x"; password | tool
	case f.peek(keyFrom-1) == '-', f.fetches(keyFrom):
		return true
	case keyTo-keyFrom == len("pass") && f.has(keyFrom, "pass"): // people, and tests
		return false
	case contains("\"'`", f.peek(p)):
		return true
	case contains("*&[(", f.peek(p)), f.has(p, "for "): // the type of a field; whose password it is
		return false
	}
	start := f.spaces(f.from)
	for _, word := range statements {
		if f.has(start, word) {
			return true
		}
	}
	return start == keyFrom && f.endsStatement(p)
}

// fetches reports whether what stands before a key at p is the start of an entry of .fetchmailrc: poll mail.example.org user me, user me there with.
func (f *finder) fetches(p int) bool {
	start := f.spaces(f.from)
	switch f.peek(start) | 0x20 {
	case 'p', 's':
		return (f.has(start, "poll ") || f.has(start, "skip ")) && holdsFold(f.text[start:p], " user")
	case 'u':
		return f.has(start, "user") && (holdsFold(f.text[start:p], " there ") || holdsFold(f.text[start:p], " with "))
	}
	return false
}

// endsStatement reports whether what stands at p is one word, and nothing follows, or what may follow in a .netrc.
func (f *finder) endsStatement(p int) bool {
	for p < f.to && f.text[p] > ' ' {
		p++
	}
	if p = f.spaces(p); p == f.to || f.text[p] == '\n' || f.text[p] == '#' {
		return true
	}
	for _, word := range [...]string{"login ", "account ", "machine ", "macdef "} {
		if f.has(p, word) {
			return true
		}
	}
	return false
}
