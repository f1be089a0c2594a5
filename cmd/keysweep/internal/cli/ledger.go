package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"keysweep/rotation"
)

// ledgerPassphraseFile is the environment variable that names a file with the ledger's passphrase, for jobs without a terminal.
const ledgerPassphraseFile = "KEYSWEEP_LEDGER_PASSPHRASE_FILE"

// ledgerTries is how often a person may enter a wrong passphrase.
const ledgerTries = 3

// ledgerOptions are the flags of every command that uses the ledger.
type ledgerOptions struct {
	pass passphraseOptions
	none bool // --no-ledger

	optional bool // there is the flag --no-ledger
	// reading leaves the snapshot as it is: the command changes nothing, and sees to the snapshot itself.
	reading bool

	takeOld bool // a ledger that was moved elsewhere will do, as the newer one is lost
	// onlyLook is for commands about the ledger as a whole: they open it also where the policy does not allow it to be, and leave the
	// snapshot as it is.
	onlyLook bool
	// afresh wants the passphrase of a ledger in files also where it is unlocked: the command is about the passphrase.
	afresh bool

	home   *chosenHome // once it is open
	store  *liveStore
	ledger *rotation.Ledger
}

func (o *ledgerOptions) addFlags(f *pflag.FlagSet) {
	o.addPassphraseFlags(f)
	o.optional = true
	f.BoolVar(&o.none, "no-ledger", false, "leave the ledger alone: nothing is recorded")
}

// addPassphraseFlags adds the flags of commands that cannot do without the ledger.
func (o *ledgerOptions) addPassphraseFlags(f *pflag.FlagSet) {
	o.pass.addFlags(f, "ledger-", "the ledger's passphrase")
	o.pass.variable = ledgerPassphraseFile
	f.Lookup("ledger-passphrase-file").Usage += " (for a ledger in encrypted files; also: " + ledgerPassphraseFile + ")"
}

// open opens the ledger, and makes it on first use. With --no-ledger it says that nothing is recorded and returns nil.
func (o *ledgerOptions) open(ctx context.Context, env *Env) (*rotation.Ledger, error) {
	if o.none {
		_, err := fmt.Fprintln(env.Stderr, "note: nothing is recorded in the ledger (--no-ledger)")
		return nil, err
	}
	ledger, err := o.existing(ctx, env)
	if ledger != nil || err != nil {
		return ledger, err
	}
	return o.make(ctx, env)
}

// existing opens the ledger if there is one. Without one, and with --no-ledger, it returns nil and asks nothing.
func (o *ledgerOptions) existing(ctx context.Context, env *Env) (*rotation.Ledger, error) {
	if o.none || o.ledger != nil {
		return o.ledger, nil
	}
	home, err := knownHome(env)
	if home == nil || err != nil {
		return nil, err
	}
	if !o.onlyLook {
		if err := allowedHome(env, home.Home); err != nil {
			return nil, err
		}
	}
	place, err := o.place(ctx, env, home.Home)
	if err != nil {
		return nil, inHome(home.Home, err)
	}
	if err := o.enter(ctx, env, home, place); err != nil {
		return nil, inHome(home.Home, err)
	}
	return o.ledger, nil
}

// enter opens the ledger in the home that was chosen. That it was never made there, as a first use was killed or had no
// passphrase, is no error: o.ledger stays nil.
func (o *ledgerOptions) enter(ctx context.Context, env *Env, home *chosenHome, place homePlace) error {
	store, err := place.open(ctx)
	switch {
	case !errors.Is(err, errNoneThere):
		if err != nil {
			return err
		}
	case home.Ledger == "":
		return cmp.Or(place.missing(ctx), ledgerTraces(env, "names no ledger"))
	default:
		if err := place.missing(ctx); err != nil {
			return err
		}
		return goneFrom(env, home, place)
	}
	if err := o.noteIdleFlags(env, home.Home); err != nil {
		return err
	}
	return o.use(ctx, env, home, store)
}

// make makes the ledger in the home that is chosen now.
func (o *ledgerOptions) make(ctx context.Context, env *Env) (*rotation.Ledger, error) {
	home, err := o.chooseHome(ctx, env)
	if err != nil {
		return nil, err
	}
	return o.makeIn(ctx, env, home)
}

