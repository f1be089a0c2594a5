package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/keys"
	"keysweep/keys/backup"
	"keysweep/rotation"
)

// keyVerifyOptions are what a user asks key backup verify for.
type keyVerifyOptions struct {
	artefact artefactOptions
	key      passphraseOptions // of the key file in the backup
	ledger   ledgerOptions
}

func newKeyBackupVerifyCommand(env *Env) *cobra.Command {
	o := &keyVerifyOptions{}
	c := &cobra.Command{
		Use:   "verify NAME|FILE [ARTEFACT...]",
		Short: "Prove that a backup can be restored from, without restoring it",
		Long: "Read a backup back, make the public key of it in memory, and compare that with the living key. A backup may be an age\n" +
			"file, a sheet (its page, pictures of its QR codes, or their text in any order), words in a file, or - for standard input.\n" +
			"Without one the 24 words are asked for. The key may be gone: its record in the ledger, its .pub file or its fingerprint\n" +
			"(SHA256:...) do as well. The ledger keeps the date. Nothing is written anywhere else.\n\n" +
			"The verdicts: proven; different key; damaged (which word, part or line); wrong passphrase. An age file that holds the very\n" +
			"same key file is proven without that file's passphrase; give it with --passphrase-fd or --passphrase-file to prove that too.",
		Example: `  keysweep key backup verify github /media/usb/github.age     the encrypted file
  keysweep key backup verify github scan-1.png scan-2.jpg     pictures of a sheet's QR codes
  keysweep key backup verify ~/.ssh/id_ed25519                24 words, typed from paper
  keysweep key backup verify github k.age --identity age.key  encrypted to a recipient`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runKeyBackupVerify(c.Context(), env, o, args[0], args[1:])
		},
	}
	o.addFlags(c.Flags())
	return c
}

func (o *keyVerifyOptions) addFlags(f *pflag.FlagSet) {
	o.artefact.addFlags(f)
	o.key.addFlags(f, "", "the passphrase of the key file in the backup")
	o.ledger.addFlags(f)
}

func runKeyBackupVerify(ctx context.Context, env *Env, o *keyVerifyOptions, name string, artefacts []string) error {
	if err := errors.Join(o.artefact.validate(), o.key.validate()); err != nil {
		return err
	}
	b, err := findBackedUp(ctx, env, &o.ledger, name)
	if err != nil {
		return err
	}
	defer b.clear()
	what := artefactNames(artefacts)
	a, err := readArtefact(ctx, env, artefacts)
	if err != nil {
		return judged(env, what, err)
	}
	defer a.Clear()
	c, err := o.artefact.open(ctx, env, a)
	if err != nil {
		return judged(env, what, o.intact(b, a, err))
	}
	defer c.Clear()
	level, err := o.prove(ctx, env, b, a, c)
	if err != nil {
		return judged(env, what, err)
	}
	if _, err := fmt.Fprint(env.Stdout, verdictText(b, a, c, level, what)); err != nil {
		return err
	}
	return o.record(ctx, env, b, a, c, artefacts)
}

// intact adds to a wrong passphrase what the ledger knows: whether the file is still what was written.
func (o *keyVerifyOptions) intact(b *backedUp, a *backup.Artefact, err error) error {
	if !errors.Is(err, backup.ErrPassphrase) {
		return err
	}
	if known := b.backupNamed(a.ID); known != nil {
		return fmt.Errorf("%w; the file is undamaged (backup %s of %s)", err, a.ID, known.At.Format("2006-01-02"))
	}
	return fmt.Errorf("%w; or its first lines are damaged: backup %s is not one that the ledger knows", err, a.ID)
}

