package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/keys"
	"keysweep/report"
)

// rotateOptions are what key rotate was told.
type rotateOptions struct {
	hosts, only, skip, gone []string
	noHosts, requireAll     bool
	abort, status, dryRun   bool
	again                   bool

	kind                 string
	rounds               int
	expires, expireGrace string
	archive              string
	destroy              bool
	agentLifetime        string
	format               string

	pass         passphraseOptions // of the old key, and of the new one if that has no other
	newPass      passphraseOptions
	askNew       bool
	noPassphrase bool
	reason       string
	archivePass  passphraseOptions
	host         hostOptions
	ledger       ledgerOptions
}

// sameKind has the new key be of the old one's type.
const sameKind = "same"

// rotateKinds are the types that a new key can have.
func rotateKinds() []string { return []string{keys.KindEd25519, keys.KindRSA4096, sameKind} }

func newKeyRotateCommand(env *Env) *cobra.Command {
	o := &rotateOptions{}
	c := &cobra.Command{
		Use:   "rotate KEY",
		Short: "Replace an SSH key by a new one on all its hosts, locking nobody out",
		Long: "Make a new key, install it through the old one on every host that the ledger knows, log in with the new key alone to prove it,\n" +
			"give it the old one's file name, take the old key off the hosts, prove that it is refused, and archive it. KEY is a name of\n" +
			"the ledger or the key's file.\n\n" +
			"Whatever fails, every host has a key of yours that it accepts: if the command is interrupted or killed, or hosts make\n" +
			"trouble, run it again, and it goes on where it was. The new key takes the old one's name only when every host that can be\n" +
			"reached has let it in. Hosts that cannot be reached stay on the old key, which stays beside the new one as FILE.old and in\n" +
			"keysweep rotate-due until they are done, too. Until the new key has the old one's name, --abort undoes everything.\n\n" +
			"The new key gets the passphrase of the old one, unless you say otherwise. ssh finds hosts, users and jump hosts in\n" +
			"~/.ssh/config as ever.",
		Example: `  keysweep key rotate shop --dry-run            what would be changed on each host
  keysweep key rotate shop                      and again, until it is finished
  keysweep key rotate shop --only ann@web1      one host first, to see that it works
  keysweep key rotate shop --host ann@web9      on a host that the ledger does not know, too
  keysweep key rotate shop --expire-grace 14d   have the hosts refuse the new key 14 days after it is due
  keysweep key rotate shop --status             how far it is; contacts nobody
  keysweep key rotate shop --abort              take the new key off again`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runRotate(c.Context(), env, o, args[0]) },
	}
	o.addFlags(c.Flags())
	return c
}

func (o *rotateOptions) addFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.hosts, "host", nil, "a host besides those that the ledger knows: `[USER@]HOST[:PORT]` (repeatable)")
	f.StringArrayVar(&o.only, "only", nil, "go to this `HOST` alone for now (repeatable)")
	f.StringArrayVar(&o.skip, "skip", nil, "leave this `HOST` on the old key for now, as if it could not be reached (repeatable)")
	f.StringArrayVar(&o.gone, "gone", nil, "this `HOST` is no more: do not wait for it (repeatable)")
	f.BoolVar(&o.noHosts, "no-hosts", false, "the key is installed nowhere: only replace its file")
	f.BoolVar(&o.requireAll, "require-all", false, "keep the old key in its place until every host has let the new one in")
	f.BoolVar(&o.abort, "abort", false, "take the new key off the hosts again, and remove it")
	f.BoolVar(&o.status, "status", false, "say how far the rotation is, and do nothing")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would be changed, and change nothing")
	f.BoolVar(&o.again, "again", false, "rotate a key that was made by a rotation less than a day ago")
	f.StringVarP(&o.kind, "type", "t", keys.KindEd25519, "`TYPE` of the new key: "+strings.Join(rotateKinds(), ", "))
	f.IntVar(&o.rounds, "kdf-rounds", keys.DefaultRounds, "rounds of bcrypt between passphrase and key, 16 to 1024")
	f.StringVar(&o.expires, "expires", "", "have the hosts refuse the new key after this `DATE`: 2027-03-31")
	f.StringVar(&o.expireGrace, "expire-grace", "", "have the hosts refuse the new key this `TIME` after it is due: 14d")
	f.StringVar(&o.archive, "archive", "", "archive the old key in the new `FILE` (default in keysweep's data directory, under the new key's passphrase)")
	f.BoolVar(&o.destroy, "destroy", false, "destroy the old key instead of archiving it")
	f.StringVar(&o.agentLifetime, "agent-lifetime", "8h", "how long the agent keeps the new key, if it has the old one: 30m, 8h, 2d")
	f.StringVarP(&o.format, "format", "f", "text", "format of the table of hosts: "+strings.Join(report.TableFormats(), ", "))
	o.pass.addFlags(f, "", "the key's passphrase")
	o.newPass.addFlags(f, "new-", "a passphrase of its own for the new key")
	o.newPass.addGenerateFlag(f)
	f.BoolVar(&o.askNew, "new-passphrase", false, "ask for a passphrase of its own for the new key")
	f.BoolVar(&o.noPassphrase, "no-passphrase", false, "make a new key that whoever gets the file can use; needs --reason")
	f.StringVar(&o.reason, "reason", "", "why there is no passphrase: it stays in every report")
	o.archivePass.addFlags(f, "archive-", "the archive's passphrase, instead of the new key's,")
	o.host.addFlags(f)
	o.ledger.addFlags(f)
}

