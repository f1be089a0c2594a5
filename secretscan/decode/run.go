package decode

// Kind is a way of writing one text as another.
type Kind uint8

// The kinds.
const (
	Base64          Kind = iota // RFC 4648, both alphabets, with or without padding and line breaks
	Hex                         // two digits for a byte
	Percent                     // %41: RFC 3986, section 2.1
	Escape                      // \x41, \u0041, \u{41}, \U00000041, U+0041
	Entity                      // &amp; &#38; &#x26;
	QuotedPrintable             // =41, and line breaks after =: RFC 2045, section 6.7
	kinds
)

// String returns the word for the kind in reports and tags.
func (k Kind) String() string {
	return [kinds]string{"base64", "hex", "percent", "unicode", "entity", "quoted-printable"}[k%kinds]
}

const (
	// Most is the greatest number of bytes that a Run decodes to.
	Most = 128 << 10
	// pieceTail is how much two pieces of a long run have in common, in bytes of the text, for what stands across the end of the first; a
	// private key of 16,384 bits in PEM has 12.5 KB.
	pieceTail = 24 << 10
	// pieceLead is how much of the common part is there only to be looked back at.
	pieceLead = 512
	// never is farther than any place of a text.
	never = int(^uint(0)>>1) / 2
)

// Run is data[From:To] of a text, which stands for another text, or a piece of it.
type Run struct {
	Kind     Kind
	From, To int
	// What starts before First was in the piece before, and what starts at Next or after is in the next one as well, and whole there. Both
	// are places in the text; First is 0 if there is no piece before, and Next is behind any text if there is none after.
	First, Next int
	// Whether and what this run is depends on the bytes from Low to High alone, which may lie beyond the text's ends: then it depends
	// on where those are.
	Low, High int

	form form
}

// Append appends what the run in data stands for to dst.
func (r Run) Append(dst, data []byte) []byte {
	switch r.Kind {
	case Base64:
		return r.appendBase64(dst, data)
	case Hex:
		return appendHex(dst, data[r.From:r.To])
	}
	text := data[:r.To]
	for i := r.From; i < r.To; {
		u := unitAt(r.Kind, text, i)
		if u.escape {
			dst = append(dst, u.text[:u.n]...)
			i += u.size
			continue
		}
		next := plainEnd(r.Kind, text, i+1)
		dst = append(dst, text[i:next]...)
		i = next
	}
	return dst
}

// plainEnd returns how far there is surely no escape in data[at:]; not farther than need be to tell in linear time.
func plainEnd(k Kind, data []byte, at int) int {
	near := data[:min(len(data), at+gapMost)]
	end := nextMarker(k, near, at)
	if end == len(near) && end < len(data) {
		end-- // what starts there may be told by two bytes
	}
	return end
}

// Source returns which part of data the i-th decoded byte comes from. It decodes anew to tell: it is asked about what was found, which is
// rare.
func (r Run) Source(data []byte, i int) (from, to int) {
	switch {
	case r.Kind == Base64:
		return r.sourceBase64(data, i)
	case r.Kind == Hex:
		at := min(r.From+2*i, r.To-2)
		return at, at + 2
	}
	text := data[:r.To]
	for at := r.From; ; {
		u := unitAt(r.Kind, text, at)
		if i -= u.n; i < 0 || at+u.size >= r.To {
			return at, at + u.size
		}
		at += u.size
	}
}

// isText reports whether a byte stands in a text: printable ASCII, or white space.
func isText(b byte) bool { return classes[b]&textClass != 0 }

// The classes of bytes.
const (
	textClass  = 1 << iota // printable ASCII and white space
	wordClass              // letters and digits
	codeClass              // what base64 is written with
	digitClass             // hex digits
	breakClass             // what else than letters stands between lines: their ends, also as escapes, and indentation
)

var classes = classesOf()

func classesOf() (c [256]uint8) {
	for i := range c {
		b := byte(i)
		switch {
		case b >= ' ' && b <= '~', b == '\n', b == '\r', b == '\t':
			c[i] |= textClass
		}
		switch {
		case b >= '0' && b <= '9', b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z':
			c[i] |= wordClass | codeClass
		case b == '+', b == '/', b == '-', b == '_':
			c[i] |= codeClass
		}
		switch b {
		case '\n', '\r', '\\', ' ', '\t':
			c[i] |= breakClass
		}
		if b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f' {
			c[i] |= digitClass
		}
	}
	return c
}
