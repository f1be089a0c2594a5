package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"keysweep/internal/atomicfile"
	"keysweep/keys"
	"keysweep/keys/backup"
)

// madeBackup is a backup that is not yet written.
type madeBackup struct {
	id    string
	data  []byte
	opens string // what opens it, for people
	clear bool   // it holds the key unprotected
}

// build makes the backup's content.
func (o *keyBackupOptions) build(ctx context.Context, env *Env, b *backedUp) (*madeBackup, error) {
	if o.words() {
		return o.buildWordSheet(ctx, env, b)
	}
	payload, err := backup.Payload(b.data, backup.NewManifest(b.public, b.comment, tool(env), env.Now()))
	if err != nil {
		return nil, err
	}
	defer clear(payload)
	made, content := &madeBackup{opens: "the passphrase of the key file"}, bytes.Clone(payload)
	if o.payload == payloadAge {
		clear(content)
		if content, made.opens, err = o.seal(ctx, env, b, payload); err != nil {
			return nil, err
		}
	}
	made.id, made.data = backup.ID(content), backup.Armor(content)
	if o.form != string(backup.FormSheet) {
		return made, nil
	}
	if made.data, err = backup.Sheet(o.label(env, b), content); errors.Is(err, backup.ErrTooLong) {
		return nil, usagef("leave out --form sheet", "%s: %w", b.file.name, err)
	} else if err != nil {
		return nil, err
	}
	// A sheet is read back before it is written: what a printer gets must be right.
	page, err := backup.Read(backup.Input{Data: made.data})
	if err != nil || page.ID != made.id {
		return nil, fmt.Errorf("the sheet that was made cannot be read back: %w", err)
	}
	page.Clear()
	return made, nil
}

// seal encrypts the payload, and says what opens it.
func (o *keyBackupOptions) seal(ctx context.Context, env *Env, b *backedUp, payload []byte) (sealed []byte, opens string, err error) {
	to, err := o.readRecipients(env, b)
	if err != nil {
		return nil, "", err
	}
	opens = fmt.Sprintf("the identity of its recipient (%d in all)", len(to))
	if len(to) == 0 {
		opens = "the backup's passphrase"
		pass, err := o.pass.fresh(ctx, env, freshQuestion{
			Prompt: "New passphrase for the backup", Known: []string{env.LoginName(), env.Hostname, b.name, b.comment, "backup", "keysweep"},
			Instead: "let it be made for you: --generate-passphrase"})
		if err != nil {
			return nil, "", err
		}
		defer clear(pass)
		scrypt, err := backup.ToPassphrase(pass, o.work)
		if err != nil {
			return nil, "", err
		}
		to = []age.Recipient{scrypt}
	}
	if b.file.file.Protected() {
		opens += ", and then the passphrase that the key file has today"
	}
	sealed, err = waiting(ctx, env, "Encrypting the backup", func() ([]byte, error) { return backup.Seal(bytes.Clone(payload), to...) })
	return sealed, opens, err
}

// readRecipients reads what the flags name.
func (o *keyBackupOptions) readRecipients(env *Env, b *backedUp) (all []age.Recipient, err error) {
	for _, text := range o.recipients {
		r, err := backup.ToRecipient(text, b.public)
		if err != nil {
			return nil, usagef("keysweep key backup --help shows examples", "--recipient: %w", err)
		}
		all = append(all, r)
	}
	for _, file := range o.files {
		data, err := (&keyFile{name: file}).read(absolute(env, file))
		if err != nil {
			return nil, usagef("", "--recipients-file: %w", err)
		}
		more, err := backup.ToRecipients(data, b.public)
		if err != nil {
			return nil, usagef("one recipient a line, as after --recipient", "--recipients-file %s: %w", file, err)
		}
		all = append(all, more...)
	}
	return all, nil
}

// buildWordSheet makes a page with the words of the key.
func (o *keyBackupOptions) buildWordSheet(ctx context.Context, env *Env, b *backedUp) (*madeBackup, error) {
	words, err := o.wordsOf(ctx, env, b)
	if err != nil {
		return nil, err
	}
	defer clear(words)
	data, err := backup.WordSheet(o.label(env, b), words)
	return &madeBackup{id: backup.WordsID(b.want), data: data, opens: "nothing else: whoever reads it has the key", clear: true}, err
}

