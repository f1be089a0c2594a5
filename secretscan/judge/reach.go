package judge

// Reach returns the part of a text, text[from:to], that Find, FindHeader and FindURL go by for what stands at text[at:at+size]: its line and the
// one below. It may reach beyond the text: then they go by where that starts or ends, too.
func Reach(text []byte, at, size int) (from, to int) {
	f := newFinder(text, at, at+size)
	if f.to < len(text) && text[f.to] == '\n' {
		f.to = lineTo(text, f.to+1)
	}
	return f.from - 1, f.to + 1
}

// Around is Reach for a value that an expression found in text[from:to].
func Around(text []byte, from, to int) (first, last int) {
	first, last = Reach(text, keyStart(text, from, to), 0)
	return min(first, lineFrom(text, from)-1), max(last, lineTo(text, to)+1)
}

// urlMost is how far before the end of its user's part the mark of a URL can stand.
const urlMost = len(URLMark) + userMost + 1 + passwordMost

// URLBefore returns the place of the mark of the URL whose user and password end before the @ at text[at], or -1 if there is none. It goes by
// what stands between the two: see URLFrom.
func URLBefore(text []byte, at int) (mark int) {
	for p := at - 1; p >= max(0, at-urlMost); p-- {
		if c := text[p]; c == '/' {
			if mark = p + 1 - len(URLMark); mark >= 0 && string(text[mark:p+1]) == URLMark {
				return mark
			}
			return -1
		} else if endsURL(c) {
			return -1
		}
	}
	return -1
}

// URLFrom returns the place from which on URLBefore goes, for an @, by nothing that stands before text[from]. There is at most one @ for which
// it may: the first byte that is in no user's part.
func URLFrom(text []byte, from int) int {
	for p, c := range text[from:min(len(text), from+urlMost)] {
		switch {
		case c == '@':
			return from + p + 1
		case endsURL(c), c == '/' && p >= len(URLMark)-1:
			return from
		}
	}
	return from
}

// endsURL reports whether a byte is in no user's part of a URL.
func endsURL(c byte) bool {
	switch c {
	case '"', '\'', '`', '<', '>', '@', '\\':
		return true
	}
	return c <= ' '
}
