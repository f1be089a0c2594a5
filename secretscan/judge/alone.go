package judge

// DismissBehind is Dismiss by what stands before a word, too: text[at-back:at+look]. It is to be asked where Dismiss is not sure. A word within
// another one is no key, and where only space follows a key its value must follow a statement's first word, an option or nothing at all.
func DismissBehind(text []byte, at, size int) (_ bool, back, look int) {
	d := dismisser{text: text[:min(len(text), at+dismissMost)]}
	p := at + size
	for isKey(d.at(p)) {
		p++
	}
	if d.beyond {
		return false, 0, 0
	}
	if from := max(0, at-1); !edged(text[from:p], at-from, at+size-from) {
		return true, 1, len(d.text) - at
	}
	argument := d.isArgument(p)
	if argument && d.mayInsert(d.closers(p)) || !argument && !d.onlySpace(p) || d.beyond || hasFold(text[at:], "identified") {
		return false, 0, 0
	}
	from := lineFrom(text, at)
	key := at
	for key > max(from, at-keyMost) && isKey(text[key-1]) {
		key--
	}
	for key < at && contains(".-$", text[key]) {
		key++
	}
	f := finder{text: text, from: from, to: p + 1, end: p + 1}
	_, called := f.program(key)
	switch {
	case called > 0:
		return false, 0, 0
	case argument:
		return !f.isArgument(key), at - from + 1, len(d.text) - at
	case f.spaces(from) == key || contains("<:", f.peek(key-1)) || f.standsAlone(f.to, key, p):
		return false, 0, 0
	}
	return true, at - from + 1, len(d.text) - at
}

// isArgument reports whether a comma follows behind a key in quotes that ends at p, and neither a second name nor that of the value's field.
func (d *dismisser) isArgument(p int) bool {
	q := d.closers(p)
	if last := d.text[p-1]; q == p || last == '.' || last == '-' {
		return false
	}
	q = d.spaces(q)
	return d.at(q) == ',' && !d.mayPair(d.spaces(q+1)) && !d.secondName(q+1)
}

// onlySpace reports whether a word follows behind a key, and the quotes and brackets that end it, and space, which is not the name of a type or of
// the value's field; or a sign that begins no value there.
func (d *dismisser) onlySpace(p int) bool {
	if last := d.text[p-1]; last == '.' || last == '-' {
		return false
	}
	end := d.closers(p)
	q := d.spaces(end)
	if q == end || d.mayPair(q) {
		return false
	}
	switch c := d.at(q); c {
	case '*', '&', '[':
	case '>':
		if end > p {
			return false
		}
	default:
		if !isLetter(c) {
			return false
		}
	}
	for isWord(d.at(q)) || contains("[]*&<>.?", d.at(q)) {
		q++
	}
	q = d.spaces(q)
	return d.at(q) != '=' && (d.at(q) != ':' || d.at(q+1) != '=')
}
