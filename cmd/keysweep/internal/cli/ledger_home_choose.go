package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"keysweep/internal/keyring"
	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// knownHome returns the home that was chosen, or that a ledger from before homes were written down has; nil if there is none.
// Traces of a ledger without either are rotation.ErrTampered: no second one is begun beside it.
func knownHome(env *Env) (*chosenHome, error) {
	home, err := readHome(env)
	if home != nil || err != nil {
		return home, err
	}
	if home, err = knownFiles(env); home != nil || err != nil {
		return home, err
	}
	return nil, ledgerTraces(env, "is gone")
}

// ledgerTraces says that there was a ledger on this machine, where none is known any more, as what has become of the home file: so none
// is begun beside it, and nobody is told that there is nothing. The error is rotation.ErrTampered, nil if nothing tells of one.
func ledgerTraces(env *Env, what string) error {
	path, err := homeFile(env)
	if err != nil {
		return err
	}
	for _, home := range homesHere() {
		anchor, err := anchorOf(env, home)
		if err != nil {
			return err
		}
		if _, err := os.Lstat(anchor); err == nil {
			return &homeFileError{path, what + ", and there was a ledger in " + home + " on this machine",
				"to take it up again: keysweep ledger init --home " + home + "; to begin anew without its records, delete " + anchor}
		}
	}
	if _, err := os.Lstat(snapshotPath(env)); err == nil {
		return &homeFileError{path, what + ", and there was a ledger on this machine, of which the snapshot is left",
			"to take it up again: keysweep ledger init --home HOME; to begin anew without its records, delete " + snapshotPath(env)}
	}
	return nil
}

// knownFiles returns encrypted files as the home, if there is a ledger in them.
func knownFiles(env *Env) (*chosenHome, error) {
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
	return &chosenHome{Schema: homeSchema, Home: homeFiles, Since: whole(env), Why: "it was there already"}, nil
}

// chooseHome decides where a ledger that is made now shall be. It writes nothing.
func (o *ledgerOptions) chooseHome(ctx context.Context, env *Env) (chosenHome, error) {
	h := chosenHome{Schema: homeSchema, Home: homeFiles, Since: whole(env)}
	begun, err := readHome(env)
	if err != nil {
		return h, err
	}
	fixed, where, err := policyHome(env)
	if err != nil {
		return h, err
	}
	ring, why := systemRing(runtime.GOOS), ""
	o.source(env)
	switch {
	case begun != nil:
		return *begun, nil
	case fixed != "":
		h.Home, h.Why = fixed, where+" says so"
		return h, nil
	case o.pass.given():
		h.Why = "a passphrase for encrypted files was given"
		return h, nil
	case ring == "":
		h.Why = "this system has no keyring of its own"
		return h, nil
	}
	why, err = tryRing(ctx, env, ring)
	if errors.Is(err, context.Canceled) {
		return h, err
	}
	if err != nil {
		h.Why = noRing(ring, err)
		return h, nil
	}
	h.Home, h.Why = ring, why
	return h, nil
}

// trialTime is how long a keyring may take to show that it can be used, when a home is chosen.
const trialTime = 3 * time.Second

// tryRing finds out whether a keyring can be used without a question, and says why it is a good home.
func tryRing(ctx context.Context, env *Env, ring string) (why string, err error) {
	client, err := startRing(ctx, env, keyring.Options{Backend: ring, Deadline: trialTime, Patience: trialTime})
	if err != nil {
		return "", err
	}
	locked, err := client.Locked(ctx)
	if err == nil && locked {
		err = &keyring.LockedError{Where: client.Describe()}
	}
	if err != nil {
		return "", err
	}
	return "this system's keyring, open at first use", nil
}

// noRing says why a keyring is not the home.
func noRing(ring string, err error) string {
	switch {
	case errors.Is(err, keyring.ErrNone):
		return "there is no keyring here"
	case errors.Is(err, keyring.ErrLocked):
		return "the keyring is locked"
	}
	return ring + " cannot be used without a question: " + err.Error()
}

// systemRing is the keyring that people of a system expect secrets in; "" if there is none.
func systemRing(goos string) string {
	switch goos {
	case "darwin":
		return "keychain"
	case "windows":
		return "wincred"
	case "linux":
		return "secret-service"
	}
	return ""
}

// place returns a home as this command reaches it.
func (o *ledgerOptions) place(ctx context.Context, env *Env, home string) (homePlace, error) {
	if home == homeFiles {
		o.source(env)
		files, err := filesHome(env, &o.pass, o.optional)
		files.afresh = o.afresh
		return files, err
	}
	return ringHome(ctx, env, home)
}

// noteIdleFlags says that a passphrase that was given has nothing to open.
func (o *ledgerOptions) noteIdleFlags(env *Env, home string) error {
	if home == homeFiles || !o.pass.given() || o.pass.file == env.Getenv(ledgerPassphraseFile) && o.pass.fd < 0 {
		return nil
	}
	_, err := fmt.Fprintf(env.Stderr, "note: the ledger is in %s and needs no passphrase of its own; the one given is not used\n", home)
	return err
}

// homeError is an error about a keyring that the ledger is in. There is no other place that it could be looked for.
type homeError struct {
	home string
	err  error
}

func (e *homeError) Error() string { return fmt.Sprintf("the ledger is in %s: %v", e.home, e.err) }
func (e *homeError) Unwrap() error { return e.err }
func (e *homeError) Hint() string {
	const snapshot = "what is due is in the snapshot, too: keysweep rotate-due --snapshot FILE"
	if hint := hintOf(e.err); strings.Contains(hint, "--snapshot") {
		return hint
	}
	return alsoHint(e.err, snapshot)
}

// inHome says which home an error is about, where it does not say so itself.
func inHome(home string, err error) error {
	if err == nil || home == homeFiles || errors.Is(err, context.Canceled) || errors.Is(err, rotation.ErrTampered) || isUsage(err) {
		return err
	}
	return &homeError{home, err}
}

// goneFrom says that there is no ledger where the home file names one.
func goneFrom(env *Env, home *chosenHome, place homePlace) error {
	path, err := homeFile(env)
	return errors.Join(&homeFileError{path, fmt.Sprintf("names a ledger in %s (%s), and there is none", home.Home, place.describe()),
		"put it back from a backup; to begin anew without its records, delete " + path}, err)
}

// otherLedger says that the ledger that was found is not the one that the home file names.
func otherLedger(env *Env, home *chosenHome, store homeStore) error {
	path, err := homeFile(env)
	return errors.Join(&homeFileError{path, fmt.Sprintf("names the ledger %s, and the one in %s is %s", home.Ledger, store.Describe(), store.ID()),
		"see which of them is yours; to take the one that is there: keysweep ledger init --home " + home.Home + ", after deleting " + path}, err)
}
