package attest

import (
	"fmt"
	"time"
)

// State is how a practice stands by its attestations.
type State string

// The states.
const (
	Attested State = "attested"
	Due      State = "due"            // attested, and soon no more
	Stale    State = "stale"          // it was attested, and counts no more
	Never    State = "never"          // nobody attested it
	Refuted  State = "not done"       // somebody said that it is not done
	Excluded State = "not applicable" // somebody said that there is nothing that it is about
)

// Standing is how a practice stands in one scope.
type Standing struct {
	State  State
	Scope  string
	Record *Record   // the attestation that counts; nil if there is none
	Until  time.Time // the last day on which it counts, in UTC; zero if there is no attestation
	Why    string    // of a stale one: why it counts no more
	Gone   bool      // the script that it is about is not there any more
}

const day = 24 * time.Hour

// How long before its end an attestation is due: 14 days, or a fifth of its time where that is less, as for keys.
const (
	warnDays  = 14
	warnShare = 5
)

// excludedDays is for how long something is believed not to apply, if nobody says for how long: machines and people change.
const excludedDays = 365

// Latest returns the attestations of a practice that count, one for each scope: the last of each, in the order of their first.
func Latest(records []Record, id string) (latest []Record) {
	at := map[string]int{}
	for _, r := range records {
		if r.ID != id {
			continue
		}
		if i, known := at[r.Scope]; known {
			latest[i] = r
			continue
		}
		at[r.Scope] = len(latest)
		latest = append(latest, r)
	}
	return latest
}

// Subject is the script that an attestation is about, as it is now. The zero value is none.
type Subject struct {
	SHA256 string // in hex; "" if it is not known
	Gone   bool   // there is no such file any more
	Err    error  // it is there, and cannot be read
}

// lost says why a script is not what was attested; "" if it is.
func (s Subject) lost(attested string) string {
	switch {
	case s.Gone:
		return "the script is gone"
	case s.Err != nil:
		return "the script cannot be read now: " + s.Err.Error()
	case s.SHA256 != attested:
		return "the script has changed since"
	}
	return ""
}

// Judge says how an attestation stands at a time. every is for how many days one counts; a day until which it says itself that it
// counts only shortens that. subject is the script that it is about.
func Judge(r *Record, every int, subject Subject, now time.Time) Standing {
	s := Standing{Scope: r.Scope, Record: r, Gone: subject.Gone}
	days := every
	if r.Status == NotApplicable {
		days = max(every, excludedDays)
	}
	made := r.Date.UTC().Truncate(day)
	s.Until = made.AddDate(0, 0, days)
	if until, err := time.Parse(time.DateOnly, r.Until); err == nil && until.Before(s.Until) {
		s.Until = until
	}
	left := s.Until.Add(day).Sub(now)
	switch {
	case r.Date.After(now.Add(day)):
		s.State, s.Why = Stale, fmt.Sprintf("it is dated %s, which is to come", made.Format(time.DateOnly))
	case r.Status == NotDone: // it stays so until somebody says otherwise
		s.State = Refuted
	case left <= 0:
		s.State, s.Why = Stale, fmt.Sprintf("it counted until %s", s.Until.Format(time.DateOnly))
	case r.Subject != "" && r.Status == Done && subject.lost(r.Subject) != "":
		s.State, s.Why = Stale, subject.lost(r.Subject)
	case r.Status == NotApplicable:
		s.State = Excluded
	case left <= min(warnDays*day, time.Duration(days)*day/warnShare):
		s.State = Due
	default:
		s.State = Attested
	}
	return s
}

// Worst returns of several standings the one that counts for a practice; one that is never attested if there is none.
func Worst(list []Standing) Standing {
	rank := map[State]int{Excluded: 0, Attested: 1, Due: 2, Stale: 3, Never: 4, Refuted: 5}
	worst := Standing{State: Never}
	for i, s := range list {
		if i == 0 || rank[s.State] > rank[worst.State] {
			worst = s
		}
	}
	return worst
}

// Open reports whether somebody has something to do about a state now.
func (s State) Open() bool { return s == Stale || s == Never || s == Refuted }
