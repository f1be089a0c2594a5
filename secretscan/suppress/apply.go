package suppress

import (
	"fmt"
	"slices"
	"time"

	"keysweep/finding"
)

// Scan says what the findings that Apply is given come from.
type Scan struct {
	Now time.Time // the day, in UTC, decides which entries have expired
	// Complete says that everything was looked at that entries may speak of: in a git repository its whole history. Only
	// then can an entry be called stale because nothing matched it; a scan of staged changes matches hardly any.
	Complete bool
	// Renames returns the earlier names of a path, so that a file that was moved takes its entry along. nil: nothing was
	// moved. It must be safe for the goroutine that calls Apply.
	Renames func(path string) []string
}

func (s Scan) today() string { return s.Now.UTC().Format(time.DateOnly) }

// Notes that Apply writes into places of findings that it keeps.
const (
	NoteNewPlace = "known secret, new place"
	noteExpired  = "known secret, accepted until %s"
	noteMore     = "known secret, and %d more places that were not compared with the baseline; only an entry for * covers them"
)

// Apply parts findings into those to report and the places the baseline suppresses. A finding is suppressed at the places
// whose paths, all of them, are listed in the entry for its fingerprint or are later names of listed ones; at other places it
// is kept, with NoteNewPlace. Findings that are kept come in the order given; what was given is not changed.
//
// A notice is given for each entry that has expired, has no reason, or, if the scan is complete, matched nothing. Of entries
// that matched nothing in a scan that is not complete nothing is said.
func (b *Baseline) Apply(findings []finding.Finding, scan Scan) ([]finding.Finding, []finding.Suppressed, []finding.Notice) {
	var kept []finding.Finding
	var suppressed []finding.Suppressed
	matched := map[finding.Fingerprint]bool{}
	for _, f := range findings {
		e := b.entries[f.Fingerprint]
		if e == nil {
			kept = append(kept, f)
			continue
		}
		matched[f.Fingerprint] = true
		rest, gone := e.split(f, scan)
		suppressed = append(suppressed, gone...)
		if len(rest.Places) > 0 {
			kept = append(kept, rest)
		}
	}
	return kept, suppressed, b.notices(matched, scan)
}

// split parts one finding with a known fingerprint.
func (e *Entry) split(f finding.Finding, scan Scan) (finding.Finding, []finding.Suppressed) {
	if e.expired(scan.today()) {
		f.Places = slices.Clone(f.Places)
		for i := range f.Places {
			note(&f.Places[i], fmt.Sprintf(noteExpired, e.Until))
		}
		return f, nil
	}
	rest, gone := splitPlaces(f, "baseline", e.Reason, func(_ finding.Place, path string) bool {
		return e.knows(path, scan.Renames)
	})
	for i := range rest.Places {
		if !f.Secret.IsZero() { // a finding about a file's name has no secret that could be known
			note(&rest.Places[i], NoteNewPlace)
		}
	}
	switch {
	case len(rest.Places) > 0 || f.MorePlaces == 0:
	case e.Everywhere:
		rest.MorePlaces = 0
	default:
		rest, gone = keepLast(f, gone, fmt.Sprintf(noteMore, f.MorePlaces))
	}
	return rest, gone
}

func (e *Entry) expired(today string) bool { return e.Until != "" && e.Until < today }

func (e *Entry) knows(path string, renames func(string) []string) bool {
	if e.Everywhere || e.lists(path) {
		return true
	}
	return renames != nil && path != "" && slices.ContainsFunc(renames(path), e.lists)
}

func (e *Entry) lists(path string) bool {
	_, found := slices.BinarySearch(e.Paths, path)
	return found
}

func (b *Baseline) notices(matched map[finding.Fingerprint]bool, scan Scan) []finding.Notice {
	var list []finding.Notice
	for _, e := range b.sorted() {
		hit := matched[e.Fingerprint]
		if !hit && !scan.Complete {
			continue
		}
		say := func(kind, format string, args ...any) {
			text := fmt.Sprintf("baseline entry %s (%s) ", e.Fingerprint, escape(e.Rule, "")) + fmt.Sprintf(format, args...)
			list = append(list, finding.Notice{Kind: kind, Where: e.where(b.name), Text: text})
		}
		if e.expired(scan.today()) {
			say("expired", "counted until %s: rotate the secret, or accept it again with \"keysweep baseline add\"", e.Until)
		}
		if e.Reason == "" {
			say("unreasoned", "has no reason: write into its fourth field why the secret is accepted")
		}
		if !hit {
			say("stale", "matches nothing any more: remove it with \"keysweep baseline prune\"")
		}
	}
	return list
}

func (e *Entry) where(name string) string {
	if e.line == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d", name, e.line)
}
