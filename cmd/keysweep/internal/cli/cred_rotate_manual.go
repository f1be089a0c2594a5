package cli

import (
	"context"
	"errors"
	"fmt"

	"keysweep/internal/launch"
	"keysweep/internal/terminal"
	"keysweep/rotation"
	"keysweep/rotation/provider"
)

// credPerson is the person before the terminal, who gets the new value from the provider and revokes the old one there.
type credPerson struct {
	env *Env
	o   *credRotateOptions
}

// NewValue is provider.Person's.
func (p *credPerson) NewValue(ctx context.Context, r rotation.Record) ([]byte, provider.Side, error) {
	expires, err := parseEnd(p.o.expires)
	if err != nil {
		return nil, provider.Side{}, err
	}
	if id, old, pair := provider.Companion(&r); pair && (p.o.account == "" || p.o.account == old) {
		return nil, provider.Side{}, usagef("for example: --account AKIA...", "%s belongs with %s, which is new as well: give that with --account", r.Ref(), id)
	}
	if _, err := fmt.Fprintf(p.env.Stderr, "Make a new value for %s, without ending the old one if that is possible: %s\n", r.Ref(), revokePlace(&r)); err != nil {
		return nil, provider.Side{}, err
	}
	if p.o.open {
		if err := launch.Page(ctx, placeOfCred(&r), p.env.Dir, p.env.Environ); errors.Is(err, context.Canceled) {
			return nil, provider.Side{}, err
		} else if err != nil {
			tell(p.env.Stderr, "note: the page is not opened: %v\n", err)
		}
	}
	value, err := p.o.value.read(ctx, p.env, r.Ref())
	if errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintf(p.env.Stderr, "\nNothing has changed. To go on: keysweep cred rotate %s\n", r.Ref())
	}
	return value, provider.Side{Account: p.o.account, Expires: expires}, err
}

// Ended is provider.Person's.
func (p *credPerson) Ended(ctx context.Context, r rotation.Record) (yes bool, err error) {
	if p.o.revoked {
		return true, nil
	}
	t, err := p.env.Terminal()
	if errors.Is(err, terminal.ErrNone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = t.Close() }()
	if err := t.Print("The new value is in use. Give it to everything that has a copy of the old one, then revoke the old one: " + revokePlace(&r) + "\n"); err != nil {
		return false, err
	}
	return t.Confirm(ctx, "Is the old value of "+r.Ref()+" revoked?")
}
