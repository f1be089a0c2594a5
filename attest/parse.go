package attest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Log is what a file of attestations holds.
type Log struct {
	Records []Record // in the order in which they were made
	Torn    int      // bytes of a last line that was never finished: it is as if it was not there, and taken away by the next Append

	last  string // hash of the last line
	size  int64  // of the lines that are whole
	ended bool   // the last line ends with a newline
}

// ChainError says that a file of attestations is not as it was written: a line was changed, put in or taken out, or is damaged.
type ChainError struct {
	Path string
	Line int // the first line that is wrong, from 1
	Why  string
}

// Error names file, line and reason.
func (e *ChainError) Error() string {
	return fmt.Sprintf("%s:%d: the chain of attestations is broken: %s", e.Path, e.Line, e.Why)
}

// Hint says what to do.
func (e *ChainError) Hint() string {
	return "put the file back as it was, from git or a backup; after a merge keep one side's lines, and attest the other's again"
}

// Parse reads a file of attestations. path is what errors call it. The records before a line that is wrong come with the *ChainError.
func Parse(path string, data []byte) (*Log, error) {
	l := &Log{ended: true}
	for n := 1; len(data) > 0; n++ {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		r, err := parseLine(line)
		if err != nil && !ended && !isWhole(line) {
			l.Torn = len(line)
			return l, nil
		}
		switch {
		case err != nil:
		case r.Prev != l.last && n == 1:
			err = errors.New("lines before it are gone")
		case r.Prev != l.last:
			err = fmt.Errorf("it does not follow from line %d: that was changed, or lines are missing or come twice", n-1)
		}
		if err != nil {
			return l, &ChainError{path, n, err.Error()}
		}
		l.Records = append(l.Records, r)
		l.last, l.ended = hash(line), ended
		l.size += int64(len(line))
		if ended {
			l.size++
		}
		data = rest
	}
	return l, nil
}

// isWhole reports whether a line without an end is an object nevertheless: then it was not torn, but is wrong.
func isWhole(line []byte) bool { return json.Valid(line) }

func parseLine(line []byte) (r Record, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	switch err := d.Decode(&r); {
	case err != nil:
		return r, errors.New("it is no attestation in JSON")
	case d.Decode(&struct{}{}) != io.EOF:
		return r, errors.New("something stands behind the attestation")
	}
	return r, r.valid()
}

func hash(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}
