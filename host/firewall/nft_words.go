package firewall

import (
	"fmt"
	"strings"
)

// nftWord is a word or sign of a file for nft -f, and its line.
type nftWord struct {
	text   string
	quoted bool
	line   int
}

// nftWords takes a file apart (nft(8), "Lexical conventions"): comments and continued lines go away, the end of a line is a sign.
func nftWords(text string) ([]nftWord, error) {
	var words []nftWord
	line := 1
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\n':
			words = append(words, nftWord{"\n", false, line})
			line++
			i++
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '\\' && i+1 < len(text) && text[i+1] == '\n':
			line++
			i += 2
		case c == '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case c == '"':
			end := strings.IndexByte(text[i+1:], '"')
			if end < 0 || strings.Contains(text[i+1:i+1+end], "\n") {
				return nil, fmt.Errorf("line %d: a quote is not closed", line)
			}
			words = append(words, nftWord{text[i+1 : i+1+end], true, line})
			i += end + 2
		default:
			n := nftSign(text[i:])
			words = append(words, nftWord{text[i : i+n], false, line})
			i += n
		}
		if len(words) > maxRules {
			return nil, fmt.Errorf("more than %d words", maxRules)
		}
	}
	return words, nil
}

// nftSign returns the length of the sign or word that a text starts with. A colon belongs to a word, but for the last one: addresses of
// IPv6 have some.
func nftSign(text string) int {
	for _, sign := range []string{"==", "!=", "<=", ">="} {
		if strings.HasPrefix(text, sign) {
			return 2
		}
	}
	const signs = "{},;=<>&|()!"
	if strings.IndexByte(signs, text[0]) >= 0 || text[0] == ':' && (len(text) == 1 || text[1] != ':') {
		return 1
	}
	n := strings.IndexAny(text, signs+" \t\r\n#\"")
	if n < 0 {
		n = len(text)
	}
	if n > 1 && text[n-1] == ':' && text[n-2] != ':' {
		n--
	}
	return max(n, 1)
}
