package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/rotation"
)

// retireOptions are what key retire was told.
type retireOptions struct {
	archive string // file
	destroy bool
	force   bool
	reason  string
	pass    passphraseOptions // of the archive
	secret  []byte            // the archive's passphrase, where it is known without asking
	ledger  ledgerOptions
}

func newKeyRetireCommand(env *Env) *cobra.Command {
	var o retireOptions
	c := &cobra.Command{
		Use:   "retire NAME|FILE",
		Short: "Take a key out of use that no host accepts any more: archive or destroy it",
		Long: "End a key's life: its private file is archived (encrypted with a passphrase, in the format of age) or destroyed, and the\n" +
			"ledger refuses the key from now on. A key that hosts still accept is not retired: key revoke comes first.\n\n" +
			"--destroy overwrites the file and removes it. On SSDs, journalling and copy-on-write file systems, and in backups and\n" +
			"snapshots, older copies of the bytes can stay. What makes a key harmless is that no host accepts it.\n\n" +
			"If it is interrupted, run it again: it goes on where it was.",
		Example: `  keysweep key retire github --archive ~/archive/github.age
  keysweep key retire old-laptop --destroy
  keysweep key retire test --destroy --force --reason "the hosts are gone"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runRetire(c.Context(), env, &o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.archive, "archive", "", "encrypt the private key into the new `FILE`, then remove it")
	f.BoolVar(&o.destroy, "destroy", false, "overwrite the private key and remove it")
	f.BoolVar(&o.force, "force", false, "retire it although hosts still accept it, or its file is on another machine; needs --reason")
	f.StringVar(&o.reason, "reason", "", "why; it stays in the ledger")
	o.pass.addFlags(f, "archive-", "the archive's passphrase")
	o.pass.addGenerateFlag(f)
	o.ledger.addFlags(f)
	return c
}

func (o *retireOptions) validate() error {
	switch {
	case o.ledger.none:
		return usagef("without the ledger, a key is retired by deleting its file", "key retire works on the ledger, and --no-ledger forbids that")
	case o.archive != "" && o.destroy:
		return usagef("give one of them", "--archive and --destroy cannot be combined")
	case o.force && o.reason == "":
		return usagef(`for example: --reason "the hosts are gone"`, "--force needs --reason")
	}
	return nil
}

func runRetire(ctx context.Context, env *Env, o *retireOptions, ref string) error {
	if err := o.validate(); err != nil {
		return err
	}
	ledger, err := o.ledger.existing(ctx, env)
	if err != nil {
		return err
	}
	if ledger == nil {
		return usagef("take the key into it first: keysweep key adopt "+ref, "there is no ledger yet")
	}
	r, err := findRecord(ctx, env, ledger, ref)
	if err != nil {
		return err
	}
	if active := r.ActiveInstallations(env.Now()); len(active) > 0 && !o.force {
		return refuseActive(env, r, active)
	}
	file, err := retireFile(ctx, env, o, &r)
	if err != nil {
		return err
	}
	if file == "" && r.Status == rotation.Retired {
		_, err := fmt.Fprintf(env.Stdout, "%s is retired already, and its file is gone\n", git.Printable(r.Name))
		return err
	}
	if r, err = o.retire(ctx, env, ledger, r, file); err != nil {
		return err
	}
	return o.sayRetired(env, r, file)
}

// refuseActive lists the hosts that must let go of the key first.
func refuseActive(env *Env, r rotation.Record, active []rotation.Installation) error {
	err := writeAll(env.Stderr, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "keysweep: %s is not retired: %s, as far as the ledger knows\n", git.Printable(r.Name),
			counted(len(active), "host still accepts it", "hosts still accept it"))
		for _, in := range active {
			fmt.Fprintf(w, "  keysweep key revoke %s %s\n", shellWord(r.Name), shellWord(in.Target))
		}
		fmt.Fprintln(w, "hint: revoke it there first; hosts that are gone for good: --force --reason \"...\"")
		return nil
	})
	if err != nil {
		return err
	}
	return verdict(exitFindings)
}

// retire does it, each step so that it can be done again: archive, tombstone, removal of the file, and the status last.
func (o *retireOptions) retire(ctx context.Context, env *Env, ledger *rotation.Ledger, r rotation.Record, file string) (rotation.Record, error) {
	what := "retired"
	if file != "" {
		if err := o.choose(ctx, env, &r); err != nil {
			return r, err
		}
		what = "retired, and destroyed"
	}
	if file != "" && o.archive != "" {
		what = "retired, and archived"
		var err error
		if r, err = o.toArchive(ctx, env, ledger, r, file); err != nil {
			return r, err
		}
	}
	if file != "" {
		if err := o.certain(ctx, env, &r, file); err != nil {
			return r, err
		}
	}
	if err := bury(ctx, ledger, r, o.reason); err != nil {
		return r, err
	}
	if file != "" {
		if err := removeKey(file, o.archive == ""); err != nil {
			return r, err
		}
		if o.archive == "" {
			if err := ledger.RemoveSecret(ctx, r.ID); err != nil {
				return r, err
			}
		}
	}
	return ledger.Change(ctx, r.ID, clipped(what+after(": ", o.reason), maxReason), func(r *rotation.Record) error {
		r.Status = rotation.Retired
		return nil
	})
}

// bury puts the tombstone up. One that says that the key is compromised stays as it is: it says more.
func bury(ctx context.Context, ledger *rotation.Ledger, r rotation.Record, reason string) error {
	if r.Fingerprint == "" {
		return nil
	}
	if _, err := ledger.Buried(ctx, r.Fingerprint); !errors.Is(err, rotation.ErrNotFound) {
		return err
	}
	return ledger.Bury(ctx, r.Fingerprint, "retired"+after(": ", reason))
}

func (o *retireOptions) sayRetired(env *Env, r rotation.Record, file string) error {
	name := git.Printable(r.Name)
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		switch {
		case file == "":
			fmt.Fprintf(w, "%s is retired; there was no file to archive or destroy\n", name)
		case o.archive != "":
			fmt.Fprintf(w, "%s is retired; its private key is archived in %s\n", name, git.Printable(absolute(env, o.archive)))
		default:
			fmt.Fprintf(w, "%s is retired; its private key is destroyed, as far as a program can do that (see --help)\n", name)
		}
		if file != "" {
			fmt.Fprintf(w, "if an agent has it: ssh-add -d %s\n", shellWord(pubOf(r.Path)))
		}
		if n := len(r.Backups) - archives(r); n > 0 {
			fmt.Fprintf(w, "what else there is of it: %s\n", counted(n, "backup", "backups"))
		}
		return nil
	})
}

// archiveForm is what Backup.Form says of an archive.
const archiveForm = "archive"

func archives(r rotation.Record) (n int) {
	for _, b := range r.Backups {
		if b.Form == archiveForm {
			n++
		}
	}
	return n
}
