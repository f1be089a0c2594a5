package proof

// The alphabets of positional numbers in checksums: the digits of base 36 are the first of base 62, in lower case.
const (
	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base36 = "0123456789abcdefghijklmnopqrstuvwxyz"
)

// number writes n in the digits of an alphabet, with zeros before it up to a width.
func number(n uint32, alphabet string, width int) string {
	var out [32]byte
	at := len(out)
	for n > 0 || len(out)-at < width {
		at--
		out[at] = alphabet[n%uint32(len(alphabet))]
		n /= uint32(len(alphabet))
	}
	return string(out[at:])
}

// isOf reports whether a text consists of characters that ok takes, and is not empty.
func isOf(text string, ok func(c byte) bool) bool {
	for i := 0; i < len(text); i++ {
		if !ok(text[i]) {
			return false
		}
	}
	return text != ""
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
