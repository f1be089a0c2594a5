package suppress

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
)

// Changes counts what an operation changed in a baseline.
type Changes struct {
	Added   int // new entries
	Places  int // places newly listed in entries there were
	Decided int // entries there were that got another reason, who or until
	Expired int // entries removed because their last day is over
	Stale   int // entries removed because nothing matches them any more
}

// Any reports whether anything changed, so that the file has to be written.
func (c Changes) Any() bool { return c != Changes{} }

// Decision is why a secret is accepted. Reason and Who are trimmed; Until is the last day, YYYY-MM-DD, or "" for no end.
type Decision struct{ Reason, Who, Until string }

// Add accepts findings at their places. An entry that is there already gets the further places, and the new decision if that
// has a reason or an end or if the entry has expired by now. Places past a finding's limit (MorePlaces) are not known and
// not added. The only error is an end that is not a day; nothing is changed then.
func (b *Baseline) Add(findings []finding.Finding, d Decision, now time.Time) (Changes, error) {
	if d.Until != "" {
		if err := CheckDate(d.Until); err != nil {
			return Changes{}, fmt.Errorf("until %q: %w", d.Until, err)
		}
	}
	d.Reason, d.Who = strings.TrimSpace(d.Reason), strings.TrimSpace(d.Who)
	var changes Changes
	touched := map[finding.Fingerprint]bool{}
	for _, f := range findings {
		e := b.entries[f.Fingerprint]
		switch {
		case len(f.Places) == 0:
			continue // an entry without a place could never match
		case e == nil:
			e = &Entry{Fingerprint: f.Fingerprint, Rule: ruleOf(f), Reason: d.Reason, Who: d.Who, Until: d.Until}
			e.list(f.Places)
			b.entries[f.Fingerprint] = e
			touched[f.Fingerprint] = true
			changes.Added++
		case touched[f.Fingerprint]:
			e.list(f.Places)
		default:
			touched[f.Fingerprint] = true
			changes.Places += e.list(f.Places)
			changes.Decided += e.decide(d, now)
		}
	}
	return changes, nil
}

// Update lists the new places of secrets that are known, and adds no secrets. Findings about a file's name have no secret
// that could be known, and are passed over: each must be accepted by Add.
func (b *Baseline) Update(findings []finding.Finding) Changes {
	var changes Changes
	for _, f := range findings {
		if e := b.entries[f.Fingerprint]; e != nil && !f.Secret.IsZero() {
			changes.Places += e.list(f.Places)
		}
	}
	return changes
}

// Prune removes entries that have expired by now, and entries whose fingerprint was not seen. seen must come from a scan of
// everything that entries may speak of (see Scan.Complete); nil: only expired entries are removed.
func (b *Baseline) Prune(seen func(finding.Fingerprint) bool, now time.Time) Changes {
	var changes Changes
	today := Scan{Now: now}.today()
	for fp, e := range b.entries {
		switch {
		case e.expired(today):
			changes.Expired++
		case seen != nil && !seen(fp):
			changes.Stale++
		default:
			continue
		}
		delete(b.entries, fp)
	}
	return changes
}

// list adds places' paths to the entry and returns how many are new. An entry for every place needs none.
func (e *Entry) list(places []finding.Place) int {
	if e.Everywhere {
		return 0
	}
	before := len(e.Paths)
	for _, p := range places {
		e.Paths = append(append(e.Paths, p.Path), p.Also...)
	}
	slices.Sort(e.Paths)
	e.Paths = slices.Compact(e.Paths)
	return len(e.Paths) - before
}

// decide replaces the decision, if there is cause to, and returns 1 if that changed anything. An expired entry that is
// accepted again without a word keeps its reason.
func (e *Entry) decide(d Decision, now time.Time) int {
	if d.Reason == "" && e.expired(Scan{Now: now}.today()) {
		d.Reason = e.Reason
	} else if d.Reason == "" && d.Until == "" {
		return 0
	}
	if d == (Decision{e.Reason, e.Who, e.Until}) {
		return 0
	}
	e.Reason, e.Who, e.Until = d.Reason, d.Who, d.Until
	return 1
}

func ruleOf(f finding.Finding) string {
	if len(f.Rules) > 0 {
		return f.Rules[0]
	}
	for _, p := range f.Places {
		if p.Rule != "" {
			return p.Rule
		}
	}
	return ""
}
