package domain

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Place is an address in a text.
type Place struct {
	Line, Column int // from 1; columns in code points
	Result
}

// maxPlaces is how many addresses of a text are looked at.
const maxPlaces = 100_000

// CheckText judges the URLs in a text, and the words in it that look like an official domain. cut says that there were too many of them.
func CheckText(text []byte, official []string) (places []Place, cut bool) {
	line := 0
	for l := range bytes.Lines(text) {
		line++
		for _, w := range words(string(l)) {
			if len(places) == maxPlaces {
				return places, true
			}
			if r, ok := judgeWord(w.text, official); ok {
				places = append(places, Place{line, 1 + utf8.RuneCountInString(string(l)[:w.at]), r})
			}
		}
	}
	return places, false
}

// judgeWord judges a URL, and a bare host if it is official or has an ending that hosts have. Others are names of files and of much else.
func judgeWord(word string, official []string) (Result, bool) {
	isURL := strings.Contains(word, "://")
	if !isURL && !strings.Contains(word, ".") {
		return Result{}, false
	}
	r, err := Check(word, official)
	if err != nil {
		return r, false
	}
	if isURL || r.Verdict == IsOfficial {
		return r, true
	}
	last := r.Host[strings.LastIndexByte(r.Host, '.')+1:]
	ending := slices.Contains(endings(), last) || slices.ContainsFunc(official, func(name string) bool { return strings.HasSuffix(name, "."+last) })
	return r, r.Verdict == LookAlike && r.Official != "" && ending
}

// endings are those that look-alikes usually have and files have not.
func endings() []string {
	return strings.Fields("com net org io co app xyz dev cloud network info me site online tech ai finance live support help world global zone link click top shop us eu uk de")
}

type word struct {
	at   int
	text string
}

// words cuts a line at what stands around addresses.
func words(line string) (list []word) {
	start := -1
	flush := func(end int) {
		if start >= 0 {
			if text := strings.TrimRight(line[start:end], ".,;:!?'"); text != "" {
				list = append(list, word{start, text})
			}
		}
		start = -1
	}
	for i, r := range line {
		if unicode.IsSpace(r) || strings.ContainsRune("\"<>`'()[]{}|,;=*", r) && !strings.Contains(line[max(start, 0):i], "?") || unicode.Is(unicode.Cc, r) || strings.ContainsRune("\"<>`", r) {
			flush(i)
			continue
		}
		if start < 0 {
			start = i
		}
	}
	flush(len(line))
	return list
}
