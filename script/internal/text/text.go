// Package text keeps track of where the bytes of a text stand in the file that they were taken from: a script inside a YAML
// block loses its indentation, one in a string its backslashes, one in base64 everything, and still a finding must say the line and
// column of the outer file.
//
// Start at Whole and From. A Text does not change once it is made, and may be read by several goroutines.
package text

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"keysweep/finding"
)

// Text is some bytes with the place of each in the outer file.
type Text struct {
	Data  []byte
	outer *outer
	runs  []run // ordered by in; the first starts at 0
}

// outer is the file as it lies there.
type outer struct {
	data  []byte
	lines []int // offsets at which lines start
}

// run is a stretch of a text. If it is exact, its bytes follow one another in the outer file as they do here; otherwise all of it
// stands for all of out:end there.
type run struct {
	in, out, end int
	exact        bool
}

// Span is a stretch of a text.
type Span struct {
	Text     *Text
	From, To int // offsets into Text.Data
}

// Whole returns a file as a text.
func Whole(data []byte) *Text {
	lines := []int{0}
	for i, b := range data {
		if b == '\n' {
			lines = append(lines, i+1)
		}
	}
	return &Text{Data: data, outer: &outer{data, lines}, runs: []run{{0, 0, len(data), true}}}
}

// Outer returns the bytes of the outer file.
func (t *Text) Outer() []byte { return t.outer.data }

// find returns the run that holds an offset.
func (t *Text) find(at int) run {
	i := sort.Search(len(t.runs), func(i int) bool { return t.runs[i].in > at })
	if i == 0 {
		return run{}
	}
	return t.runs[i-1]
}

// start returns where in the outer file the byte at an offset stands.
func (t *Text) start(at int) int {
	r := t.find(at)
	if !r.exact {
		return r.out
	}
	return min(r.out+at-r.in, r.end)
}

// Range returns the offsets in the outer file that Data[from:to] was made of.
func (t *Text) Range(from, to int) (start, end int) {
	from = max(0, min(from, len(t.Data)))
	to = max(from, min(to, len(t.Data)))
	start = t.start(from)
	if from == to {
		return start, start
	}
	r := t.find(to - 1)
	if end = r.end; r.exact {
		end = min(r.out+to-r.in, r.end)
	}
	return start, max(start, end)
}

// Exact reports whether Data[from:to] stands in the outer file byte by byte, except for what lies between.
func (t *Text) Exact(from, to int) bool {
	for at := max(0, from); at < to && at < len(t.Data); {
		i := sort.Search(len(t.runs), func(i int) bool { return t.runs[i].in > at })
		if i == 0 || !t.runs[i-1].exact {
			return false
		}
		if i == len(t.runs) {
			break
		}
		at = t.runs[i].in
	}
	return true
}

// Place returns the span of Data[from:to] in the outer file in lines and columns.
func (t *Text) Place(from, to int) finding.Span {
	start, end := t.Range(from, to)
	return finding.Span{Start: t.outer.position(start), End: t.outer.position(end)}
}

// position returns the line and the column, in code points, of an offset.
func (o *outer) position(at int) finding.Position {
	at = max(0, min(at, len(o.data)))
	line := sort.SearchInts(o.lines, at+1) - 1
	return finding.Position{Line: line + 1, Column: utf8.RuneCount(o.data[o.lines[line]:at]) + 1}
}

// Lines knows where the lines of a text start.
type Lines struct {
	text   *Text
	starts []int
}

// Lines returns where the lines of Data start.
func (t *Text) Lines() *Lines {
	l := &Lines{t, []int{0}}
	for at := 0; ; {
		n := bytes.IndexByte(t.Data[at:], '\n')
		if n < 0 {
			return l
		}
		at += n + 1
		l.starts = append(l.starts, at)
	}
}

// Offset returns the offset in Data of a line and column of Data itself, both from 1, the column in code points. What lies past the end
// is the end.
func (l *Lines) Offset(p finding.Position) int {
	t := l.text
	if p.Line > len(l.starts) {
		return len(t.Data)
	}
	at := l.starts[max(0, p.Line-1)]
	for column := 1; column < p.Column && at < len(t.Data) && t.Data[at] != '\n'; column++ {
		_, size := utf8.DecodeRune(t.Data[at:])
		at += size
	}
	return at
}

// Line returns the line of Data, from 1, on which an offset lies.
func (t *Text) Line(at int) int {
	return 1 + bytes.Count(t.Data[:max(0, min(at, len(t.Data)))], []byte{'\n'})
}

// LineOf returns the whole line of the outer file that a line number names, without its end.
func (t *Text) LineOf(line int) (start, end int) {
	if line < 1 || line > len(t.outer.lines) {
		return 0, 0
	}
	start, end = t.outer.lines[line-1], len(t.outer.data)
	if line < len(t.outer.lines) {
		end = t.outer.lines[line] - 1
	}
	return start, end
}

// String returns the bytes of the span.
func (s Span) String() string {
	if s.Text == nil {
		return ""
	}
	from := max(0, min(s.From, len(s.Text.Data)))
	return string(s.Text.Data[from:max(from, min(s.To, len(s.Text.Data)))])
}

// Place returns the span in the outer file.
func (s Span) Place() finding.Span {
	if s.Text == nil {
		return finding.Span{}
	}
	return s.Text.Place(s.From, s.To)
}
