package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"keysweep/rotation"
	"keysweep/rotation/provider"
)

// setCompanions gives a program the second variable of credentials that are of two parts, as AWS_ACCESS_KEY_ID is besides
// AWS_SECRET_ACCESS_KEY: the two are replaced together, and one of them alone, or one of an older pair, is of no use.
func (p *runPlan) setCompanions(replace bool) {
	for i := range p.wants {
		w := &p.wants[i]
		name, value, ok := provider.Companion(&w.record)
		own := slices.ContainsFunc(p.wants, func(o runWant) bool { return o.variable == name })
		if ok && !own && !w.asFile && w.variable == w.record.Name {
			p.set(name, value, replace)
		}
	}
}

// pairTries is how often a pair is read whose parts do not belong together: a rotation may end between the reading of one and the
// other.
const pairTries = 3

// pairs sees that both parts of such credentials are of one time. Records are read before secrets, and a rotation that was killed
// leaves the new secret beside the old record for a while: the mark tells which secret a record is about.
func (p *runPlan) pairs(ctx context.Context, ledger *rotation.Ledger) error {
	for i := range p.wants {
		w := &p.wants[i]
		_, _, pair := provider.Companion(&w.record)
		for try := 1; pair && w.record.Mark != ""; try++ {
			mark, err := ledger.Mark(ctx, w.value)
			if err != nil {
				return err
			}
			if mark == w.record.Mark {
				break
			}
			if try == pairTries {
				return usagef("finish its rotation: keysweep cred rotate "+w.record.Ref(),
					"%s: the value and the id that belongs with it are not of the same time: it is being replaced, or that was interrupted", w.record.Ref())
			}
			if err := w.readPair(ctx, ledger); err != nil {
				return err
			}
		}
	}
	return nil
}

// readPair reads the record and the secret anew.
func (w *runWant) readPair(ctx context.Context, ledger *rotation.Ledger) error {
	r, err := ledger.Find(ctx, w.record.ID)
	if err == nil && !r.Status.Live() {
		err = fmt.Errorf("it has just become %s", r.Status)
	}
	if err == nil && r.Status == rotation.Compromised && w.record.Status != r.Status {
		err = errors.New("it has just been recorded as compromised")
	}
	var value []byte
	if err == nil {
		value, err = ledger.Secret(ctx, r.ID)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", w.record.Ref(), err)
	}
	clear(w.value)
	w.record, w.value = r, value
	return nil
}
