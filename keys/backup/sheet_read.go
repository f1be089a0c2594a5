package backup

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"sync"
)

// sheetMark is in the head of every sheet.
const sheetMark = `name="keysweep-sheet"`

// maxCodes is how many drawings of a page are read.
const maxCodes = 2 * maxParts

// isSheet knows our own page.
func isSheet(text []byte) bool {
	return bytes.HasPrefix(text, []byte("<")) && bytes.Contains(text[:min(len(text), 4096)], []byte(sheetMark))
}

// sheetParts are the places of a page where the backup stands.
type sheetParts struct{ fingerprint, qr, typed, word *regexp.Regexp }

var inSheet = sync.OnceValue(func() sheetParts {
	return sheetParts{
		fingerprint: regexp.MustCompile(`<code class="fingerprint">([^<]*)</code>`),
		qr:          regexp.MustCompile(`<path class="qr" data-size="(\d+)" d="([^"]*)"`),
		typed:       regexp.MustCompile(`(?s)<pre class="typed">(.*?)</pre>`),
		word:        regexp.MustCompile(`<td class="number">(\d+\.)</td><td class="word">([a-z]*)</td>`),
	}
})

// readSheet reads a sheet that is still a page. Everything in it that may be used later, once it is on paper, is read: the codes
// and the lines must both be whole, and the same.
func readSheet(text []byte) (*Artefact, error) {
	at := inSheet()
	a, err := sheetContent(text, at)
	if err != nil {
		return nil, err
	}
	if m := at.fingerprint.FindSubmatch(text); m != nil {
		a.Printed = html.UnescapeString(string(m[1]))
	}
	return a, nil
}

func sheetContent(text []byte, at sheetParts) (*Artefact, error) {
	if found := at.word.FindAllSubmatch(text, 2*WordCount); found != nil {
		typed := make([]byte, 0, len(found)*32)
		defer func() { clear(typed[:cap(typed)]) }()
		for _, m := range found {
			typed = append(append(append(append(typed, m[1]...), ' '), m[2]...), '\n')
		}
		return fromWords(typed, FormSheet)
	}
	drawn, id, errCodes := sheetCodes(text, at)
	var typed []byte
	errLines := error(damaged("the lines to type", "they are missing"))
	if m := at.typed.FindSubmatch(text); m != nil {
		typed, _, errLines = readLines([]byte(html.UnescapeString(string(m[1]))))
	}
	if err := errors.Join(errCodes, errLines); err != nil {
		return nil, err
	}
	if !bytes.Equal(drawn, typed) {
		return nil, damaged("", "the codes and the lines are not of the same backup")
	}
	return fromContent(drawn, id)
}

func sheetCodes(text []byte, at sheetParts) ([]byte, string, error) {
	var parts []part
	var problems []error
	for i, m := range at.qr.FindAllSubmatch(text, maxCodes) {
		size, _ := strconv.Atoi(string(m[1])) // 0 is refused like any other wrong size
		said, err := fromPath(string(m[2]), size)
		if err != nil {
			problems = append(problems, fmt.Errorf("code %d on the page: %w", i+1, err))
			continue
		}
		found, wrong := readParts([]byte(said))
		parts, problems = append(parts, found...), append(problems, wrong...)
	}
	if len(parts)+len(problems) == 0 {
		return nil, "", damaged("the QR codes", "they are missing")
	}
	return joinParts(parts, problems)
}
