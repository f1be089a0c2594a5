package passphrase

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./gen

// packed is the word list that gen makes; the format is described there.
//
//go:embed words.bin
var packed []byte

// table is a sorted list of words in lower case with a rank each: how many words an attacker tries before.
type table struct {
	text    []byte   // all words, one after the other
	ends    []uint32 // where each word ends in text
	ranks   []uint32
	longest int // bytes
}

// common is the table of the words that people choose. Unpacking takes some milliseconds, which is why it waits until a
// passphrase is to be judged.
var common = sync.OnceValue(func() *table {
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	t := &table{}
	var word []byte
	for err == nil && len(plain) > 2 {
		shared, more := int(plain[0]), int(plain[1])
		word = append(word[:shared], plain[2:2+more]...)
		rank, n := binary.Uvarint(plain[2+more:])
		plain = plain[2+more+n:]
		t.add(word, uint32(rank))
	}
	return t
})

func (t *table) add(word []byte, rank uint32) {
	t.text = append(t.text, word...)
	t.ends = append(t.ends, uint32(len(t.text)))
	t.ranks = append(t.ranks, rank)
	t.longest = max(t.longest, len(word))
}

// tableOf makes a table of words in the order of their ranks. Of a word that comes twice the first counts.
func tableOf(words []string) *table {
	ranks := map[string]uint32{}
	for _, w := range words {
		w = strings.ToLower(w)
		if _, ok := ranks[w]; !ok && len(w) > 1 {
			ranks[w] = uint32(len(ranks) + 1)
		}
	}
	t := &table{}
	sorted := make([]string, 0, len(ranks))
	for w := range ranks {
		sorted = append(sorted, w)
	}
	slices.Sort(sorted)
	for _, w := range sorted {
		t.add([]byte(w), ranks[w])
	}
	return t
}

func (t *table) word(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.text[start:t.ends[i]]
}

// span is the words of a table that start with the same bytes.
type span struct{ from, to int }

func (t *table) all() span { return span{0, len(t.ends)} }

// next narrows s, the words that agree in their first depth bytes, to those that go on with c.
func (t *table) next(s span, depth int, c byte) span {
	at := func(i int) int { // -1 for the word that ends here, which is the first
		if w := t.word(i); len(w) > depth {
			return int(w[depth])
		}
		return -1
	}
	return span{s.first(func(i int) bool { return at(i) >= int(c) }), s.first(func(i int) bool { return at(i) > int(c) })}
}

// first returns the first of s for which holds is true, as it then is for all behind it.
func (s span) first(holds func(int) bool) int {
	for s.from < s.to {
		middle := int(uint(s.from+s.to) >> 1)
		if holds(middle) {
			s.to = middle
		} else {
			s.from = middle + 1
		}
	}
	return s.from
}

// rank returns the rank of the word that is all of the first depth bytes, if it is in the table.
func (t *table) rank(s span, depth int) (uint32, bool) {
	if s.from < s.to && len(t.word(s.from)) == depth {
		return t.ranks[s.from], true
	}
	return 0, false
}
