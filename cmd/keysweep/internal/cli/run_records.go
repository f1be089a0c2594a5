package cli

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"keysweep/rotation"
	"keysweep/rotation/snapshot"
)

// readAhead is what the snapshot says, before it is known whether it is of the ledger's present state.
type readAhead struct {
	snapshot snapshot.Snapshot
	err      error // there is no snapshot that is of use
	refused  error // what is wanted is not in it
}

// ahead reads the snapshot, and chooses from it. A keyring that was begun starts meanwhile.
func (o *runOptions) ahead(ctx context.Context, env *Env, p *runPlan) (a readAhead) {
	p.given = slices.Clone(p.wants)
	if a.snapshot, a.err = readSnapshot(ctx, env, snapshotPath(env)); a.err != nil {
		return a
	}
	if a.refused = o.choose(p, a.snapshot.Records); a.refused != nil {
		p.wants = nil
	}
	return a
}

// open opens the ledger.
func (o *runOptions) open(ctx context.Context, env *Env, p *runPlan) (*rotation.Ledger, error) {
	o.ledger.reading = true
	ledger, err := o.ledger.existing(ctx, env)
	if err == nil && ledger == nil {
		err = usagef("put one in: keysweep cred add NAME --env "+p.chosen, "there are no credentials yet: there is no ledger")
	}
	if err == nil {
		noteRescues(ctx, env, ledger, "")
	}
	return ledger, err
}

// glance reads the secrets of what was chosen from the snapshot together with the ledger's state, which is one item of it: reading the
// records one by one out of a keyring takes long. If the snapshot is not of that state, or there is any other doubt, nothing was done.
func (o *runOptions) glance(ctx context.Context, env *Env, p *runPlan, ledger *rotation.Ledger, ahead readAhead) (current bool, err error) {
	s := ahead.snapshot
	if ahead.err != nil || s.Machine != env.Hostname {
		return false, nil
	}
	state, values, err := ledger.Glance(ctx, p.ids())
	if err != nil {
		return false, err
	}
	if s.Ledger != state.ID || s.Seq != state.Seq {
		for _, value := range values {
			clear(value)
		}
		return false, nil
	}
	p.take(values)
	return true, ahead.refused
}

// lookUp reads the records, and has the snapshot written afterwards, as it is missing or old.
func (o *runOptions) lookUp(ctx context.Context, env *Env, p *runPlan, ledger *rotation.Ledger, ahead readAhead) error {
	if err := ahead.err; err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.notes = append(p.notes, err.Error())
	}
	keepSnapshot(env, ledger)
	records, err := ledger.Records(ctx)
	if err != nil {
		return err
	}
	p.wants = p.given // choose anew
	return o.choose(p, records)
}
