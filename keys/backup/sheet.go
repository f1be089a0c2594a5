package backup

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"keysweep/keys/words"
)

// Label is what a sheet says about the key, for people.
type Label struct {
	Name        string // what people call the key
	Type        string // "ED25519, 256 bits"; "" if unknown
	Fingerprint string // "SHA256:..."
	Comment     string
	Tool        string // "keysweep 1.2.3"
	Target      string // where to restore it: "~/.ssh/id_ed25519"
	Made        time.Time
	Inner       bool // the key file has a passphrase of its own
}

// Sheet returns a page to print, in HTML without scripts or anything from elsewhere, with an age file (in binary form), or with a
// payload that is a protected key file, as QR codes and as text to type. The caller clears the result.
func Sheet(label Label, content []byte) ([]byte, error) {
	p := page{Label: label, ID: ID(content), Sealed: bytes.HasPrefix(content, []byte(ageIntro))}
	if p.Sealed {
		lock, err := lockOf(content)
		if err != nil {
			return nil, err
		}
		p.LockedBy, p.Identities = "to a passphrase of its own", !lock.Passphrase
		if p.Identities {
			p.LockedBy = "to the holders of " + strings.Join(lock.Kinds, " and ") + " identities"
		}
	}
	parts, err := splitParts(content)
	if err != nil {
		return nil, err
	}
	for i, text := range parts {
		d, err := drawQR(text)
		if err != nil {
			return nil, err
		}
		p.Codes = append(p.Codes, figure{Caption: fmt.Sprintf("Part %d of %d of backup %s", i+1, len(parts), p.ID),
			Path: d.svgPath(), Size: d.size, Width: d.size + 2*quiet})
	}
	if p.Typed, err = typedLines(content); err != nil {
		return nil, err
	}
	p.Pad = strings.Repeat("=", (8-code.EncodedLen(len(content))%8)%8)
	return p.render(), nil
}

// WordSheet returns a page to print with the words of an Ed25519 key. The caller clears the result.
func WordSheet(label Label, text []byte) ([]byte, error) {
	p := page{Label: label, ID: WordsID(label.Fingerprint), Words: true}
	before, after, found := bytes.Cut(p.render(), []byte(wordsHere))
	if !found {
		return nil, errors.New("make sheet: the page has no place for the words")
	}
	table := wordTable(text)
	defer clear(table)
	sheet := make([]byte, 0, len(before)+len(table)+len(after))
	return append(append(append(sheet, before...), table...), after...), nil
}

// wordColumns is how many words stand in a row. They are read downwards, as the numbers say.
const wordColumns = 3

// wordTable writes the words into a table, with their numbers.
func wordTable(text []byte) []byte {
	all := bytes.Fields(text)
	rows := (len(all) + wordColumns - 1) / wordColumns
	table := make([]byte, 0, 128+len(all)*96) // one array: growing would leave copies behind
	table = append(table, "<table class=\"words\">\n"...)
	for y := range rows {
		table = append(table, "<tr>"...)
		for i := y; i < len(all); i += rows {
			table = fmt.Appendf(table, `<td class="number">%d.</td><td class="word">`, i+1)
			table = append(append(table, all[i]...), "</td>"...)
		}
		table = append(table, "</tr>\n"...)
	}
	return append(table, "</table>"...)
}

// Numbered returns words as lines for the screen: six rows of four, each with its number. The caller clears the result.
func Numbered(text []byte) []byte {
	const columns, width = 4, 13
	all := bytes.Fields(text)
	rows := (len(all) + columns - 1) / columns
	out := make([]byte, 0, len(all)*(width+1)+rows)
	for y := range rows {
		for i := y; i < len(all); i += rows {
			out = fmt.Appendf(out, "%3d. ", i+1)
			out = append(out, all[i]...)
			if i+rows < len(all) {
				out = append(out, bytes.Repeat([]byte{' '}, max(1, width-5-len(all[i])+1))...)
			}
		}
		out = append(out, '\n')
	}
	return out
}

// WordCount is how many words a key has.
const WordCount = 24

// CheckWord returns the error of words.Decode for one word that is not in the list, nil for one that is.
func CheckWord(word []byte, position int) error {
	if _, ok := words.Index(word); ok {
		return nil
	}
	return &words.WordError{Position: position}
}
