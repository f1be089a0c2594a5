package sshd

import (
	"errors"
	"strings"
)

// space is what separates words of a line.
const space = " \t\r\n"

// errQuotes says that a quotation mark has no partner.
var errQuotes = errors.New("a quotation mark without its partner")

// cutDelim cuts the first word off a line as sshd does for keywords and for the criteria of Match: words end at white space, at one
// equals sign, or at the end of a quoted part. more is false if nothing stands behind it; ok is false if a quotation mark has no partner.
func cutDelim(s string) (word, rest string, more, ok bool) {
	i := strings.IndexAny(s, space+`"=`)
	if i < 0 {
		return s, "", false, true
	}
	if s[i] == '"' {
		end := strings.IndexByte(s[i+1:], '"')
		if end < 0 {
			return "", "", false, false
		}
		return s[:i] + s[i+1:i+1+end], strings.TrimLeft(s[i+end+2:], space), true, true
	}
	word, rest = s[:i], strings.TrimLeft(s[i+1:], space)
	if s[i] != '=' && strings.HasPrefix(rest, "=") {
		rest = strings.TrimLeft(rest[1:], space)
	}
	return word, rest, true, true
}

// word is an argument and where it stands in the text that it was split from, in bytes.
type word struct {
	text string
	at   int
}

// splitWords splits the arguments of a line: at blanks, with quotation marks of both kinds and backslashes, up to a comment.
// OpenSSH does so since 8.7.
func splitWords(s string) ([]word, error) {
	var list []word
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' || s[i] == '\t' {
			continue
		}
		if s[i] == '#' {
			break
		}
		text, end, ok := takeWord(s, i)
		if !ok {
			return nil, errQuotes
		}
		list = append(list, word{text, i})
		i = end
	}
	return list, nil
}

// splitOld splits the arguments of a line as OpenSSH did before 8.7: at white space and equals signs, with double quotation marks only, and
// with comments taken for words.
func splitOld(s string) []word {
	var list []word
	whole := len(s)
	for more := s != ""; more; {
		at := whole - len(s)
		text, rest, next, ok := cutDelim(s)
		if !ok || text == "" {
			break
		}
		list = append(list, word{text, at})
		s, more = rest, next && rest != ""
	}
	return list
}

// takeWord reads the word that starts at i and returns where it ends.
func takeWord(s string, i int) (text string, end int, ok bool) {
	var b strings.Builder
	var quote byte
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && (strings.IndexByte(`'"\`, s[i+1]) >= 0 || quote == 0 && s[i+1] == ' '):
			i++
			b.WriteByte(s[i])
		case quote == 0 && (c == ' ' || c == '\t'):
			return b.String(), i, true
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), i, quote == 0
}
