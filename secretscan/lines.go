package secretscan

import (
	"bytes"
	"unicode/utf8"

	"keysweep/finding"
)

// lineCounter turns byte offsets into positions. It counts on from where it was asked last, so asking in ascending order costs
// one pass over the content, however long its lines are.
type lineCounter struct {
	at      int // the offset it was asked for last
	line    int // newlines before it
	columns int // code points between the start of its line and it
}

// position returns the position of data[i].
func (l *lineCounter) position(data []byte, i int) finding.Position {
	if i < l.at { // matches are ordered before newlines are trimmed off them; a few bytes back at most
		l.line -= bytes.Count(data[i:l.at], newline)
		l.columns = utf8.RuneCount(data[bytes.LastIndexByte(data[:i], '\n')+1 : i])
		l.at = i
	}
	l.forward(data, i)
	return finding.Position{Line: l.line + 1, Column: l.columns + 1}
}

// forward counts on to data[i].
func (l *lineCounter) forward(data []byte, i int) {
	if n := bytes.Count(data[l.at:i], newline); n > 0 {
		l.line += n
		l.at += bytes.LastIndexByte(data[l.at:i], '\n') + 1
		l.columns = 0
	}
	l.columns += utf8.RuneCount(data[l.at:i])
	l.at = i
}

var newline = []byte{'\n'}
