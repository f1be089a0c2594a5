package provider

import (
	"context"
	"errors"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
)

// Abort gives a rotation up that has not put the new credential into use, and has the new one revoked. If the provider no longer accepts
// the new one, which is in use, the old one is put back.
func (f *Flow) Abort(ctx context.Context, record rotation.Record) error {
	defer f.forgetKey()
	if err := f.open(ctx, record); err != nil {
		return err
	}
	if f.j.Step == Swapped || f.j.Step == Returning {
		return f.putBack(ctx)
	}
	made, err := f.has(ctx, pendingSuffix)
	if err != nil {
		return err
	}
	swapping, err := f.has(ctx, previousSuffix)
	switch {
	case err != nil:
		return err
	case f.j.Step == "":
		return &NothingError{record}
	case swapping || f.j.Step != Creating && f.j.Step != Created, made && f.single() && f.Runner == nil:
		return &LateError{record}
	}
	if err := f.undo(ctx, made); err != nil {
		return err
	}
	if err := f.leave(); err != nil {
		return err
	}
	return f.Ledger.Do(ctx, func(tx *rotation.Tx) error {
		if err := bury(tx, f.j.New.Mark, "rotation of "+record.Ref()+" given up"); err != nil {
			return err
		}
		return errors.Join(tx.RemoveSecret(record.ID+pendingSuffix), tx.RemoveSecret(record.ID+wasSuffix),
			tx.RemoveSecret(record.ID+rescueSuffix), tx.RemoveSecret(record.ID+journalSuffix))
	})
}

// undo takes back at the provider what can be taken back.
func (f *Flow) undo(ctx context.Context, made bool) error {
	if f.single() && f.j.Attempt > 0 && f.Runner != nil {
		err := f.alive(ctx)
		var lost *LostError
		if errors.As(err, &lost) && made {
			return &LateError{f.record}
		}
		if err != nil {
			return err
		}
	}
	switch {
	case made && f.can(plugin.StepRevoke):
		_, err := f.ask(ctx, f.Runner, plugin.StepRevoke, plugin.Pending)
		return err
	case made:
		f.Say("the new value is forgotten here; revoke it at the provider")
	case f.j.Attempt > 0:
		f.Say("the provider may have made a credential whose value was lost on the way: look there for one made after " +
			f.j.StartedAt.Format(time.RFC3339))
	}
	return nil
}

// discard ends a rotation for which a person has come with another value, if the provider accepts neither of the two that there
// are: somebody revoked the new one, too, or it was entered wrongly. Then the next one begins.
func (f *Flow) discard(ctx context.Context) error {
	if !f.can(plugin.StepTest) {
		return nil
	}
	for _, subject := range []plugin.Subject{plugin.Pending, plugin.Current} {
		if reply, err := f.ask(ctx, f.Runner, plugin.StepTest, subject); err != nil || !reply.Refused {
			return err
		}
	}
	f.Say("the provider accepts neither the old value nor the one that was to replace it: the rotation begins anew")
	return f.finish(ctx)
}

func (f *Flow) has(ctx context.Context, suffix string) (bool, error) {
	value, err := f.Ledger.Secret(ctx, f.record.ID+suffix)
	clear(value)
	if errors.Is(err, rotation.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
