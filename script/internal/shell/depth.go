package shell

import "bytes"

const (
	// MaxText is the longest text that is parsed as a whole, in bytes: the parser calls itself for each level of nesting and needs up to
	// 5 KB for one. Installers of well-known projects have up to 250 KB.
	MaxText = 512 << 10
	// maxDepth is the most that brackets and compound commands may be nested. Twenty is much for a person.
	maxDepth = 200
)

// tooDeep reports whether a text may be nested deeper than maxDepth. It counts what opens less what closes, quoted or not: that is
// never far below the truth, since what closes takes room, too.
func tooDeep(data []byte) bool {
	depth, word := 0, 0
	for i := 0; i <= len(data); i++ {
		b := byte(' ')
		if i < len(data) {
			b = data[i]
		}
		if 'a' <= b && b <= 'z' || b == '!' {
			continue
		}
		switch string(data[word:i]) {
		case "if", "while", "until", "for", "case", "select", "time", "coproc", "function":
			depth++
		case "fi", "done", "esac":
			depth = max(0, depth-1)
		}
		word = i + 1
		switch b {
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			depth = max(0, depth-1)
		case '\n':
			if i > 0 && bytes.HasSuffix(data[:i], []byte("\n}")) { // the end of a function: what an apostrophe in a comment did is over
				depth = 0
			}
		}
		if depth > maxDepth {
			return true
		}
	}
	return false
}
