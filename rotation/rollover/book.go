package rollover

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"keysweep/rotation"
)

// record brings the ledger to where the journal is, in one change. Doing it again changes nothing.
func (r *Rotation) record(ctx context.Context) error {
	j := &r.Journal
	if j.Phase == Planned {
		return nil
	}
	err := r.Book.Do(ctx, func(tx *rotation.Tx) error {
		old, err := tx.Record(j.Record)
		if err != nil {
			return err
		}
		fresh, known, err := r.find(tx)
		if err == nil && !known {
			fresh, err = r.add(tx, old)
		}
		if err != nil {
			return err
		}
		if err := r.recordOld(tx, old, fresh); err != nil { // first: it gives its name away
			return err
		}
		return r.recordNew(tx, fresh)
	})
	if err != nil {
		return fmt.Errorf("record the rotation: %w", err)
	}
	return nil
}

// find returns the new key's record.
func (r *Rotation) find(tx *rotation.Tx) (rotation.Record, bool, error) {
	records, err := tx.Records()
	if err != nil {
		return rotation.Record{}, false, err
	}
	i := slices.IndexFunc(records, func(rec rotation.Record) bool { return rec.Fingerprint == r.Journal.New.Fingerprint })
	if i < 0 {
		return rotation.Record{}, false, nil
	}
	return records[i], true, nil
}

// add puts the new key into the ledger, as the old one's successor to be.
func (r *Rotation) add(tx *rotation.Tx, old rotation.Record) (rotation.Record, error) {
	public, _, err := r.Journal.New.Public()
	if err != nil {
		return rotation.Record{}, err
	}
	name, err := freeName(tx, r.Journal.Name, ".new")
	if err != nil {
		return rotation.Record{}, err
	}
	return tx.Add(rotation.Record{
		Kind: old.Kind, Name: name, Service: old.Service, Env: old.Env, Owner: old.Owner, Provider: old.Provider, Purpose: old.Purpose,
		URL: old.URL, Hosts: old.Hosts, Fingerprint: r.Journal.New.Fingerprint, Type: public.Type, Bits: public.Bits,
		Path: r.Journal.NewFile(), Unprotected: r.Unprotected, Predecessor: old.ID,
		Evidence: []rotation.Evidence{{Source: rotation.MadeHere, At: r.Now()}},
		History:  []rotation.Event{{What: "generated, to take the place of " + old.Fingerprint}},
	})
}

// freeName returns a name with a suffix that no live record has.
func freeName(tx *rotation.Tx, name, suffix string) (string, error) {
	records, err := tx.Records()
	if err != nil {
		return "", err
	}
	const longest = 90 // of 100 bytes, with room for a suffix and a number
	for len(name) > longest {
		name = string([]rune(name)[:len([]rune(name))-1])
	}
	for n := 1; ; n++ {
		free := name + suffix
		if n > 1 {
			free += strconv.Itoa(n)
		}
		if !slices.ContainsFunc(records, func(rec rotation.Record) bool { return rec.Name == free && rec.Status.Live() }) {
			return free, nil
		}
	}
}

// recordOld puts down where the old key is gone and, once the new one has its place, what it is called now.
func (r *Rotation) recordOld(tx *rotation.Tx, old, fresh rotation.Record) error {
	j := &r.Journal
	if j.Phase != Promoted {
		return nil
	}
	name := old.Name
	if old.Name == j.Name && old.Status.Live() {
		var err error
		if name, err = freeName(tx, j.Name, ".old"); err != nil {
			return err
		}
	}
	what := fmt.Sprintf("replaced; %d of %d hosts still have it", len(j.Behind()), len(j.Hosts))
	return change(tx, old, what, func(rec *rotation.Record) error {
		rec.Name, rec.Path, rec.Successor = name, j.OldFile(), fresh.ID
		if rec.Status == rotation.Active {
			rec.Status = rotation.Retiring
		}
		for i := range rec.Installed {
			in := &rec.Installed[i]
			if h := j.Host(in.Target); h != nil && h.Step.Over() && in.Removed.IsZero() {
				in.Removed = h.At
			}
		}
		return nil
	})
}

// recordNew puts down where the new key is, or may be.
func (r *Rotation) recordNew(tx *rotation.Tx, fresh rotation.Record) error {
	j := &r.Journal
	what := fmt.Sprintf("deployed to %d of %d hosts", j.Count(Verified, Removed, Refused), len(j.Hosts))
	return change(tx, fresh, what, func(rec *rotation.Record) error {
		if j.Phase == Promoted {
			rec.Name, rec.Path = j.Name, j.File
		}
		for _, h := range j.Hosts {
			i := slices.IndexFunc(rec.Installed, func(in rotation.Installation) bool { return in.Target == h.Target && in.Removed.IsZero() })
			switch {
			case (h.Step == Waiting || h.Step == Gone) && i >= 0:
				rec.Installed = slices.Delete(rec.Installed, i, i+1)
			case h.Step == Waiting || h.Step == Gone:
			case i < 0:
				rec.Installed = append(rec.Installed, rotation.Installation{Target: h.Target, At: h.At, Expires: h.Expires})
			case h.Step.Moved() && !rec.Installed[i].Expires.Equal(h.Expires):
				rec.Installed[i].Expires = h.Expires
			}
		}
		return nil
	})
}

// change changes a record if that makes a difference: what did not happen is no event.
func change(tx *rotation.Tx, rec rotation.Record, what string, change func(*rotation.Record) error) error {
	next := rec
	next.Installed = slices.Clone(rec.Installed)
	if err := change(&next); err != nil || reflect.DeepEqual(next, rec) {
		return err
	}
	_, err := tx.Change(rec.ID, what, change)
	return err
}
