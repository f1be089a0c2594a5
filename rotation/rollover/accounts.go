package rollover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"keysweep/keys"
	"keysweep/keys/deploy"
)

// Side is one of the two keys.
type Side int

// The two keys of a rotation.
const (
	Old Side = iota
	New
)

// Accounts is Hosts by way of package deploy.
type Accounts struct {
	// Pair returns the two keys; usually it is Rotation.Pair. The new one's comment goes to the hosts, too.
	Pair    func() (old, fresh Key)
	Expires time.Time // when hosts are to refuse the new key; zero for never
	// Enter returns an account that is entered with one of the keys, or with whatever the caller has for that, and tried with
	// one: with the new one by logging in, with the old one by asking whether it would be let in.
	Enter func(target string, with, tried Side) (deploy.Host, error)
	Now   func() time.Time
	// Shut reports whether an error says that a host was reached, and let in no key at hand.
	Shut func(error) bool
}

// Install is Hosts'. An account whose file was changed by way of another name of it, as with a home directory that many
// machines share, is one where the new key is there and the old one may be gone already.
func (a *Accounts) Install(ctx context.Context, target string, again bool) (Installed, error) {
	if again {
		if done, err := a.proven(ctx, target); done != nil || err != nil {
			return a.finish(ctx, target, done, err)
		}
	}
	host, err := a.Enter(target, Old, New)
	if err != nil {
		return Installed{Absent: true}, err
	}
	request, err := a.request()
	if err != nil {
		return Installed{Absent: true}, err
	}
	old, _, err := a.public(Old)
	if err != nil {
		return Installed{Absent: true}, err
	}
	request.Like = &old
	got, err := deploy.Install(ctx, host, request)
	if err != nil && a.Shut(err) && !again {
		if done, tryErr := a.proven(ctx, target); done != nil && tryErr == nil {
			return a.finish(ctx, target, done, nil)
		}
	}
	return a.outcome(got, err)
}

func (a *Accounts) request() (deploy.Request, error) {
	public, comment, err := a.public(New)
	return deploy.Request{Public: public, Comment: comment, Expires: a.Expires, Now: a.Now()}, err
}

// public returns one of the keys and its comment.
func (a *Accounts) public(side Side) (keys.Public, string, error) {
	old, fresh := a.Pair()
	if side == Old {
		return old.Public()
	}
	return fresh.Public()
}

// proven tries the new key. If it logs in, the result is not nil.
func (a *Accounts) proven(ctx context.Context, target string) (*Installed, error) {
	host, err := a.Enter(target, New, New)
	if err != nil {
		return nil, err
	}
	outcome, err := host.Try(ctx)
	if err != nil || outcome != deploy.LoggedIn {
		return nil, err
	}
	return &Installed{}, nil
}

// finish sees to the date on an account that lets the new key in already.
func (a *Accounts) finish(ctx context.Context, target string, done *Installed, err error) (Installed, error) {
	if err != nil {
		return Installed{}, err
	}
	if a.Expires.IsZero() {
		return *done, nil
	}
	host, err := a.Enter(target, New, New)
	if err != nil {
		return Installed{}, err
	}
	request, err := a.request()
	if err != nil {
		return Installed{}, err
	}
	return a.outcome(deploy.Install(ctx, host, request))
}

// outcome says what an installation comes to.
func (a *Accounts) outcome(got deploy.Result, err error) (Installed, error) {
	var unfinished *deploy.UnfinishedError
	var refused *deploy.RefusedError
	switch {
	case errors.As(err, &unfinished):
		return Installed{}, err
	case errors.As(err, &refused):
		return Installed{Absent: refused.TakenBack}, err
	case err != nil:
		return Installed{Absent: true}, err
	case got.Outcome != deploy.LoggedIn:
		return Installed{}, fmt.Errorf("%w: the host accepts it, and a login could not be made (is its passphrase known?)", ErrNotProven)
	case got.Expiry == deploy.ExpiryNone:
		return Installed{}, nil
	}
	return Installed{Expires: a.Expires}, nil
}

// Remove is Hosts'.
func (a *Accounts) Remove(ctx context.Context, target string) (Removal, error) {
	done, err := a.proven(ctx, target)
	if err == nil && done == nil {
		err = ErrNotProven
	}
	if err != nil {
		return Removal{}, err
	}
	return removal(a.remove(ctx, target, Old, New))
}

// removal says what a removal comes to.
func removal(done deploy.Removed, err error) (Removal, error) {
	var still *deploy.StillAcceptedError
	var unfinished *deploy.UnfinishedError
	switch {
	case errors.As(err, &still):
		return Removal{Removed: true}, err
	case errors.As(err, &unfinished):
		return Removal{Removed: done.Lines > 0}, err
	case err != nil:
		return Removal{}, err
	}
	return Removal{Removed: true, Refused: done.Refused}, nil
}

// TakeBack is Hosts'.
func (a *Accounts) TakeBack(ctx context.Context, target string) error {
	_, err := a.remove(ctx, target, New, Old)
	return err
}

// remove takes one key away, entering with the other, which must be left.
func (a *Accounts) remove(ctx context.Context, target string, what, other Side) (deploy.Removed, error) {
	host, err := a.Enter(target, other, what)
	if err != nil {
		return deploy.Removed{}, err
	}
	public, _, err := a.public(what)
	if err != nil {
		return deploy.Removed{}, err
	}
	left, _, err := a.public(other)
	if err != nil {
		return deploy.Removed{}, err
	}
	return deploy.Remove(ctx, host, deploy.Removal{Public: public, Leave: &left, Now: a.Now()})
}
