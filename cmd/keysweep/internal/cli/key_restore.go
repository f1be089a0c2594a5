package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/keys"
	"keysweep/keys/backup"
	"keysweep/rotation"
)

// keyRestoreOptions are what a user asks key restore for.
type keyRestoreOptions struct {
	output      string
	fingerprint string
	comment     string
	rounds      int

	artefact artefactOptions
	key      passphraseOptions // of the key file in the backup
	fresh    passphraseOptions // of a key that comes from words
	ledger   ledgerOptions
}

func newKeyRestoreCommand(env *Env) *cobra.Command {
	o := &keyRestoreOptions{}
	c := &cobra.Command{
		Use:   "restore [ARTEFACT...] -o FILE",
		Short: "Bring a private key back from a backup",
		Long: "Bring a private key back from an age file, a sheet (its page, pictures of its QR codes, or their text in any order), or\n" +
			"24 words; without an ARTEFACT these are asked for. The key file comes back as it was, with the passphrase that it had\n" +
			"then; a key from words gets a new one. FILE and FILE.pub are made, and nothing is ever overwritten.\n\n" +
			"Give the fingerprint that stands on the sheet or in your notes with --fingerprint: another key is then refused. If the\n" +
			"ledger knows the key, that is checked too.",
		Example: `  keysweep key restore /media/usb/github.age -o ~/.ssh/id_github
  keysweep key restore scan-1.png scan-2.png -o ~/.ssh/id_github --fingerprint SHA256:...
  keysweep key restore -o ~/.ssh/id_github --fingerprint SHA256:...   24 words, typed from paper
  keysweep key restore k.age -o id_k --identity age.key               encrypted to a recipient`,
		RunE: func(c *cobra.Command, args []string) error { return runKeyRestore(c.Context(), env, o, args) },
	}
	o.addFlags(c.Flags())
	return c
}

func (o *keyRestoreOptions) addFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.output, "output", "o", "", "write the private key to `FILE` (mode 0600), and its public half to FILE.pub")
	f.StringVar(&o.fingerprint, "fingerprint", "", "refuse any other key than the one with this `SHA256:...`")
	f.StringVar(&o.comment, "comment", "", "comment of a key that comes from words, which hold none")
	f.IntVar(&o.rounds, "kdf-rounds", keys.DefaultRounds, fmt.Sprintf("`N` rounds of bcrypt for a key that comes from words, %d to %d", keys.MinRounds, keys.MaxRounds))
	o.artefact.addFlags(f)
	o.key.addFlags(f, "", "the passphrase of the key file in the backup, to prove that it opens,")
	o.fresh.addFlags(f, "new-", "the new passphrase of a key that comes from words")
	o.fresh.addGenerateFlag(f)
	o.ledger.addFlags(f)
}

func (o *keyRestoreOptions) validate() error {
	switch {
	case o.output == "":
		return usagef("for example: -o ~/.ssh/id_restored", "where to? name a file with --output")
	case o.output == "-":
		return usagef("name a file", "a private key is not written to standard output")
	case o.fingerprint != "" && !wholeFingerprint(o.fingerprint):
		return usagef("it is SHA256: and 43 letters, as ssh-keygen -l shows it", "--fingerprint %q is none", o.fingerprint)
	case o.rounds < keys.MinRounds || o.rounds > keys.MaxRounds:
		return usagef("64 rounds take about half a second to open, 256 two seconds", "--kdf-rounds %d: it must be %d to %d", o.rounds, keys.MinRounds, keys.MaxRounds)
	case strings.ContainsAny(o.comment, "\r\n\x00"):
		return usagef("", "--comment is one line")
	}
	return errors.Join(o.artefact.validate(), o.key.validate(), o.fresh.validate())
}

func runKeyRestore(ctx context.Context, env *Env, o *keyRestoreOptions, artefacts []string) error {
	if err := o.validate(); err != nil {
		return err
	}
	path := absolute(env, o.output)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usagef("for example: -o "+strings.TrimSuffix(o.output, "/")+"/id_restored", "%s is a directory: name the file", o.output)
	}
	if err := freeForKey(path); err != nil {
		return err
	}
	what := artefactNames(artefacts)
	a, err := readArtefact(ctx, env, artefacts)
	if err != nil {
		return judged(env, what, err)
	}
	defer a.Clear()
	c, err := o.artefact.open(ctx, env, a)
	if err != nil {
		return judged(env, what, err)
	}
	defer c.Clear()
	r := &restored{o: o, copy: c, printed: a.Printed}
	defer r.clear()
	if err := r.identify(ctx, env); err != nil {
		return judged(env, what, err)
	}
	if err := r.look(ctx, env); err != nil {
		return err
	}
	if err := r.protect(ctx, env); err != nil {
		return err
	}
	if err := writeNewKey(path, r.file, r.public.Line(r.comment)); err != nil {
		return err
	}
	return r.finish(ctx, env, path)
}

