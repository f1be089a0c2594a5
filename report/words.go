package report

import (
	"fmt"
	"strings"
	"time"

	"keysweep/finding"
)

// plural returns "1 file" or "3 files".
func plural[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// bytesInWords returns a size with two digits or more and a decimal unit: "4.2 MB".
func bytesInWords(n int64) string {
	if n < 1000 {
		return plural(n, "byte", "bytes")
	}
	f, unit := float64(n), -1
	for f >= 999.5 && unit < len("kMGTPE")-1 {
		f /= 1000
		unit++
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f %cB", f, "kMGTPE"[unit])
	}
	return fmt.Sprintf("%.0f %cB", f, "kMGTPE"[unit])
}

// elapsedInWords returns a duration with about three digits.
func elapsedInWords(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// counts are a report's totals.
type counts struct {
	bySeverity [finding.Critical + 1]int
	places     int // those kept and those only counted
}

func (v *view) counts() (c counts) {
	for i := range v.Findings {
		f := &v.Findings[i]
		c.bySeverity[min(f.Severity, finding.Critical)]++
		c.places += len(f.Places) + f.MorePlaces
	}
	return c
}

// severities says "2 critical, 1 high", worst first.
func (c counts) severities() string {
	var parts []string
	for s := finding.Critical; ; s-- {
		if n := c.bySeverity[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
		if s == finding.Info {
			return strings.Join(parts, ", ")
		}
	}
}

// outcome is a report's result in one word, for programs.
type outcome string

const (
	outcomeClean      outcome = "clean"      // looked everywhere, found nothing
	outcomeFindings   outcome = "findings"   // looked everywhere, found something
	outcomeIncomplete outcome = "incomplete" // could not look everywhere, whatever was found
	outcomeNothing    outcome = "nothing"    // there was nothing to look at
)

func (v *view) outcome() outcome {
	switch {
	case len(v.Problems) > 0:
		return outcomeIncomplete
	case len(v.Findings) > 0:
		return outcomeFindings
	case v.emptyBecause() != "":
		return outcomeNothing
	}
	return outcomeClean
}

// emptyBecause says why nothing was looked at; "" if something was.
func (v *view) emptyBecause() string {
	c := v.Coverage
	if c.Empty == "" && c.Files == 0 && c.Blobs == 0 && c.Commits == 0 && c.Bytes == 0 {
		return "no file, blob or commit was in what was asked for"
	}
	return v.shown(c.Empty)
}

// verdict says the outcome in a sentence. It says clean only if everything was looked at and there was something to look at.
func (v *view) verdict() string {
	found := plural(len(v.Findings), "secret", "secrets") + " found"
	missed := plural(len(v.Problems), "place", "places") + " could not be looked at"
	empty := v.emptyBecause()
	switch v.outcome() {
	case outcomeFindings:
		return found + "."
	case outcomeClean:
		if n := len(v.Suppressed); n > 0 {
			return "clean: no secrets found; " + plural(n, "place is", "places are") + " suppressed."
		}
		return "clean: no secrets found."
	case outcomeNothing:
		return "nothing to look at: " + empty + "."
	}
	switch {
	case len(v.Findings) > 0:
		return found + "; " + missed + ", so there may be more."
	case empty != "":
		return "not complete: nothing was looked at (" + empty + "), and " + missed + "."
	}
	return "not complete: no secrets found in what was looked at, but " + missed + "."
}