// wordsOf opens the key and returns its words. The caller clears them.
func (o *keyBackupOptions) wordsOf(ctx context.Context, env *Env, b *backedUp) ([]byte, error) {
	if err := wordsFit(b); err != nil {
		return nil, err
	}
	private, pass, err := b.file.unlock(ctx, env, &o.key)
	clear(pass)
	if err != nil {
		return nil, err
	}
	defer private.Clear()
	public, err := b.file.compare(private, false)
	if err != nil {
		return nil, err
	}
	b.public, b.want = &public, public.SHA256()
	words, err := backup.Words(private)
	if errors.Is(err, backup.ErrNoWords) {
		return nil, usagef("back it up as --form age or --form sheet", "%s (%s): %w", b.file.name, public.Type, err)
	}
	return words, err
}

// wordsFit refuses keys that are too long for words, before anything is asked.
func wordsFit(b *backedUp) error {
	kind := b.file.file.Type
	if b.file.file.Public != nil {
		kind = b.file.file.Public.Type
	}
	if kind != "" && kind != "ssh-ed25519" {
		return usagef("back it up as --form age or --form sheet", "%s (%s): %w", b.file.name, kind, backup.ErrNoWords)
	}
	return nil
}

// label is what a sheet says about the key.
func (o *keyBackupOptions) label(env *Env, b *backedUp) backup.Label {
	kind := b.file.file.Type
	if b.public != nil {
		kind = kindOf(*b.public)
	}
	return backup.Label{Name: b.name, Type: kind, Fingerprint: b.want, Comment: b.comment, Tool: tool(env), Made: env.Now(),
		Target: homeShort(env, b.file.path), Inner: b.file.file.Protected()}
}

func kindOf(public keys.Public) string {
	if public.Bits == 0 {
		return public.Type
	}
	return fmt.Sprintf("%s, %d bits", public.Short(), public.Bits)
}

// homeShort writes a path below the home directory with "~", so that it means the same on another machine. A path with
// anything that a shell would take apart is given by its last element alone.
func homeShort(env *Env, path string) string {
	short := filepath.Base(path)
	if rel, err := filepath.Rel(env.Home, path); err == nil && env.Home != "" && filepath.IsLocal(rel) {
		short = "~/" + filepath.ToSlash(rel)
	}
	if strings.ContainsAny(short, " \t\n'\"\\$`&|;<>(){}*?!#") {
		return "FILE"
	}
	return short
}

// write writes the backup, and reads it back: media that keep nothing are not rare.
func (m *madeBackup) write(path string) error {
	if err := atomicfile.Create(path, m.data, keyFileMode); err != nil {
		return err
	}
	written, err := os.ReadFile(path)
	defer clear(written)
	if err == nil && !bytes.Equal(written, m.data) {
		err = errors.New("the medium gives back something else than was written")
	}
	if err != nil {
		return fmt.Errorf("read the backup back: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

// report says what was made, and what to do next.
func (o *keyBackupOptions) report(env *Env, b *backedUp, made *madeBackup, path string) error {
	shown := shownPath(env, path)
	text := fmt.Sprintf("Backup %s of %s is in %s\n  key:    %s\n  opens:  with %s\n", made.id, b.name, shown, orUnknown(b.want), made.opens)
	verify := "keysweep key backup verify " + b.argument()
	switch {
	case made.clear:
		text += "  next:   print it, delete the file, and type the words from the paper: " + verify + "\n"
	case o.form == string(backup.FormSheet):
		text += "  next:   print it, and scan or photograph the paper: " + verify + " PICTURE...\n"
	default:
		text += "  next:   prove that it works: " + verify + " " + shown + "\n"
	}
	if _, err := fmt.Fprint(env.Stdout, text); err != nil {
		return err
	}
	var notes []string
	if made.clear {
		notes = append(notes, "the file holds the key itself, unprotected: print it now, and delete it")
	} else if !b.file.file.Protected() {
		notes = append(notes, b.file.name+" has no passphrase of its own: whoever opens the backup has the key")
	}
	for _, note := range notes {
		if _, err := fmt.Fprintln(env.Stderr, "note: "+note); err != nil {
			return err
		}
	}
	return nil
}

func orUnknown(fingerprint string) string {
	if fingerprint == "" {
		return "its fingerprint is hidden in the encrypted file"
	}
	return fingerprint
}

// argument is how to name the key in another command.
func (b *backedUp) argument() string {
	if b.record != nil {
		return b.record.Name
	}
	return b.file.name
}
