package provider

import (
	"bytes"
	"context"
	"errors"
	"time"

	"keysweep/plugin"
	"keysweep/rotation"
)

// prepare deploys and tests the new credential, and puts it into use.
func (f *Flow) prepare(ctx context.Context) error {
	if f.can(plugin.StepDeploy) && !f.j.Deployed {
		if _, err := f.ask(ctx, f.Runner, plugin.StepDeploy, plugin.Pending); err != nil {
			return err
		}
		f.j.Deployed = true
		if err := f.save(ctx); err != nil {
			return err
		}
	}
	err := f.test(ctx)
	var retry *plugin.RetryError
	if f.single() && errors.As(err, &retry) {
		// The old one is dead: waiting with the new one until it can be tested would help nobody. The test is made up for.
		f.Say("the new credential cannot be tested now (" + err.Error() + "); it is put into use, since the old one no longer works")
		err = nil
	}
	if err != nil {
		return err
	}
	return f.swap(ctx)
}

// test has the new credential tried. What the provider tells of it besides is kept.
func (f *Flow) test(ctx context.Context) error {
	if f.j.Tested || !f.can(plugin.StepTest) {
		return nil
	}
	f.Say("testing the new credential")
	reply, err := f.ask(ctx, f.Runner, plugin.StepTest, plugin.Pending)
	switch {
	case err != nil:
		return err
	case reply.Refused:
		return &RefusedError{f.record, reply.Message, f.single()}
	}
	if f.j.New.Account == "" {
		f.j.New.Account = account(reply.Account)
	}
	if f.j.New.Created.IsZero() {
		f.j.New.Created = reply.CreatedAt
	}
	if f.j.New.Expires.IsZero() {
		f.j.New.Expires = reply.ExpiresAt
	}
	f.j.Tested, f.testedNow = true, true
	return f.save(ctx)
}

// swap puts the new credential into use. Each of its changes can be the last one that a killed process made: what is done
// already is left as it is when it is done again.
func (f *Flow) swap(ctx context.Context) error {
	next := f.j
	next.Step, next.SwappedAt, next.Trouble = Swapped, whole(f.Now()), ""
	var changed rotation.Record
	err := f.Ledger.Do(ctx, func(tx *rotation.Tx) (err error) {
		if err := f.remember(tx); err != nil {
			return err
		}
		if next.New.Mark, err = f.exchange(tx); err != nil {
			return err
		}
		if changed, err = f.rewrite(tx, &next); err != nil {
			return err
		}
		if err := next.write(tx, f.record.ID); err != nil {
			return err
		}
		return tx.RemoveSecret(f.record.ID + pendingSuffix)
	})
	if err != nil {
		return err
	}
	f.j, f.record = next, changed
	f.Say("the new credential is in use")
	return nil
}

// exchange makes the secret in use the previous one, and the pending one the secret in use. It returns the mark of that.
func (f *Flow) exchange(tx *rotation.Tx) (mark string, err error) {
	id := f.record.ID
	current, err := tx.Secret(id)
	if err != nil {
		return "", err
	}
	defer clear(current)
	pending, err := tx.Secret(id + pendingSuffix)
	if err != nil {
		return "", err
	}
	defer clear(pending)
	if mark, err = tx.Mark(pending); err != nil || bytes.Equal(current, pending) {
		return mark, err
	}
	if err := tx.SetSecret(id+previousSuffix, current); err != nil {
		return "", err
	}
	return mark, tx.SetSecret(id, pending)
}

// rewrite makes the record one of the new credential. What was known of the age of the old one says nothing of the new one.
func (f *Flow) rewrite(tx *rotation.Tx, next *Journal) (rotation.Record, error) {
	id := f.record.ID
	if err := setMeta(tx, id, next.New.Meta); err != nil {
		return rotation.Record{}, err
	}
	old, err := tx.Record(id)
	if err != nil || old.Mark == next.New.Mark {
		return old, err
	}
	return tx.Change(id, "rotated", func(r *rotation.Record) error {
		r.Mark, r.RotatedAt, r.Expires = next.New.Mark, next.SwappedAt, next.New.Expires
		if next.New.Account != "" || !next.Manual {
			r.Account = next.New.Account
		}
		r.Evidence = nil
		r.AddEvidence(evidence(next))
		if r.Status != rotation.Compromised {
			r.Status = rotation.Retiring
		}
		return nil
	})
}

// evidence is what is known of the new credential's age.
func evidence(j *Journal) rotation.Evidence {
	switch {
	case !j.New.Created.IsZero():
		return rotation.Evidence{Source: rotation.FromProvider, At: j.New.Created}
	case j.Manual:
		return rotation.Evidence{Source: byHand, At: j.SwappedAt}
	}
	return rotation.Evidence{Source: rotation.MadeHere, At: j.StartedAt}
}

// byHand is the source of the evidence for a value that a person said was new.
const byHand = "stated by owner"

// wait waits before another try of something that takes effect at the provider after a while.
func (f *Flow) wait(ctx context.Context, try int) error {
	return f.Wait(ctx, time.Duration(try)*2*time.Second)
}
