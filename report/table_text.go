package report

import (
	"io"
	"math"
	"strings"

	"keysweep/finding"
)

// tableText writes a table in columns.
type tableText struct {
	*view
	columns []Column
	rows    []Row
	widths  []int
}

// gap stands between two columns.
const gap = "  "

// writeTableText writes the table in aligned columns no wider than the terminal, then notices, problems and the verdict.
func writeTableText(w io.Writer, t *Table, o Options) error {
	v := newView(&finding.Report{Problems: t.Problems, Notices: t.Notices}, o)
	tt := tableText{view: v, columns: t.Columns, rows: t.Rows}
	var b strings.Builder
	if len(t.Rows) > 0 {
		tt.measure()
		if !o.Quiet {
			tt.heading(&b)
		}
		for _, r := range t.Rows {
			tt.row(&b, r)
		}
	} else if t.Empty != "" {
		b.WriteString(visible(t.Empty) + "\n")
	}
	if !o.Quiet {
		if b.Len() > 0 && (len(t.Rows) > 0 || len(t.Notices)+len(t.Problems) > 0) {
			b.WriteByte('\n')
		}
		b.WriteString(v.notices())
	}
	b.WriteString(v.problems())
	if !o.Quiet && t.Verdict != "" {
		color := red
		if t.Good {
			color = green
		}
		b.WriteString(wrapColored(v, color, visible(t.Verdict)))
	}
	text := b.String()
	if strings.HasSuffix(text, "\n\n") { // nothing came after what stands before it
		text = text[:len(text)-1]
	}
	_, err := io.WriteString(w, text)
	return err
}

// wrapColored wraps a sentence to the width and colours it whole.
func wrapColored(v *view, color, sentence string) string {
	return v.paint(color, strings.TrimSuffix(wrap("", "", sentence, v.width()), "\n")) + "\n"
}

// measure finds the width of each column and, on a terminal, narrows the widest that may be, until all fit. Elsewhere nothing
// is cut: programs read along.
func (t *tableText) measure() {
	t.widths = make([]int, len(t.columns))
	total := -len(gap)
	for i, c := range t.columns {
		if c.Title == "" {
			continue
		}
		t.widths[i] = columns(c.Title)
		for _, r := range t.rows {
			t.widths[i] = max(t.widths[i], columns(visible(r.Cells[i].Text)))
		}
		total += t.widths[i] + len(gap)
	}
	for t.o.Width > 0 && total > t.width() {
		widest := -1
		for i, c := range t.columns {
			if c.Least > 0 && t.widths[i] > max(c.Least, columns(c.Title)) && (widest < 0 || t.widths[i] > t.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		t.widths[widest]--
		total--
	}
}

func (t *tableText) heading(b *strings.Builder) {
	cells := make([]string, len(t.columns))
	for i, c := range t.columns {
		cells[i] = c.Title
	}
	t.line(b, cells, func(int) string { return bold })
}

// row writes a row and, if asked for, what stands below it.
func (t *tableText) row(b *strings.Builder, r Row) {
	cells := make([]string, len(t.columns))
	for i, c := range t.columns {
		if c.Title != "" {
			cells[i] = visible(r.Cells[i].Text)
		}
	}
	t.line(b, cells, func(i int) string { return stateColor(r.Cells[i].State) })
	for _, d := range r.Details {
		if !t.o.Verbose && (!d.Always || t.o.Quiet) {
			continue
		}
		width := t.o.Width
		if d.Whole || width <= 0 {
			width = math.MaxInt
		}
		b.WriteString(wrap("    ", "      ", visible(d.Text), width))
	}
}

// line puts cells into their columns. Nothing is padded at the end of the line.
func (t *tableText) line(b *strings.Builder, cells []string, color func(int) string) {
	pending := 0 // blanks before the next cell
	for i, c := range t.columns {
		if c.Title == "" {
			continue
		}
		cell := t.cut(cells[i], t.widths[i], c.Tail)
		blank := t.widths[i] - columns(cell)
		before, after := 0, blank
		if c.Right {
			before, after = blank, 0
		}
		if cell != "" {
			b.WriteString(strings.Repeat(" ", pending+before))
			if shade := color(i); shade != "" {
				cell = t.paint(shade, cell)
			}
			b.WriteString(cell)
			pending = 0
		} else {
			pending += before
		}
		pending += after + len(gap)
	}
	b.WriteByte('\n')
}

// cut shortens a cell, and says so with characters that the terminal has.
func (t *tableText) cut(cell string, width int, tail bool) string {
	short := cut(cell, width, tail)
	switch {
	case !t.o.ASCII || short == cell:
		return short
	case tail:
		return "<" + strings.TrimPrefix(short, "…")
	}
	return strings.TrimSuffix(short, "…") + ">"
}

func stateColor(s State) string {
	switch s {
	case Good:
		return green
	case Dull:
		return dim
	case Notable:
		return yellow
	case Bad:
		return red
	}
	return ""
}
