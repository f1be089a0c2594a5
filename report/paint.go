package report

import (
	"strings"

	"github.com/rivo/uniseg"

	"keysweep/finding"
)

// The colours of the text format: SGR parameters of ECMA-48, from the sixteen that every terminal has.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	yellow = "1;33"
	green  = "1;32"
	blue   = "1;34"
	cyan   = "36"
)

// severityColor returns the colour of a severity's name.
func severityColor(s finding.Severity) string {
	switch {
	case s >= finding.High:
		return red
	case s == finding.Medium:
		return yellow
	}
	return cyan
}

// paint colours s if the options ask for colour.
func (v *view) paint(color, s string) string {
	if !v.o.Color || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// width is how many columns a line may take.
func (v *view) width() int {
	const usual, least = 100, 40
	if v.o.Width <= 0 {
		return usual
	}
	return max(v.o.Width, least)
}

// columns is how many columns of a terminal s takes.
func columns(s string) int {
	if isPlain(s) { // most of all text: the tables of what is more are searched for each character
		return len(s)
	}
	return uniseg.StringWidth(s)
}

// wrap breaks prose at single blanks into lines of at most width columns, the first after the indent first, the others after the indent
// rest. A word wider than that stays whole.
func wrap(first, rest, prose string, width int) string {
	var b strings.Builder
	b.WriteString(first)
	at, empty := columns(first), true
	for _, word := range strings.Split(prose, " ") {
		w := columns(word)
		switch {
		case empty:
		case at+1+w > width:
			b.WriteString("\n" + rest)
			at = columns(rest)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at, empty = at+w, false
	}
	b.WriteByte('\n')
	return b.String()
}

// cut shortens s to at most width columns: at its end, or at its start if fromStart. An ellipsis stands for what is left out.
func cut(s string, width int, fromStart bool) string {
	total := columns(s)
	if total <= width {
		return s
	}
	if width <= 0 {
		return ""
	}
	var b strings.Builder
	drop, keep := total-(width-1), width-1
	for g := uniseg.NewGraphemes(s); g.Next(); {
		switch w := g.Width(); {
		case fromStart && drop > 0:
			drop -= w
		case fromStart:
			b.WriteString(g.Str())
		case keep >= w:
			b.WriteString(g.Str())
			keep -= w
		default:
			return b.String() + "…"
		}
	}
	return "…" + b.String()
}
