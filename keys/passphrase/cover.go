package passphrase

import (
	"cmp"
	"math"
	"slices"
)

// charGuesses is the number of guesses for a character that nothing is known of. It is low on purpose, so that a match is taken
// wherever there is one.
const charGuesses = 10

// The least that a part of a longer passphrase costs, for one character and for more.
const (
	leastChar = 10
	leastPart = 50
)

// step is the cheapest way to guess the first characters of a passphrase.
type step struct {
	guesses float64
	last    match
}

// cover finds the parts that make a passphrase of n characters cheapest to guess: of all ways to cut it, the one with the least
// product of guesses.
//
// The paper multiplies that by the number of orders the parts can have, and adds 10,000 for each part after the first. This is
// left out: "i am so so glad" has nine parts with its spaces, which would make 1e32 of it.
func cover(n int, matches []match) Strength {
	endsAt := make([][]match, n+1)
	for _, m := range matches {
		endsAt[m.to] = append(endsAt[m.to], m)
	}
	best := make([]step, n+1) // best[k] is about the first k characters
	best[0].guesses = 1
	for k := 1; k <= n; k++ {
		best[k].guesses = math.Inf(1)
		for _, m := range endsAt[k] {
			best[k].improve(best[m.from].guesses, m, n)
		}
		for from := range k {
			best[k].improve(best[from].guesses, match{from, k, random, math.Pow(charGuesses, float64(k-from))}, n)
		}
	}
	return Strength{Guesses: best[n].guesses, Score: score(best[n].guesses), kinds: kindsOf(best)}
}

// improve tries m as the last part, of a passphrase of n characters.
func (s *step) improve(before float64, m match, n int) {
	guesses := m.guesses
	if length := m.to - m.from; length == 1 && n > 1 {
		guesses = max(guesses, leastChar)
	} else if length < n {
		guesses = max(guesses, leastPart)
	}
	if guesses *= before; guesses < s.guesses || s.last.to == 0 {
		*s = step{guesses, m}
	}
}

// kindsOf walks the cheapest way backwards.
func kindsOf(best []step) []kind {
	var found []match
	for n := len(best) - 1; n > 0; n = found[len(found)-1].from {
		found = append(found, best[n].last)
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(b.to-b.from, a.to-a.from) })
	kinds := make([]kind, len(found))
	for i, m := range found {
		kinds[i] = m.kind
	}
	return kinds
}
