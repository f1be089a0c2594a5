package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"keysweep/plugin"
	"keysweep/rotation"
)

// create gets the new credential and puts it into the ledger before anything else.
func (f *Flow) create(ctx context.Context) error {
	if kept, err := f.kept(ctx); kept || err != nil {
		return err
	}
	if f.j.Manual {
		return f.enter(ctx)
	}
	if !f.can(plugin.StepCreate) {
		return fmt.Errorf("plugin %s can no longer make credentials, as it could when this rotation began", f.Plugin)
	}
	if f.j.Attempt > 0 && f.j.Phases == plugin.Single {
		// The answer to an earlier try never came. Had it been carried out, the current credential would be dead; asking again
		// with a dead one is taken for a theft by some providers.
		if err := f.alive(ctx); err != nil {
			return err
		}
	}
	if err := f.shelter(ctx, &f.j); err != nil {
		return err
	}
	f.tried, f.j.TriedAt = f.j.TriedAt, whole(f.Now())
	f.j.Attempt++
	if err := f.save(ctx); err != nil {
		return err
	}
	// From here to the end of keep an interrupt must not come between the provider's answer and where it is kept.
	sheltered := context.WithoutCancel(ctx)
	f.Say("asking for a new credential")
	reply, err := f.ask(sheltered, f.Runner, plugin.StepCreate, "")
	defer clear(reply.Secret)
	var retry *plugin.RetryError
	switch {
	case len(reply.Secret) > 0:
		return errors.Join(f.keep(sheltered, reply.Secret, sideOf(&reply), reply.OldValidUntil), err)
	case reply.Refused && f.j.Attempt > 1 && f.j.Phases == plugin.Single:
		return &LostError{f.record}
	case errors.As(err, &retry):
		return err
	case reply.Refused:
		err = &DeadError{f.record, reply.Message}
	case err == nil:
		// It may well have been made: a script that looks for it under the wrong name, for one.
		return fmt.Errorf("plugin %s says that there is a new credential, and does not send it", f.Plugin)
	}
	if f.j.Attempt > 1 {
		return err // what the tries before have done is still not known
	}
	return errors.Join(err, f.drop(sheltered)) // nothing was made
}

// alive sees whether the current credential is still accepted.
func (f *Flow) alive(ctx context.Context) error {
	reply, err := f.ask(ctx, f.Runner, plugin.StepTest, plugin.Current)
	if err == nil && reply.Refused {
		err = &LostError{f.record}
	}
	return err
}

// kept reports whether a new credential is in the ledger already, from a run that was killed before it wrote down that it is.
func (f *Flow) kept(ctx context.Context) (bool, error) {
	made, err := f.has(ctx, pendingSuffix)
	if err != nil || !made {
		return false, err
	}
	f.j.Step = Created
	return true, f.save(ctx)
}

// enter has a person get the new value.
func (f *Flow) enter(ctx context.Context) error {
	if err := f.shelter(ctx, &f.j); err != nil {
		return err
	}
	if f.newKey { // the rotation was begun without
		if err := f.save(ctx); err != nil {
			return err
		}
	}
	value, side, err := f.Person.NewValue(ctx, f.record)
	defer clear(value)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := f.buried(ctx, value); err != nil {
		return err
	}
	return f.keep(ctx, value, side, time.Time{})
}

// keepWaits are the waits between the tries to write the new credential down; a keyring that is locked or a disk that is full may
// pass. Where there is no other copy of it, they are longer.
func keepWaits(only bool) []time.Duration {
	if only {
		return []time.Duration{time.Second, 3 * time.Second, 10 * time.Second}
	}
	return []time.Duration{500 * time.Millisecond, time.Second}
}

// keep puts the new credential where it is not lost: into the rescue file, and then into the ledger.
func (f *Flow) keep(ctx context.Context, value []byte, side Side, oldValidUntil time.Time) error {
	var unsafe error
	if !f.sealedAlready(value) {
		unsafe = f.seal(value, side, oldValidUntil)
	}
	var waits []time.Duration
	if !f.j.Manual {
		waits = keepWaits(unsafe != nil)
	}
	err := f.inscribe(ctx, value, side, oldValidUntil, waits)
	var same *SameError
	switch {
	case err == nil:
		f.unshelter()
		return nil
	case errors.As(err, &same):
		f.unshelter()
		return err
	case unsafe == nil:
		return &SealedError{f.record, f.Rescue.Path(f.j.label(&f.record)), err}
	case f.j.Manual:
		return err
	}
	return &UnkeptError{Record: f.record, Value: bytes.Clone(value), Err: errors.Join(err, unsafe)}
}

// inscribe puts the new credential into the ledger, first of all the secret itself. It tries again after each of the waits.
func (f *Flow) inscribe(ctx context.Context, value []byte, side Side, oldValidUntil time.Time, waits []time.Duration) error {
	next := f.j
	next.Step, next.New, next.Old.ValidUntil, next.Trouble = Created, side, oldValidUntil, ""
	next.New.Account, next.New.Meta = account(side.Account), meta(side.Meta)
	write := func(tx *rotation.Tx) error {
		if err := f.fresh(tx, value); err != nil {
			return err
		}
		var err error
		if next.New.Mark, err = tx.Mark(value); err != nil {
			return err
		}
		if err := tx.SetSecret(f.record.ID+pendingSuffix, value); err != nil {
			return err
		}
		return next.write(tx, f.record.ID)
	}
	err := f.Ledger.Do(ctx, write)
	var same *SameError
	for _, wait := range waits {
		if err == nil || errors.As(err, &same) {
			break
		}
		f.Say("the new credential could not be written down, trying again: " + err.Error())
		if err := f.Wait(ctx, wait); err != nil {
			break
		}
		err = f.Ledger.Do(ctx, write)
	}
	if err == nil {
		f.j = next
	}
	return err
}

// maxAccount is the most that a record holds of an account, in bytes.
const maxAccount = 100

// account returns what a plugin says of an account, as far as a record can take it.
func account(text string) string {
	if len(text) > maxAccount || strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return ""
	}
	return text
}

// meta is account for the plugin's own notes.
func meta(notes map[string]string) map[string]string {
	size := 0
	for name, value := range notes {
		size += len(name) + len(value)
	}
	if size > plugin.MaxMeta {
		return nil
	}
	return notes
}

// fresh refuses the value that is in use.
func (f *Flow) fresh(tx *rotation.Tx, value []byte) error {
	current, err := tx.Secret(f.record.ID)
	if err != nil {
		return err
	}
	defer clear(current)
	if bytes.Equal(current, value) {
		return &SameError{f.record}
	}
	return nil
}

// buried refuses a value that a person gives and that was taken out of use before.
func (f *Flow) buried(ctx context.Context, value []byte) error {
	mark, err := f.Ledger.Mark(ctx, value)
	if err != nil {
		return err
	}
	grave, err := f.Ledger.Buried(ctx, rotation.MarkPrint(mark))
	if errors.Is(err, rotation.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return &rotation.BuriedError{Tombstone: grave, Name: f.record.Ref()}
}

// drop ends a rotation that has changed nothing.
func (f *Flow) drop(ctx context.Context) error {
	if err := f.leave(); err != nil {
		return err
	}
	f.j.Step = ""
	return f.Ledger.Do(ctx, func(tx *rotation.Tx) error {
		return errors.Join(tx.RemoveSecret(f.record.ID+rescueSuffix), tx.RemoveSecret(f.record.ID+journalSuffix))
	})
}
