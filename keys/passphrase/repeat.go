package passphrase

import "slices"

// repeats finds what stands there twice or more in a row. Guessing it is guessing what is repeated, and how often.
func (e *estimator) repeats(text []rune) (found []match) {
	for from := 0; from < len(text)-1; {
		period, times := longestRepeat(text[from:])
		if times < 2 {
			from++
			continue
		}
		base := e.estimate(text[from : from+period])
		to := from + period*times
		found = append(found, match{from, to, repeat, base.Guesses * float64(times)})
		from = to
	}
	return found
}

// longestRepeat returns which beginning of text is repeated over the longest stretch, and how often: (3, 2) for "aabaabc".
func longestRepeat(text []rune) (period, times int) {
	for p := 1; p <= len(text)/2; p++ {
		n := 1
		for (n+1)*p <= len(text) && slices.Equal(text[:p], text[n*p:(n+1)*p]) {
			n++
		}
		if n > 1 && n*p > period*times {
			period, times = p, n
		}
	}
	return period, times
}
