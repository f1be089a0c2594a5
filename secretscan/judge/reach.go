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
