//go:build unix

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// tableHead is the head of the table that all calls' rows make up. A ratio is that of the row's program to the first program of
// the input: how many times as long, or as large.
const tableHead = `| input | program | wall | CPU | peak | wall, ratio (least to most) | CPU, ratio | peak, ratio |
|---|---|--:|--:|--:|--:|--:|--:|
`

// printRows prints a row for each command: medians over the rounds, and the medians of the rounds' ratios.
func printRows(w io.Writer, p plan, rounds [][]sample) error {
	title := fmt.Sprintf("%s; %d rounds", p.title, len(rounds))
	for i, c := range p.commands {
		row := []string{title, c.name,
			seconds(middle(over(rounds, i, wall))), seconds(middle(over(rounds, i, cpu))),
			fmt.Sprintf("%.0f MiB", middle(over(rounds, i, peak))), "", "", ""}
		if i > 0 {
			walls := ratios(rounds, i, wall)
			row[5] = fmt.Sprintf("%s (%s to %s)", times(middle(walls)), times(slices.Min(walls)), times(slices.Max(walls)))
			row[6], row[7] = times(middle(ratios(rounds, i, cpu))), times(middle(ratios(rounds, i, peak)))
		}
		title = ""
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | ")); err != nil {
			return err
		}
	}
	return nil
}

func wall(s sample) float64 { return s.Wall }
func cpu(s sample) float64  { return s.CPU }
func peak(s sample) float64 { return s.Peak }

// over returns a figure of a command in each round.
func over(rounds [][]sample, command int, of func(sample) float64) []float64 {
	values := make([]float64, len(rounds))
	for i, round := range rounds {
		values[i] = of(round[command])
	}
	return values
}

// ratios returns for each round the figure of a command divided by that of the first.
func ratios(rounds [][]sample, command int, of func(sample) float64) []float64 {
	values := over(rounds, command, of)
	for i, first := range over(rounds, 0, of) {
		values[i] /= first
	}
	return values
}

// middle returns the median: of an even number of values the mean of the two in the middle.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// seconds writes a time with three digits that count.
func seconds(s float64) string {
	switch {
	case s < 0.1:
		return fmt.Sprintf("%.1f ms", s*1000)
	case s < 1:
		return fmt.Sprintf("%.0f ms", s*1000)
	}
	return fmt.Sprintf("%.2f s", s)
}

func times(ratio float64) string {
	if ratio < 10 {
		return fmt.Sprintf("%.2fx", ratio)
	}
	return fmt.Sprintf("%.1fx", ratio)
}