// validate holds the rules that need nothing but the flags.
func (o *rotateOptions) validate() error {
	switch {
	case o.ledger.none:
		return usagef("without the ledger: keysweep key generate, key deploy and key revoke do it by hand", "key rotate works on the ledger, and --no-ledger forbids that")
	case o.abort && o.status || o.abort && o.dryRun || o.status && o.dryRun:
		return usagef("give one of them", "--abort, --status and --dry-run cannot be combined")
	case o.archive != "" && o.destroy:
		return usagef("give one of them", "--archive and --destroy cannot be combined")
	case o.destroy && o.archivePass.given():
		return usagef("", "--destroy keeps no archive that could have a passphrase")
	case o.expires != "" && o.expireGrace != "":
		return usagef("give one of them", "--expires and --expire-grace cannot be combined")
	case !slices.Contains(rotateKinds(), o.kind):
		return usagef("one of: "+strings.Join(rotateKinds(), ", "), "--type: %q keys are not made", o.kind)
	case o.rounds < keys.MinRounds || o.rounds > keys.MaxRounds:
		return usagef("", "--kdf-rounds %d: it must be %d to %d", o.rounds, keys.MinRounds, keys.MaxRounds)
	case o.noHosts && len(o.hosts) > 0:
		return usagef("give one of them", "--no-hosts and --host cannot be combined")
	case !slices.Contains(report.TableFormats(), o.format):
		return usagef("one of: "+strings.Join(report.TableFormats(), ", "), "--format: there is no format %q", o.format)
	}
	if err := o.validatePassphrases(); err != nil {
		return err
	}
	for _, list := range []*[]string{&o.hosts, &o.only, &o.skip, &o.gone} {
		targets, err := parseTargets(*list)
		if err != nil {
			return err
		}
		*list = nil
		for _, t := range targets {
			*list = append(*list, t.String())
		}
	}
	return o.host.validate()
}

func (o *rotateOptions) validatePassphrases() error {
	own := 0
	for _, set := range []bool{o.newPass.given(), o.newPass.generate, o.askNew, o.noPassphrase} {
		if set {
			own++
		}
	}
	switch {
	case own > 1:
		return usagef("give one of them", "the new key's passphrase has more than one source")
	case o.noPassphrase && strings.TrimSpace(o.reason) == "":
		return usagef(`for example: --no-passphrase --reason "used by cron on backup1"`, "--no-passphrase needs a --reason")
	case o.reason != "" && !o.noPassphrase:
		return usagef("", "--reason goes with --no-passphrase")
	case strings.ContainsFunc(o.reason, isControl):
		return usagef("", "--reason: it must be one line of text")
	}
	for _, p := range []*passphraseOptions{&o.pass, &o.newPass, &o.archivePass} {
		if err := p.validate(); err != nil {
			return err
		}
	}
	return nil
}
