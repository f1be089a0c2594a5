package rotation

import (
	"slices"
	"time"
)

// MadeHere is the source of the evidence that keysweep made the key: the age is known, not only a lower bound of it.
const MadeHere = "made by keysweep"

// FromProvider is the source of the evidence that a provider's API told when it made a credential: that, too, is its age.
const FromProvider = "provider's date"

// OldestEvidence returns the evidence that counts for the age of a key: the earliest. False: there is none, and only FirstSeen
// says anything, that the key is at least that old.
func (r Record) OldestEvidence() (Evidence, bool) {
	var oldest Evidence
	for _, e := range r.Evidence {
		if !e.At.IsZero() && (oldest.At.IsZero() || e.At.Before(oldest.At)) {
			oldest = e
		}
	}
	return oldest, !oldest.At.IsZero()
}

// AddEvidence adds what is new among evidence, and returns it. Of one source only the earliest date is kept: a later one says
// nothing more of the age, as when a file is written anew. Evidence without a date is left out.
func (r *Record) AddEvidence(evidence ...Evidence) (added []Evidence) {
	for _, e := range evidence {
		e.At = whole(e.At)
		i := slices.IndexFunc(r.Evidence, func(old Evidence) bool { return old.Source == e.Source })
		switch {
		case e.At.IsZero() || i >= 0 && !e.At.Before(r.Evidence[i].At):
			continue
		case i >= 0:
			e.more = r.Evidence[i].more
			r.Evidence[i] = e
		default:
			r.Evidence = append(r.Evidence, e)
		}
		added = append(added, e)
	}
	return added
}

// ActiveInstallations returns the hosts that, as far as the ledger knows, still accept the key at the time now: neither removed
// nor past the date at which the server itself refuses it.
func (r Record) ActiveInstallations(now time.Time) (active []Installation) {
	for _, i := range r.Installed {
		if i.Removed.IsZero() && (i.Expires.IsZero() || i.Expires.After(now)) {
			active = append(active, i)
		}
	}
	return active
}

// whole is a time as records hold it.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}
