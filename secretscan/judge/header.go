package judge

import "strings"

// FindHeader returns the claim, if any, of what follows the name of an HTTP authentication scheme at text[at:at+size], one of Schemes.
func FindHeader(text []byte, at, size int) []Claim { return (*Bar)(nil).FindHeader(text, at, size) }

// FindHeader is judge.FindHeader for claims that may count.
func (b *Bar) FindHeader(text []byte, at, size int) []Claim {
	f := newFinder(text, at, at+size)
	f.bar = b
	if isWord(f.peek(at-1)) || f.peek(at-1) == '-' {
		return nil
	}
	start := f.spaces(at + size)
	end := start
	for end-start < valueMost && (isWord(f.peek(end)) || contains("+/=._~-%", f.peek(end))) {
		end++
	}
	if end-start < tokenLeast {
		return nil
	}
	c := Claim{Lane: Header, Scheme: strings.ToLower(string(text[at : at+size-1])), Start: start, End: end}
	f.fill(&c, at)
	if !strings.ContainsAny(c.Value, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return nil // words go on with words
	}
	return f.keep(nil, &c)
}
