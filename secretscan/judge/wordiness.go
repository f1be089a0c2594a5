package judge

import "strings"

// wordinessFold is wordiness of a text in any case.
func wordinessFold(s string) (mean float64, pairs int) {
	if !isASCII(s) {
		return wordiness(strings.ToLower(s))
	}
	const none = 26
	sum, last := 0, byte(none)
	for i := range len(s) {
		next := s[i] | 0x20 - 'a'
		if next >= none {
			next = none
		} else if last < none {
			sum += int(bigrams[last][next])
			pairs++
		}
		last = next
	}
	return meanOf(sum, pairs), pairs
}

// wordiness returns how much a text in lower case looks like words, as the mean over its pairs of letters, and how many there are.
func wordiness(s string) (mean float64, pairs int) {
	sum := 0
	for i := 1; i < len(s); i++ {
		a, b := s[i-1], s[i]
		if a >= 'a' && a <= 'z' && b >= 'a' && b <= 'z' {
			sum += int(bigrams[a-'a'][b-'a'])
			pairs++
		}
	}
	return meanOf(sum, pairs), pairs
}

func meanOf(sum, pairs int) float64 {
	if pairs == 0 {
		return 0
	}
	return float64(sum) / 16 / float64(pairs)
}
