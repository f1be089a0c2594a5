package domain

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// skeleton returns a text in which letters that look alike are the same: two texts with one skeleton can be taken for each other. It is the
// idea of UTS #39, section 4, with the part of Unicode's confusables.txt that looks like the letters of domains, and with what can
// be taken for each other in ASCII.
func skeleton(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		if unicode.Is(unicode.Mn, r) { // an accent
			continue
		}
		if plain, ok := confusable(r); ok {
			b.WriteString(plain)
			continue
		}
		b.WriteRune(r)
	}
	return strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "0", "o", "1", "l", "i", "l", "|", "l", "5", "s").Replace(b.String())
}

// confusable returns what a letter looks like. The table is of Unicode's confusables.txt (https://www.unicode.org/Public/security/latest/confusables.txt),
// the lower-case letters of the scripts that registries allow in domains, and those of Latin that are no letter with an accent.
func confusable(r rune) (string, bool) {
	const (
		from = "аеорсухіјѕһԁԛԝкмнтвгпьүґєцшԍ" + // Cyrillic
			"οαεικνρτυχηγωβϲϳσμ" + // Greek
			"օոսհցզքեգ" + // Armenian
			"ıłɑɡøđħŧƒĸʋɴʀʏɢʜʙ" + // Latin
			"ߋ٥ഠဝ" // letters and digits that are circles
		to = "aeopcyxijshdqwkmhtbrnbyreuwg" +
			"oaeikvptuxnywbcjou" +
			"onuhgqpeq" +
			"ilagodhtfkvnryghb" +
			"oooo"
	)
	switch r {
	case 'ß':
		return "ss", true
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ӏ', 'ǀ', 'ɩ', 'ɪ', 'ʟ':
		return "l", true
	}
	n := 0
	for _, f := range from {
		if f == r {
			return string([]rune(to)[n]), true
		}
		n++
	}
	return "", false
}

// mixedScripts says that a label has letters of scripts that do not belong together; "" if none has. Japanese, Korean and Chinese are written
// in several, and with Latin.
func mixedScripts(host string) string {
	for label := range strings.SplitSeq(host, ".") {
		var latin, cyrillic, greek, armenian, other bool
		for _, r := range label {
			latin = latin || unicode.Is(unicode.Latin, r)
			cyrillic = cyrillic || unicode.Is(unicode.Cyrillic, r)
			greek = greek || unicode.Is(unicode.Greek, r)
			armenian = armenian || unicode.Is(unicode.Armenian, r)
			other = other || unicode.IsLetter(r) && unicode.In(r, unicode.Cherokee, unicode.Hebrew, unicode.Arabic, unicode.Georgian)
		}
		count := 0
		for _, there := range []bool{latin, cyrillic, greek, armenian, other} {
			if there {
				count++
			}
		}
		if count > 1 {
			return "it mixes letters of different scripts"
		}
	}
	return ""
}

// damerau counts the letters that are wrong: put in, left out, replaced, or swapped with the next one (optimal string alignment).
func damerau(a, b string) int {
	x, y := []rune(a), []rune(b)
	const most = 63 // letters of a label
	if len(x) > most || len(y) > most {
		return most
	}
	var before, last, row [most + 1]int
	for j := range len(y) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}
