package rotation

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// TooLargeError says that a record would not fit into MaxRecord bytes, even without what can be left out of it.
type TooLargeError struct {
	Name string
	Size int // bytes
}

// Error names the record.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the record of %q would take %d bytes, more than the %d that every keyring can hold", e.Name, e.Size, MaxRecord)
}

// Hint says what usually takes the room.
func (e *TooLargeError) Hint() string {
	return "use one key for fewer hosts, or shorter names and reasons"
}

// floor is how little of a record may be left when it is shortened.
type floor struct{ events, evidence int }

var (
	// usual is kept of a record where the alternative is to give it more items.
	usual = floor{events: 4, evidence: 3}
	// least is kept where there is no alternative.
	least = floor{events: 1, evidence: 1}
)

// encode puts the record into the form that is stored. What does not fit is left out if it matters little: old history, evidence but
// the earliest, installations that are gone, backups that newer ones replace. If that is not enough, installations and backups go into
// continuations, r.parts, and all of them are kept.
func (r *Record) encode() ([]byte, error) {
	r.settle()
	before := r.parts
	r.parts = nil
	short := r.clone()
	data, err := short.fit(usual, "")
	if _, large := errors.AsType[*TooLargeError](err); !large {
		*r = short
		return data, err
	}
	if len(short.Installed)+len(short.Backups) == 0 {
		return r.fit(least, "")
	}
	return r.encodeSpilled(before)
}

// encodeSpilled is encode for a record with continuations; before are those that are there.
func (r *Record) encodeSpilled(before []part) ([]byte, error) {
	parts, err := r.overflow()
	if err != nil {
		return nil, err
	}
	number(parts, before)
	s := spill{Sum: sumOf(parts)}
	for _, p := range parts {
		s.Items = append(s.Items, p.number)
	}
	more, err := json.Marshal(struct {
		More spill `json:"more"`
	}{s})
	if err != nil {
		return nil, err
	}
	head := r.clone()
	head.Installed, head.Backups = nil, nil
	data, err := head.fit(least, unknown(more))
	r.Evidence, r.History, r.parts = head.Evidence, head.History, parts
	return data, err
}

// fit shortens a record until it goes into one item, together with more.
func (r *Record) fit(f floor, more unknown) ([]byte, error) {
	least := r.shortest(f)
	if data, err := encodeKeeping(&least, more); err != nil || len(data) > MaxRecord {
		return nil, errors.Join(err, &TooLargeError{r.Name, len(data)})
	}
	for {
		data, err := encodeKeeping(r, more)
		if err != nil {
			return nil, fmt.Errorf("write record of %q: %w", r.Name, err)
		}
		if len(data) <= MaxRecord {
			return data, nil
		}
		r.shorten(f)
	}
}

// shortest is a record with all left out that can be.
func (r *Record) shortest(f floor) Record {
	short := r.clone()
	for short.shorten(f) {
	}
	return short
}

// clone is a copy whose lists are its own.
func (r *Record) clone() Record {
	c := *r
	c.Hosts = slices.Clone(r.Hosts)
	c.settle()
	return c
}

// settle brings all times to UTC and whole seconds. It copies what it changes: callers keep their own lists.
func (r *Record) settle() {
	for _, t := range []*time.Time{&r.FirstSeen, &r.RotatedAt, &r.Expires} {
		*t = whole(*t)
	}
	if r.Unprotected != nil {
		e := *r.Unprotected
		e.At = whole(e.At)
		r.Unprotected = &e
	}
	r.Evidence = slices.Clone(r.Evidence)
	for i := range r.Evidence {
		r.Evidence[i].At = whole(r.Evidence[i].At)
	}
	r.Backups = slices.Clone(r.Backups)
	for i := range r.Backups {
		b := &r.Backups[i]
		b.At, b.Verified = whole(b.At), whole(b.Verified)
	}
	r.Installed = slices.Clone(r.Installed)
	for i := range r.Installed {
		in := &r.Installed[i]
		in.At, in.Expires, in.Removed = whole(in.At), whole(in.Expires), whole(in.Removed)
	}
	r.History = slices.Clone(r.History)
	for i := range r.History {
		r.History[i].At = whole(r.History[i].At)
	}
	if n := len(r.History); n > MaxHistory {
		r.History = r.History[n-MaxHistory:]
	}
}

// shorten takes out the one thing that matters least. False: nothing can be spared.
func (r *Record) shorten(f floor) bool {
	if len(r.History) > f.events {
		r.History = r.History[1:]
		return true
	}
	if len(r.Evidence) > f.evidence {
		latest := 0
		for i, e := range r.Evidence {
			if e.At.IsZero() || !r.Evidence[latest].At.IsZero() && e.At.After(r.Evidence[latest].At) {
				latest = i
			}
		}
		r.Evidence = slices.Delete(r.Evidence, latest, latest+1)
		return true
	}
	if i := slices.IndexFunc(r.Installed, func(in Installation) bool { return !in.Removed.IsZero() }); i >= 0 {
		r.Installed = slices.Delete(r.Installed, i, i+1)
		return true
	}
	if i := r.replacedBackup(); i >= 0 {
		r.Backups = slices.Delete(r.Backups, i, i+1)
		return true
	}
	return false
}

// replacedBackup returns the index of a backup of which there is a later one in the same form, proven at least as late; -1 if
// there is none.
func (r *Record) replacedBackup() int {
	return slices.IndexFunc(r.Backups, func(old Backup) bool {
		return slices.ContainsFunc(r.Backups, func(b Backup) bool {
			return b.Form == old.Form && b.At.After(old.At) && !b.Verified.Before(old.Verified)
		})
	})
}
