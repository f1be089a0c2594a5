package policy

import (
	"time"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// clockSkew is by how much a date may lie in the future before it is called wrong.
const clockSkew = 10 * time.Minute

// firstSeen and rotated are sources of evidence that records have besides their list.
const (
	firstSeen = "first seen by keysweep"
	rotated   = "replaced with keysweep"
)

// age is how old something is.
type age struct {
	oldest inventory.Evidence // that counts; zero if none does
	exact  bool               // it is no older than that
	vague  bool               // nothing tells but that keysweep saw it then, if anything does
	future inventory.Evidence // a date that proves nothing, as it lies in the future; zero if there is none
}

// ageOf returns the age of something by the oldest evidence in its record and its files, either of which may be nil. It is at least that, and no more if
// keysweep made it, or its provider said when it did: files are then a moment older than the record, which does not count. Dates
// in the future prove nothing.
func ageOf(k *inventory.Key, r *rotation.Record, now time.Time) age {
	a := age{vague: true}
	consider := func(e inventory.Evidence) bool {
		switch {
		case e.At.IsZero():
			return false
		case e.At.After(now.Add(clockSkew)):
			if a.future.At.IsZero() || e.At.Before(a.future.At) {
				a.future = e
			}
			return false
		case a.oldest.At.IsZero() || e.At.Before(a.oldest.At):
			a.oldest = e
		}
		return true
	}
	var sure []inventory.Evidence
	for _, e := range present(r, now) {
		if consider(e) && e.Source != firstSeen {
			a.vague = false
			if e.Source == rotation.MadeHere || e.Source == rotation.FromProvider {
				sure = append(sure, e)
			}
		}
	}
	if k != nil {
		for _, e := range k.Evidence {
			if consider(e) {
				a.vague = false
			}
		}
	}
	for _, e := range sure {
		if e.At.Sub(a.oldest.At) < clockSkew {
			a.oldest, a.exact = e, true
			break
		}
	}
	return a
}

// present returns what a record says of the age of the secret that it stands for. What is older than the last replacement was
// about the one before, unless that one is not gone yet: then the older one counts.
func present(r *rotation.Record, now time.Time) []inventory.Evidence {
	if r == nil {
		return nil
	}
	since := r.RotatedAt
	if r.Status == rotation.Retiring || since.After(now.Add(clockSkew)) {
		since = time.Time{}
	}
	all := make([]inventory.Evidence, 0, len(r.Evidence)+2)
	add := func(source, detail string, at time.Time) {
		if since.IsZero() || !at.Before(since.Add(-clockSkew)) {
			all = append(all, inventory.Evidence{Source: source, Detail: detail, At: at})
		}
	}
	for _, e := range r.Evidence {
		add(e.Source, e.Detail, e.At)
	}
	add(firstSeen, "", r.FirstSeen)
	add(rotated, "", since)
	return all
}

// Age returns the oldest evidence of a key's age, from the ledger and from files, and whether that is its true age rather than
// a lower bound. ok is false if there is no evidence.
func Age(k *inventory.Key, l Ledger, now time.Time) (evidence inventory.Evidence, exact, ok bool) {
	a := ageOf(k, l.Record(), now)
	return a.oldest, a.exact, !a.oldest.At.IsZero()
}

// wholeDays returns the days from one time to another, however far apart; 0 if they are the other way round.
func wholeDays(from, to time.Time) int {
	return int(max(to.Unix()-from.Unix(), 0) / int64(day/time.Second))
}

// earlier returns the time d before t, or the first that can be written and is not the zero time.
func earlier(t time.Time, d time.Duration) time.Time {
	first := time.Time{}.Add(time.Second)
	if before := t.Add(-d); before.After(first) {
		return before
	}
	return first
}

// lastSecond is the last that RFC 3339 can write.
const lastSecond = 253402300799 // 9999-12-31T23:59:59Z

// later returns the time d after t, or the last that can be written.
func later(t time.Time, d time.Duration) time.Time {
	if sum := t.Add(d); sum.Unix() <= lastSecond {
		return sum
	}
	return time.Unix(lastSecond, 0).UTC()
}
