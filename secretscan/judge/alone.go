package judge

// DismissBehind is Dismiss by what stands before a word, too: text[at-back:at+look]. It is to be asked where Dismiss is not sure. A word within
// another one is no key, and where only space follows a key its value must follow a statement's first word, an option or nothing at all.
func DismissBehind(text []byte, at, size int) (_ bool, back, look int) {
	d := dismisser{text: text[:min(len(text), at+dismissMost)]}
	p := at + size
	for isKey(d.at(p)) {
		p++
	}
	if d.seen == len(d.text) {
		return false, 0, 0
	}
	if from := max(0, at-1); !edged(text[from:p], at-from, at+size-from) {
		return true, 1, d.seen + 1 - at
	}
	if !d.onlySpace(p) || d.seen == len(d.text) || hasFold(text[at:], "identified") {
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
	if _, called := f.program(key); called > 0 || f.spaces(from) == key || f.standsAlone(f.to, key, p) {
		return false, 0, 0
	}
	return true, at - from + 1, d.seen + 1 - at
}

// onlySpace reports whether a word follows behind a key and space, which is not the name of a type or of the value's field.
func (d *dismisser) onlySpace(p int) bool {
	if last := d.text[p-1]; last == '.' || last == '-' {
		return false
	}
	q := d.spaces(p)
	if q == p || !isLetter(d.at(q)) || d.mayPair(q) {
		return false
	}
	for isWord(d.at(q)) || contains("[]*&<>.?", d.at(q)) {
		q++
	}
	q = d.spaces(q)
	return d.at(q) != '=' && d.at(q) != ':'
}
