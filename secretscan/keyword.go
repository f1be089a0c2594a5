package secretscan

import (
	"bytes"
	"strings"
)

// hasKeyword reports whether data holds one of the keywords, which are in lower case, in any case: as if the whole of data were
// lowered first, but without a copy unless a letter beyond ASCII could matter.
func hasKeyword(data []byte, keywords []string) bool {
	for _, k := range keywords {
		if containsFold(data, k) {
			return true
		}
	}
	if bytes.Contains(data, []byte("\u212a")) || bytes.Contains(data, []byte("\u0130")) || !isASCII(keywords) {
		return containsAny(strings.ToLower(string(data)), keywords)
	}
	return false
}

func isASCII(words []string) bool {
	for _, word := range words {
		for i := range len(word) {
			if word[i] >= 0x80 {
				return false
			}
		}
	}
	return true
}

// containsFold reports whether data holds word, which is in lower case, without regard to the case of ASCII letters.
func containsFold(data []byte, word string) bool {
	for i := 0; i+len(word) <= len(data); i++ {
		if equalFold(data[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

func equalFold(data []byte, word string) bool {
	for i := range len(word) {
		b := data[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != word[i] {
			return false
		}
	}
	return true
}
