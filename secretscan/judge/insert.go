package judge

// columnsMost is how many columns of a table are gone through before that of a credential.
const columnsMost = 16

// inserted reads the value of a key that is one of the columns of an SQL statement, on the same line or, as what follows the columns, on the one
// below: INSERT INTO users (name, password) VALUES ('me', 'x').
func (f *finder) inserted(c *Claim, keyFrom, keyTo int) bool {
	p := columnsEnd(f.peek, f.closers(keyTo))
	if p == 0 {
		return false
	}
	before, ok := f.columnsBefore(keyFrom)
	if !ok {
		return false
	}
	p = f.below(f.spaces(p))
	if !f.has(p, "values") {
		return false
	}
	if p = f.below(f.spaces(p + len("values"))); f.peek(p) != '(' || !f.argument(c, p+1, before) {
		return false
	}
	c.Sep = Pair
	return true
}

// columnsEnd goes on from behind the name of a column to behind the bracket that closes the list; 0 if there is no such list.
func columnsEnd(at func(int) byte, p int) int {
	for range 4 * columnsMost {
		for isSpace(at(p)) {
			p++
		}
		switch at(p) {
		case ')':
			return p + 1
		case ',':
		default:
			return 0
		}
		for p++; isSpace(at(p)); {
			p++
		}
		for isWord(at(p)) || contains("`\"[]", at(p)) {
			p++
		}
	}
	return 0
}

// columnsBefore returns how many columns stand before the one whose name begins at p, and whether they are those of an INSERT.
func (f *finder) columnsBefore(p int) (n int, ok bool) {
	for n <= columnsMost {
		p--
		for contains("`\"[] ", f.peek(p)) || isWord(f.peek(p)) {
			p--
		}
		switch f.peek(p) {
		case ',':
			n++
		case '(':
			before := f.text[f.from:p]
			return n, holdsFold(before, "insert into ") || holdsFold(before, "replace into ")
		default:
			return 0, false
		}
	}
	return 0, false
}

// mayInsert reports whether inserted may find a value for the key that ends at p.
func (d *dismisser) mayInsert(p int) bool {
	if p = columnsEnd(d.at, p); p == 0 {
		return false
	}
	if p = d.spaces(p); d.at(p) == '\n' {
		p = d.spaces(p + 1)
	}
	return d.at(p)|0x20 == 'v' && d.at(p+1)|0x20 == 'a'
}
