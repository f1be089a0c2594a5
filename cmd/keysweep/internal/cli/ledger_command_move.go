package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/rotation"
)

// ledgerMoveOptions are what a user asks ledger move for.
type ledgerMoveOptions struct {
	ledger  ledgerOptions
	fresh   passphraseOptions
	keep    bool
	replace bool
}

func newLedgerMoveCommand(env *Env) *cobra.Command {
	o := &ledgerMoveOptions{}
	c := &cobra.Command{
		Use:   "move HOME",
		Short: "Move the ledger to another home",
		Long: "Copies every item to the new home, reads all of it back and compares it byte for byte, and only then makes the new home the\n" +
			"one that counts and takes the old ledger away. It can be interrupted at any moment: the ledger is in one of the two, whole,\n" +
			"and the same command goes on. The homes are listed by keysweep ledger --help.",
		Example: `  keysweep ledger move secret-service        from encrypted files to the desktop's keyring
  keysweep ledger move files                 back, with a new passphrase
  keysweep ledger move pass --keep           the old one stays, and is not used any more`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runLedgerMove(c.Context(), env, o, args[0]) },
	}
	f := c.Flags()
	f.BoolVar(&o.keep, "keep", false, "keep the old ledger, marked as moved away")
	f.BoolVar(&o.replace, "replace", false, "take the place of a ledger in the new home that was moved away from there and kept")
	o.ledger.addPassphraseFlags(f)
	o.fresh.addFlags(f, "new-", "the passphrase for a ledger in encrypted files")
	o.fresh.addGenerateFlag(f)
	return c
}

func runLedgerMove(ctx context.Context, env *Env, o *ledgerMoveOptions, to string) error {
	if err := errors.Join(checkHome(to), o.fresh.validate(), o.ledger.pass.validate()); err != nil {
		return err
	}
	if to != homeFiles && (o.fresh.given() || o.fresh.generate) {
		return usagef("leave it out", "a ledger in %s gets no passphrase of its own", to)
	}
	if err := allowedTo(env, to); err != nil {
		return err
	}
	o.ledger.onlyLook = true
	return settlingHome(ctx, env, func() error {
		return noRotation(ctx, env, func() error { return (&ledgerMove{env: env, opts: o, to: to}).run(ctx) })
	})
}

// checkHome refuses a home that there is not on this system.
func checkHome(home string) error {
	if slices.Contains(homesHere(), home) {
		return nil
	}
	hint := "one of: " + strings.Join(homesHere(), ", ")
	if slices.Contains(allHomes(), home) {
		return usagef(hint, "this system has no %s", home)
	}
	if near := nearest(home, homesHere()); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usagef(hint, "there is no home %q for the ledger", home)
}

// ledgerMove is a move on its way. Nobody else settles homes meanwhile.
type ledgerMove struct {
	env  *Env
	opts *ledgerMoveOptions
	to   string

	home  *chosenHome
	items int
}

func (m *ledgerMove) run(ctx context.Context) error {
	var err error
	if m.home, err = knownHome(m.env); err != nil {
		return err
	}
	if m.home == nil {
		return usagef("make it there: keysweep ledger init --home "+m.to, "there is no ledger yet")
	}
	if err := m.finishEarlier(ctx); err != nil {
		return err
	}
	if m.home.Home == m.to {
		_, err := fmt.Fprintf(m.env.Stdout, "The ledger is in %s.\n", m.to)
		return err
	}
	from := m.home.Home
	if err := m.copy(ctx); err != nil {
		return err
	}
	if err := m.leave(ctx); err != nil {
		return err
	}
	old := "taken away"
	if m.opts.keep {
		old = "kept, and is not used any more"
	}
	_, err = fmt.Fprintf(m.env.Stdout, "The ledger is in %s now: %d items were copied, read back and compared.\nThe old one, in %s, was %s.\n", m.to, m.items, from, old)
	return err
}

// finishEarlier brings an earlier move to its end, or takes back what it had begun.
func (m *ledgerMove) finishEarlier(ctx context.Context) error {
	if m.home.Leaving != nil {
		if err := m.leave(ctx); err != nil {
			return err
		}
	}
	if m.home.Moving == nil {
		return nil
	}
	begun := *m.home.Moving
	place, err := m.place(ctx, begun.Home)
	if err != nil {
		return fmt.Errorf("take back the unfinished move to %s: %w", begun.Home, err)
	}
	if err := m.discard(ctx, begun, place); err != nil {
		return fmt.Errorf("take back the unfinished move to %s: %w", begun.Home, err)
	}
	m.home.Moving = nil
	return writeHome(m.env, *m.home)
}

// discard takes an unfinished copy away, and nothing else.
func (m *ledgerMove) discard(ctx context.Context, begun homeRef, place homePlace) error {
	if begun.Home != homeFiles { // the directory of files is nobody else's; opening it would take the passphrase of that time
		exists, err := place.exists(ctx)
		if err != nil {
			return err
		}
		if exists {
			store, err := place.open(ctx)
			if err != nil {
				return err
			}
			items, err := store.List(ctx)
			if err != nil {
				return err
			}
			if store.ID() != begun.Ledger && (begun.Ledger != "" || len(items) > 0) {
				return usagef("see whose it is", "there is another ledger in %s by now (%s)", begun.Home, store.ID())
			}
		}
	}
	return place.retire(ctx, "unfinished", false)
}

