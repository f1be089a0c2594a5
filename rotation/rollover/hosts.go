package rollover

import (
	"context"
	"errors"
	"slices"
)

// selected returns the hosts that stand at one of the steps, and that this run goes to.
func (r *Rotation) selected(steps ...Step) (targets []string) {
	for _, h := range r.Journal.Hosts {
		if slices.Contains(steps, h.Step) && r.goesTo(h.Target) {
			targets = append(targets, h.Target)
		}
	}
	return targets
}

func (r *Rotation) goesTo(target string) bool {
	return (r.Only == nil || r.Only(target)) && (r.Left == nil || !r.Left(target))
}

// begin writes down which hosts get the new key, before the first one does: none must be forgotten.
func (r *Rotation) begin(context.Context) error {
	r.begun = map[string]bool{}
	for _, t := range r.selected(Begun) {
		r.begun[t] = true
	}
	targets := r.selected(Waiting)
	if len(targets) == 0 {
		return nil
	}
	return r.change(func(j *Journal) {
		for _, t := range targets {
			h := j.Host(t)
			h.Step, h.At, h.Trouble = Begun, r.Now(), ""
		}
	})
}

// install brings the new key to hosts. Those that let it in when an earlier run went there are asked again, as long as the old
// key has its name.
func (r *Rotation) install(ctx context.Context) error {
	targets := r.selected(Begun)
	if r.Journal.Phase == Generated {
		targets = r.selected(Begun, Verified)
	}
	return r.each(ctx, targets, func(ctx context.Context, h Host) (Host, error) {
		again := r.begun[h.Target] || h.Step == Verified
		done, err := r.Hosts.Install(ctx, h.Target, again)
		switch {
		case err == nil:
			h.Step, h.Expires = Verified, done.Expires
		case done.Absent && !again:
			h.Step = Waiting
		case !r.Away(err):
			h.Step = Begun
		}
		return h, err
	})
}

// clear takes the old key off hosts that have let the new one in.
func (r *Rotation) clear(ctx context.Context) error {
	if r.Journal.Phase != Promoted {
		return nil
	}
	return r.each(ctx, r.selected(Verified, Removed), func(ctx context.Context, h Host) (Host, error) {
		done, err := r.Hosts.Remove(ctx, h.Target)
		switch {
		case err == nil && done.Refused:
			h.Step = Refused
		case done.Removed:
			h.Step = Removed
		case errors.Is(err, ErrNotProven) && h.Step == Verified:
			h.Step = Begun // somebody took the new key away; the old one is there
		}
		return h, err
	})
}

// each does something on hosts, and writes down how far each has come.
func (r *Rotation) each(ctx context.Context, targets []string, do func(context.Context, Host) (Host, error)) error {
	if len(targets) == 0 {
		return nil
	}
	var failed error
	err := r.Each(ctx, targets, func(ctx context.Context, target string) {
		before := r.look(target)
		after, err := do(ctx, before)
		if saveErr := r.settle(before, after, err); saveErr != nil {
			r.mu.Lock()
			failed = saveErr
			r.mu.Unlock()
		}
	})
	return errors.Join(failed, err)
}

func (r *Rotation) look(target string) Host {
	r.mu.Lock()
	defer r.mu.Unlock()
	return *r.Journal.Host(target)
}

// settle writes down what became of a host.
func (r *Rotation) settle(before, after Host, err error) error {
	if after.Trouble = ""; err != nil {
		after.Trouble = err.Error()
	}
	if after.Step != before.Step {
		after.At = r.Now()
	}
	saveErr := r.change(func(j *Journal) { *j.Host(after.Target) = after })
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried[after.Target] = err
	r.tell(Event{Target: after.Target, Step: after.Step, Err: err})
	return saveErr
}

// waits returns the hosts because of which the new key cannot take the old one's place yet: those that could be reached and
// have not let it in, and those that nobody went to. If no host at all has let it in, that is all of them.
func (r *Rotation) waits() (targets []string) {
	moved, all := 0, 0
	for _, h := range r.Journal.Hosts {
		if h.Step == Gone {
			continue
		}
		all++
		if h.Step.Moved() {
			moved++
			continue
		}
		left := r.Left != nil && r.Left(h.Target)
		err, tried := r.tried[h.Target]
		away := left || tried && err != nil && r.Away(err)
		if r.All || !away {
			targets = append(targets, h.Target)
		}
	}
	if moved == 0 && all > 0 && len(targets) == 0 {
		for _, h := range r.Journal.Hosts {
			if h.Step != Gone {
				targets = append(targets, h.Target)
			}
		}
	}
	return targets
}

// handOver has the agent hold the new key in the old one's place.
func (r *Rotation) handOver(ctx context.Context) error {
	if r.Journal.Phase == Promoted {
		r.Keys.Agent(ctx, r.Journal.Count(Waiting, Begun) > 0)
	}
	return nil
}
