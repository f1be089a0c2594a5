package decode

import (
	"bytes"
	"encoding/base64"
	"unicode/utf8"
)

// form is what base64 decodes to.
type form uint8

const (
	noForm    form = iota
	plainText      // text in UTF-8
	wideText       // text in UTF-16, little endian, as PowerShell has it
	derKey         // a private key in DER
	sshKey         // a private key in OpenSSH's format
)

const (
	// wordLeast is how many letters and digits must stand together for base64 to be looked for.
	wordLeast = 16
	// headMost is how many bytes are decoded to see what they begin; wordLeast characters are 12 bytes.
	headMost = 30
	// lineLeast is how long a line must be that goes on in the next; PEM has 64 and MIME 76.
	lineLeast = 40
	notCode   = 0xff
)

// sextets are the values of base64's characters, of both alphabets.
var sextets = sextetsOf()

func sextetsOf() (s [256]byte) {
	for i := range s {
		s[i] = notCode
	}
	const std = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range len(std) {
		s[std[i]] = byte(i)
	}
	s['-'], s['_'] = s['+'], s['/']
	return s
}

// formOf says what base64 that begins at data[at] decodes to.
func formOf(data []byte, at int) form {
	a, b, c, d := sextets[data[at]], sextets[data[at+1]], sextets[data[at+2]], sextets[data[at+3]]
	x, y, z := a<<2|b>>4, b<<4|c>>2, c<<6|d
	switch {
	case classes[x]&classes[y]&classes[z]&textClass != 0:
	case x == 0x30, y == 0 && isText(x) && isText(z), x == 0xef && y == 0xbb && z == 0xbf:
	default:
		return noForm // nearly always
	}
	var head [headMost]byte
	n, _ := decodeInto(head[:], data[at:min(len(data), at+headMost/3*4)])
	return formOfHead(head[:n])
}

var sshMagic = []byte("openssh-key-v1\x00")

// formOfHead says what begins with these bytes, of which there are headMost unless the base64 ends before.
func formOfHead(head []byte) form {
	const least = wordLeast / 4 * 3
	if len(head) < least {
		return noForm
	}
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))[:least-3]
	switch {
	case bytes.HasPrefix(head, sshMagic):
		return sshKey
	case allText(head[:least]) || len(text) < len(head)-3 && head[0] == 0xef && allText(text):
		return plainText
	case isWide(head[:least]):
		return wideText
	case derLabel(head) != "":
		return derKey
	}
	return noForm
}

func allText(b []byte) bool {
	for _, c := range b {
		if !isText(c) {
			return false
		}
	}
	return true
}

// isWide reports whether every second byte is zero and the others are text.
func isWide(b []byte) bool {
	for i, c := range b {
		if i&1 == 0 && !isText(c) || i&1 != 0 && c != 0 {
			return false
		}
	}
	return true
}

// decodeInto decodes base64 without line breaks into dst, as far as both go, and returns how much that is of either. Of the last
// four characters, if there are fewer, as many bytes are made as they hold.
func decodeInto(dst, src []byte) (n, used int) {
	for used+4 <= len(src) && n+3 <= len(dst) {
		a, b, c, d := sextets[src[used]], sextets[src[used+1]], sextets[src[used+2]], sextets[src[used+3]]
		if (a|b|c|d)&0xc0 != 0 {
			break
		}
		dst[n], dst[n+1], dst[n+2] = a<<2|b>>4, b<<4|c>>2, c<<6|d
		n, used = n+3, used+4
	}
	rest := src[used:min(len(src), used+3)]
	for i, ch := range rest {
		if sextets[ch] == notCode {
			rest = rest[:i]
			break
		}
	}
	if len(rest) < 2 || n+len(rest)-1 > len(dst) || used+4 <= len(src) && sextets[src[used+3]] != notCode && len(rest) == 3 {
		return n, used
	}
	dst[n] = sextets[rest[0]]<<2 | sextets[rest[1]]>>4
	if len(rest) == 3 {
		dst[n+1] = sextets[rest[1]]<<4 | sextets[rest[2]]>>2
	}
	return n + len(rest) - 1, used + len(rest)
}

// endOfCode returns where the characters of base64 end that data[at] is one of.
func endOfCode(data []byte, at int) int {
	for at < len(data) && classes[data[at]]&codeClass != 0 {
		at++
	}
	return at
}

// padded returns the end of the padding that stands at data[at].
func padded(data []byte, at int) int {
	for n := 0; n < 2 && at < len(data) && data[at] == '='; n++ {
		at++
	}
	return at
}

// codeLine returns where the next line of the same base64 starts, if the one that starts at from and ends at end goes on in it; 0 if not.
// Every line but the last must have whole groups of four characters, and none is longer than the one before.
func codeLine(data []byte, from, end int) int {
	if end-from < lineLeast || (end-from)&3 != 0 {
		return 0
	}
	next := end + lineBreak(data, end)
	if next == end || next >= len(data) || classes[data[next]]&codeClass == 0 {
		return 0
	}
	if longest := min(len(data), next+end-from+1); endOfCode(data[:longest], next)-next > end-from {
		return 0
	}
	return next
}

