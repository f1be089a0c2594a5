package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"keysweep/internal/keyctl"
	"keysweep/internal/terminal"
	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// homeStore is what the store of every home can do.
type homeStore interface {
	rotation.Store
	// ID tells the ledger from others: random, and the same for as long as it is there.
	ID() string
	// Notes returns what a person should know of how the ledger was found, in whole sentences; usually nothing.
	Notes() []string
}

// homePlace is a home of the ledger as a command reaches it.
type homePlace interface {
	// describe says where it is, in a few words.
	describe() string
	// exists reports whether there is a ledger.
	exists(ctx context.Context) (bool, error)
	// missing says why none should be made although there is none: traces of one that is gone.
	missing(ctx context.Context) error
	// ready says why prepare cannot get what it takes, if that is known before anybody is asked.
	ready() error
	// prepare gets what it takes to make a ledger, before anything is locked: a new passphrase, for instance.
	prepare(ctx context.Context) error
	// create makes a ledger; prepare came before. If there is one it is errLedgerThere.
	create(ctx context.Context) (homeStore, error)
	// open opens the ledger. If there is none it is errNoneThere.
	open(ctx context.Context) (homeStore, error)
	// retire takes a ledger that was moved elsewhere away; with keep it stays, where it is not taken for the one that counts.
	retire(ctx context.Context, id string, keep bool) error
}

var (
	// errLedgerThere says that there is a ledger where one was to be made.
	errLedgerThere = errors.New("there is a ledger already")
	// errNoneThere says that there is no ledger in a home.
	errNoneThere = errors.New("there is no ledger")
)

// filesPlace is the home of encrypted files.
type filesPlace struct {
	env   *Env
	where filestore.Options
	pass  *passphraseOptions
	asked []byte // the new passphrase
	// optional says that the command can do without a ledger.
	optional bool
	// afresh wants the passphrase also where the ledger is unlocked.
	afresh bool
}

func (p *filesPlace) describe() string { return "encrypted files in " + p.where.Dir }

func (p *filesPlace) exists(context.Context) (bool, error) { return filestore.Exists(p.where.Dir) }

func (p *filesPlace) missing(context.Context) error { return filestore.Missing(p.where) }

func (p *filesPlace) ready() error { return p.without(p.pass.check(p.env)) }

// prepare asks for the passphrase of a ledger that is to be made.
func (p *filesPlace) prepare(ctx context.Context) (err error) {
	q := freshQuestion{Prompt: "New passphrase for the ledger", Known: []string{"keysweep", "ledger", p.env.LoginName(), p.env.Hostname}}
	if p.optional {
		q.Instead = "do without the ledger: --no-ledger"
	}
	p.asked, err = p.pass.fresh(ctx, p.env, q)
	return p.without(err)
}

func (p *filesPlace) create(ctx context.Context) (homeStore, error) {
	defer p.forget()
	store, err := filestore.Create(ctx, p.where, p.asked)
	if errors.Is(err, filestore.ErrExists) {
		return nil, errLedgerThere
	}
	if err != nil {
		return nil, err
	}
	return store, nil
}

func (p *filesPlace) forget() {
	clear(p.asked)
	p.asked = nil
}

// open opens a ledger that is unlocked, and asks for the passphrase of another until it is right, or was wrong too often.
func (p *filesPlace) open(ctx context.Context) (homeStore, error) {
	if exists, err := p.exists(ctx); err != nil || !exists {
		return nil, cmp.Or(err, errNoneThere)
	}
	if store, err := p.openUnlocked(ctx); store != nil || err != nil {
		return store, err
	}
	for try := 1; ; try++ {
		store, err := p.unlock(ctx)
		if err == nil {
			return store, nil
		}
		if !errors.Is(err, rotation.ErrLocked) || p.pass.given() || try == ledgerTries {
			return nil, err
		}
		if _, err := fmt.Fprintln(p.env.Stderr, "That is not the ledger's passphrase."); err != nil {
			return nil, err
		}
	}
}

func (p *filesPlace) unlock(ctx context.Context) (*filestore.Store, error) {
	secret, err := p.pass.existing(ctx, p.env, "Passphrase of keysweep's ledger")
	if errors.Is(err, terminal.ErrNone) && !p.afresh && runtime.GOOS == "linux" {
		err = usagef(alsoHint(err, "unlock it for some hours on a terminal: keysweep ledger unlock"), "%w", err)
	}
	if err != nil {
		return nil, p.without(err)
	}
	defer clear(secret)
	return filestore.Open(ctx, p.where, secret)
}

// without adds to the hint of an error about the passphrase that one can do without a ledger.
func (p *filesPlace) without(err error) error {
	if !p.optional || errors.Is(err, context.Canceled) || !isUsage(err) {
		return err
	}
	return usagef(alsoHint(err, "do without the ledger: --no-ledger"), "%w", err)
}

// retire moves the directory aside, so that nothing takes it for the ledger, and then takes it away or leaves it there.
func (p *filesPlace) retire(_ context.Context, id string, keep bool) error {
	aside := p.aside(id)
	err := os.Rename(p.where.Dir, aside)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take the old ledger away: %w", err)
	}
	if err := forgetAnchor(p.where.Anchor); err != nil {
		return err
	}
	_, _ = keyctl.Remove(unlockedName(id)) // where there is no kernel's keyring there is nothing in it
	if keep {
		return nil
	}
	if err := os.RemoveAll(aside); err != nil {
		return fmt.Errorf("take the old ledger away: %w", err)
	}
	return nil
}

// forgetAnchor takes away what remembers the newest state of a ledger that counts no more.
func forgetAnchor(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take the old ledger away: %w", err)
	}
	return nil
}

// aside is where the directory of a ledger goes that was moved to another home.
func (p *filesPlace) aside(id string) string { return p.where.Dir + ".moved-" + id[:min(len(id), 8)] }

// filesHome returns the home of encrypted files, with the flags that its passphrase comes from.
func filesHome(env *Env, pass *passphraseOptions, optional bool) (*filesPlace, error) {
	where, err := ledgerPlace(env)
	return &filesPlace{env: env, where: where, pass: pass, optional: optional}, err
}

// leftAside returns the directories of file ledgers that were moved to another home and kept.
func leftAside(env *Env) []string {
	where, err := ledgerPlace(env)
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(filepath.Dir(where.Dir))
	if err != nil {
		return nil
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), filepath.Base(where.Dir)+".moved-") {
			dirs = append(dirs, filepath.Join(filepath.Dir(where.Dir), e.Name()))
		}
	}
	return dirs
}
