package passphrase

import (
	"math"
	"slices"
	"sync"
)

// layouts are keyboards as rows of keys; a key is the character without shift and the one with it. The rows of letters lie half
// a key to the right of the row above each, so a key has six neighbours; on a keypad it has eight.
var layouts = []struct {
	rows   []string
	keypad bool
}{
	{rows: []string{"`~1!2@3#4$5%6^7&8*9(0)-_=+", "\x00\x00qQwWeErRtTyYuUiIoOpP[{]}\\|", "\x00\x00aAsSdDfFgGhHjJkKlL;:'\"", "\x00\x00zZxXcCvVbBnNmM,<.>/?"}},
	{rows: []string{"`~1!2@3#4$5%6^7&8*9(0)[{]}", "\x00\x00'\",<.>pPyYfFgGcCrRlL/?=+\\|", "\x00\x00aAoOeEuUiIdDhHtTnNsS-_", "\x00\x00;:qQjJkKxXbBmMwWvVzZ"}},
	{rows: []string{"^°1!2\"3§4$5%6&7/8(9)0=ß?´`", "\x00\x00qQwWeErRtTzZuUiIoOpPüÜ+*", "\x00\x00aAsSdDfFgGhHjJkKlLöÖäÄ#'", "\x00\x00yYxXcCvVbBnNmM,;.:-_"}},
	{rows: []string{"²²&1é2\"3'4(5-6è7_8ç9à0)°=+", "\x00\x00aAzZeErRtTyYuUiIoOpP^¨$£", "\x00\x00qQsSdDfFgGhHjJkKlLmMù%*µ", "\x00\x00wWxXcCvVbBnN,?;.:/!§"}},
	{rows: []string{"\x00\x00//**--", "778899++", "445566\x00\x00", "112233\x00\x00", "\x00\x0000..\x00\x00"}, keypad: true},
}

// key is where a character is on a keyboard.
type key struct {
	row, column int
	shifted     bool
}

type keyboard struct {
	keys   map[rune]key
	deltas [][2]int // from a key to its neighbours
	starts float64  // characters on it
	degree float64  // neighbours of a key, on average
}

var keyboards = sync.OnceValue(func() (boards []keyboard) {
	for _, l := range layouts {
		b := keyboard{keys: map[rune]key{}, deltas: [][2]int{{0, -1}, {-1, 0}, {-1, 1}, {0, 1}, {1, 0}, {1, -1}}}
		if l.keypad {
			b.deltas = append(b.deltas, [2]int{-1, -1}, [2]int{1, 1})
		}
		for row, line := range l.rows {
			for i, r := range []rune(line) {
				if _, taken := b.keys[r]; r != 0 && !taken {
					b.keys[r] = key{row, i / 2, i%2 == 1}
				}
			}
		}
		b.count()
		boards = append(boards, b)
	}
	return boards
})

func (b *keyboard) count() {
	places := map[[2]int]bool{}
	for _, k := range b.keys {
		places[[2]int{k.row, k.column}] = true
	}
	neighbours := 0
	for p := range places {
		for _, d := range b.deltas {
			if places[[2]int{p[0] + d[0], p[1] + d[1]}] {
				neighbours++
			}
		}
	}
	b.starts, b.degree = float64(len(b.keys)), float64(neighbours)/float64(len(places))
}

// direction returns which neighbour of a the key b is, -1 if it is none.
func (b *keyboard) direction(from, to rune) int {
	k, ok := b.keys[from]
	l, okToo := b.keys[to]
	if !ok || !okToo {
		return -1
	}
	return slices.Index(b.deltas, [2]int{l.row - k.row, l.column - k.column})
}

// walks finds at least three keys of which each is beside the one before.
func walks(text []rune) (found []match) {
	for _, b := range keyboards() {
		for from := 0; from < len(text)-1; {
			to, turns, last := from+1, 0, -1
			for ; to < len(text); to++ {
				d := b.direction(text[to-1], text[to])
				if d < 0 {
					break
				}
				if d != last {
					turns, last = turns+1, d
				}
			}
			if to-from > 2 {
				found = append(found, match{from, to, walk, b.guesses(text[from:to], turns)})
			}
			from = to
		}
	}
	return found
}

// guesses counts the walks of this length or less with as many turns or less, for a walk of a few straight lines is what people
// type (Wheeler 2016, section 4.3).
func (b *keyboard) guesses(text []rune, turns int) (guesses float64) {
	for length := 2; length <= len(text); length++ {
		for t := 1; t <= min(turns, length-1); t++ {
			guesses += choose(length-1, t-1) * b.starts * math.Pow(b.degree, float64(t))
		}
	}
	shifted := 0
	for _, r := range text {
		if b.keys[r].shifted {
			shifted++
		}
	}
	if shifted > 0 {
		guesses *= variations(shifted, len(text)-shifted)
	}
	return guesses
}
