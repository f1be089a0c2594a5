package audit

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
)

// Waiver is a decision of the policy to live with a failed check, or, if Unknown, with one that could not be looked at.
type Waiver struct {
	Check   string    // id of the check; a star at its end stands for all that begin so: "ssh.*"
	Host    string    // a pattern of path.Match for the name of the machine; "" is every one
	Subject string    // a pattern for the result's subject; "" is every one
	Unknown bool      // it accepts that nothing is known, not that the check fails
	Reason  string    // why; never empty
	Until   time.Time // the last day on which it counts, in UTC
	Where   string    // file and line that hold it
}

const day = 24 * time.Hour

// covers reports whether a waiver is about a result on a machine, whatever the day.
func (w *Waiver) covers(r *finding.Result, host string) bool {
	wanted := finding.Fail
	if w.Unknown {
		wanted = finding.Undetermined
	}
	return r.State == wanted && matches(w.Check, r.Check) && (w.Host == "" || matches(w.Host, host)) &&
		(w.Subject == "" || matches(w.Subject, r.Subject))
}

// matches compares with a pattern in which a star stands for whatever there is. A pattern that is none matches nothing.
func matches(pattern, name string) bool {
	if before, all := strings.CutSuffix(pattern, "*"); all && !strings.ContainsAny(before, `*?[\`) {
		return strings.HasPrefix(name, before)
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil || pattern == name
}

// Settle marks the results that waivers cover on a day as waived, and says of waivers that have ended or cover nothing.
func Settle(results []finding.Result, waivers []Waiver, host string, now time.Time) (notices []finding.Notice) {
	for i := range waivers {
		w := &waivers[i]
		ended, used := !now.Before(w.Until.Add(day)), false
		for j := range results {
			r := &results[j]
			if !w.covers(r, host) {
				continue
			}
			used = true
			if !ended {
				r.State, r.Waiver = finding.Waived, &finding.Waiver{Reason: w.Reason, Until: w.Until, Where: w.Where}
			}
		}
		switch {
		case used && ended:
			notices = append(notices, finding.Notice{Kind: "expired", Where: w.Where,
				Text: fmt.Sprintf("the waiver of %s ended on %s: %s", w.Check, w.Until.Format(time.DateOnly), w.Reason)})
		case !used && (w.Host == "" || matches(w.Host, host)):
			notices = append(notices, finding.Notice{Kind: "stale", Where: w.Where, Text: "the waiver of " + w.Check + " covers nothing here"})
		}
	}
	return notices
}

// Sort puts results in the order of reports: areas in theirs, those that are not among them last, in each the worst first.
func Sort(results []finding.Result, areas []finding.Area) {
	area := map[string]int{}
	for _, a := range areas {
		area[a.ID] = len(area)
	}
	for _, r := range results {
		if _, known := area[r.Area]; !known {
			area[r.Area] = len(area)
		}
	}
	rank := map[finding.State]int{}
	for i, s := range finding.States() {
		rank[s] = i
	}
	slices.SortStableFunc(results, func(a, b finding.Result) int {
		return cmp.Or(area[a.Area]-area[b.Area], rank[a.State]-rank[b.State], int(b.Severity)-int(a.Severity))
	})
}
