package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/internal/atomicfile"
	"keysweep/internal/git"
	"keysweep/keys"
	"keysweep/keys/backup"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// retireFile returns the path of the private key file that is to go; "" if there is none any more. A file that holds another
// key by now is none.
func retireFile(ctx context.Context, env *Env, o *retireOptions, r *rotation.Record) (string, error) {
	if r.Path == "" {
		return "", nil
	}
	if r.Machine != "" && r.Machine != env.Hostname {
		if o.force {
			return "", nil
		}
		return "", usagef("run it there, or, if that machine is gone: --force --reason \"...\"", "the file of %q is on another machine: %s on %s", r.Name, r.Path, r.Machine)
	}
	k, err := lookAt(ctx, env, r.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, keys.ErrNoKey) && isOverwritten(r.Path):
		o.destroy, o.archive = true, ""
		return r.Path, nil
	case errors.Is(err, keys.ErrNoKey):
		return "", usagef("see what it is, and move it away", "%s holds no private key any more, and is left as it is", r.Path)
	case err != nil:
		return "", err
	case len(k.Files) == 0: // a record that was made of a .pub file
		return "", nil
	case k.Public == nil:
		return "", usagef(fmt.Sprintf("make its public half again: ssh-keygen -y -f %s > %[1]s.pub", shellWord(r.Path)),
			"%s hides its public half, and without %[1]s.pub nothing tells whether it is %q", r.Path, r.Name)
	case k.Fingerprint() != r.Fingerprint:
		_, err := fmt.Fprintf(env.Stderr, "note: %s holds another key by now, and is left as it is\n", git.Printable(r.Path))
		return "", err
	}
	return r.Path, alone(r.Path)
}

// alone refuses a file with other private keys in it: they would go with the one that is retired.
func alone(path string) error {
	others, err := otherKeysIn(path)
	if err == nil && len(others) > 0 {
		err = usagef("give each key a file of its own first", "%s holds other private keys too (%s), which would go with this one", path, namesOf(others))
	}
	return err
}

// certain looks at the file once more before it goes: questions take minutes, and another program may have put another key there
// meanwhile. What is destroyed must show by itself that it is the key; an archive has it all the same.
func (o *retireOptions) certain(ctx context.Context, env *Env, r *rotation.Record, file string) error {
	if isOverwritten(file) {
		return nil
	}
	k, err := lookAt(ctx, env, file)
	switch {
	case err != nil:
		return err
	case k.Fingerprint() != r.Fingerprint:
		return usagef("see what it is: keysweep key inspect "+shellWord(file), "%s was changed meanwhile, and is left as it is", file)
	case o.archive == "" && !o.force && len(k.Files) > 0 && k.Files[0].Pub == inventory.PubUnproven:
		return usagef("keysweep key passphrase "+shellWord(file)+" --keep-passphrase writes it in a format that shows it; or, if you are sure: --force --reason \"...\"",
			"%s hides its public half: that it is %q says only the file beside it, and another key might be destroyed", file, r.Name)
	}
	return alone(file)
}

// choose asks what to do with the file, if no flag says it.
func (o *retireOptions) choose(ctx context.Context, env *Env, r *rotation.Record) error {
	if o.archive != "" || o.destroy {
		return nil
	}
	t, err := env.Terminal()
	if err != nil {
		return usagef("--archive FILE keeps an encrypted copy, --destroy keeps none", "say what is to become of the private key: %w", err)
	}
	defer func() { _ = t.Close() }()
	if err := t.Print(fmt.Sprintf("%s: what is to become of the private key %s?\n", git.Printable(r.Name), git.Printable(r.Path))); err != nil {
		return err
	}
	answer, err := t.ReadLine(ctx, "A file to archive it in, encrypted; or the word destroy; or nothing, to leave all as it is: ")
	if err != nil {
		return err
	}
	switch answer = strings.TrimSpace(answer); answer {
	case "":
		return usagef("", "nothing was done")
	case "destroy":
		o.destroy = true
	default:
		o.archive = answer
	}
	return nil
}

// toArchive encrypts the key file into the archive, proves that it opens, and records it. An archive that is there already is
// good if it opens with the same passphrase and holds this file: then an earlier run was interrupted.
func (o *retireOptions) toArchive(ctx context.Context, env *Env, ledger *rotation.Ledger, r rotation.Record, file string) (rotation.Record, error) {
	path := absolute(env, o.archive)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, filepath.Base(file)+".age")
		o.archive = path
	}
	if sameFile(path, file) {
		return r, usagef("name a new file for the archive", "--archive %s is the key's own file, which is removed when the archive is there", o.archive)
	}
	plain, err := readForArchive(file)
	if err != nil {
		return r, err
	}
	defer clear(plain)
	sealed, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("archive: %w", err)
	}
	if sealed, err = o.sealArchive(ctx, env, &r, plain, sealed); err != nil {
		return r, fmt.Errorf("archive %s: %w", o.archive, err)
	}
	if sealed != nil {
		if err := atomicfile.Create(path, sealed, keyFileMode); err != nil {
			return r, fmt.Errorf("archive: %w", err)
		}
	}
	if slices.ContainsFunc(r.Backups, func(b rotation.Backup) bool { return b.Form == archiveForm && b.Place == path }) {
		return r, nil
	}
	return ledger.Change(ctx, r.ID, "archived", func(r *rotation.Record) error {
		now := env.Now()
		r.Backups = append(r.Backups, rotation.Backup{ID: backup.ID([]byte(path)), Form: archiveForm, Place: path, At: now, Verified: now})
		return nil
	})
}

