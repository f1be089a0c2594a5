package proof

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// block is text between the BEGIN and END lines of a private key, as it stood in some file.
type block struct {
	label   string   // "RSA PRIVATE KEY"
	headers []string // "DEK-Info: ..." and its like
	lines   []string // those with content
}

// findBlock cuts the first private key out of a text.
func findBlock(text string) (b block, ok bool) {
	const begin, dashes = "-----BEGIN ", "-----"
	if !strings.Contains(text, begin) {
		return b, false
	}
	text = unescape(text)
	at := strings.Index(text, begin)
	if at < 0 {
		return b, false
	}
	label, rest, ok := strings.Cut(text[at+len(begin):], dashes)
	if b.label = strings.TrimSpace(label); !ok || !strings.Contains(b.label, "PRIVATE KEY") || strings.Contains(b.label, "\n") {
		return b, false
	}
	if end := strings.Index(rest, dashes); end >= 0 {
		rest = rest[:end]
	}
	for line := range strings.SplitSeq(rest, "\n") {
		b.add(line)
	}
	return b, true
}

// add takes a line: what it holds of the block, without what the language of the file puts around it.
func (b *block) add(line string) {
	line = inQuotes(strings.TrimSpace(line))
	if mark, rest, _ := strings.Cut(line, " "); isMark(mark) {
		line = strings.TrimSpace(rest)
	}
	name, _, header := strings.Cut(line, ": ")
	if header && isOf(name, func(c byte) bool { return isAlnum(c) || c == '-' }) {
		b.headers = append(b.headers, line)
		return
	}
	for _, word := range strings.Fields(line) { // several: the whole key stands on one line
		if !isMark(word) {
			b.lines = append(b.lines, word)
		}
	}
}

// inQuotes returns what stands between quotation marks in a line, if there are any: "MIIE" + as in a sum of strings.
func inQuotes(line string) string {
	first := strings.IndexAny(line, "\"'`")
	if first < 0 {
		return line
	}
	quote, rest := line[first], line[first+1:]
	if end := strings.IndexByte(rest, quote); end >= 0 {
		return rest[:end]
	}
	if before := strings.TrimSpace(line[:first]); isOf(before, isBase64) {
		return before // the mark that ends the string
	}
	return rest
}

// isMark reports whether a word is what comments, quotations and lists put before a line.
func isMark(word string) bool {
	switch word {
	case "#", "//", "*", ">", "|", "+", "-", ";", "--", "%", "/*", "*/", "\\", ".", ",":
		return true
	}
	return false
}

func isBase64(c byte) bool { return isAlnum(c) || c == '+' || c == '/' || c == '=' }

// unescape turns the escapes that strings of common languages have for line ends into line ends.
func unescape(text string) string {
	return strings.NewReplacer(
		"\r\n", "\n", "\r", "\n", `\\r`, "", `\\n`, "\n", `\r`, "", `\n`, "\n", `\t`, " ", `\/`, "/", `\"`, `"`, "\\\n", "\n",
		"&#10;", "\n", "&#xA;", "\n", "&#13;", "", "&#xD;", "", "<br>", "\n", "<br/>", "\n", "%0A", "\n", "%0D", "", `\u000a`, "\n", `\u003d`, "=", `\u002b`, "+",
	).Replace(text)
}

// bodies returns what the block may hold in base 64: as it stands, and, of a diff, without the mark before each line.
func (b *block) bodies() []string {
	plainLines, marked := new(strings.Builder), new(strings.Builder)
	diff := len(b.lines) > 0
	for _, line := range b.lines {
		plainLines.WriteString(line)
		diff = diff && (line[0] == '+' || line[0] == '-')
		marked.WriteString(line[1:])
	}
	if diff {
		return []string{plainLines.String(), marked.String()}
	}
	return []string{plainLines.String()}
}

// keyLeast is how many bytes the shortest private key takes, one of Ed25519 in PKCS#8 without its frame.
const keyLeast = 40

// placeholder reports whether the block only shows where a key would be.
func (b *block) placeholder() bool {
	var all strings.Builder
	for _, line := range b.lines {
		all.WriteString(line)
	}
	body := all.String()
	if len(body) < keyLeast*4/3 {
		return true
	}
	for _, sign := range []string{"...", "…", "${", "{{", "<", "xxxx", "XXXX", "****"} {
		if strings.Contains(body, sign) {
			return true
		}
	}
	seen := map[byte]bool{}
	for i := 0; i < len(body); i++ {
		seen[body[i]] = true
	}
	const letters = 12 // random base 64 of that length has twice as many
	return len(seen) < letters
}

// cutOff says why a block cannot be a whole key, or "".
func (b *block) cutOff() string {
	for _, body := range b.bodies() {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(body, "="))
		if err != nil || len(raw) < keyLeast {
			continue
		}
		const sequence, longLength = 0x30, 0x82 // DER: a sequence whose length takes two more bytes
		if raw[0] == sequence && raw[1] == longLength && int(binary.BigEndian.Uint16(raw[2:]))+4 > len(raw) {
			return "cut off: it is shorter than it says"
		}
	}
	return ""
}

// pemOf makes a PEM file of its parts.
func pemOf(label string, headers []string, body string) []byte {
	const width = 64
	out := []byte("-----BEGIN " + label + "-----\n")
	for _, h := range headers {
		out = append(out, h+"\n"...)
	}
	if len(headers) > 0 {
		out = append(out, '\n')
	}
	body = strings.TrimRight(body, "=")
	body += strings.Repeat("=", (4-len(body)%4)%4)
	for len(body) > 0 {
		n := min(width, len(body))
		out, body = append(append(out, body[:n]...), '\n'), body[n:]
	}
	return append(out, "-----END "+label+"-----\n"...)
}
