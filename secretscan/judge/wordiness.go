package judge

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
	if pairs == 0 {
		return 0, 0
	}
	return float64(sum) / 16 / float64(pairs), pairs
}
