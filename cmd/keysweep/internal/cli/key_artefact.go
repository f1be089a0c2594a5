package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"filippo.io/age"
	"github.com/spf13/pflag"

	"keysweep/keys"
	"keysweep/keys/backup"
	"keysweep/keys/words"
)

// artefactOptions say what opens a backup.
type artefactOptions struct {
	identities []string          // files
	pass       passphraseOptions // of the backup
	identity   passphraseOptions // of an SSH key among the identities
}

func (o *artefactOptions) addFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.identities, "identity", nil, "open the backup with the age identity or the SSH private key in `FILE` (repeatable)")
	o.pass.addFlags(f, "backup-", "the backup's passphrase")
	o.identity.addFlags(f, "identity-", "the passphrase of the SSH key that is an identity")
}

func (o *artefactOptions) validate() error {
	return errors.Join(o.pass.validate(), o.identity.validate())
}

// readArtefact reads a backup: from files, from standard input ("-"), or as words that are entered on the terminal if nothing is
// named. The caller clears the result.
func readArtefact(ctx context.Context, env *Env, names []string) (*backup.Artefact, error) {
	if len(names) == 0 {
		typed, err := enterWords(ctx, env)
		if err != nil {
			return nil, err
		}
		defer clear(typed)
		return backup.Read(backup.Input{Data: typed})
	}
	var inputs []backup.Input
	defer func() {
		for _, in := range inputs {
			clear(in.Data)
		}
	}()
	for _, name := range names {
		data, err := readInput(ctx, env, name)
		if err != nil {
			return nil, err
		}
		in := backup.Input{Name: name, Data: data}
		if len(names) == 1 {
			in.Name = "" // the verdict names it already
		}
		inputs = append(inputs, in)
	}
	return backup.Read(inputs...)
}

// inputMost is the most that is read of one artefact, in bytes: photographs are the largest.
const inputMost = 64 << 20

// readInput reads one artefact. "-" is standard input; "/dev/fd/N", as shells write <(...), is that open file.
func readInput(ctx context.Context, env *Env, name string) ([]byte, error) {
	var from io.Reader
	switch {
	case name == "-" || name == "/dev/stdin":
		from = env.Stdin
		if f, ok := from.(*os.File); ok && isTerminal(f) {
			return nil, usagef("leave out the -, and be asked word by word", "standard input is a terminal")
		}
	default:
		f, err := openInput(env, name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(from, inputMost+1))
		done <- result{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("read backup: %s: %w", name, r.err)
		}
		return r.data, nil
	}
}

func openInput(env *Env, name string) (*os.File, error) {
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if n, ok := strings.CutPrefix(name, dir); ok {
			if fd, err := strconv.Atoi(n); err == nil && fd > 2 {
				return os.NewFile(uintptr(fd), name), nil
			}
		}
	}
	path := absolute(env, name)
	info, err := os.Stat(path) // before it is opened: opening a device can do things
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("name the backup's file, or leave it out to type words", "there is no file %s", name)
	case err != nil:
		return nil, fmt.Errorf("read backup: %w", err)
	case info.IsDir():
		return nil, usagef("name the files in it", "%s is a directory", name)
	case !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeNamedPipe:
		return nil, usagef("name the backup's file", "%s is no file", name)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	return f, nil
}

// open decrypts a backup. On a terminal a passphrase may be mistyped. The caller clears the result.
func (o *artefactOptions) open(ctx context.Context, env *Env, a *backup.Artefact) (*backup.Copy, error) {
	lock, locked, err := a.Lock()
	if err != nil {
		return nil, err
	}
	if !locked {
		return a.Open()
	}
	if !lock.Passphrase {
		ids, err := o.readIdentities(ctx, env, lock)
		if err != nil {
			return nil, err
		}
		return a.Open(ids...)
	}
	for try := 1; ; try++ {
		c, err := o.tryPassphrase(ctx, env, a)
		if !errors.Is(err, backup.ErrPassphrase) || o.pass.given() || try == passphraseTries {
			return c, err
		}
		if _, err := fmt.Fprintln(env.Stderr, "That does not open the backup. Try again."); err != nil {
			return nil, err
		}
	}
}

func (o *artefactOptions) tryPassphrase(ctx context.Context, env *Env, a *backup.Artefact) (*backup.Copy, error) {
	pass, err := o.pass.existing(ctx, env, "Passphrase of the backup")
	if err != nil {
		return nil, err
	}
	defer clear(pass)
	id, err := backup.ByPassphrase(pass)
	if err != nil {
		return nil, err
	}
	return waiting(ctx, env, "Opening the backup", func() (*backup.Copy, error) { return a.Open(id) })
}

// readIdentities reads what the flags name.
func (o *artefactOptions) readIdentities(ctx context.Context, env *Env, lock backup.Lock) (ids []age.Identity, err error) {
	if len(o.identities) == 0 {
		return nil, usagef("give it with --identity FILE", "the backup is encrypted to recipients (%s): it takes the identity of one", strings.Join(lock.Kinds, ", "))
	}
	for _, name := range o.identities {
		data, err := readInput(ctx, env, name)
		if err != nil {
			return nil, err
		}
		more, err := o.identitiesIn(ctx, env, name, data)
		clear(data)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

func (o *artefactOptions) identitiesIn(ctx context.Context, env *Env, name string, data []byte) ([]age.Identity, error) {
	file, err := keys.Parse(data)
	if err != nil {
		ids, err := backup.ByIdentities(data)
		if err != nil {
			return nil, usagef("an identity file of age-keygen, or an SSH private key", "--identity %s: %w", name, err)
		}
		return ids, nil
	}
	private, pass, err := (&keyFile{name: name, file: file}).unlock(ctx, env, &o.identity)
	clear(pass)
	if err != nil {
		return nil, err
	}
	id, err := backup.ByPrivate(private) // keeps the key: it is not cleared before it was used
	if err != nil {
		return nil, usagef("", "--identity %s: %w", name, err)
	}
	return []age.Identity{id}, nil
}

// artefactNames says in words what a backup is read from.
func artefactNames(names []string) string {
	if len(names) == 0 {
		return "these words"
	}
	return strings.Join(names, ", ")
}

// artefactProblem says in one word what is wrong with a backup, "" if the error is about something else.
func artefactProblem(err error) string {
	var different *backup.DifferentError
	var word *words.WordError
	var count *words.CountError
	var number *words.NumberError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &different):
		return "different key"
	case errors.Is(err, backup.ErrPassphrase), errors.Is(err, keys.ErrPassphrase):
		return "wrong passphrase"
	case errors.Is(err, backup.ErrIdentity):
		return "wrong identity"
	case errors.Is(err, backup.ErrUnknown):
		return "no backup"
	case backup.IsDamage(err), errors.Is(err, words.ErrChecksum), errors.As(err, &word), errors.As(err, &count), errors.As(err, &number):
		return "damaged"
	}
	return ""
}

// judged prints what is wrong with a backup, and turns that into exit code 1. Other errors stay what they are.
func judged(env *Env, what string, err error) error {
	problem := artefactProblem(err)
	if problem == "" {
		return err
	}
	text := strings.ReplaceAll(err.Error(), "\n", "\n  ")
	if strings.Contains(text, "\n") {
		text = "\n  " + text
	} else {
		text = " " + text
	}
	if _, err := fmt.Fprintf(env.Stdout, "%s: %s:%s\n", problem, what, text); err != nil {
		return err
	}
	return verdict(exitFindings)
}