// makeIn makes the ledger in a home. If there is one, as another process made it meanwhile or what says so was lost, it is opened.
func (o *ledgerOptions) makeIn(ctx context.Context, env *Env, home chosenHome) (*rotation.Ledger, error) {
	place, err := o.place(ctx, env, home.Home)
	if err != nil {
		return nil, err
	}
	exists, err := place.exists(ctx)
	if err != nil {
		return nil, err
	}
	if !exists {
		if err := o.announce(ctx, env, &home, place); err != nil {
			return nil, err
		}
	}
	var store homeStore
	err = settlingHome(ctx, env, func() error {
		known, err := readHome(env)
		if err != nil {
			return err
		}
		if known != nil && (known.Ledger != "" || known.Home != home.Home) {
			return errLedgerThere
		}
		if exists {
			home.Why = "it was there already"
			return o.enter(ctx, env, &home, place)
		}
		if err := writeHome(env, home); err != nil {
			return err
		}
		if store, err = place.create(ctx); err != nil {
			return err
		}
		home.Ledger = store.ID()
		return writeHome(env, home)
	})
	if errors.Is(err, errLedgerThere) {
		return o.existing(ctx, env)
	}
	if err == nil && store != nil {
		err = o.use(ctx, env, &home, store)
	}
	return o.ledger, err
}

// announce says what is being made and where, and gets what that takes.
func (o *ledgerOptions) announce(ctx context.Context, env *Env, home *chosenHome, place homePlace) error {
	if err := place.missing(ctx); err != nil {
		return err
	}
	makes, unready := "is", place.ready()
	if unready != nil {
		makes = "would be"
	}
	if _, err := fmt.Fprintf(env.Stderr, "keysweep remembers keys, their age and where they are installed in a ledger. It %s made now%s: %s\n"+
		"(%s; to have it elsewhere: keysweep ledger move HOME).\n", makes, withPassphrase(home.Home), place.describe(), home.Why); err != nil {
		return err
	}
	if unready != nil {
		return unready
	}
	return place.prepare(ctx)
}

func withPassphrase(home string) string {
	if home == homeFiles {
		return ", with a passphrase of its own"
	}
	return ""
}

// source takes the passphrase file from the environment where no flag says anything.
func (o *ledgerOptions) source(env *Env) {
	if !o.pass.given() {
		o.pass.file = env.Getenv(ledgerPassphraseFile)
	}
}

// use takes an unlocked store, sees that it is the one that counts, and says what is to be known of it.
func (o *ledgerOptions) use(ctx context.Context, env *Env, home *chosenHome, store homeStore) error {
	if home.Ledger == "" {
		if err := o.takeUp(ctx, env, home, store); err != nil {
			return err
		}
	}
	if home.Ledger != store.ID() {
		return otherLedger(env, home, store)
	}
	for _, note := range store.Notes() {
		if _, err := fmt.Fprintln(env.Stderr, "note: "+note); err != nil {
			return err
		}
	}
	o.home, o.store = home, &liveStore{store, env}
	o.ledger = rotation.Open(o.store, env.Hostname, env.Now)
	if !o.onlyLook && !o.reading {
		keepSnapshot(env, o.ledger)
	}
	return nil
}

// takeUp writes down which ledger it is that was found: it was there before homes were written down, or who made it was killed,
// or the home file is lost. One that was moved elsewhere is not taken up again.
func (o *ledgerOptions) takeUp(ctx context.Context, env *Env, home *chosenHome, store homeStore) error {
	mark, err := readMoveMark(ctx, store)
	if err != nil {
		return err
	}
	if mark != nil {
		if !o.takeOld {
			return leftBehind(env, home, mark)
		}
		if err := store.Update(ctx, func(t rotation.Txn) error { return t.Delete(movedAway) }); err != nil {
			return err
		}
	}
	home.Ledger = store.ID()
	return writeHome(env, *home)
}

// findRecord finds what a person calls a key: by name, id, fingerprint, or the path of its file.
func findRecord(ctx context.Context, env *Env, ledger *rotation.Ledger, ref string) (rotation.Record, error) {
	records, err := ledger.Records(ctx)
	if err != nil {
		return rotation.Record{}, err
	}
	r, err := rotation.FindIn(records, ref, env.Hostname)
	if !errors.Is(err, rotation.ErrNotFound) {
		return r, err
	}
	if byPath, pathErr := rotation.FindIn(records, absolute(env, ref), env.Hostname); !errors.Is(pathErr, rotation.ErrNotFound) {
		return byPath, pathErr
	}
	// A public key file stands for its key. A private one that the ledger does not know by its path may be a copy: what is
	// to be done to the key is not to be done to another file than the one that was named.
	if key, lookErr := lookAt(ctx, env, absolute(env, ref)); lookErr == nil && len(key.Files) == 0 {
		if byKey, keyErr := rotation.FindIn(records, key.Fingerprint(), env.Hostname); !errors.Is(keyErr, rotation.ErrNotFound) {
			return byKey, keyErr
		}
	}
	names := make([]string, len(records))
	for i := range records {
		names[i] = records[i].Name
	}
	hint := "see: keysweep key list; a key that was made elsewhere comes into the ledger with: keysweep key adopt FILE"
	if near := nearest(ref, names); near != "" {
		hint = "did you mean " + near + "? see: keysweep key list"
	}
	return r, usagef(hint, "%w", err)
}
