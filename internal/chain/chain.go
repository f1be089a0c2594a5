// Package chain keeps files of JSON lines of which each holds the hash of the line before, so that a line that is changed or taken out later
// is noticed; who can write the whole file anew is not stopped by that. Attestations and the logs of incidents are such files.
//
// Start at Append and Read. What a kill or a power cut leaves of a last line counts as never written; anything else that does not fit ends
// the chain at that line. Everything here is safe for concurrent use, by several processes too. The package reads no clock.
package chain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Kind says what the lines of a file are.
type Kind[R any] struct {
	One, Many string           // in words: "attestation", "attestations"
	Prev      func(*R) *string // the field that holds the hash of the line before; "" in the first
	Valid     func(*R) error   // refuses what no line may hold: files are made by people and by merges, too
	Hint      string           // what to do about a chain that is broken
}

// Log is what a file holds.
type Log[R any] struct {
	Records []R   // in the order in which they were written
	Torn    int   // bytes of a last line that was never finished: it is as if it was not there, and taken away by the next Append
	Size    int64 // bytes of the lines that are whole

	last  string // hash of the last line
	ended bool   // the last line ends with a newline
}

// Error says that a file is not as it was written: a line was changed, put in or taken out, or is damaged.
type Error struct {
	Path string
	Line int // the first line that is wrong, from 1
	Why  string
	Of   string // what the lines are, in words: "attestations"

	hint string
}

// Error names file, line and reason.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: the chain of %s is broken: %s", e.Path, e.Line, e.Of, e.Why)
}

// Hint says what to do.
func (e *Error) Hint() string { return e.hint }

// Parse reads the content of a file. path is what errors call it. The records before a line that is wrong come with the *Error.
func Parse[R any](k Kind[R], path string, data []byte) (*Log[R], error) {
	l := &Log[R]{ended: true}
	for n := 1; len(data) > 0; n++ {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		r, err := parseLine(k, line)
		if err != nil && !ended && !json.Valid(line) { // one that is an object nevertheless was not torn, but is wrong
			l.Torn = len(line)
			return l, nil
		}
		switch prev := *k.Prev(&r); {
		case err != nil:
		case prev != l.last && n == 1:
			err = errors.New("lines before it are gone")
		case prev != l.last:
			err = fmt.Errorf("it does not follow from line %d: that was changed, or lines are missing or come twice", n-1)
		}
		if err != nil {
			return l, &Error{Path: path, Line: n, Why: err.Error(), Of: k.Many, hint: k.Hint}
		}
		l.Records = append(l.Records, r)
		l.last, l.ended = Hash(line), ended
		l.Size += int64(len(line))
		if ended {
			l.Size++
		}
		data = rest
	}
	return l, nil
}

func parseLine[R any](k Kind[R], line []byte) (r R, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	switch err := d.Decode(&r); {
	case err != nil:
		return r, fmt.Errorf("it is no %s in JSON", k.One)
	case d.Decode(&struct{}{}) != io.EOF:
		return r, fmt.Errorf("something stands behind the %s", k.One)
	}
	if prev := *k.Prev(&r); prev != "" && !IsHash(prev) {
		return r, errors.New("a hash in it is none")
	}
	return r, k.Valid(&r)
}

// Hash returns the SHA-256 of bytes, in hex.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// IsHash reports whether a text has the form of a Hash.
func IsHash(text string) bool { return len(text) == 64 && strings.Trim(text, "0123456789abcdef") == "" }
