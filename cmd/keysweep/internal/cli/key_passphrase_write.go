package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"keysweep/internal/atomicfile"
	"keysweep/internal/git"
	"keysweep/keys"
)

// write makes the new file's text. The caller clears it.
func (k *keyFile) write(ctx context.Context, env *Env, private *keys.Private, pass []byte, rounds int) ([]byte, error) {
	return waiting(ctx, env, fmt.Sprintf("Protecting the key (bcrypt, %d rounds)", rounds), func() ([]byte, error) {
		return private.MarshalOpenSSH(pass, rounds)
	})
}

// prove opens the new text as anybody would, and wants the old key in it.
func (k *keyFile) prove(ctx context.Context, env *Env, text, pass []byte, want keys.Public) error {
	file, err := keys.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: the new file cannot be read, and the old one was left alone: %w", k.name, err)
	}
	private, err := waiting(ctx, env, "Proving that the new file opens ("+describeKDF(file.KDF)+")", func() (*keys.Private, error) {
		return file.Open(pass)
	})
	if err != nil {
		return fmt.Errorf("%s: the new file does not open, and the old one was left alone: %w", k.name, err)
	}
	defer private.Clear()
	if public, err := private.Public(); err != nil || !public.Equal(want) {
		return fmt.Errorf("%s: the new file holds another key, and the old one was left alone", k.name)
	}
	return nil
}

// finish puts the new file in its place and says what was done.
func (k *keyFile) finish(env *Env, o *keyPassphraseOptions, text []byte, public keys.Public, comment string) error {
	if o.output != "" {
		if err := k.writeBeside(env, o.output, text, public, comment); err != nil {
			return err
		}
	} else if err := k.replace(text); err != nil {
		return err
	}
	if o.output == "" && otherNames(k.info) {
		if _, err := fmt.Fprintf(env.Stderr, "%s has another name (a hard link), which still leads to the old file with the old passphrase.\n", git.Printable(k.name)); err != nil {
			return err
		}
	}
	return k.tell(env, o, text)
}

// certificateSuffix is where ssh looks for a key's certificate (ssh_config(5), CertificateFile).
const certificateSuffix = "-cert.pub"

// hasCertificate reports whether the file holds the key's certificate too, as PuTTY's can. OpenSSH has it in a file of its own.
func (k *keyFile) hasCertificate() bool { return k.file.Public != nil && k.file.Public.IsCertificate() }

// writeBeside writes the key to a new file. It is as old as the file it comes from: the modification time is evidence of the
// age.
func (k *keyFile) writeBeside(env *Env, output string, text []byte, public keys.Public, comment string) error {
	path := absolute(env, output)
	if err := writeNewKey(path, text, public.Line(comment)); err != nil {
		return err
	}
	if k.hasCertificate() {
		if err := atomicfile.Create(path+certificateSuffix, k.file.Public.Line(comment), pubFileMode); err != nil {
			return err
		}
	}
	return os.Chtimes(path, k.info.ModTime(), k.info.ModTime())
}

// replace puts the new file in the old one's place, wholly or not at all. A passphrase does not make a key younger, and for a
// key that is not in the ledger the file's times are all the evidence there is of its age. The birth time cannot be kept, so
// the new file gets the old one's modification time, and gets it before it is there under its name.
func (k *keyFile) replace(text []byte) error {
	target, err := filepath.EvalSymlinks(k.path)
	if err != nil {
		return fmt.Errorf("replace key: %w", err)
	}
	mode := k.info.Mode().Perm()
	if mode&^keyFileMode != 0 && runtime.GOOS != "windows" {
		mode = keyFileMode
	}
	dir, name := filepath.Split(target)
	temporary := filepath.Join(dir, "."+name+"."+rand.Text()+".tmp")
	if err := atomicfile.Create(temporary, text, mode); err != nil {
		return fmt.Errorf("%s was left as it was: %w", k.name, err)
	}
	if err := k.settle(temporary, target, text); err != nil {
		return fmt.Errorf("%s was left as it was: %w", k.name, errors.Join(err, os.Remove(temporary)))
	}
	return syncDirectory(dir)
}

