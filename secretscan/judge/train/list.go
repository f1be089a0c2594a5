package main

import (
	"bufio"
	"fmt"
	"strings"

	"keysweep/secretscan/judge"
	"keysweep/secretscan/labelled"
)

// lister lists mistakes for whoever tunes.
type lister struct {
	out   *bufio.Writer
	set   *set
	model func(*labelled.Row) *judge.Model
}

// reasonsShown is how many features are listed beside a mistake.
const reasonsShown = 5

// list shows up to so many mistakes of a kind: the number of the row, the score, the line around the value, and the features that decided.
func (l *lister) list(what string, mistakes []labelled.Mistake, most int) {
	claims := l.claims()
	for i := range mistakes[:min(most, len(mistakes))] {
		m := &mistakes[i]
		x, known := claims[m.Row.Number]
		start, end, about := m.Row.Start, m.Row.End, "no claim"
		if m.Hit != (labelled.Hit{}) {
			start, end, about = m.Hit.Start, m.Hit.End, m.Hit.Rule
		}
		if known {
			about = fmt.Sprintf("%5.2f %s", l.score(x), l.reasons(x))
		}
		text := m.Row.Line
		fmt.Fprintf(l.out, "%s %d %s %s %q ⟦%q⟧ %q %s\n", what, m.Row.Number, m.Row.Category, m.Row.Ext,
			text[max(0, start-50):start], text[start:min(end, start+50)], text[end:min(len(text), end+20)], about)
	}
}

// claims returns for each row, by its number, the surest of the claims about its value.
func (l *lister) claims() map[int]*example {
	best := map[int]*example{}
	for _, x := range l.set.examples {
		if !x.row.Covers(x.claim.Start, x.claim.End) {
			continue
		}
		if known := best[x.row.Number]; known == nil || l.score(x) > l.score(known) {
			best[x.row.Number] = x
		}
	}
	return best
}

func (l *lister) score(x *example) float64 { return l.model(x.row).Score(x.claim.Lane, x.features()) }

func (l *lister) reasons(x *example) string {
	var words []string
	for _, r := range l.model(x.row).Reasons(x.claim.Lane, x.features())[:reasonsShown] {
		words = append(words, fmt.Sprintf("%+.1f %s", r.Weight, r.Feature))
	}
	return strings.Join(words, "; ")
}
