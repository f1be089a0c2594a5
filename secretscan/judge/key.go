package judge

// key returns the identifier that holds the word at at.
func (f *finder) key(at, end int) (from, to int) {
	from, to = at, end
	for from > max(f.from, at-keyMost) && isKey(f.text[from-1]) {
		from--
	}
	for to < min(f.to, at+keyMost) && isKey(f.text[to]) {
		to++
	}
	for from < at && contains(".-$", f.text[from]) {
		from++
	}
	for to > end && contains(".-", f.text[to-1]) {
		to--
	}
	return from, to
}

func isKey(c byte) bool {
	return isWord(c) || c == '-' || c == '.' || c == '$' || c >= 0x80
}

// endings go on with one of Words and belong to it: passphrase, credentials, authorization.
var endings = [...]string{"word", "words", "wort", "wd", "w0rd", "phrase", "code", "s", "ential", "entials", "entication", "orization", "ization", "val", "value", "str", "string", "raseña", "rasena"}

// edged reports whether the word key[from:to] begins or ends a word of the key, as in dbPassword, DB_PASS, userpass and passfile. In a long
// random text it stands anywhere.
func edged(key []byte, from, to int) bool {
	if beginsWord(key, from) {
		return true
	}
	if endsWord(key, to) {
		return to-from != len("sid") || !hasFold(key[from:to], "sid") // CLSID, inside
	}
	for _, e := range endings {
		if end := to + len(e); end <= len(key) && hasFold(key[to:], e) && endsWord(key, end) {
			return true
		}
	}
	return false
}

func hasFold(text []byte, lower string) bool {
	for i := range len(lower) {
		if i >= len(text) || text[i] != lower[i] && (text[i]|0x20 != lower[i] || !isLetter(text[i])) {
			return false
		}
	}
	return true
}

// beginsWord reports whether a word of a key begins at i.
func beginsWord(key []byte, i int) bool {
	return i == 0 || !isLetter(key[i-1]) && key[i-1] < 0x80 || isUpper(key[i]) && (!isUpper(key[i-1]) || i+1 < len(key) && !isUpper(key[i+1]))
}

// endsWord reports whether a word of a key ends at i.
func endsWord(key []byte, i int) bool {
	return i == len(key) || !isLetter(key[i]) && key[i] < 0x80 || isUpper(key[i]) && (!isUpper(key[i-1]) || i+1 < len(key) && !isUpper(key[i+1]))
}
