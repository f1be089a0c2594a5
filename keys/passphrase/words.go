package passphrase

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// leet are the letters that a digit or sign can stand for.
func leet(r rune) string {
	switch r {
	case '4', '@':
		return "a"
	case '8':
		return "b"
	case '(', '{', '[', '<':
		return "c"
	case '3':
		return "e"
	case '6', '9':
		return "g"
	case '1', '|':
		return "il"
	case '!':
		return "i"
	case '7':
		return "lt"
	case '0':
		return "o"
	case '$', '5':
		return "s"
	case '+':
		return "t"
	case '%':
		return "x"
	case '2':
		return "z"
	}
	return ""
}

// pieces returns the words that the caller named and the words in them: "ann@laptop.example.org" is also "ann", "laptop",
// "example", "org" and "laptop.example.org".
func pieces(named []string) (all []string) {
	separator := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for _, name := range named {
		all = append(all, name)
		all = append(all, strings.FieldsFunc(name, func(r rune) bool { return r == '@' || unicode.IsSpace(r) })...)
		all = append(all, strings.FieldsFunc(name, separator)...)
	}
	return all
}

// words finds the words of all tables, forwards and backwards, in any case and with digits for letters.
func (e *estimator) words(text, lower []rune) (found []match) {
	backwards := slices.Clone(lower)
	slices.Reverse(backwards)
	defer clear(backwards)
	for _, s := range e.tables {
		w := wordSearch{table: s.words, letters: lower, subs: make([]substitution, 0, len(text))}
		for from := range text {
			w.from = from
			w.each = func(to int, rank uint32) {
				guesses := float64(rank) * capitals(text[from:to]) * w.leetness(lower[from:to])
				found = append(found, match{from, to, s.kind, guesses})
			}
			w.search(w.table.all(), from, 0)
		}
		w.letters = backwards
		for start := range text {
			w.from = start
			w.each = func(end int, rank uint32) {
				from, to := len(text)-end, len(text)-start
				guesses := 2 * float64(rank) * capitals(text[from:to]) * w.leetness(lower[from:to])
				found = append(found, match{from, to, s.kind, guesses})
			}
			w.search(w.table.all(), start, 0)
		}
	}
	return found
}

// wordSearch finds the words of a table that start at a place.
type wordSearch struct {
	table   *table
	letters []rune
	from    int
	subs    []substitution // on the way to where the search is
	each    func(to int, rank uint32)
}

// substitution is a digit or sign that stands for a letter.
type substitution struct{ sign, letter rune }

// search goes on at a character, with the words that agree so far in their first depth bytes.
func (w *wordSearch) search(words span, at, depth int) {
	if rank, ok := w.table.rank(words, depth); ok && at > w.from {
		w.each(at, rank)
	}
	if at == len(w.letters) || words.from == words.to {
		return
	}
	r := w.letters[at]
	w.step(words, at, depth, r)
	for _, letter := range leet(r) {
		w.subs = append(w.subs, substitution{r, letter})
		w.step(words, at, depth, letter)
		w.subs = w.subs[:len(w.subs)-1]
	}
}

func (w *wordSearch) step(words span, at, depth int, r rune) {
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	for _, c := range buf[:n] {
		words = w.table.next(words, depth, c)
		depth++
	}
	w.search(words, at+1, depth)
}

// leetness is how many ways there are to write as many signs for letters as this word has.
func (w *wordSearch) leetness(lower []rune) float64 {
	ways := 1.0
	for i, s := range w.subs {
		if slices.Contains(w.subs[:i], s) {
			continue
		}
		signs, letters := 0, 0
		for _, r := range lower {
			if r == s.sign {
				signs++
			}
			if r == s.letter {
				letters++
			}
		}
		ways *= variations(signs, letters)
	}
	return ways
}

// capitals is how many ways there are to write as many capitals as this word has. First letter, last letter and all are what
// people do.
func capitals(text []rune) float64 {
	upper, lower := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	switch {
	case upper == 0:
		return 1
	case lower == 0, upper == 1 && (unicode.IsUpper(text[0]) || unicode.IsUpper(text[len(text)-1])):
		return 2
	}
	return variations(upper, lower)
}

// variations is how many ways there are to have up to the fewer of a and b among both.
func variations(a, b int) (ways float64) {
	if a == 0 || b == 0 {
		return 2
	}
	for i := 1; i <= min(a, b); i++ {
		ways += choose(a+b, i)
	}
	return ways
}
