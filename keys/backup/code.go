package backup

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// Everything that may have to be typed is written in the alphabet of RFC 4648 section 6, A to Z and 2 to 7: it has no 0, 1 and 8
// to take for O, I and B, and QR codes store it in 5.5 bits a letter.
var code = base32.StdEncoding.WithPadding(base32.NoPadding)

const (
	idBytes  = 5 // an ID has 8 letters
	sumChars = 4 // a checksum has 4 letters, 20 bits: one mistake in a million passes it; none passes the ID besides
)

// ID names what was written, by its content: the first 40 bits of the SHA-256 of an age file's binary form, or of a key file.
// It stands on sheets and in the ledger: what has the ID of a backup is undamaged.
func ID(content []byte) string {
	sum := sha256.Sum256(content)
	return code.EncodeToString(sum[:idBytes])
}

// WordsID names the words of a key. It tells nothing about them: it is made of the public half alone.
func WordsID(fingerprint string) string { return ID([]byte("keysweep words " + fingerprint)) }

// checksum covers all fields of a part or a line, so that none of them can be changed or swapped unseen.
func checksum(fields ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(fields, " ")))
	return code.EncodeToString(sum[:])[:sumChars]
}

// tidy returns text as it would be printed: upper case, and digits that are not in the alphabet as the letters they are taken for.
func tidy(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case r == '0':
			return 'O'
		case r == '1':
			return 'I'
		case r == '8':
			return 'B'
		}
		return r
	}, text)
}

// isCode reports whether text is made of the alphabet alone.
func isCode(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
