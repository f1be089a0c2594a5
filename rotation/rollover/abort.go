package rollover

import (
	"context"
	"errors"
	"io/fs"

	"keysweep/rotation"
)

// Abort takes the new key off all hosts again, and throws it away. That is possible until it has taken the old one's place:
// then the error is ErrPromoted. Hosts that could not be reached keep the rotation alive: running it again goes on, and so
// does Run, in the other direction.
func (r *Rotation) Abort(ctx context.Context) (Result, error) {
	r.tried = map[string]error{}
	j := &r.Journal
	if j.Phase == Promoting || j.Phase == Promoted {
		return Result{}, ErrPromoted
	}
	if err := r.doubt(); err != nil {
		return Result{}, err
	}
	err := r.each(ctx, r.selected(Begun), func(ctx context.Context, h Host) (Host, error) {
		err := r.Hosts.TakeBack(ctx, h.Target)
		if err == nil {
			h.Step = Waiting
		}
		return h, err
	})
	res := r.result()
	res.Waits, res.Over = nil, false
	if err != nil || j.Count(Begun, Verified) > 0 {
		return res, errors.Join(err, r.recordUnless(ctx, err))
	}
	if err := r.change(func(j *Journal) { j.Phase = Planned }); err != nil {
		return res, err
	}
	if err := r.abandon(ctx); err != nil {
		return res, err
	}
	res.Over = true
	return res, r.Keeper.Remove()
}

// doubt writes down that hosts may not have the new key much longer, before the first one loses it.
func (r *Rotation) doubt() error {
	targets := r.selected(Verified)
	if len(targets) == 0 {
		return nil
	}
	return r.change(func(j *Journal) {
		for _, t := range targets {
			j.Host(t).Step = Begun
		}
	})
}

// recordUnless puts down in the ledger which hosts still have the new key, if nothing else went wrong.
func (r *Rotation) recordUnless(ctx context.Context, err error) error {
	if err != nil || r.Journal.Phase == Planned {
		return nil
	}
	return r.record(ctx)
}

// abandon throws a new key away that no host has.
func (r *Rotation) abandon(ctx context.Context) error {
	j := &r.Journal
	if j.New == (Key{}) {
		return nil
	}
	fingerprint, err := r.Files.Fingerprint(j.NewFile())
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err == nil && fingerprint != j.New.Fingerprint:
		return &TakenError{j.NewFile()}
	}
	if err := r.Files.Destroy(j.NewFile()); err != nil {
		return err
	}
	if err := r.Files.Remove(j.NewFile() + ".pub"); err != nil {
		return err
	}
	err = r.Book.Do(ctx, func(tx *rotation.Tx) error {
		fresh, known, err := r.find(tx)
		if err != nil || !known || fresh.Status == rotation.Retired {
			return err
		}
		if err := tx.Bury(fresh.Fingerprint, "its rotation was given up before it was in use"); err != nil {
			return err
		}
		_, err = tx.Change(fresh.ID, "given up, and destroyed", func(rec *rotation.Record) error {
			rec.Status, rec.Installed = rotation.Retired, nil
			return nil
		})
		return err
	})
	if err != nil {
		return err
	}
	return r.change(func(j *Journal) { j.New = Key{} })
}
