package report

import (
	"fmt"
	"io"
	"strings"
)

// The states of a monitoring plugin, as the Monitoring Plugins Development Guidelines number them. They are its exit codes.
const (
	NagiosOK       = 0
	NagiosWarning  = 1
	NagiosCritical = 2
	NagiosUnknown  = 3
)

// NagiosState returns the state for a report. What could not be looked at makes it unknown, unless something is due all the same:
// that wakes somebody up, and the line says both. That there is nothing to judge is unknown, too: whoever has it watched expects
// something, and a filter with a mistake in it must not look like good news.
func NagiosState(d *Due) int {
	switch {
	case d.Count(DueNow) > 0:
		return NagiosCritical
	case len(d.Problems) > 0, len(d.Items) == 0:
		return NagiosUnknown
	case d.Count(DueSoon) > 0:
		return NagiosWarning
	}
	return NagiosOK
}

// NagiosFailure returns the line of a plugin that could not do its work.
func NagiosFailure(why string) string {
	why, _, _ = strings.Cut(why, "\n")
	return "KEYSWEEP UNKNOWN - " + nagiosText(why) + "\n"
}

// writeNagios writes the line of a monitoring plugin with its performance data, and below it a line for everything that presses
// and everything that could not be looked at.
func writeNagios(w io.Writer, d *Due, _ Options) error {
	word := [...]string{NagiosOK: "OK", NagiosWarning: "WARNING", NagiosCritical: "CRITICAL", NagiosUnknown: "UNKNOWN"}[NagiosState(d)]
	verdict, _ := d.Verdict()
	if verdict == "" {
		verdict = d.Empty
	}
	var b strings.Builder
	fmt.Fprintf(&b, "KEYSWEEP %s - %s", word, nagiosText(verdict))
	due, overdue := d.Count(DueNow), d.Count(PastDue)
	fmt.Fprintf(&b, " | items=%d;;;0 soon=%d;0;;0 due=%d;;0;0 overdue=%d;;0;0 problems=%d;;;0", len(d.Items), d.Count(DueSoon)-due, due, overdue, len(d.Problems))
	if next := d.Next(); !next.IsZero() {
		fmt.Fprintf(&b, " next=%ds", next.Unix()-d.AsOf.Unix())
	}
	b.WriteByte('\n')
	for i := range d.Items {
		if it := &d.Items[i]; it.Urgency > NotDue {
			fmt.Fprintf(&b, "%s: %s: %s\n", nagiosText(it.State), nagiosText(it.Name), nagiosText(it.Why))
		}
	}
	for _, p := range d.Problems {
		fmt.Fprintf(&b, "could not look: %s: %s\n", nagiosText(p.Where), nagiosText(said(p)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// nagiosText keeps text from ending a line or beginning performance data.
func nagiosText(s string) string { return strings.ReplaceAll(visible(s), "|", "/") }