// restored is a key on its way back.
type restored struct {
	o       *keyRestoreOptions
	copy    *backup.Copy
	printed string // fingerprint on the sheet

	private *keys.Private // nil if it was not opened
	public  keys.Public
	comment string
	file    []byte
	record  *rotation.Record
	open    *rotation.Ledger
}

func (r *restored) clear() {
	r.private.Clear()
	clear(r.file)
}

// identify finds out which key it is, and refuses another one than was asked for. The private half is opened if that needs no
// passphrase, if one was given, or if the public half cannot be seen otherwise.
func (r *restored) identify(ctx context.Context, env *Env) error {
	shown, err := r.copy.Public()
	if err != nil {
		return err
	}
	if r.o.key.given() || !r.copy.Protected() || shown == nil {
		if err := r.openKey(ctx, env); err != nil {
			return err
		}
		if r.public, err = r.private.Public(); err != nil {
			return err
		}
		r.comment = r.private.Comment
	} else {
		r.public = *shown
	}
	if m := r.copy.Manifest; r.comment == "" && m != nil {
		r.comment = m.Comment
	}
	if r.comment == "" {
		r.comment = r.o.comment
	}
	r.comment = oneLine(r.comment) // a manifest may hold anything, and a .pub file is one line
	for _, want := range []string{r.o.fingerprint, r.printed} {
		if got := r.public.SHA256(); want != "" && got != want {
			return &backup.DifferentError{Got: got, Want: want}
		}
	}
	return nil
}

// oneLine drops what would end a line, or change what a terminal shows.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, text)
}

func (r *restored) openKey(ctx context.Context, env *Env) (err error) {
	var pass []byte
	if r.copy.Protected() {
		if pass, err = r.o.key.existing(ctx, env, "Passphrase that the key had when the backup was made"); err != nil {
			return err
		}
		defer clear(pass)
	}
	r.private, err = r.copy.Private(pass)
	return err
}

// look asks the ledger about the key.
func (r *restored) look(ctx context.Context, env *Env) error {
	ledger, err := r.o.ledger.existing(ctx, env)
	if err != nil || ledger == nil {
		return err
	}
	fingerprint := r.public.SHA256()
	grave, err := ledger.Buried(ctx, fingerprint)
	switch {
	case err == nil:
		_, err = fmt.Fprintf(env.Stderr, "warning: the ledger says that this key must not be used any more: %s\n", grave.Reason)
	case errors.Is(err, rotation.ErrNotFound):
		err = nil
	}
	if err != nil {
		return err
	}
	found, err := ledger.Find(ctx, fingerprint)
	if errors.Is(err, rotation.ErrNotFound) {
		return nil
	}
	if err == nil {
		r.record, r.open = &found, ledger
	}
	return err
}

// protect makes the key file: the one from the backup as it is, or a new one with a new passphrase for a key from words.
func (r *restored) protect(ctx context.Context, env *Env) error {
	if !r.copy.FromWords() {
		r.file = append([]byte(nil), r.copy.KeyFile...)
		return nil
	}
	if r.o.fingerprint == "" && r.printed == "" && r.record == nil {
		if _, err := fmt.Fprintf(env.Stderr, "note: compare with your notes: the words are the key %s\n"+
			"(one wrong list of words in 256 has a right checksum; --fingerprint refuses it)\n", r.public.SHA256()); err != nil {
			return err
		}
	}
	if r.comment == "" && r.record != nil {
		r.comment = r.record.Name
	}
	pass, err := r.o.fresh.fresh(ctx, env, freshQuestion{Prompt: "New passphrase for " + r.o.output,
		Known: []string{env.LoginName(), env.Hostname, r.comment, r.o.output}})
	if err != nil {
		return err
	}
	defer clear(pass)
	r.private.Comment = r.comment
	r.file, err = waiting(ctx, env, "Protecting the key", func() ([]byte, error) { return r.private.MarshalOpenSSH(pass, r.o.rounds) })
	return err
}

// finish says what was done, and remembers it.
func (r *restored) finish(ctx context.Context, env *Env, path string) error {
	text := fmt.Sprintf("Restored %s to %s\n  key:    %s\n", kindOf(r.public), shownPath(env, path), r.public.SHA256())
	switch {
	case r.copy.FromWords():
		text += "  opens:  with the new passphrase\n"
	case !r.copy.Protected():
		text += "  opens:  with nothing: it has no passphrase; set one: keysweep key passphrase " + r.o.output + "\n"
	case r.private != nil:
		text += "  opens:  with the passphrase that it had then, which was tried\n"
	default:
		text += "  opens:  with the passphrase that it had then, which was not tried: keysweep key passphrase --check " + r.o.output + "\n"
	}
	if r.record != nil {
		text += "  ledger: it is " + r.record.Name + "\n"
	}
	if _, err := fmt.Fprint(env.Stdout, text); err != nil || r.record == nil {
		return err
	}
	_, err := r.open.Change(ctx, r.record.ID, "restored from a backup", func(rec *rotation.Record) error {
		if _, err := os.Stat(rec.Path); err != nil || rec.Machine != env.Hostname {
			rec.Path, rec.Machine = path, env.Hostname
		}
		return nil
	})
	return err
}
