package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// ledgerPassphraseFile is the environment variable that names a file with the ledger's passphrase, for jobs without a terminal.
const ledgerPassphraseFile = "KEYSWEEP_LEDGER_PASSPHRASE_FILE"

// ledgerTries is how often a person may enter a wrong passphrase.
const ledgerTries = 3

// ledgerOptions are the flags of every command that uses the ledger.
type ledgerOptions struct {
	pass passphraseOptions
	none bool // --no-ledger

	store  *filestore.Store // once it is open: unlocking takes a second
	ledger *rotation.Ledger
}

func (o *ledgerOptions) addFlags(f *pflag.FlagSet) {
	o.pass.addFlags(f, "ledger-", "the ledger's passphrase")
	f.Lookup("ledger-passphrase-file").Usage += " (also: " + ledgerPassphraseFile + ")"
	f.BoolVar(&o.none, "no-ledger", false, "leave the ledger alone: nothing is recorded")
}

// open opens the ledger, and makes it on first use, asking for a new passphrase. With --no-ledger it says that nothing is
// recorded and returns nil.
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
	where, err := ledgerPlace(env)
	if err != nil {
		return nil, err
	}
	exists, err := filestore.Exists(where.Dir)
	if err != nil {
		return nil, err
	}
	if !exists {
		return nil, filestore.Missing(where)
	}
	o.source(env)
	for try := 1; ; try++ {
		err := o.unlock(ctx, env, where)
		if err == nil {
			return o.ledger, nil
		}
		if !errors.Is(err, rotation.ErrLocked) || o.pass.given() || try == ledgerTries {
			return nil, err
		}
		if _, err := fmt.Fprintln(env.Stderr, "That is not the ledger's passphrase."); err != nil {
			return nil, err
		}
	}
}

// source takes the passphrase file from the environment where no flag says anything.
func (o *ledgerOptions) source(env *Env) {
	if !o.pass.given() {
		o.pass.file = env.Getenv(ledgerPassphraseFile)
	}
}

func (o *ledgerOptions) unlock(ctx context.Context, env *Env, where filestore.Options) error {
	secret, err := o.pass.existing(ctx, env, "Passphrase of keysweep's ledger")
	if err != nil {
		return withoutLedger(err)
	}
	defer clear(secret)
	store, err := filestore.Open(ctx, where, secret)
	if err != nil {
		return err
	}
	return o.use(env, store)
}

// make makes the ledger.
func (o *ledgerOptions) make(ctx context.Context, env *Env) (*rotation.Ledger, error) {
	where, err := ledgerPlace(env)
	if err != nil {
		return nil, err
	}
	o.source(env)
	if _, err := fmt.Fprintf(env.Stderr, "keysweep remembers keys, their age and where they are installed in a ledger: encrypted files in\n"+
		"%s. It is made now, with a passphrase of its own.\n", where.Dir); err != nil {
		return nil, err
	}
	secret, err := o.pass.fresh(ctx, env, freshQuestion{
		Prompt:  "New passphrase for the ledger",
		Known:   []string{"keysweep", "ledger", env.Username, env.Hostname},
		Instead: "do without the ledger: --no-ledger",
	})
	if err != nil {
		return nil, withoutLedger(err)
	}
	defer clear(secret)
	store, err := filestore.Create(ctx, where, secret)
	if errors.Is(err, filestore.ErrExists) { // another process was faster
		return o.existing(ctx, env)
	}
	if err != nil {
		return nil, err
	}
	err = o.use(env, store)
	return o.ledger, err
}

// use takes an unlocked store, and says what is to be known of it.
func (o *ledgerOptions) use(env *Env, store *filestore.Store) error {
	for _, note := range store.Notes() {
		if _, err := fmt.Fprintln(env.Stderr, "note: "+note); err != nil {
			return err
		}
	}
	o.store = store
	o.ledger = rotation.Open(store, env.Hostname, env.Now)
	return nil
}

// withoutLedger adds to the hint of an error about the passphrase that one can do without.
func withoutLedger(err error) error {
	if errors.Is(err, context.Canceled) || !isUsage(err) {
		return err
	}
	return usagef(alsoHint(err, "do without the ledger: --no-ledger"), "%w", err)
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
