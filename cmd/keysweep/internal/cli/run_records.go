package cli

import (
	"context"
	"errors"
	"io/fs"

	"keysweep/rotation"
)

// credentials returns the ledger's records. Reading them one by one out of a keyring takes long: they come from the snapshot if
// that is of the ledger's present state, which is one item of it. Any doubt, and they are read.
func (o *runOptions) credentials(ctx context.Context, env *Env, p *runPlan) (*rotation.Ledger, []rotation.Record, error) {
	o.ledger.reading = true
	ledger, err := o.ledger.existing(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	if ledger == nil {
		return nil, nil, usagef("put one in: keysweep cred add NAME --env "+p.chosen, "there are no credentials yet: there is no ledger")
	}
	state, err := ledger.State(ctx)
	if err != nil {
		return nil, nil, err
	}
	s, err := readSnapshot(ctx, env, snapshotPath(env))
	if err == nil && s.Ledger == state.ID && s.Seq == state.Seq && s.Machine == env.Hostname {
		return ledger, s.Records, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.notes = append(p.notes, err.Error())
	}
	keepSnapshot(env, ledger)
	records, err := ledger.Records(ctx)
	return ledger, records, err
}
