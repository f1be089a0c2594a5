package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"keysweep/internal/git"
	"keysweep/internal/terminal"
	"keysweep/keys"
)

// keyFile is a private key file, and the .pub file beside it.
type keyFile struct {
	name string // as the user typed it
	path string
	info fs.FileInfo
	sum  [sha256.Size]byte // of what was read
	file *keys.File

	pub     *keys.Public // nil if there is no .pub file
	pubErr  error        // why it cannot be understood
	comment string       // of the .pub file
}

// readKeyFile reads a private key file without its passphrase.
func readKeyFile(env *Env, name string) (*keyFile, error) {
	k := &keyFile{name: name, path: absolute(env, name)}
	data, err := k.read(k.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("keysweep key list shows the keys there are", "there is no file %s", name)
	case err != nil:
		return nil, err
	}
	k.sum = sha256.Sum256(data)
	if k.file, err = keys.Parse(data); err != nil {
		return nil, k.noKey(err)
	}
	if k.file.Damage != nil {
		return nil, &hinted{fmt.Errorf("%s: the private key is damaged: %w", k.name, k.file.Damage), damageHint}
	}
	return k, k.readPub()
}

// damageHint is what to do about a damaged private key.
const damageHint = "bring it back from a backup (keysweep key restore); if there is none, make a new one (keysweep key generate)"

// read reads a regular file that is not too large for a key.
func (k *keyFile) read(path string) ([]byte, error) {
	info, err := os.Stat(path) // before it is opened: opening a FIFO waits
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, usagef("name a private key file", "%s is not a file but %s", k.name+strings.TrimPrefix(path, k.path), kindOfFile(info.Mode()))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	defer func() { _ = f.Close() }()
	if path == k.path {
		k.info = info
	}
	data, err := io.ReadAll(io.LimitReader(f, keys.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return data, nil
}

func kindOfFile(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	}
	return "something else"
}

func (k *keyFile) noKey(err error) error {
	if private, ok := strings.CutSuffix(k.name, ".pub"); ok && errors.Is(err, keys.ErrNoKey) {
		return usagef("name the private half: "+private, "%s is the public half of a key, which has no passphrase", k.name)
	}
	if errors.Is(err, keys.ErrNoKey) {
		return usagef("keysweep key inspect "+k.name+" says what it is", "%s: %w", k.name, err)
	}
	return fmt.Errorf("%s: %w", k.name, err)
}

// readPub reads the .pub file, if there is one.
func (k *keyFile) readPub() error {
	data, err := k.read(k.path + ".pub")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	public, comment, err := keys.ParsePublicLine(data)
	k.pub, k.comment, k.pubErr = &public, comment, err
	return nil
}

// passphraseTries is how often a person may mistype a passphrase.
const passphraseTries = 3

// unlock asks for the passphrase and opens the file. The caller clears both results.
func (k *keyFile) unlock(ctx context.Context, env *Env, o *passphraseOptions) (private *keys.Private, pass []byte, err error) {
	if !k.file.Protected() {
		private, err = k.open(ctx, env, k.file, nil)
		return private, nil, err
	}
	for try := 1; ; try++ {
		if pass, err = o.existing(ctx, env, "Passphrase for "+k.name); err != nil {
			return nil, nil, err
		}
		if private, err = k.open(ctx, env, k.file, pass); err == nil {
			return private, pass, nil
		}
		clear(pass)
		if !errors.Is(err, keys.ErrPassphrase) || o.given() || try == passphraseTries {
			return nil, nil, err
		}
		if _, err := fmt.Fprintf(env.Stderr, "That does not open %s. Try again.\n", git.Printable(k.name)); err != nil {
			return nil, nil, err
		}
	}
}

// open opens a file and stops waiting when ctx ends: a slow KDF cannot be stopped itself.
func (k *keyFile) open(ctx context.Context, env *Env, file *keys.File, pass []byte) (*keys.Private, error) {
	own := bytes.Clone(pass) // the caller clears its own even while this is still being worked on
	private, err := waiting(ctx, env, "Opening "+k.name+" ("+describeKDF(file.KDF)+")", func() (*keys.Private, error) {
		defer clear(own)
		return file.Open(own)
	})
	switch {
	case errors.Is(err, keys.ErrMismatch):
		return nil, fmt.Errorf("%s is damaged: %w", k.name, err)
	case errors.Is(err, keys.ErrPassphrase):
		return nil, fmt.Errorf("%s: %w", k.name, keys.ErrPassphrase)
	case err != nil && !errors.Is(err, context.Canceled):
		return nil, fmt.Errorf("%s: %w", k.name, err)
	}
	return private, err
}

// waiting does slow work with a spinner. When ctx ends first the work is left to itself: the program ends then.
func waiting[T any](ctx context.Context, env *Env, text string, work func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	stop := terminal.Spinner(env.Stderr, text, env.StderrTerminal)
	defer stop()
	go func() {
		value, err := work()
		done <- result{value, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case r := <-done:
		return r.value, r.err
	}
}

// describeKDF says in a few words what a KDF costs.
func describeKDF(kdf keys.KDF) string {
	switch {
	case kdf.Name == "":
		return "no passphrase"
	case kdf.MemoryKiB > 0:
		return fmt.Sprintf("%s, %d KiB, %s", kdf.Name, kdf.MemoryKiB, counted(kdf.Rounds, "round", "rounds"))
	case kdf.Rounds == 1:
		return kdf.Name + ", 1 round"
	}
	return fmt.Sprintf("%s, %d rounds", kdf.Name, kdf.Rounds)
}

// compare returns the key's public half, which the .pub file must hold too. A comment that the key's own file cannot hold is
// taken from there.
func (k *keyFile) compare(private *keys.Private, force bool) (keys.Public, error) {
	public, err := private.Public()
	if err != nil {
		return keys.Public{}, fmt.Errorf("%s: %w", k.name, err)
	}
	if k.pub == nil {
		return public, nil
	}
	fits := k.pubErr == nil && k.pub.Equal(public)
	if !fits && !force {
		return keys.Public{}, k.otherPub()
	}
	if fits && private.Comment == "" {
		private.Comment = k.comment
	}
	return public, nil
}

// otherPub says what is wrong with the .pub file.
func (k *keyFile) otherPub() error {
	const hint = "; nothing was changed" + hintMark + "make the right one with ssh-keygen -y -f %s > %[1]s.pub, or go on with --force, which leaves it as it is"
	if k.pubErr != nil {
		return fmt.Errorf("%s.pub cannot be compared: %w"+hint, k.name, k.pubErr, k.name)
	}
	return fmt.Errorf("%s.pub %w"+hint, k.name, errOtherPub, k.name)
}