// settle makes the temporary file what the old one was, reads back what was written, and renames it.
func (k *keyFile) settle(temporary, target string, text []byte) error {
	written, err := os.ReadFile(temporary)
	defer clear(written)
	if err == nil && !bytes.Equal(written, text) {
		err = errors.New("the disk gives back something else than was written")
	}
	if err == nil {
		err = keepOwner(temporary, k.info)
	}
	if err == nil {
		err = os.Chtimes(temporary, k.info.ModTime(), k.info.ModTime())
	}
	if err == nil {
		err = k.unchanged(target)
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary, target)
}

// unchanged sees that the file is what was read at the beginning. Questions take minutes, and another program may have put
// another key there meanwhile, which would be lost.
func (k *keyFile) unchanged(target string) error {
	now, err := k.read(target)
	defer clear(now)
	if err == nil && sha256.Sum256(now) != k.sum {
		err = fmt.Errorf("another program has changed it meanwhile"+hintMark+"see what it is now with keysweep key inspect %s, and try again", shellWord(k.name))
	}
	return err
}

// tell says what was done, and how the key is protected now.
func (k *keyFile) tell(env *Env, o *keyPassphraseOptions, text []byte) error {
	now, err := keys.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", k.name, err)
	}
	file := k.name
	if o.output != "" {
		file = o.output
	}
	if o.rounds == 0 && now.Protected() && k.file.KDF.Name == "bcrypt" && k.file.KDF.Rounds > now.KDF.Rounds {
		if _, err := fmt.Fprintf(env.Stderr, "note: %d rounds of bcrypt became %d: more are not written, since other programs refuse such files\n",
			k.file.KDF.Rounds, now.KDF.Rounds); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: %s\n  was: %s, %s\n  now: %s, %s\n", git.Printable(file), k.done(o), k.file.Format, protection(k.file), now.Format, protection(now))
	return err
}

// done names what was done, in the words of the ledger's history.
func (k *keyFile) done(o *keyPassphraseOptions) string {
	switch {
	case o.none && k.file.Protected():
		return "passphrase removed"
	case o.keep && k.file.Format == keys.FormatOpenSSH:
		return "written anew, passphrase kept"
	case o.keep || o.none:
		return "converted to OpenSSH's format"
	case !k.file.Protected():
		return "passphrase set"
	}
	return "passphrase changed"
}

func protection(f *keys.File) string {
	if !f.Protected() {
		return "no passphrase"
	}
	return f.Cipher + ", " + describeKDF(f.KDF)
}

// check says whether the passphrase opens the file.
func (k *keyFile) check(ctx context.Context, env *Env, o *keyPassphraseOptions) error {
	if !k.file.Protected() {
		_, err := fmt.Fprintf(env.Stdout, "%s has no passphrase: whoever has the file can use the key\n", git.Printable(k.name))
		return errors.Join(err, verdict(exitFindings))
	}
	pass, err := o.old.existing(ctx, env, "Passphrase for "+k.name)
	if err != nil {
		return err
	}
	defer clear(pass)
	private, err := k.open(ctx, env, k.file, pass)
	if errors.Is(err, keys.ErrPassphrase) {
		_, err := fmt.Fprintf(env.Stdout, "%s: wrong passphrase\n", git.Printable(k.name))
		return errors.Join(err, verdict(exitFindings))
	}
	if err != nil {
		return err
	}
	defer private.Clear()
	if _, err := k.compare(private, o.force); err != nil {
		_, err := fmt.Fprintf(env.Stdout, "%s: the passphrase is right, but %[1]s.pub belongs to another key\n", git.Printable(k.name))
		return errors.Join(err, verdict(exitFindings))
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: the passphrase is right\n", git.Printable(k.name))
	return err
}