// prove opens the copy as far as that is needed and possible, and compares it.
func (o *keyVerifyOptions) prove(ctx context.Context, env *Env, b *backedUp, a *backup.Artefact, c *backup.Copy) (backup.Level, error) {
	if a.Printed != "" && b.want != "" && a.Printed != b.want {
		return 0, &backup.DifferentError{Got: a.Printed + " (as printed on it)", Want: b.want}
	}
	var pass []byte
	defer func() { clear(pass) }()
	if o.key.given() && c.Protected() {
		var err error
		if pass, err = o.key.existing(ctx, env, ""); err != nil {
			return 0, err
		}
	}
	want := b.want
	if want == "" && pass == nil { // both hide their public half: only the bytes can be compared
		public, err := c.Public()
		if err != nil {
			return 0, err
		}
		if public != nil {
			want = public.SHA256()
		}
	}
	level, err := c.Prove(want, b.data, pass)
	if err != nil || level != backup.Shown {
		return level, err
	}
	// It is not the file of today: its passphrase may be an older one, and only trying it proves anything.
	return o.proveByAsking(ctx, env, b, want, c)
}

func (o *keyVerifyOptions) proveByAsking(ctx context.Context, env *Env, b *backedUp, want string, c *backup.Copy) (backup.Level, error) {
	why := "the key file in the backup is not the one of today: it has the passphrase that the key had then"
	if b.data == nil {
		why = "the key file is not here to compare with: the one in the backup has to be opened"
	}
	if _, err := fmt.Fprintln(env.Stderr, "note: "+why); err != nil {
		return 0, err
	}
	for try := 1; ; try++ {
		pass, err := o.key.existing(ctx, env, "Passphrase that the key had when the backup was made")
		if err != nil {
			return 0, err
		}
		level, err := c.Prove(want, nil, pass)
		clear(pass)
		if !errors.Is(err, keys.ErrPassphrase) || try == passphraseTries {
			return level, err
		}
		if _, err := fmt.Fprintln(env.Stderr, "That does not open the key file. Try again."); err != nil {
			return 0, err
		}
	}
}

// verdictText says what was proven, and what was not.
func verdictText(b *backedUp, a *backup.Artefact, c *backup.Copy, level backup.Level, what string) string {
	var t strings.Builder
	fmt.Fprintf(&t, "proven: %s: ", what)
	switch {
	case c.FromWords():
		fmt.Fprintf(&t, "the words are the private key %s (%s)\n", b.name, b.want)
	case level == backup.Same:
		fmt.Fprintf(&t, "it holds the key file of %s as it is today, byte for byte (%s)\n", b.name, orUnknown(b.want))
		t.WriteString("  not tried: the key file's own passphrase (give it with --passphrase-fd or --passphrase-file)\n")
	default:
		fmt.Fprintf(&t, "it holds the private key %s, which was opened (%s)\n", b.name, orUnknown(b.want))
	}
	if a.ID != "" {
		fmt.Fprintf(&t, "  backup: %s", a.ID)
		if c.Manifest != nil {
			fmt.Fprintf(&t, ", made %s by %s", c.Manifest.Made.Format("2006-01-02"), c.Manifest.Tool)
		}
		t.WriteString("\n")
	}
	return t.String()
}

// record puts the date into the ledger.
func (o *keyVerifyOptions) record(ctx context.Context, env *Env, b *backedUp, a *backup.Artefact, c *backup.Copy, artefacts []string) error {
	if b.record == nil {
		_, err := fmt.Fprintln(env.Stderr, "note: the date is not recorded, as the ledger does not know the key")
		return err
	}
	id := a.ID
	if c.FromWords() {
		id = backup.WordsID(b.want)
	}
	now := env.Now()
	return b.remember(ctx, "backup verified", func(r *rotation.Record) {
		if known := backupIn(r, id); known != nil {
			known.Verified = now
			return
		}
		found := rotation.Backup{ID: id, Form: string(a.Form), At: now, Verified: now}
		if c.Manifest != nil {
			found.At = c.Manifest.Made
		}
		if len(artefacts) > 0 && artefacts[0] != "-" {
			found.Place = absolute(env, artefacts[0])
		}
		r.Backups = append(r.Backups, found)
	})
}
