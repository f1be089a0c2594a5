package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/keys/backup"
	"keysweep/rotation"
)

// The things that a sheet can hold.
const (
	payloadAge   = "age"
	payloadKey   = "key"
	payloadWords = "words"
)

// keyBackupOptions are what a user asks key backup for.
type keyBackupOptions struct {
	form       string
	payload    string // of a sheet
	output     string
	recipients []string
	files      []string // of recipients
	work       int
	force      bool

	pass   passphraseOptions // of the backup
	key    passphraseOptions // of the key, for words
	ledger ledgerOptions
}

func newKeyBackupCommand(env *Env) *cobra.Command {
	o := &keyBackupOptions{}
	c := &cobra.Command{
		Use:   "backup NAME|FILE",
		Short: "Back up a private key: an encrypted file, 24 words, or a sheet to print",
		Long: "Back up a private key, so that it can be restored when the machine is gone. The forms:\n\n" +
			"  age    the key file as it is, still under its own passphrase, encrypted with age to a second passphrase or to\n" +
			"         recipients. Keep it away from this machine: on a stick in a drawer, with somebody you trust.\n" +
			"  sheet  the same as a page to print (HTML): QR codes, the text to type if they cannot be scanned, and what to do.\n" +
			"         With --payload key it is the key file under its own passphrase alone, with --payload words the 24 words.\n" +
			"  words  the secret of an Ed25519 key as 24 words, shown on the terminal to write down. Nothing protects them:\n" +
			"         whoever reads them has the key. The comment and the passphrase are not in them.\n\n" +
			"A backup that was never tried is a hope: keysweep key backup verify proves that it can be restored from.",
		Example: `  keysweep key backup github -o /media/usb                    /media/usb/github.age, with a passphrase of its own
  keysweep key backup ~/.ssh/id_ed25519 -o k.age --recipient age1...  for the holder of an age identity
  keysweep key backup github --form sheet -o github.html      to print, and then to delete
  keysweep key backup github --form words                     24 words on the terminal
  keysweep key backup verify github /media/usb/github.age     does it work?`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runKeyBackup(c.Context(), env, o, args[0]) },
	}
	o.addFlags(c.Flags())
	c.AddCommand(newKeyBackupVerifyCommand(env))
	return c
}

func (o *keyBackupOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.form, "form", string(backup.FormAge), "age, sheet or words")
	f.StringVar(&o.payload, "payload", payloadAge, "what a sheet holds: age, key or words")
	f.StringVarP(&o.output, "output", "o", "", "write the backup to `FILE`, or into a directory; nothing is overwritten")
	f.StringArrayVar(&o.recipients, "recipient", nil, "encrypt to `KEY`: age1..., or an SSH public key (repeatable)")
	f.StringArrayVar(&o.files, "recipients-file", nil, "encrypt to the recipients in `FILE`, one a line: .pub files do as well (repeatable)")
	f.IntVar(&o.work, "work-factor", backup.DefaultWork, fmt.Sprintf("scrypt's cost as a power of two, %d to %d: 18 takes a second and 256 MiB", backup.MinWork, backup.MaxWork))
	f.BoolVar(&o.force, "force", false, "write into a repository, a synced folder, or beside the key all the same")
	o.pass.addFlags(f, "backup-", "the backup's passphrase")
	o.pass.addGenerateFlag(f)
	o.key.addFlags(f, "", "the key's passphrase")
	o.ledger.addFlags(f)
}

// words reports whether the backup is the key's words.
func (o *keyBackupOptions) words() bool {
	return o.form == string(backup.FormWords) || o.form == string(backup.FormSheet) && o.payload == payloadWords
}

// toPassphrase reports whether the backup gets a passphrase of its own.
func (o *keyBackupOptions) toPassphrase() bool {
	return !o.words() && o.payload == payloadAge && len(o.recipients)+len(o.files) == 0
}

