package judge

import "bytes"

// Limits, in bytes, of what Find looks at.
const (
	keyMost   = 80   // of an identifier on either side of the word
	backMost  = 160  // before the word
	valueMost = 1024 // of a value
	gapMost   = 48   // between key and value
	afterMost = 48   // behind a value
)

// Find returns the claim of the word at text[at:at+size], or the claims if the value is a list. Nothing beyond the line matters, but for a value
// in the line below that a key of its own calls one.
func Find(text []byte, at, size int) []Claim {
	f := newFinder(text, at, at+size)
	keyFrom, keyTo := f.key(at, at+size)
	var c Claim
	p, ok := f.separator(&c, keyFrom, keyTo)
	if !ok {
		return nil
	}
	c.Key = string(text[keyFrom:keyTo])
	if !f.value(&c, p) {
		return nil
	}
	c.Lane = laneOf(&c)
	f.fill(&c, keyFrom)
	return append(plausible(nil, c), f.more(c)...)
}

// finder looks at the surroundings of a word. Beyond from and to there is nothing for it.
type finder struct {
	text     []byte
	from, to int
}

func newFinder(text []byte, from, to int) finder {
	return finder{text: text, from: lineFrom(text, from), to: lineTo(text, to)}
}

// fill writes down what stands around a value whose key, or other sign, begins at key.
func (f *finder) fill(c *Claim, key int) {
	c.From, c.To = f.from, f.to
	c.Before, c.Value = string(f.text[f.from:key]), string(f.text[c.Start:c.End])
	c.After = string(f.text[c.End:min(f.to, c.End+afterMost)])
}

func lineFrom(text []byte, at int) int {
	from := max(0, at-backMost)
	return from + bytes.LastIndexByte(text[from:at], '\n') + 1
}

func lineTo(text []byte, at int) int {
	to := min(len(text), at+keyMost+gapMost+valueMost)
	if n := bytes.IndexByte(text[at:to], '\n'); n >= 0 {
		return at + n
	}
	return to
}

// key returns the identifier that holds the word.
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

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// peek returns the byte at p, or 0 where nothing may be looked at.
func (f *finder) peek(p int) byte {
	if p < f.from || p >= f.to {
		return 0
	}
	return f.text[p]
}

func (f *finder) spaces(p int) int {
	for isSpace(f.peek(p)) {
		p++
	}
	return p
}

// has reports whether s, in lower case, stands at p, in any case.
func (f *finder) has(p int, s string) bool {
	return p >= f.from && p+len(s) <= f.to && bytes.EqualFold(f.text[p:p+len(s)], []byte(s))
}
