package cli

import (
	"context"
	"errors"
	"time"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// otherValueError says that a name is taken by another value.
type otherValueError struct{ existing rotation.Record }

// Error names the record.
func (e *otherValueError) Error() string {
	return e.existing.Ref() + " is in the ledger already, with another value"
}

// Hint says what to do.
func (e *otherValueError) Hint() string {
	return "if the new one is right: keysweep cred rotate " + e.existing.Ref() + "; or choose another --env"
}

// editedOften is the time within which the change of a .env file says nothing of the age of its values: it may have been about any
// line. After 90 days, the usual period, it tells that they are due.
const editedOften = 90 * 24 * time.Hour

// keep puts all chosen values into the ledger, all or none. What it has already with the same value stays as it is: a run that was
// interrupted goes on. It returns the records, in the order of the variables.
func (e *envFile) keep(ctx context.Context, env *Env, ledger *rotation.Ledger, like rotation.Record) (kept []rotation.Record, err error) {
	if unchanged := env.Now().Sub(e.info.ModTime()); unchanged > editedOften {
		like.AddEvidence(rotation.Evidence{Source: inventory.FromChange, At: e.info.ModTime(), Detail: e.path})
	}
	var all []rotation.Record
	err = ledger.Do(ctx, func(tx *rotation.Tx) (err error) {
		kept = nil
		for _, v := range e.chosen() {
			r := like
			r.Name = v.name
			described(&r, v.known)
			r.History = []rotation.Event{{What: clipped("imported from "+e.path, maxReason)}}
			if r, _, err = keepCred(tx, r, v.value); err != nil {
				return namedBuried(err, like.Env+"/"+v.name)
			}
			kept = append(kept, r)
		}
		all, err = tx.Records()
		return err
	})
	if err != nil {
		return nil, notKept(env, err)
	}
	ids := make([]string, len(kept))
	for i := range kept {
		ids[i] = kept[i].ID
	}
	return kept, saySharedBy(env, all, ids...)
}

// keepCred puts a record and its value into the ledger. If a record of that name is there with the same value, or lost it as a
// process was killed, that one counts; there tells so.
func keepCred(tx *rotation.Tx, r rotation.Record, value []byte) (kept rotation.Record, there bool, err error) {
	if r.Mark, err = tx.Mark(value); err != nil {
		return r, false, err
	}
	records, err := tx.Records()
	if err != nil {
		return r, false, err
	}
	for _, other := range records {
		if other.Kind != r.Kind || !other.Status.Live() || other.Ref() != r.Ref() {
			continue
		}
		if other.Mark != r.Mark {
			return other, true, &otherValueError{other}
		}
		if grave, err := tx.Buried(rotation.MarkPrint(r.Mark)); err == nil {
			return other, true, &rotation.BuriedError{Tombstone: grave}
		}
		if has, err := tx.Secret(other.ID); !errors.Is(err, rotation.ErrNotFound) {
			clear(has)
			return other, true, err
		}
		return other, true, tx.SetSecret(other.ID, value)
	}
	if kept, err = tx.Add(r); err != nil {
		return r, false, err
	}
	return kept, false, tx.SetSecret(kept.ID, value)
}
