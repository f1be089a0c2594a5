package secretscan

import "math"

// shannon returns the Shannon entropy of text in bits per byte, as gitleaks has it: counted in characters, divided by bytes.
func shannon(text string) float64 {
	if text == "" {
		return 0
	}
	var ascii [128]int
	var other map[rune]int
	for _, r := range text {
		if r < 128 {
			ascii[r]++
			continue
		}
		if other == nil {
			other = make(map[rune]int)
		}
		other[r]++
	}
	entropy, scale := 0.0, 1/float64(len(text))
	add := func(n int) {
		if n > 0 {
			p := float64(n) * scale
			entropy -= p * math.Log2(p)
		}
	}
	for _, n := range ascii {
		add(n)
	}
	for _, n := range other {
		add(n)
	}
	return entropy
}
