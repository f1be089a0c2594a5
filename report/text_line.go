package report

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"

	"keysweep/finding"
)

// sourceLine is the line of a place as the text format shows it: what is before the finding's secret, the secret (or its mask),
// and what is after. All parts are safe to print.
type sourceLine struct {
	number           int // counted from 1
	left, own, right string
}

// sourceLine picks the line of the excerpt on which the finding's secret starts; without one, the first line.
func (v *view) sourceLine(p finding.Place) sourceLine {
	line := sourceLine{number: p.Span.Start.Line}
	seen := false
	for _, s := range v.segments(p.Excerpt) {
		switch {
		case s.own && !seen:
			line.own, seen = s.text, true
		case seen:
			line.right += s.text
		default:
			line.left += s.text
		}
	}
	if seen {
		line.number += strings.Count(line.left, "\n")
		line.left = line.left[strings.LastIndexByte(line.left, '\n')+1:]
	}
	line.left, _, _ = strings.Cut(line.left, "\n")
	var goesOn bool
	line.right, _, _ = strings.Cut(line.right, "\n")
	if line.own, _, goesOn = strings.Cut(line.own, "\n"); goesOn {
		line.right = "…"
	}
	line.left, line.own, line.right = screen(line.left), screen(line.own), screen(strings.TrimRight(line.right, "\r"))
	return line
}

// screen makes a part of a line safe to print, with tabs as four blanks.
func screen(s string) string { return visible(strings.ReplaceAll(s, "\t", "    ")) }

// fit shortens the line to width columns around the secret, giving what one side does not need to the other.
func (l sourceLine) fit(width int) sourceLine {
	own := uniseg.StringWidth(l.own)
	if own > width {
		l.left, l.own, l.right = "", cut(l.own, width, false), ""
		return l
	}
	left, right, room := uniseg.StringWidth(l.left), uniseg.StringWidth(l.right), width-own
	if own == 0 {
		l.left = cut(l.left, width, false)
		return l
	}
	if left+right > room {
		forLeft := max(room/2, room-right)
		l.left = cut(l.left, forLeft, true)
		l.right = cut(l.right, room-uniseg.StringWidth(l.left), false)
	}
	return l
}

// source draws the place's line with its secret underlined, or nothing if the place has no excerpt.
func (v *view) source(p finding.Place) string {
	if p.Excerpt.IsZero() || p.Span.Start.Line == 0 {
		return ""
	}
	line := v.sourceLine(p)
	number := fmt.Sprintf("%5d | ", line.number)
	line = line.fit(v.width() - len(number))
	out := v.paint(blue, number) + line.left + v.paint(red, line.own) + line.right + "\n"
	if under := uniseg.StringWidth(line.own); under > 0 {
		blank := strings.Repeat(" ", uniseg.StringWidth(line.left))
		out += v.paint(blue, "      | ") + blank + v.paint(red, strings.Repeat("^", under)) + "\n"
	}
	return out
}
