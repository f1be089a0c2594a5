package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"keysweep/internal/git"
	"keysweep/internal/openssh"
	"keysweep/keys/deploy"
	"keysweep/rotation/rollover"
)

// runRotate begins a rotation, or goes on with it.
func runRotate(ctx context.Context, env *Env, o *rotateOptions, ref string) error {
	if err := o.validate(); err != nil {
		return err
	}
	if _, err := flagSpan("agent-lifetime", o.agentLifetime); err != nil {
		return err
	}
	ledger, err := o.ledger.existing(ctx, env)
	if err != nil {
		return err
	}
	if ledger == nil {
		return usagef("take the key into one first: keysweep key adopt "+shellWord(ref), "there is no ledger yet, and so nothing that says where the key is installed")
	}
	g, err := findRotation(ctx, env, o, ledger, ref)
	if err != nil {
		return err
	}
	g.keys = &rotateKeys{g: g}
	defer g.keys.clear()
	switch {
	case o.status:
		return g.sayStatus()
	case o.abort && g.fresh:
		return g.sayNothing()
	case o.dryRun:
		return g.preview(ctx)
	case g.justRotated():
		return g.sayRotated()
	}
	return g.locked(ctx)
}

// locked works on the rotation while no other process can.
func (g *rotating) locked(ctx context.Context) (err error) {
	file, err := rollover.Open(g.dir, g.old.ID)
	if err != nil {
		return fmt.Errorf("%s: %w", git.Printable(g.old.Name), err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if over, err := g.refresh(ctx, file); over || err != nil {
		return err
	}
	if err := g.prepare(ctx); err != nil {
		return err
	}
	if err := file.Save(g.journal); err != nil {
		return err
	}
	public, done, err := g.keys.publicOnly()
	if err != nil {
		return err
	}
	defer done()
	g.pub, g.r = public.File, g.rotation(file)
	run := g.r.Run
	if g.o.abort {
		run = g.r.Abort
	}
	res, err := run(ctx)
	g.journal = g.r.Journal
	if err != nil {
		return g.explain(err)
	}
	return g.sayResult(&res)
}

// refresh reads journal and ledger again: another process may have come first, and gone on. over says that it has ended what there
// was to do.
func (g *rotating) refresh(ctx context.Context, file *rollover.File) (over bool, err error) {
	if err := g.load(file.Load()); err != nil {
		return false, err
	}
	if g.old, err = g.ledger.Find(ctx, g.old.ID); err != nil {
		return false, err
	}
	switch {
	case !g.fresh:
		return false, nil
	case g.o.abort:
		return true, g.sayNothing()
	case g.old.Successor == "" || g.old.Status.Live():
		return false, nil
	}
	if g.old, err = g.ledger.Find(ctx, g.old.Successor); err != nil {
		return false, err
	}
	return true, g.sayRotated()
}

// sayNothing says that there is nothing to abort.
func (g *rotating) sayNothing() error {
	_, err := fmt.Fprintf(g.env.Stdout, "%s is not being rotated: there is nothing to abort.\n", git.Printable(g.old.Name))
	return err
}

func (g *rotating) sayRotated() error {
	_, err := fmt.Fprintf(g.env.Stdout, "%s was rotated at %s. To do it once more: --again\n", git.Printable(g.old.Name), g.old.FirstSeen.Local().Format("15:04"))
	return err
}

// prepare looks at everything that could stand in the way, and asks for passphrases.
func (g *rotating) prepare(ctx context.Context) error {
	switch {
	case g.fresh, g.journal.Phase == rollover.Planned && !g.o.abort:
		if err := g.plan(ctx); err != nil {
			return err
		}
	case g.o.expires != "" || g.o.expireGrace != "":
		return usagef("leave it out; or give the rotation up and begin anew: --abort", "the date at which hosts refuse the new key was settled when the rotation began")
	}
	if err := g.takeHosts(); err != nil {
		return err
	}
	if err := g.keys.settle(ctx); err != nil {
		return err
	}
	return g.takeArchive()
}

// rotation is the state machine with everything around it.
func (g *rotating) rotation(file *rollover.File) *rollover.Rotation {
	r := &rollover.Rotation{
		Keeper: file, Journal: g.journal, Files: rollover.Disk{Overwrite: destroyKey, Own: g.own}, Keys: g.keys, Book: g.ledger, Now: g.env.Now,
		Unprotected: g.keys.exception, Away: isAway, All: g.o.requireAll, Tell: g.tell,
		Each: func(ctx context.Context, names []string, do func(context.Context, string)) error {
			targets, err := parseTargets(names)
			if err != nil {
				return err
			}
			return eachHost(ctx, &g.o.host, targets, func(ctx context.Context, t openssh.Target) struct{} {
				do(ctx, t.String())
				return struct{}{}
			}, func(int, struct{}) error { return nil })
		},
	}
	g.restrict(r)
	r.Hosts = &rollover.Accounts{Pair: r.Pair, Expires: g.journal.Expires, Enter: g.enter, Now: g.env.Now, Shut: isShut}
	return r
}

// own gives a new file the owner of the key's file, which is there at every moment.
func (g *rotating) own(file string) error {
	info, err := os.Stat(g.journal.File)
	if err != nil {
		return err
	}
	return keepOwner(file, info)
}

// isAway reports whether a host could not be reached at all.
func isAway(err error) bool {
	var e *openssh.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &e) && (e.Class == openssh.Unreachable || e.Class == openssh.TimedOut)
}

// isShut reports whether a host was reached, and let us in with no key at hand.
func isShut(err error) bool {
	var e *openssh.Error
	return errors.As(err, &e) && e.Class == openssh.Refused
}

// enter returns an account that is entered with one of the keys, and tried with one.
func (g *rotating) enter(name string, with, tried rollover.Side) (deploy.Host, error) {
	target, err := openssh.ParseTarget(name)
	if err != nil {
		return nil, err
	}
	oldFile, newFile := g.r.Places()
	k := g.keys
	host := &remote{tools: g.o.host.tools(g.env), target: target, via: k.via, key: openssh.Key{File: newFile, Passphrase: k.newPass}}
	if host.via == nil {
		host.via = &openssh.Key{File: newFile, Passphrase: k.newPass}
		if with == rollover.Old {
			host.via = &openssh.Key{File: oldFile, Passphrase: k.oldPass}
		}
	}
	if tried == rollover.Old {
		host.key.File, host.key.Passphrase = g.pub, nil
	}
	return host, nil
}

// explain adds to an error what a person should do.
func (g *rotating) explain(err error) error {
	var lost *rollover.LostError
	switch {
	case errors.Is(err, rollover.ErrPromoted):
		return usagef("run it without --abort; the old key is in "+git.Printable(g.journal.OldFile()), "%s: %w", g.name(), err)
	case errors.As(err, &lost) && g.journal.Phase == rollover.Generated:
		return usagef("put the file back, or give this rotation up: keysweep key rotate "+shellWord(g.journal.Name)+" --abort", "%w", err)
	}
	return err
}
