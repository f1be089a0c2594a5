package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/internal/keyctl"
	"keysweep/rotation/filestore"
)

const (
	unlockedUsually = 8 * time.Hour // a day's work
	unlockedAtMost  = 24 * time.Hour
)

// ledgerUnlockOptions are what a user asks ledger unlock for.
type ledgerUnlockOptions struct {
	ledger ledgerOptions
	life   string
}

func newLedgerUnlockCommand(env *Env) *cobra.Command {
	o := &ledgerUnlockOptions{}
	c := &cobra.Command{
		Use:   "unlock",
		Short: "Ask for the passphrase once, and not again for some hours (Linux)",
		Long: "Asks for the passphrase of a ledger in encrypted files, and puts the key that it protects into the keyring of the Linux kernel\n" +
			"(keyrings(7)), which forgets it after some hours and at a restart. Until then every command of this user opens the ledger without\n" +
			"a question and in milliseconds: on other terminals, over ssh and from cron, too. It is in memory only, never in a file.\n\n" +
			"As with ssh-agent, every process of this user, and root, can use it meanwhile. It does not end when you log out; keysweep ledger lock\n" +
			"ends it at once. The time is not prolonged by use.",
		Example: `  keysweep ledger unlock
  keysweep ledger unlock --for 30m
  keysweep ledger lock                       it is over`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLedgerUnlock(c.Context(), env, o) },
	}
	c.Flags().StringVar(&o.life, "for", hoursWords(unlockedUsually), "how long: a `TIME` such as 30m or 8h, 24h at most")
	o.ledger.addPassphraseFlags(c.Flags())
	return c
}

// time reads how long the ledger is to be unlocked.
func (o *ledgerUnlockOptions) time() (time.Duration, error) {
	life, err := parseSpan(o.life)
	switch {
	case err != nil:
		return 0, usagef("for example: --for 30m, --for 8h", "--for %q is no time", o.life)
	case life < time.Second || life > unlockedAtMost:
		return 0, usagef("for longer, keep the ledger in a keyring: keysweep ledger move HOME; for jobs: "+ledgerPassphraseFile,
			"--for %s is not 1s to %s", o.life, hoursWords(unlockedAtMost))
	}
	return life, nil
}

func runLedgerUnlock(ctx context.Context, env *Env, o *ledgerUnlockOptions) error {
	life, err := o.time()
	if err != nil {
		return err
	}
	if err := o.ledger.pass.validate(); err != nil {
		return err
	}
	if _, err := homeInFiles(env, "unlock the keyring itself"); err != nil {
		return err
	}
	if err := keyctl.Usable(); err != nil { // before a passphrase is asked for
		return noKernelRing(err)
	}
	o.ledger.reading = true
	files, err := o.ledger.filesAfresh(ctx, env)
	if err != nil {
		return fmt.Errorf("unlock ledger: %w", err)
	}
	u, err := unlock(files, env.Now(), life)
	if err != nil {
		return noKernelRing(err)
	}
	_, err = fmt.Fprintf(env.Stdout, "The ledger is unlocked for %s, until %s, for every process of this user.\nTo lock it before: keysweep ledger lock\n",
		hoursWords(life), clockTime(u.Until))
	return err
}

// homeInFiles is the home of a ledger that has a passphrase of its own; instead is a hint for one that has none.
func homeInFiles(env *Env, instead string) (*chosenHome, error) {
	home, err := knownHome(env)
	switch {
	case err != nil:
		return nil, err
	case home == nil:
		return nil, errNoLedger()
	case home.Home != homeFiles:
		return nil, usagef(instead, "the ledger is in %s and has no passphrase of its own", home.Home)
	}
	return home, nil
}

// filesAfresh opens a ledger in files with its passphrase, also where it is unlocked.
func (o *ledgerOptions) filesAfresh(ctx context.Context, env *Env) (*filestore.Store, error) {
	o.afresh = true
	ledger, err := o.existing(ctx, env)
	if err != nil {
		return nil, err
	}
	if ledger == nil {
		return nil, errNoLedger()
	}
	files, ok := o.store.homeStore.(*filestore.Store)
	if !ok {
		return nil, &movedError{homeFiles, o.home.Home}
	}
	return files, nil
}

// unlock puts what opens a ledger into the kernel's keyring.
func unlock(files *filestore.Store, now time.Time, life time.Duration) (*unlockedLedger, error) {
	identity, err := files.Identity()
	if err != nil {
		return nil, err
	}
	defer clear(identity)
	u := &unlockedLedger{Schema: 1, Ledger: files.ID(), Since: now, Until: now.Add(life), Identity: identity}
	return u, u.keep()
}

// noKernelRing says that the ledger cannot be unlocked here, which is wrong usage on a system that never can.
func noKernelRing(err error) error {
	if errors.Is(err, keyctl.ErrSystem) {
		return usagef("keep the ledger in the system's keyring: keysweep ledger move HOME", "ledger unlock is not to be had here: %w", err)
	}
	return err
}

// hoursWords writes a time of hours shortly: "8h", "1h30m".
func hoursWords(d time.Duration) string {
	text := d.String()
	for _, nothing := range []string{"m0s", "h0m"} {
		if rest, found := strings.CutSuffix(text, nothing); found {
			text = rest + nothing[:1]
		}
	}
	return text
}

// clockTime writes when something ends on the clock of this machine.
func clockTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04 MST") }

func newLedgerLockCommand(env *Env) *cobra.Command {
	all := false
	c := &cobra.Command{
		Use:   "lock",
		Short: "Take back what ledger unlock has allowed",
		Long: "Revokes the key that ledger unlock has put into the kernel's keyring: no process can read it from then on, and commands ask for the\n" +
			"passphrase again. For a ledger that is locked already, nothing is done.",
		Example: `  keysweep ledger lock
  keysweep ledger lock --all                 every ledger of this user`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runLedgerLock(env, all) },
	}
	c.Flags().BoolVar(&all, "all", false, "lock every ledger of this user, also those that are elsewhere or gone")
	return c
}

func runLedgerLock(env *Env, all bool) error {
	prefix := unlockedPrefix
	if !all {
		home, err := knownHome(env)
		switch {
		case err != nil:
			return usagef(alsoHint(err, "lock all that there are: keysweep ledger lock --all"), "%w", err)
		case home == nil:
			return errNoLedger()
		case home.Home != homeFiles:
			return usagef("lock the keyring itself; what is left of ledgers in files goes with: keysweep ledger lock --all",
				"the ledger is in %s and was not unlocked by keysweep", home.Home)
		case home.Ledger == "":
			return usagef("lock all that there are: keysweep ledger lock --all", "it is not known which ledger it is")
		}
		prefix = unlockedName(home.Ledger)
	}
	n, err := keyctl.Remove(prefix)
	if err != nil {
		return noKernelRing(err)
	}
	text := "The ledger is locked."
	switch {
	case all:
		text = counted(n, "ledger", "ledgers") + " locked."
	case n == 0:
		text = "The ledger was locked already."
	}
	_, err = fmt.Fprintln(env.Stdout, text)
	return err
}

// unlockedText says whether the ledger opens without a question; "" where it has no passphrase of its own.
func (f *ledgerFacts) unlockedText(env *Env) string {
	switch {
	case f.home.Home != homeFiles:
		return ""
	case f.unlocked == nil:
		return "no; to be asked once, and not at each command: keysweep ledger unlock"
	}
	left := f.unlocked.Until.Sub(env.Now()).Round(time.Minute)
	return fmt.Sprintf("until %s (%s), for every process of this user", clockTime(f.unlocked.Until), hoursWords(max(left, time.Minute)))
}