// validate holds what flags ask of each other.
func (o *keyBackupOptions) validate() error {
	sheet := o.form == string(backup.FormSheet)
	passGiven := o.pass.given() || o.pass.generate
	recipients := len(o.recipients)+len(o.files) > 0
	switch {
	case !sheet && o.form != string(backup.FormAge) && o.form != string(backup.FormWords):
		return usagef("one of: age, sheet, words", "--form: there is no form %q", o.form)
	case o.payload != payloadAge && o.payload != payloadKey && o.payload != payloadWords:
		return usagef("one of: age, key, words", "--payload: there is no %q", o.payload)
	case o.payload != payloadAge && !sheet:
		return usagef("add --form sheet", "--payload says what a sheet holds")
	case o.form == string(backup.FormWords) && o.output != "":
		return usagef("for paper: --form sheet --payload words", "--form words shows the words on the terminal, and never writes them to a file")
	case o.form != string(backup.FormWords) && o.output == "":
		return usagef("for example: -o /media/usb", "where to? name a file or directory with --output")
	case o.output == "-":
		return usagef("name a file", "a backup is not written to standard output")
	case recipients && (o.words() || o.payload == payloadKey):
		return usagef("leave out --recipient", "only the form age, and sheets with it, are encrypted to recipients")
	case recipients && passGiven:
		return usagef("leave one of them out", "a backup is encrypted to a passphrase or to recipients, not to both")
	case passGiven && !o.toPassphrase():
		return usagef("leave the backup's passphrase out", "this backup gets no passphrase of its own")
	case o.key.given() && !o.words():
		return usagef("leave the key's passphrase out", "only words need the key's passphrase: the others hold the key file as it is")
	case o.work < backup.MinWork || o.work > backup.MaxWork:
		return usagef("18 is what age uses", "--work-factor %d: it must be %d to %d", o.work, backup.MinWork, backup.MaxWork)
	}
	if err := o.pass.validate(); err != nil {
		return err
	}
	return o.key.validate()
}

func runKeyBackup(ctx context.Context, env *Env, o *keyBackupOptions, name string) error {
	if err := o.validate(); err != nil {
		return err
	}
	b, err := findBackedUp(ctx, env, &o.ledger, name)
	if err != nil {
		return err
	}
	defer b.clear()
	if b.file == nil {
		return usagef("name the private key's file", "%s: its private key file is not on this machine", name)
	}
	switch {
	case o.form == string(backup.FormWords):
		return o.showWords(ctx, env, b)
	case o.payload == payloadKey && !b.file.file.Protected():
		return usagef("set a passphrase first: keysweep key passphrase "+b.file.name, "%s has no passphrase: a sheet with --payload key would show the key to everybody", b.file.name)
	}
	path, err := o.destination(ctx, env, b)
	if err != nil {
		return err
	}
	made, err := o.build(ctx, env, b)
	if err != nil {
		return err
	}
	defer clear(made.data)
	if err := made.write(path); err != nil {
		return err
	}
	if err := o.report(env, b, made, path); err != nil {
		return err
	}
	return o.record(ctx, env, b, made.id, path)
}

// record puts the backup into the ledger.
func (o *keyBackupOptions) record(ctx context.Context, env *Env, b *backedUp, id, place string) error {
	if b.record == nil {
		note := "the backup is not recorded, as the ledger does not know the key: keysweep key adopt " + b.file.name
		if o.ledger.none {
			note = "the backup is not recorded (--no-ledger)"
		}
		_, err := fmt.Fprintln(env.Stderr, "note: "+note)
		return err
	}
	now := env.Now()
	return b.remember(ctx, "backed up ("+o.form+")", func(r *rotation.Record) {
		if old := backupIn(r, id); old != nil { // the same words again
			old.At, old.Place, old.Form = now, place, o.form
			return
		}
		r.Backups = append(r.Backups, rotation.Backup{ID: id, Form: o.form, Place: place, At: now})
	})
}

// tool names this program on sheets and in manifests.
func tool(env *Env) string { return strings.TrimSpace("keysweep " + env.Version) }
