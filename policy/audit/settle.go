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

// Waiver is a decision of the policy to live with a failed check, or, if Unknown, with what could not be looked at.
type Waiver struct {
	Check   string    // id of the check; a star at its end stands for all that begin so: "ssh.*". "" is every one, if there is a Path
	Host    string    // a pattern of path.Match for the name of the machine; "" is every one
	Subject string    // a pattern for the result's subject; "" is every one
	Path    string    // a pattern for the file that the result is about, as it is shown or from the root: "/srv/*" is all below /srv; "" is every one
	Unknown bool      // it accepts that nothing is known, not that the check fails
	Reason  string    // why; never empty
	Until   time.Time // the last day on which it counts, in UTC
	Where   string    // file and line that hold it
}

const day = 24 * time.Hour

// Site is what an audit looked at, for the patterns of waivers.
type Site struct {
	Host string // name of the machine
	Dir  string // absolute, with slashes: what relative paths of results start from; "" if there are none
}

// file reports whether a pattern is about a file: as it is shown, or by its path from the root.
func (s Site) file(pattern, name string) bool {
	return fits(pattern, name) || s.Dir != "" && name != "" && !path.IsAbs(name) && matches(pattern, path.Join(s.Dir, name))
}

// covers reports whether a waiver is about a result, whatever the day.
func (w *Waiver) covers(r *finding.Result, s Site) bool {
	wanted := finding.Fail
	if w.Unknown {
		wanted = finding.Undetermined
	}
	return r.State == wanted && w.Names(r.Check) && w.on(s) && fits(w.Subject, r.Subject) && s.file(w.Path, r.Where.Path)
}

// coversPlace reports whether a waiver is about a place that could not be looked at, of which no check speaks: only one of a path is.
func (w *Waiver) coversPlace(place string, s Site) bool {
	return w.Unknown && w.Check == "" && w.Subject == "" && w.on(s) && s.file(w.Path, place)
}

func (w *Waiver) on(s Site) bool { return fits(w.Host, s.Host) }

// Names reports whether a waiver is about a check.
func (w *Waiver) Names(check string) bool { return fits(w.Check, check) }

// name is what a waiver is called: its check, or its path.
func (w *Waiver) name() string { return cmp.Or(w.Check, w.Path) }

// fits compares with a pattern of a waiver; "" is about everything.
func fits(pattern, name string) bool { return pattern == "" || matches(pattern, name) }

// matches compares with a pattern in which a star stands for whatever there is. A pattern that is none matches nothing.
func matches(pattern, name string) bool {
	if before, all := strings.CutSuffix(pattern, "*"); all && !strings.ContainsAny(before, `*?[\`) {
		return strings.HasPrefix(name, before)
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil || pattern == name
}

// Settle marks the results of an audit that waivers cover on a day as waived, takes out the problems whose paths the policy accepts as
// unknown, which a notice says, and says of waivers that have ended or cover nothing.
func Settle(a *finding.Audit, waivers []Waiver, s Site, now time.Time) {
	for i := range waivers {
		w := &waivers[i]
		ended := !now.Before(w.Until.Add(day))
		used := w.settleResults(a.Results, s, ended)
		if w.settleProblems(a, s, ended) {
			used = true
		}
		switch {
		case used && ended:
			a.Notices = append(a.Notices, finding.Notice{Kind: "expired", Where: w.Where,
				Text: fmt.Sprintf("the waiver of %s ended on %s: %s", w.name(), w.Until.Format(time.DateOnly), w.Reason)})
		case !used && w.Check != "" && w.on(s): // one of a path alone may be meant for another kind of audit
			a.Notices = append(a.Notices, finding.Notice{Kind: "stale", Where: w.Where, Text: "the waiver of " + w.name() + " covers nothing here"})
		}
	}
}

// settleResults reports whether a waiver is about any of the results, and marks them unless it has ended.
func (w *Waiver) settleResults(results []finding.Result, s Site, ended bool) (used bool) {
	for i := range results {
		r := &results[i]
		if !w.covers(r, s) {
			continue
		}
		used = true
		if !ended {
			r.State, r.Waiver = finding.Waived, &finding.Waiver{Reason: w.Reason, Until: w.Until, Where: w.Where}
		}
	}
	return used
}

// settleProblems is the same for what could not be looked at.
func (w *Waiver) settleProblems(a *finding.Audit, s Site, ended bool) (used bool) {
	var left []finding.Problem
	for _, p := range a.Problems {
		if !w.coversPlace(p.Where, s) {
			left = append(left, p)
			continue
		}
		used = true
		if ended {
			left = append(left, p)
			continue
		}
		a.Notices = append(a.Notices, finding.Notice{Kind: "accepted", Where: w.Where, Text: fmt.Sprintf("%s was not looked at (%s), which the policy accepts until %s: %s",
			p.Where, p.Err, w.Until.Format(time.DateOnly), w.Reason)})
	}
	a.Problems = left
	return used
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
