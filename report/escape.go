package report

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible makes text harmless on a terminal: whatever is not a printable character (control characters, ANSI escapes, bidi
// controls, zero-width characters, line separators, bytes that are not UTF-8) is shown as \x1b or \u202e. Line breaks and tabs
// too. A backslash stays as it is, so the result is for people, not for parsing back.
func visible(s string) string {
	if isVisible(s) {
		return s
	}
	var b strings.Builder
	for i, n := 0, 0; i < len(s); i += n {
		var r rune
		r, n = utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// isPlain reports whether all of s are printable characters of ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isVisible(s string) bool {
	return isPlain(s) || utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// githubData escapes the message of a GitHub workflow command. The rules are those of the toolkit of GitHub Actions
// (@actions/core, command.ts): percent sign, carriage return and line feed.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// githubProperty escapes a property's value, in which colon and comma end it as well.
func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// csvCell keeps spreadsheets from taking a cell for a formula: one that begins, after blanks, with a character that starts one
// gets a leading quote (OWASP, "CSV Injection"; the full-width forms count in some locales).
func csvCell(s string) string {
	trimmed := strings.TrimLeft(s, " ")
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(trimmed, start) {
			return "'" + s
		}
	}
	return s
}

// pathURI returns a path as a relative URI reference, or as a file URI if it is absolute (RFC 3986, RFC 8089).
func pathURI(path string) string {
	if strings.HasPrefix(path, "/") {
		return (&url.URL{Scheme: "file", Path: path}).String()
	}
	if len(path) > 2 && path[1] == ':' && path[2] == '/' && unicode.IsLetter(rune(path[0])) { // a Windows drive
		return (&url.URL{Scheme: "file", Path: "/" + path}).String()
	}
	return (&url.URL{Path: path}).String()
}

// shellQuote writes a word so that a POSIX shell reads it back. Characters that cannot be shown are written in the $'...' form
// of bash, zsh and ksh.
func shellQuote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:+@%^="
	switch {
	case s != "" && strings.Trim(s, plain) == "":
		return s
	case isVisible(s):
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, c := range []byte(s) {
		switch {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}