// indentMost is how far a line of base64 may be indented.
const indentMost = 64

// lineBreak returns the length of a line's end at data[at], written as such or as an escape, together with the indentation behind it.
func lineBreak(data []byte, at int) int {
	i := at
	switch rest := data[at:min(len(data), at+6)]; {
	case bytes.HasPrefix(rest, []byte("\n")):
		i++
	case bytes.HasPrefix(rest, []byte("\r\n")):
		i += 2
	case bytes.HasPrefix(rest, []byte(`\r\n`)):
		return 4
	case bytes.HasPrefix(rest, []byte(`\n`)):
		return 2
	case bytes.HasPrefix(rest, []byte(`\\r\\n`)):
		return 6
	case bytes.HasPrefix(rest, []byte(`\\n`)):
		return 3
	default:
		return 0
	}
	for n := 0; n < indentMost && i < len(data) && (data[i] == ' ' || data[i] == '\t'); n++ {
		i++
	}
	return i - at
}

// codeStart returns where a word of base64 starts that the characters at data[at] begin: behind the letter of \n, if that stands there.
func codeStart(data []byte, at int) int {
	if at > 0 && data[at-1] == '\\' && at < len(data) {
		switch data[at] {
		case 'n', 'r', 't':
			return at + 1
		}
	}
	return at
}

// appendBase64 decodes the run.
func (r Run) appendBase64(dst, data []byte) []byte {
	from := len(dst)
	r.eachLine(data, func(line []byte, _ int) bool {
		at := len(dst)
		dst = append(dst, make([]byte, len(line)/4*3+3)...)
		n, _ := decodeInto(dst[at:], line)
		dst = dst[:at+n]
		return true
	})
	switch r.form {
	case wideText:
		return narrowed(dst, from)
	case derKey, sshKey:
		armored := armor(derLabel(dst[from:]), dst[from:])
		return append(dst[:from], armored...)
	}
	return dst
}

// eachLine calls visit with each line of the run, without what stands between, and where it is.
func (r Run) eachLine(data []byte, visit func(line []byte, at int) bool) {
	for at := r.From; at < r.To; {
		end := endOfCode(data[:r.To], at)
		if !visit(data[at:end], at) {
			return
		}
		at = end
		if n := lineBreak(data[:r.To], at); n > 0 {
			at += n
		} else {
			return // the padding
		}
	}
}

// sourceBase64 is Source for base64: the four characters that a byte comes from. Of a key in armour it is all of the run.
func (r Run) sourceBase64(data []byte, i int) (from, to int) {
	switch r.form {
	case derKey, sshKey:
		return r.From, r.To
	case wideText:
		i *= 2
	}
	from, to = r.To, r.To
	r.eachLine(data, func(line []byte, at int) bool {
		n := len(line) / 4 * 3
		if rest := len(line) & 3; rest > 1 {
			n += rest - 1
		}
		if i < n {
			from = at + i/3*4
			to = min(from+4, at+len(line))
			return false
		}
		i -= n
		return true
	})
	if to == endOfCode(data[:r.To], to) && padded(data, to) == r.To {
		to = r.To
	}
	return from, to
}

// narrowed turns the UTF-16 in dst[from:], all ASCII, into UTF-8.
func narrowed(dst []byte, from int) []byte {
	n := from
	for i := from; i+1 < len(dst); i += 2 {
		dst[n] = dst[i]
		n++
	}
	return dst[:n]
}

// armor returns a key in PEM (RFC 7468).
func armor(label string, der []byte) []byte {
	out := []byte("-----BEGIN " + label + "-----\n")
	text := base64.StdEncoding.EncodeToString(der)
	for len(text) > 64 {
		out = append(append(out, text[:64]...), '\n')
		text = text[64:]
	}
	return append(append(out, text...), "\n-----END "+label+"-----\n"...)
}

// textLength returns how much of b is text in UTF-8: white space, printable ASCII and whole characters; and how much of that is whole, for
// what may be the start of a character at the end of b counts.
func textLength(b []byte) (text, whole int) {
	i := 0
	for i < len(b) {
		if isText(b[i]) {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && size <= 1 && !utf8.FullRune(b[i:]):
			return len(b), i
		case r == utf8.RuneError && size <= 1, r < utf8.RuneSelf:
			return i, i
		}
		i += size
	}
	return i, i
}

// wideLength is textLength for ASCII in UTF-16.
func wideLength(b []byte) (text, whole int) {
	i := 0
	for i+1 < len(b) && isText(b[i]) && b[i+1] == 0 {
		i += 2
	}
	if i+1 == len(b) && isText(b[i]) {
		return len(b), i
	}
	return i, i
}
