package provider

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
)

// was is what the record said of the old credential and is lost when the new one is put into use.
type was struct {
	RotatedAt time.Time           `json:"rotated_at,omitzero"`
	Expires   time.Time           `json:"expires,omitzero"`
	Evidence  []rotation.Evidence `json:"evidence,omitempty"` // the oldest, which counts
}

// remember keeps what the record says of the old credential, unless that was done before: then it may be of the new one already.
func (f *Flow) remember(tx *rotation.Tx) error {
	if _, err := tx.Secret(f.record.ID + wasSuffix); !errors.Is(err, rotation.ErrNotFound) {
		return err
	}
	r, err := tx.Record(f.record.ID)
	if err != nil {
		return err
	}
	w := was{RotatedAt: r.RotatedAt, Expires: r.Expires}
	if oldest, ok := r.OldestEvidence(); ok {
		w.Evidence = []rotation.Evidence{{Source: oldest.Source, At: oldest.At, Detail: oldest.Detail}}
	}
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return tx.SetSecret(r.ID+wasSuffix, data)
}

// usable sees that the new credential still works before the old one is waited for, or revoked: somebody may have ended it at the
// provider meanwhile, and then the old one is all that there is.
func (f *Flow) usable(ctx context.Context) error {
	if f.testedNow {
		return nil
	}
	gone, err := f.gone(ctx)
	if err == nil && gone != nil {
		err = gone
	}
	f.testedNow = err == nil
	return err
}

// gone tries the new credential and, if it is refused, the old one. It is nil if the new one works, or nobody can say.
func (f *Flow) gone(ctx context.Context) (*GoneError, error) {
	if !f.can(plugin.StepTest) {
		return nil, nil
	}
	reply, err := f.ask(ctx, f.Runner, plugin.StepTest, plugin.Pending)
	if err != nil || !reply.Refused {
		return nil, err
	}
	old, err := f.ask(ctx, f.Runner, plugin.StepTest, plugin.Current)
	if err != nil {
		return nil, err
	}
	return &GoneError{Record: f.record, Said: reply.Message, Old: !old.Refused}, nil
}

// putBack puts the old credential into use again, if the provider accepts that alone.
func (f *Flow) putBack(ctx context.Context) error {
	if f.j.Step == Swapped {
		gone, err := f.gone(ctx)
		switch {
		case err != nil:
			return err
		case gone == nil:
			return &LateError{f.record}
		case !gone.Old:
			return gone
		}
		if err := f.endNew(ctx); err != nil {
			return err
		}
	}
	if err := f.leave(); err != nil {
		return err
	}
	next := f.j
	next.Step, next.Trouble = Returning, ""
	var changed rotation.Record
	err := f.Ledger.Do(ctx, func(tx *rotation.Tx) (err error) {
		if err := next.write(tx, f.record.ID); err != nil { // first: what follows is not to be taken for another step
			return err
		}
		if changed, err = f.restore(tx); err != nil {
			return err
		}
		if err := bury(tx, next.New.Mark, "refused by the provider as "+f.record.Ref()); err != nil {
			return err
		}
		var errs []error
		for _, suffix := range []string{previousSuffix, pendingSuffix, wasSuffix, rescueSuffix, journalSuffix} {
			errs = append(errs, tx.RemoveSecret(f.record.ID+suffix))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		return err
	}
	if f.Deploy != nil && f.j.Handed {
		f.Say("those to whom the new value was handed have one that does not work; they get the next one")
	}
	f.j, f.record = Journal{}, changed
	return nil
}

// endNew has what is left of the new credential ended at the provider, as one that is only switched off would be in the way.
func (f *Flow) endNew(ctx context.Context) error {
	if !f.can(plugin.StepRevoke) {
		return nil
	}
	_, err := f.ask(ctx, f.Runner, plugin.StepRevoke, plugin.Pending)
	var retry *plugin.RetryError
	if err != nil && !errors.As(err, &retry) {
		f.Say("the new one, which is refused, could not be revoked: " + err.Error())
		return nil
	}
	return err
}

// restore makes the previous secret the one in use, and the record one of it. What is restored already stays as it is.
func (f *Flow) restore(tx *rotation.Tx) (rotation.Record, error) {
	id := f.record.ID
	previous, err := tx.Secret(id + previousSuffix)
	defer clear(previous)
	if err == nil {
		err = tx.SetSecret(id, previous)
	} else if errors.Is(err, rotation.ErrNotFound) {
		err = nil
	}
	if err == nil {
		err = setMeta(tx, id, f.j.Old.Meta)
	}
	if err != nil {
		return rotation.Record{}, err
	}
	r, err := tx.Record(id)
	if err != nil || r.Mark == f.j.Old.Mark {
		return r, err
	}
	var w was
	data, err := tx.Secret(id + wasSuffix)
	if err == nil {
		err = json.Unmarshal(data, &w)
	}
	if err != nil && !errors.Is(err, rotation.ErrNotFound) {
		return r, err
	}
	return tx.Change(id, "old value put back", func(r *rotation.Record) error {
		r.Mark, r.Account, r.RotatedAt, r.Expires, r.Evidence = f.j.Old.Mark, f.j.Old.Account, w.RotatedAt, w.Expires, w.Evidence
		if r.Status != rotation.Compromised {
			r.Status = rotation.Active
		}
		return nil
	})
}

// setMeta keeps what the plugin wants to know of the credential in use.
func setMeta(tx *rotation.Tx, id string, meta map[string]string) error {
	if len(meta) == 0 {
		return tx.RemoveSecret(id + metaSuffix)
	}
	data, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	return tx.SetSecret(id+metaSuffix, data)
}
