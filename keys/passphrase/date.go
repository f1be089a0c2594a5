package passphrase

import (
	"slices"
	"strings"
)

// Years that people use lie around the year of reference, and at least spread years of them are tried. The year is fixed, so
// that a passphrase is as good tomorrow as today.
const (
	referenceYear = 2026
	spread        = 20
)

// separators stand between the parts of a date.
const separators = " -/\\_."

// years finds the years of this century and the last.
func years(text []rune) (found []match) {
	for from := 0; from+4 <= len(text); from++ {
		if y, ok := number(text[from : from+4]); ok && 1900 <= y && y < 2050 {
			found = append(found, match{from, from + 4, date, yearGuesses(y)})
		}
	}
	return found
}

func yearGuesses(year int) float64 {
	return float64(max(year-referenceYear, referenceYear-year, spread))
}

// number reads digits.
func number(text []rune) (n int, ok bool) {
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, len(text) > 0
}

// dateForms are how many digits the three parts of a date have, and which of them is the year.
var dateForms = func() (forms [][4]int) {
	for _, day := range []int{1, 2} {
		for _, month := range []int{1, 2} {
			for _, year := range []int{2, 4} {
				forms = append(forms, [4]int{year, day, month, 0}, [4]int{day, month, year, 2})
			}
		}
	}
	return forms
}()

// dates finds days of a year with the year in front or at the end, with two signs that are the same between the parts or none.
func dates(text []rune) (found []match) {
	for from := range text {
		for _, form := range dateForms {
			for between := range 2 {
				if m, ok := dateAt(text, from, form, between); ok {
					found = append(found, m)
				}
			}
		}
	}
	return found
}

func dateAt(text []rune, from int, form [4]int, between int) (match, bool) {
	to := from + form[0] + form[1] + form[2] + 2*between
	if to > len(text) {
		return match{}, false
	}
	second := from + form[0] + between
	third := second + form[1] + between
	if between == 1 && (text[second-1] != text[third-1] || !strings.ContainsRune(separators, text[second-1])) {
		return match{}, false
	}
	a, ok1 := number(text[from : from+form[0]])
	b, ok2 := number(text[second : second+form[1]])
	c, ok3 := number(text[third:to])
	if !ok1 || !ok2 || !ok3 {
		return match{}, false
	}
	parts := []int{a, b, c}
	year := parts[form[3]]
	day := slices.Delete(parts, form[3], form[3]+1)
	if form[form[3]] == 2 {
		year = century(year)
	}
	if year < 1000 || year > 2050 || !isDay(day[0], day[1]) && !isDay(day[1], day[0]) {
		return match{}, false
	}
	guesses := 365 * yearGuesses(year)
	if between == 1 {
		guesses *= 4
	}
	return match{from, to, date, guesses}, true
}

// century completes a year of two digits.
func century(year int) int {
	if year > 50 {
		return 1900 + year
	}
	return 2000 + year
}

func isDay(day, month int) bool { return 1 <= day && day <= 31 && 1 <= month && month <= 12 }
