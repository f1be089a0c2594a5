package provider

import (
	"context"
	"errors"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
)

// retire hands the new credential on, waits for the end of the grace, and has the old one revoked. A time says that there is
// something to wait for.
func (f *Flow) retire(ctx context.Context) (until time.Time, err error) {
	if err := f.test(ctx); err != nil { // if it could not be tested before
		return until, err
	}
	if err := f.usable(ctx); err != nil {
		return until, err
	}
	if f.Deploy != nil && !f.j.Handed {
		f.Say("handing the new credential to those who use it")
		if _, err := f.ask(ctx, f.Deploy, plugin.StepDeploy, plugin.Pending); err != nil {
			return until, err
		}
		f.j.Handed = true
		if err := f.save(ctx); err != nil {
			return until, err
		}
	}
	single := f.single()
	// What is known to others gets no time, also if that came to light after the rotation began.
	if at := f.j.RevokeAfter(); !single && at.After(f.Now()) && f.record.Status != rotation.Compromised {
		return at, nil
	}
	if err := f.revoke(ctx, single); err != nil {
		return until, err
	}
	f.j.Step, f.j.Trouble = Revoked, ""
	return until, f.save(ctx)
}

// revoke ends the old credential: by the plugin, or by a person, unless it has ended already.
func (f *Flow) revoke(ctx context.Context, single bool) error {
	if f.can(plugin.StepRevoke) {
		f.Say("revoking the old credential")
		reply, err := f.ask(ctx, f.Runner, plugin.StepRevoke, plugin.Current)
		if err == nil && !reply.OldValidUntil.IsZero() {
			f.j.Old.ValidUntil = reply.OldValidUntil
		}
		return err
	}
	if single {
		return nil
	}
	if f.can(plugin.StepTest) {
		reply, err := f.ask(ctx, f.Runner, plugin.StepTest, plugin.Current)
		if err != nil || reply.Refused {
			return err
		}
	}
	if f.Person == nil {
		return &UnrevokedError{f.record}
	}
	old := f.record
	old.Account = f.j.Old.Account // what a person looks for there
	ended, err := f.Person.Ended(ctx, old)
	if err == nil && !ended {
		err = &UnrevokedError{f.record}
	}
	return err
}

// proofTries is how often the old credential is tried until it must be refused: with the waits in between 20 seconds, which is
// what AWS IAM, the slowest that was looked at, usually needs to make a change known everywhere.
const proofTries = 5

// prove sees that the old credential is refused, and ends the rotation.
func (f *Flow) prove(ctx context.Context) (until time.Time, err error) {
	if f.j.Old.ValidUntil.After(f.Now()) {
		return f.j.Old.ValidUntil, nil
	}
	for try := 1; f.can(plugin.StepTest); try++ {
		reply, err := f.ask(ctx, f.Runner, plugin.StepTest, plugin.Current)
		switch {
		case errors.Is(err, rotation.ErrNotFound), err == nil && reply.Refused:
			return until, f.finish(ctx)
		case err != nil:
			return until, err
		case try == proofTries:
			return until, f.stillValid(ctx)
		}
		if err := f.wait(ctx, try); err != nil {
			return until, err
		}
	}
	return until, f.finish(ctx)
}

// stillValid has the old credential revoked again by the next run.
func (f *Flow) stillValid(ctx context.Context) error {
	f.j.Step = Swapped
	return errors.Join(&StillValidError{f.record}, f.save(ctx))
}

// finish puts a tombstone on the old credential and takes everything away that is no longer needed, the journal last.
func (f *Flow) finish(ctx context.Context) error {
	if err := f.leave(); err != nil {
		return err
	}
	var changed rotation.Record
	err := f.Ledger.Do(ctx, func(tx *rotation.Tx) (err error) {
		if err := bury(tx, f.j.Old.Mark, "replaced as "+f.record.Ref()); err != nil {
			return err
		}
		if changed, err = tx.Record(f.record.ID); err != nil {
			return err
		}
		stays, err := leaked(tx, &changed)
		if err != nil {
			return err
		}
		if changed.Status == rotation.Retiring || changed.Status == rotation.Compromised && !stays {
			changed, err = tx.Change(f.record.ID, "old value revoked", func(r *rotation.Record) error {
				r.Status = rotation.Active
				return nil
			})
		}
		if err != nil {
			return err
		}
		return errors.Join(tx.RemoveSecret(f.record.ID+previousSuffix), tx.RemoveSecret(f.record.ID+pendingSuffix), tx.RemoveSecret(f.record.ID+wasSuffix),
			tx.RemoveSecret(f.record.ID+rescueSuffix), tx.RemoveSecret(f.record.ID+journalSuffix))
	})
	if err == nil {
		f.j.Step, f.record = "", changed
	}
	return err
}

// leaked reports whether the new credential itself became known to others while the old one was still there: then the end of the
// old one is not the end of it.
func leaked(tx *rotation.Tx, r *rotation.Record) (bool, error) {
	if r.Mark == "" {
		return false, nil
	}
	_, err := tx.Buried(rotation.MarkPrint(r.Mark))
	if errors.Is(err, rotation.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// bury puts a tombstone on a secret, unless there is one: that it is known to others says more.
func bury(tx *rotation.Tx, mark, reason string) error {
	if mark == "" {
		return nil
	}
	if _, err := tx.Buried(rotation.MarkPrint(mark)); !errors.Is(err, rotation.ErrNotFound) {
		return err
	}
	return tx.Bury(rotation.MarkPrint(mark), reason)
}