// place returns a home to move to.
func (m *ledgerMove) place(ctx context.Context, home string) (homePlace, error) {
	if home != homeFiles {
		return ringHome(ctx, m.env, home)
	}
	if !m.opts.fresh.given() && !m.opts.fresh.generate {
		m.opts.fresh.file = m.env.Getenv(ledgerPassphraseFile)
	}
	return filesHome(m.env, &m.opts.fresh, false)
}

// copy makes the new ledger and, when it is proven to be the same, makes it the one that counts.
func (m *ledgerMove) copy(ctx context.Context) error {
	target, err := m.place(ctx, m.to)
	if err != nil {
		return err
	}
	if err := m.makeRoom(ctx, target); err != nil {
		return err
	}
	ledger, err := m.opts.ledger.existing(ctx, m.env)
	if err != nil {
		return err
	}
	if ledger == nil {
		return usagef("make it there: keysweep ledger init --home "+m.to, "there is no ledger yet")
	}
	m.home = m.opts.ledger.home
	if err := target.prepare(ctx); err != nil {
		return err
	}
	m.home.Moving = &homeRef{Home: m.to}
	if err := writeHome(m.env, *m.home); err != nil {
		return err
	}
	store, err := target.create(ctx)
	if err != nil {
		return err
	}
	m.home.Moving.Ledger = store.ID()
	if err := writeHome(m.env, *m.home); err != nil {
		return err
	}
	return m.opts.ledger.store.homeStore.Update(ctx, func(txn rotation.Txn) error { return m.switchTo(ctx, txn, store) })
}

// makeRoom sees that there is no ledger where the new one is to be.
func (m *ledgerMove) makeRoom(ctx context.Context, target homePlace) error {
	exists, err := target.exists(ctx)
	if err != nil {
		return err
	}
	if !exists {
		return target.missing(ctx)
	}
	store, err := target.open(ctx)
	if err != nil {
		return err
	}
	mark, err := readMoveMark(ctx, store)
	switch {
	case err != nil:
		return err
	case mark == nil:
		return usagef("see whose it is; to use it instead of the one in "+m.home.Home+", export this one first: keysweep ledger export FILE",
			"there is another ledger in %s already (%s)", m.to, store.ID())
	case !m.opts.replace:
		return usagef("to put this one in its place: --replace", "there is a ledger in %s that was moved to %s on %s and kept", m.to, mark.To, mark.At.Format(time.DateOnly))
	}
	// If this is interrupted, the next run finds that a copy was begun, and takes the rest away.
	m.home.Moving = &homeRef{Home: m.to, Ledger: store.ID()}
	if err := writeHome(m.env, *m.home); err != nil {
		return err
	}
	return target.retire(ctx, store.ID(), false)
}

// switchTo copies, compares and switches, while nobody else can change the ledger.
func (m *ledgerMove) switchTo(ctx context.Context, from rotation.Txn, to homeStore) error {
	items, err := readItems(from)
	if err != nil {
		return err
	}
	defer clearItems(items)
	if err := putItems(ctx, to, items); err != nil {
		return err
	}
	if err := to.View(ctx, func(r rotation.Reader) error { return sameNames(r, items) }); err != nil {
		return err
	}
	m.items = len(items)
	old := m.home
	now := chosenHome{Schema: homeSchema, Home: m.to, Ledger: to.ID(), Since: whole(m.env), Why: "it was moved here from " + old.Home,
		Leaving: &homeRef{Home: old.Home, Ledger: old.Ledger, Keep: m.opts.keep}}
	if err := writeHome(m.env, now); err != nil {
		return err
	}
	m.home = &now
	if m.opts.keep {
		return from.Put(movedAway, newMoveMark(m.env, m.to))
	}
	return nil
}

// leave takes the old ledger away, or marks it.
func (m *ledgerMove) leave(ctx context.Context) error {
	old := *m.home.Leaving
	place, err := m.opts.ledger.place(ctx, m.env, old.Home)
	if err != nil {
		return fmt.Errorf("the ledger is in %s now, but the old one in %s is still there: %w", m.home.Home, old.Home, err)
	}
	if old.Keep && old.Home != homeFiles {
		if err := m.mark(ctx, place); err != nil {
			return fmt.Errorf("the ledger is in %s now, but the old one in %s is still there: %w", m.home.Home, old.Home, err)
		}
	}
	if err := place.retire(ctx, old.Ledger, old.Keep); err != nil {
		return fmt.Errorf("the ledger is in %s now, but the old one in %s is still there: %w", m.home.Home, old.Home, err)
	}
	m.home.Leaving = nil
	return writeHome(m.env, *m.home)
}

// mark sees that a ledger in a keyring that is kept bears the mark: the move can have been killed before it did.
func (m *ledgerMove) mark(ctx context.Context, place homePlace) error {
	store, err := place.open(ctx)
	if err != nil {
		return err
	}
	mark, err := readMoveMark(ctx, store)
	if err != nil || mark != nil {
		return err
	}
	return store.Update(ctx, func(t rotation.Txn) error { return t.Put(movedAway, newMoveMark(m.env, m.home.Home)) })
}
