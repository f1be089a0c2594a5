package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// homesText describes the homes, for help.
const homesText = "The ledger is in one home:\n\n" +
	"  files           encrypted files (age) with a passphrase of their own; on every system\n" +
	"  secret-service  the keyring of the desktop: GNOME Keyring, KeePassXC and others, over D-Bus\n" +
	"  kwallet         KDE's wallet, over D-Bus\n" +
	"  pass            the password store, encrypted with GnuPG\n" +
	"  keychain        the keychain of macOS\n" +
	"  wincred         the credential manager of Windows\n\n" +
	"It is chosen once, at the first use: the system's keyring if that is open without a question, encrypted files otherwise. From then on\n" +
	"it is there and nowhere else: a keyring that is locked, or cannot be reached, is an error (exit code 3), and never a reason to\n" +
	"look in another place. policy.toml can settle it: [ledger] home = \"files\"."

func newLedgerCommand(env *Env) *cobra.Command {
	o := &ledgerShowOptions{}
	c := &cobra.Command{
		Use:   "ledger",
		Short: "See where the ledger is, prove it, move it, take it along",
		Long:  "The ledger is what keysweep remembers: keys, credentials, their age, where they are installed. Without a command: where it is.\n\n" + homesText,
		Example: `  keysweep ledger                            where it is, since when and why, and what is in it
  keysweep ledger verify                     is it as keysweep left it?
  keysweep ledger unlock                     no passphrase for the next 8 hours
  keysweep ledger move secret-service        into the keyring of the desktop
  keysweep ledger export /media/usb/ledger.age`,
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error { return env.handlesSecrets() },
		RunE:              func(c *cobra.Command, _ []string) error { return runLedgerShow(c.Context(), env, o) },
	}
	o.addFlags(c)
	c.AddCommand(
		newLedgerShowCommand(env),
		newLedgerInitCommand(env),
		newLedgerMoveCommand(env),
		newLedgerExportCommand(env),
		newLedgerImportCommand(env),
		newLedgerVerifyCommand(env),
		newLedgerPassphraseCommand(env),
		newLedgerUnlockCommand(env),
		newLedgerLockCommand(env),
	)
	return c
}

// errNoLedger is the error of commands that need a ledger.
func errNoLedger() error {
	return usagef("it is made by the first command that needs it, or on purpose: keysweep ledger init", "there is no ledger yet")
}

// ledgerInitOptions are what a user asks ledger init for.
type ledgerInitOptions struct {
	ledger ledgerOptions
	home   string
}

func newLedgerInitCommand(env *Env) *cobra.Command {
	o := &ledgerInitOptions{}
	c := &cobra.Command{
		Use:   "init",
		Short: "Make the ledger now, in a home of your choice",
		Long: "Makes an empty ledger. Other commands do that at their first use, and choose the home themselves.\n" +
			"If the home holds a ledger, and only what says so is lost, it is taken up again.\n\n" + homesText,
		Example: `  keysweep ledger init                         in the home that would be chosen
  keysweep ledger init --home pass             in the password store
  keysweep ledger init --home files --ledger-passphrase-file FILE`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLedgerInit(c.Context(), env, o) },
	}
	f := c.Flags()
	f.StringVar(&o.home, "home", "", "`HOME` of the ledger: "+strings.Join(homesHere(), ", "))
	f.BoolVar(&o.ledger.takeOld, "take-old", false, "take up what was kept when the ledger was moved elsewhere: the newer one is lost")
	o.ledger.addPassphraseFlags(f)
	o.ledger.pass.addGenerateFlag(f)
	return c
}

