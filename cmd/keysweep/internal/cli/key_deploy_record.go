package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"keysweep/rotation"
)

// recordIntent puts the hosts into the ledger before anything is changed there: a host that is forgotten because the program
// was killed in between would keep the key for ever.
func (d *deployment) recordIntent(ctx context.Context) error {
	if d.subject.record == nil {
		return d.noteUnrecorded()
	}
	missing := false
	for _, target := range d.targets {
		missing = missing || installation(d.subject.record, target.String()) == nil
	}
	if !missing {
		return nil
	}
	_, err := d.ledger.Change(ctx, d.subject.record.ID, "deployment begun", func(r *rotation.Record) error {
		for _, target := range d.targets {
			if installation(r, target.String()) == nil {
				r.Installed = append(r.Installed, rotation.Installation{Target: target.String(), At: d.env.Now()})
			}
		}
		return nil
	})
	return err
}

func (d *deployment) noteUnrecorded() error {
	why, how := "the key is not in the ledger, so nobody will remember where it is installed", "; first: "
	switch {
	case d.o.ledger.none:
		why = "nothing is recorded in the ledger (--no-ledger)"
	case d.ledger == nil:
		why, how = "there is no ledger, so nobody will remember where the key is installed", "; to begin one: "
	}
	if d.subject.private != "" && !d.o.ledger.none { // the ledger is for keys of this machine
		why += how + "keysweep key adopt " + shellWord(d.subject.private)
	}
	_, err := fmt.Fprintln(d.env.Stderr, "note: "+why)
	return err
}

// recordOutcome puts into the ledger what became of each host. A host of which that is not known stays in.
func (d *deployment) recordOutcome(ctx context.Context) error {
	before := d.subject.record
	if before == nil {
		return nil
	}
	done := 0
	for _, o := range d.outcome {
		if o.err == nil {
			done++
		}
	}
	what := fmt.Sprintf("deployed to %s", counted(done, "host", "hosts"))
	if failed := len(d.outcome) - done; failed > 0 {
		what += fmt.Sprintf(", %d failed", failed)
	}
	_, err := d.ledger.Change(ctx, before.ID, what, func(r *rotation.Record) error {
		for i, target := range d.targets {
			in := installation(r, target.String())
			if in == nil {
				continue
			}
			switch o := d.outcome[i]; {
			case o.err == nil:
				d.settle(in, o)
			case o.absent() && installation(before, target.String()) == nil:
				r.Installed = slices.DeleteFunc(r.Installed, func(in rotation.Installation) bool {
					return in.Target == target.String() && in.Removed.IsZero()
				})
			}
		}
		return nil
	})
	return err
}

// settle puts down what is known of a host that accepts the key.
func (d *deployment) settle(in *rotation.Installation, o installed) {
	if o.Changed {
		in.At = d.env.Now()
	}
	if d.request.Expires.IsZero() {
		return
	}
	switch o.Expiry {
	case "":
		in.Expires = time.Time{}
	default:
		in.Expires = d.request.Expires
	}
}

// installation finds a host that, as far as the ledger knows, has the key; nil if it does not.
func installation(r *rotation.Record, target string) *rotation.Installation {
	for i := range r.Installed {
		if r.Installed[i].Target == target && r.Installed[i].Removed.IsZero() {
			return &r.Installed[i]
		}
	}
	return nil
}
