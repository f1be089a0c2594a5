package words

// maxTyped is how many words are looked at. More than this is no list of words, whatever it is.
const maxTyped = 64

// split cuts text into words, which are parts of text, without the numbers before them.
func split(text []byte) ([][]byte, error) {
	var typed [][]byte
	var numbers []int
	pending := 0 // the number that belongs to the next word; 0 if there is none
	for len(text) > 0 {
		n := 0
		for n < len(text) && isSpace(text[n]) {
			n++
		}
		text = text[n:]
		for n = 0; n < len(text) && !isSpace(text[n]); n++ {
		}
		token := text[:n]
		text = text[n:]
		value, word := numbered(token)
		if value > 0 {
			pending = value
		}
		if len(word) == 0 {
			continue
		}
		if len(typed) == maxTyped {
			return nil, &CountError{Got: len(typed) + 1}
		}
		typed, numbers, pending = append(typed, word), append(numbers, pending), 0
	}
	return arrange(typed, numbers)
}

func isSpace(c byte) bool { return c <= ' ' || c == ',' || c == ';' || c == '|' }

// numbered takes a number and the punctuation behind it off a token: "7." "7)" "7:word" "07".
func numbered(token []byte) (value int, word []byte) {
	n := 0
	for n < len(token) && n < 3 && '0' <= token[n] && token[n] <= '9' {
		value = value*10 + int(token[n]-'0')
		n++
	}
	if n == 0 {
		return 0, token
	}
	for n < len(token) && (token[n] == '.' || token[n] == ')' || token[n] == ':') {
		n++
	}
	return value, token[n:]
}

// arrange puts words that all have numbers in the order of these.
func arrange(typed [][]byte, numbers []int) ([][]byte, error) {
	for _, n := range numbers {
		if n == 0 {
			return typed, nil
		}
	}
	ordered := make([][]byte, len(typed))
	repeated := 0
	for i, n := range numbers {
		switch {
		case n > len(typed):
		case ordered[n-1] != nil && repeated == 0:
			repeated = n
		default:
			ordered[n-1] = typed[i]
		}
	}
	for i := range ordered {
		if ordered[i] == nil {
			return nil, &NumberError{Missing: i + 1, Repeated: repeated}
		}
	}
	return ordered, nil
}
