package passphrase

import (
	"math"
	"slices"
	"unicode"
	"unicode/utf8"
)

// mostLooked is how many characters of a passphrase are looked at. The rest can only make it stronger, and the work grows with
// the third power.
const mostLooked = 128

// Strength is how hard a passphrase is to guess.
type Strength struct {
	Guesses float64 // how many guesses it takes someone who knows how people choose passwords; +Inf for more than a float64 holds
	Score   int     // 0 (guessed at once) to 4 (out of reach even of who has the encrypted key file)
	kinds   []kind  // of which parts the easiest way to guess it is made, the longest part first
}

// kind is what a part of a passphrase is.
type kind int

const (
	random kind = iota // nothing that is known
	word
	named  // a word that the caller named
	phrase // a famous sentence or example
	walk   // of fingers over the keyboard
	repeat // the same again and again
	order  // abc, 654
	date
)

// match is a part of a passphrase that an attacker can guess as a whole.
type match struct {
	from, to int // characters, to is not in it
	kind     kind
	guesses  float64
}

// enough is the fewest guesses that Check is content with. Score 4 begins at a hundredth of it, and four words off a list of
// 200 reach that. At 64 rounds of bcrypt, 0.6 s a guess on one core, it is 19,000 years of one core.
const enough = 1e12

// The limits of the scores, in guesses (Wheeler 2016, section 5.1).
var thresholds = [...]float64{1e3, 1e6, 1e8, 1e10}

// Estimate estimates the strength of a passphrase. known are words that an attacker would try first. Only the first 128
// characters are looked at.
func Estimate(pass []byte, known []string) Strength {
	e := &estimator{tables: []source{{common(), word}, {blocked(), phrase}, {toured(), walk}, {tableOf(pieces(known)), named}}}
	text := decode(pass)
	defer clear(text)
	return e.estimate(text)
}

// decode returns the first characters of a passphrase. Bytes that are no UTF-8 count as one character each.
func decode(pass []byte) []rune {
	text := make([]rune, 0, mostLooked)
	for len(pass) > 0 && len(text) < mostLooked {
		r, n := utf8.DecodeRune(pass)
		text, pass = append(text, r), pass[n:]
	}
	return text
}

// estimator holds the words to compare with.
type estimator struct{ tables []source }

type source struct {
	words *table
	kind  kind
}

func (e *estimator) estimate(text []rune) Strength {
	lower := make([]rune, len(text))
	defer clear(lower)
	for i, r := range text {
		lower[i] = unicode.ToLower(r)
	}
	matches := slices.Concat(e.words(text, lower), walks(text), e.repeats(text), sequences(text), years(text), dates(text))
	return cover(len(text), matches)
}

func score(guesses float64) int {
	for i, limit := range thresholds {
		if guesses < limit+5 { // the +5 of the reference: 1000 guesses for three digits are not "more than 1000"
			return i
		}
	}
	return len(thresholds)
}

// choose returns n over k.
func choose(n, k int) float64 {
	if k > n {
		return 0
	}
	result := 1.0
	for i := 1; i <= k; i++ {
		result = result * float64(n-k+i) / float64(i)
	}
	return math.Round(result)
}
