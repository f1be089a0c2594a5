package judge

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
)

// Limits, in bytes, of what Find looks at. Longer keys and values there are, but no credentials among them that a rule of their own would not
// find better.
const (
	keyMost   = 80   // of an identifier on either side of the word
	backMost  = 160  // before the word
	valueMost = 1024 // of a value
	gapMost   = 48   // between key and value
	afterMost = 48   // behind a value
)

// Find returns the claim of the word at text[at:at+size], one of Words; the claims, if the value is a list. It goes by the word's line alone, and
// by the line below it where what is said of the value ends with the line.
func Find(text []byte, at, size int) []Claim { return (*Bar)(nil).Find(text, at, size) }

// Find is judge.Find for claims that may count.
func (b *Bar) Find(text []byte, at, size int) []Claim {
	if text[at+size-1] == '(' {
		size--
	}
	f := newFinder(text, at, at+size)
	f.bar = b
	keyFrom, keyTo := f.key(at, at+size)
	if called, p := f.program(keyFrom); called != nil {
		return f.command(called, keyFrom, p)
	}
	if isProgram(text[at : at+size]) {
		return f.source(keyTo)
	}
	if f.has(keyFrom-len(URLMark), URLMark) || !edged(text[keyFrom:keyTo], at-keyFrom, at+size-keyFrom) {
		return nil
	}
	if f.has(keyFrom-len("--- "), "--- PASS:") {
		return nil // a test passes
	}
	if f.has(keyFrom-len("${"), "${") {
		return f.variable(keyFrom, keyTo)
	}
	var c Claim
	if f.inserted(&c, keyFrom, keyTo) {
		c.Key = string(text[keyFrom:keyTo])
		c.Lane = laneOf(&c)
		f.fill(&c, keyFrom)
		return f.keep(nil, &c)
	}
	p, ok := f.separator(&c, keyFrom, keyTo)
	if !ok || !f.second(&c, text[keyFrom:keyTo], p) && !f.value(&c, text[keyFrom:keyTo], p) {
		return nil
	}
	c.Key = string(text[keyFrom:keyTo])
	c.Lane = laneOf(&c)
	if f.isVector(&c) {
		return nil
	}
	f.fill(&c, keyFrom)
	return append(f.keep(nil, &c), f.more(&c)...)
}

// finder looks at the surroundings of a word. Beyond from and to there is nothing for it.
type finder struct {
	text     []byte
	from, to int
	end      int // of the line that from is in
	bar      *Bar
}

func newFinder(text []byte, from, to int) finder {
	end := lineTo(text, to)
	return finder{text: text, from: lineFrom(text, from), to: end, end: end}
}

// below goes on in the line below if this one ends at p, and returns where what is in it begins; else it returns p.
func (f *finder) below(p int) int {
	if p != f.end || p >= len(f.text) || f.text[p] != '\n' {
		return p
	}
	f.to = lineTo(f.text, p+1)
	return f.spaces(p + 1)
}

// fill writes down what stands around a value whose key, or other sign, begins at key.
func (f *finder) fill(c *Claim, key int) {
	c.From, c.To = f.from, f.to
	line := string(f.text[f.from:min(f.to, c.End+afterMost)])
	c.Before, c.Value, c.After = line[:key-f.from], line[c.Start-f.from:c.End-f.from], line[c.End-f.from:]
	if n := strings.IndexByte(c.After, '\n'); n >= 0 {
		c.After = c.After[:n]
	}
	if c.Quote == Bare && c.fillsText() {
		c.Quote = Double
	}
}

// fillsText reports whether a key and its value are all that is in a text in quotes, which end the value then: "db.password=x", "--password=x".
func (c *Claim) fillsText() bool {
	before := strings.TrimRight(c.Before, "-")
	return c.joined() && before != "" && c.After != "" && contains("\"'`", c.After[0]) && before[len(before)-1] == c.After[0]
}

// joined reports whether nothing but = stands between key and value.
func (c *Claim) joined() bool {
	return c.Sep == Equals && c.Start == c.From+len(c.Before)+len(c.Key)+1
}

func lineFrom(text []byte, at int) int {
	const ones = 1 << 64 / 255 // 1 in each of eight bytes
	from := max(0, at-backMost)
	for ; at-from >= 8; at -= 8 {
		eight := binary.LittleEndian.Uint64(text[at-8:at]) ^ '\n'*ones
		if others := (eight&(0x7f*ones) + 0x7f*ones) | eight | 0x7f*ones; others != 1<<64-1 {
			return at - bits.LeadingZeros64(^others)/8
		}
	}
	return from + bytes.LastIndexByte(text[from:at], '\n') + 1
}

func lineTo(text []byte, at int) int {
	to := min(len(text), at+keyMost+gapMost+valueMost)
	if n := bytes.IndexByte(text[at:to], '\n'); n >= 0 {
		return at + n
	}
	return to
}

func isWord(c byte) bool { return isAlnum(c) || c == '_' }

func isAlnum(c byte) bool { return isLetter(c) || isDigit(c) }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// contains reports whether a byte is in a set; 0, which peek returns where there is nothing, is in none.
func contains(set string, c byte) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

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

// has reports whether s stands at p, in any case.
func (f *finder) has(p int, s string) bool {
	if p < f.from || p+len(s) > f.to {
		return false
	}
	for i := range len(s) {
		if a, b := f.text[p+i], s[i]; a != b && !(a^b == 0x20 && isLetter(a)) {
			return false
		}
	}
	return true
}
