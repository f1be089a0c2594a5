package proof

import (
	"crypto/ed25519"
	"strconv"
	"strings"
)

// How much of a private key has to be there to be one: what documentation shows of a key is shorter, or goes on with an ellipsis.
const (
	cutLines = 2   // full lines, of at least
	cutLine  = 60  // characters: PEM's have 64 (RFC 7468), OpenSSH's 70
	cutWhole = 200 // characters in one line
)

// checkCutKey looks for the text of a private key that ends before its last line of PEM. text is what stands behind the first line.
func checkCutKey(text string) (start, end int, ok bool) {
	if strings.Contains(text, "-----") { // it is whole
		return 0, 0, false
	}
	at, full := 0, 0
	for at < len(text) {
		next := at + nextLine(text[at:])
		line := strings.TrimSuffix(strings.TrimSuffix(text[at:next], `\n`), `\r`)
		line = strings.Trim(line, " \t\r\n\"'\\+,;.>|*#()")
		switch {
		case strings.Contains(text[at:next], "..."):
			return 0, 0, false
		case line == "":
		case !inBase64(line) || end == 0 && !startsKey(line):
			return 0, end, full >= cutLines
		default:
			from := at + strings.Index(text[at:next], line)
			if end = from + len(line); start == 0 {
				start = from
			}
			if full++; len(line) < cutLine {
				full-- // the last one
			}
			if len(line) >= cutWhole {
				full = cutLines
			}
		}
		at = next
	}
	return start, end, full >= cutLines
}

// nextLine returns where the next line begins, whether its end is written as it is or as \n.
func nextLine(text string) int {
	end := len(text)
	if n := strings.IndexByte(text, '\n'); n >= 0 {
		end = n + 1
	}
	if n := strings.Index(text[:end], `\n`); n >= 0 {
		end = n + len(`\n`)
	}
	return end
}

// inBase64 reports whether a text is made of the characters of base64 (RFC 4648, 4).
func inBase64(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isLetter(c) && (c < '0' || c > '9') && c != '+' && c != '/' && c != '=' {
			return false
		}
	}
	return true
}

// startsKey reports whether a text in base64 begins like DER or like OpenSSH's format.
func startsKey(text string) bool {
	return strings.HasPrefix(text, "MI") || strings.HasPrefix(text, "MH") || strings.HasPrefix(text, "MC") || strings.HasPrefix(text, "b3BlbnNzaC1rZXkt")
}

// listsKeyPair reports whether a list of 64 numbers is a key pair of Ed25519: a seed, and its public key (RFC 8032, 5.1.5).
func listsKeyPair(text string) bool {
	var pair []byte
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(part), 10, 8)
		if err != nil {
			return false
		}
		pair = append(pair, byte(n))
	}
	return len(pair) == 2*ed25519.SeedSize && isKeyPair(pair)
}
