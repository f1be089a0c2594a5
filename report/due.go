package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"keysweep/finding"
)

// Due is the report of rotate-due: what is due, and when the rest will be.
type Due struct {
	Tool        finding.Tool
	GeneratedAt time.Time
	AsOf        time.Time // the time at which everything was judged; it may be another than GeneratedAt, for planning
	Sources     []Source
	Coverage    finding.Coverage
	Items       []DueItem // everything that was asked for, most urgent first
	All         bool      // lists show all items, not only those that press
	Problems    []finding.Problem
	Notices     []finding.Notice
	Empty       string // what text says where there are no items
}

// Urgency says how much something presses: formats compare it with thresholds.
type Urgency uint8

// The urgencies, in order.
const (
	NotDue Urgency = iota
	DueSoon
	DueNow
	PastDue
)

// DueItem is one key, certificate or credential. Times are in UTC and whole seconds.
type DueItem struct {
	State       string // "compromised", "overdue", "due", "unknown", "retiring", "soon", "exempt", "ok"
	Urgency     Urgency
	Kind        string // "ssh-key", "api-key", "ssh-certificate"
	ID          string // opaque and stable; "" if the ledger does not know it
	Name        string // what commands call it
	Shown       string // the same as people write it: a path below the home directory begins with ~
	Env         string
	Owner       string
	Service     string
	Provider    string
	Machine     string
	Fingerprint string
	Path        string
	Tracked     bool // the ledger knows it
	Found       bool // something of it was found on this machine

	Created  time.Time // it is at least as old as this says; zero if no date is known
	Exact    bool      // and not older
	Evidence string    // what that rests on: "git history of the .pub"
	Detail   string    // and where
	Age      int       // whole days; -1 if no date is known

	Soon    time.Time // from then on it is announced; zero if it never gets due
	Due     time.Time
	Overdue time.Time
	Expires time.Time // when its provider or certificate ends it; zero if never or unknown

	MaxAge    time.Duration // the rule for its age; 0 if it is judged by its end alone
	Rule      string        // where that is written
	Exemption *DueExemption

	Why string // in a sentence
	Fix string // the next command; "" if nothing is to be done
}

// DueExemption is a decision not to replace something for a time.
type DueExemption struct {
	Reason string
	Until  time.Time // the last day on which it counts; zero: no end
	Where  string
	Ended  bool
}

// Listed returns the items that lists show: those that press, or all.
func (d *Due) Listed() []DueItem {
	if d.All {
		return d.Items
	}
	n := 0
	for n < len(d.Items) && d.Items[n].Urgency > NotDue { // most urgent first
		n++
	}
	return d.Items[:n]
}

// Count returns how many items are at least so urgent.
func (d *Due) Count(least Urgency) (n int) {
	for i := range d.Items {
		if d.Items[i].Urgency >= least {
			n++
		}
	}
	return n
}

// Next returns when the next of those items gets due that are not yet; zero if none does. What is exempt gets due when the
// exemption ends, if it would be by then.
func (d *Due) Next() (next time.Time) {
	for i := range d.Items {
		it := &d.Items[i]
		if it.Urgency >= DueNow { // of what is compromised the date may be still to come
			continue
		}
		at := it.Due
		if x := it.Exemption; x != nil && !x.Ended && it.State == "exempt" {
			if end := x.Until.AddDate(0, 0, 1); x.Until.IsZero() {
				continue
			} else if end.After(at) {
				at = end
			}
		}
		if !at.IsZero() && at.After(d.AsOf) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// dueFormat is an entry of the table of formats.
type dueFormat struct {
	name  string
	write func(w io.Writer, d *Due, o Options) error
}

func dueFormats() []dueFormat {
	return []dueFormat{
		{"text", func(w io.Writer, d *Due, o Options) error { return writeTableText(w, d.textTable(), o) }},
		{"json", func(w io.Writer, d *Due, _ Options) error { return writeTableJSON(w, d.table()) }},
		{"csv", func(w io.Writer, d *Due, _ Options) error { return writeTableCSV(w, d.table()) }},
		{"prometheus", writePrometheus},
		{"nagios", writeNagios},
		{"ics", writeICS},
		{"github", writeDueGitHub},
		{"sarif", writeDueSARIF},
	}
}

// DueFormats returns the names that WriteDue takes, text first.
func DueFormats() (names []string) {
	for _, f := range dueFormats() {
		names = append(names, f.name)
	}
	return names
}

// WriteDue writes d to w in the named format, as WriteTable does.
func WriteDue(w io.Writer, format string, d *Due, o Options) error {
	for _, f := range dueFormats() {
		if f.name != format {
			continue
		}
		b := bufio.NewWriter(w)
		err := f.write(b, d, o)
		if err == nil {
			err = b.Flush()
		}
		if err != nil {
			return fmt.Errorf("write what is due as %s: %w", format, err)
		}
		return nil
	}
	return fmt.Errorf("unknown report format %q\nhint: use one of %s", format, strings.Join(DueFormats(), ", "))
}

// Verdict says in a sentence how many items are due, and whether that is good news.
func (d *Due) Verdict() (text string, good bool) {
	due, all := d.Count(DueNow), len(d.Items)
	failed := len(d.Problems) > 0
	switch {
	case all == 0 && failed:
		return "nothing can be said: not everything could be looked at", false
	case all == 0:
		return "", true
	case due == 0:
		text = fmt.Sprintf("none of %d is due", all)
	case due == 1:
		text = fmt.Sprintf("1 of %d is due", all)
	default:
		text = fmt.Sprintf("%d of %d are due", due, all)
	}
	if next := d.Next(); !next.IsZero() {
		text += "; the next one is due in " + until(d.AsOf, next)
	}
	if failed {
		text += "; not everything could be looked at"
	}
	return text, due == 0 && !failed
}

// until says how long it is to a later time, in the largest unit of which there is one.
func until(from, to time.Time) string {
	seconds := to.Unix() - from.Unix()
	for _, unit := range []struct {
		name    string
		seconds int64
	}{{"day", 24 * 3600}, {"hour", 3600}, {"minute", 60}} {
		switch n := seconds / unit.seconds; {
		case n == 1:
			return "1 " + unit.name
		case n > 1:
			return strconv.FormatInt(n, 10) + " " + unit.name + "s"
		}
	}
	return "less than a minute"
}
