package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/keys"
	"keysweep/rotation"
)

// keyPassphraseOptions are what a user asks key passphrase for.
type keyPassphraseOptions struct {
	check  bool
	keep   bool // the passphrase
	none   bool // no passphrase
	reason string
	rounds int // of bcrypt; 0 to choose
	output string
	force  bool

	old, fresh passphraseOptions
	ledger     ledgerOptions
}

func newKeyPassphraseCommand(env *Env) *cobra.Command {
	o := &keyPassphraseOptions{}
	c := &cobra.Command{
		Use:   "passphrase FILE",
		Short: "Set or change a private key's passphrase, strengthen its KDF, convert old formats",
		Long: "Set or change the passphrase of a private key. Files in PEM and PKCS#8 are rewritten in OpenSSH's format, whose KDF can\n" +
			"be made slow enough; PuTTY's stay as they are, and --output writes the key anew beside them. The new file is proven to\n" +
			"open, and to hold the same key, before it takes the old one's place. Its mode, owner and modification time stay: the key\n" +
			"is as old as it was. Copies of the file elsewhere keep the old passphrase.",
		Example: `  keysweep key passphrase ~/.ssh/id_ed25519                          a new passphrase
  keysweep key passphrase ~/.ssh/id_rsa --keep-passphrase            the old one, in a stronger file
  keysweep key passphrase ~/.ssh/id_rsa --keep-passphrase --kdf-rounds 256
  keysweep key passphrase --check ~/.ssh/id_ed25519                  do I still know it?
  keysweep key passphrase putty.ppk --output ~/.ssh/id_putty         PuTTY's key for OpenSSH
  keysweep key passphrase ~/.ssh/id_timer --no-passphrase --reason "used by a timer, host is locked down"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runKeyPassphrase(c.Context(), env, o, args[0]) },
	}
	o.addFlags(c.Flags())
	return c
}

func (o *keyPassphraseOptions) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.check, "check", false, "change nothing: say whether the passphrase opens the file (exit code 0 or 1)")
	f.BoolVar(&o.keep, "keep-passphrase", false, "keep the passphrase; change only the KDF and the format")
	f.BoolVar(&o.none, "no-passphrase", false, "take the passphrase away; needs --reason")
	f.StringVar(&o.reason, "reason", "", "why the key may do without a passphrase: `TEXT`, which later reports show")
	f.IntVar(&o.rounds, "kdf-rounds", 0, fmt.Sprintf("`N` rounds of bcrypt, %d to %d (default %d, or what the file has if that is more)",
		keys.MinRounds, keys.MaxRounds, keys.DefaultRounds))
	f.StringVar(&o.output, "output", "", "write the key, and its public half, to a new `FILE`, and leave the old one alone")
	f.BoolVar(&o.force, "force", false, "go on even if the .pub file beside it belongs to another key")
	o.old.addFlags(f, "", "the key's passphrase")
	o.fresh.addFlags(f, "new-", "the new passphrase")
	o.fresh.addGenerateFlag(f)
	o.ledger.addFlags(f)
}

// validate holds what flags ask of each other.
func (o *keyPassphraseOptions) validate() error {
	newGiven := o.fresh.given() || o.fresh.generate
	switch {
	case o.check && (o.keep || o.none || o.rounds != 0 || o.output != "" || newGiven):
		return usagef("", "--check changes nothing: it goes with the key's passphrase alone")
	case o.none && strings.TrimSpace(o.reason) == "":
		return usagef(`for example: --reason "used by a timer, host is locked down"`, "--no-passphrase needs --reason")
	case !o.none && o.reason != "":
		return usagef("", "--reason goes with --no-passphrase")
	case o.none && (o.keep || newGiven):
		return usagef("", "--no-passphrase cannot be combined with a passphrase")
	case o.keep && newGiven:
		return usagef("", "--keep-passphrase cannot be combined with a new passphrase")
	case o.none && o.rounds != 0:
		return usagef("", "--kdf-rounds is about a passphrase, and --no-passphrase takes it away")
	case o.rounds != 0 && (o.rounds < keys.MinRounds || o.rounds > keys.MaxRounds):
		return usagef("64 rounds take about half a second to open, 256 two seconds", "--kdf-rounds %d: it must be %d to %d", o.rounds, keys.MinRounds, keys.MaxRounds)
	case o.old.fd >= 0 && o.old.fd == o.fresh.fd:
		return usagef("for example: --passphrase-fd 3 --new-passphrase-fd 4", "both passphrases cannot come from file descriptor %d", o.old.fd)
	}
	if err := o.old.validate(); err != nil {
		return err
	}
	return o.fresh.validate()
}

// runKeyPassphrase is the order of things: everything that can fail comes before the file is touched.
func runKeyPassphrase(ctx context.Context, env *Env, o *keyPassphraseOptions, name string) error {
	if err := o.validate(); err != nil {
		return err
	}
	k, err := readKeyFile(env, name)
	if err != nil {
		return err
	}
	if o.check {
		return k.check(ctx, env, o)
	}
	if err := k.admit(env, o); err != nil {
		return err
	}
	ledger, err := o.ledger.existing(ctx, env)
	if err != nil {
		return err
	}
	return k.change(ctx, env, o, ledger)
}

func (k *keyFile) change(ctx context.Context, env *Env, o *keyPassphraseOptions, ledger *rotation.Ledger) error {
	private, old, err := k.unlock(ctx, env, &o.old)
	if err != nil {
		return err
	}
	defer private.Clear()
	defer clear(old)
	public, err := k.compare(private, o.force)
	if err != nil {
		return err
	}
	record, err := k.recordOf(ctx, o, ledger, public)
	if err != nil {
		return err
	}
	fresh, err := k.choose(ctx, env, o, old)
	if err != nil {
		return err
	}
	defer clear(fresh)
	text, err := k.write(ctx, env, private, fresh, o.roundsFor(k.file.KDF))
	if err != nil {
		return err
	}
	defer clear(text)
	if err := k.prove(ctx, env, text, fresh, public); err != nil {
		return err
	}
	if err := k.finish(env, o, text, public, private.Comment); err != nil {
		return err
	}
	return k.note(ctx, env, o, ledger, record)
}

// roundsFor keeps what a file has if that is more than the default, as far as we write it.
func (o *keyPassphraseOptions) roundsFor(kdf keys.KDF) int {
	if o.rounds != 0 {
		return o.rounds
	}
	if kdf.Name == "bcrypt" {
		return min(max(kdf.Rounds, keys.DefaultRounds), keys.MaxRounds)
	}
	return keys.DefaultRounds
}

// admit refuses what cannot be done, before anything is asked.
func (k *keyFile) admit(env *Env, o *keyPassphraseOptions) error {
	ppk := k.file.Format == keys.FormatPPK2 || k.file.Format == keys.FormatPPK3
	switch {
	case ppk && o.output == "":
		return usagef("for example: --output "+strings.TrimSuffix(k.name, filepath.Ext(k.name))+"_openssh",
			"%s is in PuTTY's format, and PuTTY could not read it any more: name a new file for the key in OpenSSH's format", k.name)
	case o.output == "" && len(k.file.Others) > 0:
		return usagef("--output FILE writes the first key to a new file and leaves this one alone",
			"%s holds more than one key (also: %s), and writing it anew would lose the rest", k.name, namesOf(k.file.Others))
	case o.keep && !k.file.Protected():
		return usagef("leave --keep-passphrase out to set one", "%s has no passphrase to keep", k.name)
	case k.file.Public == nil && !k.file.Protected(): // a key that SSH does not have
		_, err := k.file.Open(nil)
		return fmt.Errorf("%s: %w", k.name, err)
	}
	if o.output != "" {
		if err := freeForKey(absolute(env, o.output)); err != nil {
			return err
		}
		if _, err := os.Lstat(absolute(env, o.output) + certificateSuffix); err == nil && k.hasCertificate() {
			return usagef("choose another name", "%s%s is there already, and is never overwritten", o.output, certificateSuffix)
		}
	}
	if k.file.Protected() {
		if err := o.old.check(env); err != nil {
			return err
		}
	}
	if o.none || o.keep {
		return nil
	}
	return o.fresh.check(env)
}

// choose returns the passphrase that the key shall have, nil for none. The caller clears it.
func (k *keyFile) choose(ctx context.Context, env *Env, o *keyPassphraseOptions, old []byte) ([]byte, error) {
	switch {
	case o.none:
		return nil, nil
	case o.keep:
		return append([]byte(nil), old...), nil
	}
	fresh, err := o.fresh.fresh(ctx, env, freshQuestion{
		Prompt:  "New passphrase for " + k.name,
		Known:   []string{env.LoginName(), env.Hostname, k.file.Comment, k.comment, filepath.Base(k.name)},
		Instead: `to take the passphrase away: --no-passphrase --reason "..."`,
	})
	if err == nil && string(fresh) == string(old) {
		clear(fresh)
		return nil, usagef("to change only the KDF and the format: --keep-passphrase", "the new passphrase is the old one")
	}
	return fresh, err
}

var errOtherPub = errors.New("belongs to another key")
