package judge

import "strings"

// FindHeader returns the claim, if any, of what follows the name of an HTTP authentication scheme, "Bearer " or "Basic ", at text[at:].
func FindHeader(text []byte, at, size int) []Claim {
	f := newFinder(text, at, at+size)
	if isWord(f.peek(at-1)) || f.peek(at-1) == '-' {
		return nil
	}
	p := f.spaces(at + size)
	end := p
	for end-p < valueMost && (isWord(f.peek(end)) || contains("+/=._~-%", f.peek(end))) && f.peek(end) != 0 {
		end++
	}
	c := Claim{Lane: Header, Scheme: strings.ToLower(string(text[at : at+size-1])), Start: p, End: end}
	f.fill(&c, at)
	if c.Scheme == "basic" && !decodesToPair(c.Value) && !strings.Contains(strings.ToLower(c.Before), "auth") {
		return nil
	}
	return plausible(nil, c)
}

// more returns the claims of the other values of a list that begins with a claim's: "tokens": ["a", "b"].
func (f *finder) more(c Claim) []Claim {
	var out []Claim
	if c.Quote == Bare || c.Quote == Escaped || f.from > c.Start {
		return nil
	}
	before := string(f.text[f.from:c.Start])
	if open := strings.TrimRight(before, "\"'` "); !strings.HasSuffix(open, "[") && !strings.HasSuffix(open, "{") {
		return nil
	}
	for n := 0; n < 32; n++ {
		q := f.spaces(c.End + 1)
		if f.peek(q) != ',' {
			break
		}
		next := c
		if !f.quoted(&next, f.prefix(f.spaces(q+1))) {
			break
		}
		key := f.from + len(c.Before)
		f.fill(&next, key)
		out, c = plausible(out, next), next
	}
	return out
}
