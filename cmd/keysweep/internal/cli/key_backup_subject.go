package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keysweep/keys"
	"keysweep/rotation"
)

// backedUp is the key that a backup is of: its file, its record in the ledger, or both.
type backedUp struct {
	name    string // what to call it in messages and file names
	file    *keyFile
	data    []byte // of the file; nil if there is none
	public  *keys.Public
	want    string // the fingerprint; "" if the file hides it and nothing else tells
	comment string
	ledger  *rotation.Ledger
	record  *rotation.Record // nil if the ledger has none
}

func (b *backedUp) clear() { clear(b.data) }

// findBackedUp resolves what a person calls a key: a file, a .pub file, a fingerprint, or what the ledger knows.
func findBackedUp(ctx context.Context, env *Env, l *ledgerOptions, name string) (*backedUp, error) {
	b := &backedUp{name: name}
	err := b.readFile(env, name)
	if err != nil {
		return nil, err
	}
	if b.ledger, err = l.existing(ctx, env); err != nil {
		return nil, err
	}
	if err := b.findRecord(ctx, env, name); err != nil {
		b.clear()
		return nil, err
	}
	return b, nil
}

// readFile reads the key file, or the .pub file, if name is one.
func (b *backedUp) readFile(env *Env, name string) error {
	path := absolute(env, name)
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() && !strings.ContainsRune(name, filepath.Separator) {
		return nil // the ledger may know it
	}
	b.name = filepath.Base(path)
	file, err := readKeyFile(env, name)
	if err != nil && strings.HasSuffix(name, ".pub") {
		data, readErr := (&keyFile{name: name}).read(path)
		public, comment, parseErr := keys.ParsePublicLine(data)
		if readErr != nil || parseErr != nil {
			return err
		}
		b.name = strings.TrimSuffix(b.name, ".pub")
		b.public, b.comment, b.want = &public, comment, public.SHA256()
		return nil
	}
	if err != nil {
		return err
	}
	return b.use(file)
}

// use takes a key file.
func (b *backedUp) use(file *keyFile) (err error) {
	if b.data, err = file.read(file.path); err != nil {
		return err
	}
	b.file, b.public, b.comment = file, file.file.Public, file.file.Comment
	if b.public == nil && file.pubErr == nil {
		b.public = file.pub
	}
	if b.comment == "" && file.pubErr == nil {
		b.comment = file.comment
	}
	if b.public != nil {
		b.want = b.public.SHA256()
	}
	return nil
}

// findRecord looks into the ledger. Without a file it is the only one who knows the key.
func (b *backedUp) findRecord(ctx context.Context, env *Env, name string) error {
	known := b.file != nil || b.public != nil
	switch {
	case b.ledger == nil && !known && strings.HasPrefix(name, "SHA256:"):
		b.want = name
		return nil
	case b.ledger == nil && !known:
		return usagef("give the private key's file", "there is no file %s, and no ledger that could know a key of that name", name)
	case b.ledger == nil:
		return nil
	}
	ref := name
	if b.want != "" {
		ref = b.want
	}
	r, err := findRecord(ctx, env, b.ledger, ref)
	switch {
	case errors.Is(err, rotation.ErrNotFound) && known:
		return nil
	case errors.Is(err, rotation.ErrNotFound) && strings.HasPrefix(name, "SHA256:"):
		b.want = name
		return nil
	case err != nil:
		return err
	}
	b.record, b.name = &r, r.Name
	if b.want == "" {
		b.want = r.Fingerprint
	}
	if !known && r.Path != "" && (r.Machine == "" || r.Machine == env.Hostname) {
		return b.useRecorded(env, r)
	}
	return nil
}

// useRecorded reads the file that the ledger names, if it is still there.
func (b *backedUp) useRecorded(env *Env, r rotation.Record) error {
	if _, err := os.Stat(r.Path); err != nil {
		return nil // the ledger's fingerprint is enough to compare with
	}
	file, err := readKeyFile(env, r.Path)
	if err != nil {
		return err
	}
	if err := b.use(file); err != nil {
		return err
	}
	if b.want != r.Fingerprint && b.public != nil {
		return usagef("keysweep key inspect "+r.Path+" says what it is", "%s holds another key than the ledger knows as %s (%s, not %s)", r.Path, r.Name, b.want, r.Fingerprint)
	}
	b.want = r.Fingerprint
	return nil
}

// remember changes the key's backups in the ledger.
func (b *backedUp) remember(ctx context.Context, what string, change func(*rotation.Record)) error {
	if b.ledger == nil || b.record == nil {
		return nil
	}
	r, err := b.ledger.Change(ctx, b.record.ID, what, func(r *rotation.Record) error {
		change(r)
		return nil
	})
	if err == nil {
		b.record = &r
	}
	return err
}

// backupNamed returns the backup with an id, nil if the ledger does not know it.
func (b *backedUp) backupNamed(id string) *rotation.Backup {
	if b.record == nil || id == "" {
		return nil
	}
	return backupIn(b.record, id)
}

func backupIn(r *rotation.Record, id string) *rotation.Backup {
	for i := range r.Backups {
		if r.Backups[i].ID == id {
			return &r.Backups[i]
		}
	}
	return nil
}
