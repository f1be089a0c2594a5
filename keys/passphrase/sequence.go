package passphrase

import "strings"

// obvious are the characters that a sequence starts with if it starts at an end.
const obvious = "aAzZ019"

// mostStep is the largest step from one character of a sequence to the next: "acegik" is one, "akz" is none.
const mostStep = 5

// sequences finds characters with equal steps: abcd, 8642, zyx.
func sequences(text []rune) (found []match) {
	for from := 0; from < len(text)-1; {
		step := text[from+1] - text[from]
		to := from + 2
		for to < len(text) && text[to]-text[to-1] == step {
			to++
		}
		small := step != 0 && -mostStep <= step && step <= mostStep
		if small && (to-from > 2 || step == 1 || step == -1) {
			found = append(found, match{from, to, order, sequenceGuesses(text[from:to], step)})
		}
		from = to - 1 // the last may be the first of another
	}
	return found
}

func sequenceGuesses(text []rune, step rune) float64 {
	guesses := 26.0
	switch first := text[0]; {
	case strings.ContainsRune(obvious, first):
		guesses = 4
	case '0' <= first && first <= '9':
		guesses = 10
	}
	if step < 0 {
		guesses *= 2
	}
	return guesses * float64(len(text))
}