// sameFile reports whether both names lead to one file.
func sameFile(one, two string) bool {
	a, err := os.Stat(one)
	if err != nil {
		return false
	}
	b, err := os.Stat(two)
	return err == nil && os.SameFile(a, b)
}

// sealArchive returns the archive to write. old is what is there, nil for nothing: if it is the same already, there is nothing
// to write, and nil is returned.
func (o *retireOptions) sealArchive(ctx context.Context, env *Env, r *rotation.Record, plain, old []byte) ([]byte, error) {
	secret, err := o.archiveSecret(ctx, env, r)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	if old != nil {
		if err := proveArchive(old, secret, plain, r.Fingerprint); err != nil {
			return nil, usagef("choose another file", "it is there already, and is not an archive of this key under this passphrase: %w", err)
		}
		return nil, nil
	}
	work := backup.DefaultWork
	if env.LedgerWork != 0 {
		work = backup.MinWork
	}
	recipient, err := backup.ToPassphrase(secret, work)
	if err != nil {
		return nil, err
	}
	manifest := backup.NewManifest(nil, "", "keysweep "+env.Version, env.Now())
	manifest.Fingerprint, manifest.Type = r.Fingerprint, r.Type
	payload, err := backup.Payload(plain, manifest)
	if err != nil {
		return nil, err
	}
	defer clear(payload)
	sealed, err := backup.Seal(payload, recipient)
	if err != nil {
		return nil, err
	}
	sealed = backup.Armor(sealed)
	return sealed, proveArchive(sealed, secret, plain, r.Fingerprint)
}

// archiveSecret gets the archive's passphrase. The caller clears it.
func (o *retireOptions) archiveSecret(ctx context.Context, env *Env, r *rotation.Record) ([]byte, error) {
	if o.secret != nil {
		return bytes.Clone(o.secret), nil
	}
	return o.pass.fresh(ctx, env, freshQuestion{
		Prompt: "New passphrase for the archive of " + git.Printable(r.Name), Known: []string{r.Name, r.Service, r.Owner, env.LoginName(), env.Hostname},
		Instead: "keep no copy: --destroy",
	})
}

// proveArchive opens an archive and compares what is in it with the key file.
func proveArchive(sealed, secret, plain []byte, fingerprint string) error {
	artefact, err := backup.Read(backup.Input{Data: sealed})
	if err != nil {
		return err
	}
	defer artefact.Clear()
	if _, locked, err := artefact.Lock(); err != nil || !locked { // a key file reads as a backup of itself
		return errors.Join(err, errors.New("it is not encrypted"))
	}
	identity, err := backup.ByPassphrase(secret)
	if err != nil {
		return err
	}
	held, err := artefact.Open(identity)
	if err != nil {
		return err
	}
	defer held.Clear()
	_, err = held.Prove(fingerprint, plain, nil)
	if err == nil && string(held.KeyFile) != string(plain) {
		err = errors.New("it holds another state of the key file")
	}
	return err
}

// readForArchive reads a private key file, which is of bounded size. The caller clears it.
func readForArchive(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, keys.MaxFile+1))
}

// isOverwritten reports whether a file holds nothing but what overwriteFile writes: an earlier run was interrupted there.
func isOverwritten(path string) bool {
	data, err := readForArchive(path)
	return err == nil && len(data) > 0 && len(bytes.Trim(data, "\x00")) == 0
}

// removeKey removes a private key file, what a symbolic link leads to as well. overwrite writes over its bytes first.
func removeKey(path string, overwrite bool) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("remove key: %w", err)
	}
	dir, base := filepath.Split(target)
	// A killed change of the passphrase may have left the key beside it, with no passphrase even.
	files := append(atomicfile.Litter(dir, func(name string) bool { return name == base }), target)
	if overwrite {
		for _, file := range files {
			if err := overwriteFile(file); err != nil {
				return fmt.Errorf("overwrite key: %w", err)
			}
		}
	}
	for _, name := range slices.Compact(append(files, path)) {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove key: %w", err)
		}
	}
	return nil
}

// overwriteFile writes zeros over a file, as long as it is, and waits for the disk. A file that may not be written is made
// writable first.
func overwriteFile(path string) error {
	if err := os.Chmod(path, keyFileMode); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(make([]byte, info.Size()))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