func runLedgerInit(ctx context.Context, env *Env, o *ledgerInitOptions) error {
	if o.home != "" {
		if err := errors.Join(checkHome(o.home), allowedTo(env, o.home)); err != nil {
			return err
		}
	}
	if err := o.ledger.pass.validate(); err != nil {
		return err
	}
	if err := o.admit(ctx, env); err != nil {
		return err
	}
	home := chosenHome{Schema: homeSchema, Home: o.home, Since: whole(env), Why: "it was chosen with ledger init"}
	if o.home == "" {
		var err error
		if home, err = o.ledger.chooseHome(ctx, env); err != nil {
			return err
		}
	}
	if home.Home != homeFiles && o.ledger.pass.generate {
		return usagef("leave it out", "a ledger in %s gets no passphrase of its own", home.Home)
	}
	if _, err := o.ledger.makeIn(ctx, env, home); err != nil {
		return err
	}
	_, err := fmt.Fprintf(env.Stdout, "The ledger is in %s (%s).\n", o.ledger.home.Home, o.ledger.store.Describe())
	return err
}

// admit refuses where there is a ledger. A home where a first use was killed, or had no passphrase, does not count.
func (o *ledgerInitOptions) admit(ctx context.Context, env *Env) error {
	home, err := readHome(env)
	if err != nil {
		return err
	}
	if home == nil {
		if o.home != "" && o.home != homeFiles {
			home, err = knownFiles(env)
		}
		if home == nil || err != nil {
			return err
		}
	}
	if home.Ledger == "" {
		place, err := o.ledger.place(ctx, env, home.Home)
		if err != nil {
			return err
		}
		exists, err := place.exists(ctx)
		if err != nil {
			return err
		}
		if o.home == "" || o.home == home.Home {
			return nil
		}
		if !exists {
			return forgetHome(env)
		}
	}
	return usagef("see: keysweep ledger; to move it: keysweep ledger move HOME", "there is a ledger already, in %s", home.Home)
}

// forgetHome takes the home file away.
func forgetHome(env *Env) error {
	path, err := homeFile(env)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("choose another home: %w", err)
	}
	return nil
}

// ledgerPassphraseOptions are what a user asks ledger passphrase for.
type ledgerPassphraseOptions struct {
	ledger ledgerOptions
	fresh  passphraseOptions
}

func newLedgerPassphraseCommand(env *Env) *cobra.Command {
	o := &ledgerPassphraseOptions{}
	c := &cobra.Command{
		Use:   "passphrase",
		Short: "Change the passphrase of a ledger in encrypted files",
		Long: "Encrypts the keys of the ledger with a new passphrase. The items stay as they are: who has an old copy of the ledger, and\n" +
			"knows the old passphrase, can still read them. Keyrings have passphrases of their own, which keysweep knows nothing of.",
		Example: `  keysweep ledger passphrase
  keysweep ledger passphrase --generate-passphrase
  keysweep ledger passphrase --ledger-passphrase-file OLD --new-passphrase-file NEW`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLedgerPassphrase(c.Context(), env, o) },
	}
	o.ledger.addPassphraseFlags(c.Flags())
	o.fresh.addFlags(c.Flags(), "new-", "the new passphrase")
	o.fresh.addGenerateFlag(c.Flags())
	return c
}

func runLedgerPassphrase(ctx context.Context, env *Env, o *ledgerPassphraseOptions) error {
	if err := errors.Join(o.ledger.pass.validate(), o.fresh.validate()); err != nil {
		return err
	}
	home, err := homeInFiles(env, "change the keyring's own")
	if err != nil {
		return err
	}
	files, err := o.ledger.filesAfresh(ctx, env)
	if err != nil {
		return fmt.Errorf("change passphrase: %w", err)
	}
	secret, err := o.fresh.fresh(ctx, env, freshQuestion{
		Prompt: "New passphrase for the ledger",
		Known:  []string{"keysweep", "ledger", env.LoginName(), env.Hostname},
	})
	if err != nil {
		return err
	}
	defer clear(secret)
	if err := files.ChangePassphrase(ctx, secret); err != nil {
		return err
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "The ledger opens with the new passphrase now.\nCopies of it that were made before still open with the old one.\n")
		if u := unlockedOf(env, home); u != nil {
			fmt.Fprintf(w, "It stays unlocked until %s; to end that: keysweep ledger lock\n", clockTime(u.Until))
		}
		return nil
	})
}
