package judge

// prefix skips the letters that may stand before a quote: b"", u”, @"", L"".
func (f *finder) prefix(p int) int {
	for n := range 3 {
		if f.opens(p + n) {
			return p + n
		}
		if !contains("bBuUrRfFLN@$", f.peek(p+n)) {
			break
		}
	}
	return p
}

// marks are what a text in quotes stands in, from its start to its end.
var marks = [...]struct {
	open, close string
	quote       Quote
}{
	{`"""`, `"""`, Double}, {"'''", "'''", Double}, {`"`, `"`, Double}, {"'", "'", Single}, {"``", "``", Backtick}, {"`", "`", Backtick},
	{`\\\"`, `\\\"`, Escaped}, {`\"`, `\"`, Escaped}, {`\'`, `\'`, Escaped}, {"&quot;", "&quot;", Escaped}, {"&#39;", "&#39;", Escaped}, {"&#34;", "&#34;", Escaped}, {"&apos;", "&apos;", Escaped},
	{"“", "”", Double}, {"‘", "’", Single},
}

// mark returns which of the marks opens at p, or -1.
func (f *finder) mark(p int) int {
	c := f.peek(p)
	if c == 0 || isWord(c) || c == ' ' {
		return -1
	}
	for i := range marks {
		if c == marks[i].open[0] && f.has(p, marks[i].open) {
			return i
		}
	}
	return -1
}

// opens reports whether a quote stands at p.
func (f *finder) opens(p int) bool { return f.mark(p) >= 0 }

// quoted reads a value in quotes.
func (f *finder) quoted(c *Claim, p int) bool {
	i := f.mark(p)
	if i < 0 {
		return false
	}
	start := p + len(marks[i].open)
	end := f.closing(start, marks[i].close)
	if end < 0 && f.to-start >= cutLeast && f.solid(start) {
		end = f.to // a key too long to be seen whole
	}
	if end < 0 {
		return false
	}
	c.Quote, c.Start, c.End = marks[i].quote, start, end
	return true
}

// cutLeast is how long a text in quotes is at least that may go on beyond what is looked at.
const cutLeast = 200

// solid reports whether nothing but the characters of base64 stands from p on.
func (f *finder) solid(p int) bool {
	for ; p < f.to; p++ {
		if c := f.text[p]; !isWord(c) && !contains("+/=-.\\", c) {
			return false
		}
	}
	return true
}

// closing returns where a text in quotes ends, or -1.
func (f *finder) closing(p int, end string) int {
	for q := p; q < f.to && f.text[q] != '\n'; q++ {
		if f.has(q, end) {
			return q
		}
		if f.text[q] == '\\' && end[0] != '\\' {
			q++
		}
	}
	return -1
}

// behind returns where what follows a value begins: behind its closing quote.
func (f *finder) behind(c *Claim) int {
	for i := range marks {
		if c.Quote == marks[i].quote && f.has(c.End, marks[i].close) {
			return c.End + len(marks[i].close)
		}
	}
	return c.End
}
