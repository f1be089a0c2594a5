package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"keysweep/rotation"
	"keysweep/rotation/snapshot"
)

// readAhead is a snapshot that was read before it was known whether it is of use.
type readAhead struct {
	snapshot snapshot.Snapshot
	err      error
	said     []byte // for standard error
}

// readAhead reads the snapshot while the keyring is asked.
func (o *runOptions) readAhead(ctx context.Context, env *Env) <-chan readAhead {
	early := make(chan readAhead, 1)
	aside, said := *env, new(bytes.Buffer)
	aside.Stderr = said
	go func() {
		s, err := readSnapshot(ctx, &aside, snapshotPath(&aside))
		early <- readAhead{s, err, said.Bytes()}
	}()
	return early
}

// credentials returns the ledger's records. Reading them one by one out of a keyring takes long: they come from the snapshot if
// that is of the ledger's present state, which is one item of it. Any doubt, and they are read.
func (o *runOptions) credentials(ctx context.Context, env *Env, p *runPlan) (*rotation.Ledger, []rotation.Record, error) {
	o.ledger.reading = true
	early := o.readAhead(ctx, env)
	ledger, err := o.ledger.existing(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	if ledger == nil {
		return nil, nil, usagef("put one in: keysweep cred add NAME --env "+p.chosen, "there are no credentials yet: there is no ledger")
	}
	noteRescues(ctx, env, ledger, "")
	state, err := ledger.State(ctx)
	if err != nil {
		return nil, nil, err
	}
	ahead := <-early
	s, err := ahead.snapshot, ahead.err
	if _, err := env.Stderr.Write(ahead.said); err != nil {
		return nil, nil, err
	}
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
