package words

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// Count is how many words the list has: each stands for 11 bits.
const Count = 1 << bitsPerWord

const (
	bitsPerWord = 11
	prefix      = 4 // letters that tell a word from every other
	longest     = 8 // letters of the longest words
)

// english is the file english.txt of BIP-39, byte for byte; its words are sorted.
//
//go:embed english.txt
var english string

var list = sync.OnceValue(func() []string { return strings.Fields(english) })

// Word returns a word of the list. The index is 0 to Count-1; others are "".
func Word(index int) string {
	if index < 0 || index >= Count {
		return ""
	}
	return list()[index]
}

// Index finds a word in the list, whatever its case, by all its letters or by its first four or more. "aband" is found, "abandom"
// is not: it is a mistake that somebody should look at.
func Index(word []byte) (index int, ok bool) {
	var lower [longest]byte
	defer clear(lower[:])
	if len(word) < 3 || len(word) > longest {
		return 0, false
	}
	for i, c := range word {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	typed := lower[:len(word)]
	all := list()
	index, exact := slices.BinarySearchFunc(all, typed, compare)
	if exact {
		return index, true
	}
	// The first word that is not before the letters typed is the one that they begin, if there is one.
	if len(typed) < prefix || index == Count || !strings.HasPrefix(all[index], string(typed)) {
		return 0, false
	}
	return index, true
}

// compare orders a word of the list against what was typed, without copying that.
func compare(word string, typed []byte) int {
	for i := 0; i < len(word) && i < len(typed); i++ {
		if word[i] != typed[i] {
			return int(word[i]) - int(typed[i])
		}
	}
	return len(word) - len(typed)
}

// Nearest returns up to most words of the list that are closest to what was typed, closest first: by the number of letters to
// change, insert, leave out or swap with their neighbour, and among equals those with the same first letters. What is not close
// to any word has none.
func Nearest(word []byte, most int) []string {
	if len(word) == 0 || len(word) > 2*longest {
		return nil
	}
	lower := make([]byte, len(word))
	defer clear(lower)
	for i, c := range word {
		lower[i] = c
		if 'A' <= c && c <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	type near struct {
		word  string
		score int
	}
	var found []near
	for _, w := range list() {
		if d := distance(w, lower); d <= closeEnough {
			found = append(found, near{w, d*longest - common(w, lower)})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.score - b.score })
	var names []string
	for _, n := range found[:min(most, len(found))] {
		names = append(names, n.word)
	}
	return names
}

// closeEnough is how many mistakes a word may have and still be recognised.
const closeEnough = 2

func common(word string, typed []byte) (n int) {
	for n < len(word) && n < len(typed) && word[n] == typed[n] {
		n++
	}
	return n
}

// distance counts the letters to change, insert, leave out or swap with their neighbour (the restricted Damerau-Levenshtein
// distance). It fills the table
//
//	     a  c  t
//	  0  1  2  3
//	c 1  1  1  2
//	a 2  1  1  2     "cat" becomes "act" by one swap
//	t 3  2  2  1
//
// row by row, and keeps the last three.
func distance(word string, typed []byte) int {
	var rows [3][2*longest + 1]int
	defer clear(rows[:])
	for j := range len(typed) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(word); i++ {
		row, up, upper := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(typed); j++ {
			same := 1
			if word[i-1] == typed[j-1] {
				same = 0
			}
			row[j] = min(up[j]+1, row[j-1]+1, up[j-1]+same)
			if i > 1 && j > 1 && word[i-1] == typed[j-2] && word[i-2] == typed[j-1] {
				row[j] = min(row[j], upper[j-2]+1)
			}
		}
	}
	return rows[len(word)%3][len(typed)]
}
