package cli

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"

	"keysweep/internal/keyring"
	"keysweep/rotation/ringstore"
)

// keyringsOf are the keyrings that a system can have.
func keyringsOf(goos string) []string { return keyring.Backends(goos) }

// allKeyrings are the homes that are keyrings, on any system.
func allKeyrings() (all []string) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		all = append(all, keyring.Backends(goos)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ringAnchor is where the newest state of a ledger in a keyring is remembered.
func ringAnchor(env *Env, ring string) (string, error) {
	return stateFile(env, "ledger-anchor-"+ring+".json")
}

// ringPlace is a home in a keyring.
type ringPlace struct {
	client *keyring.Client
	where  ringstore.Options
}

// ringHome starts what reaches a keyring; it ends with the command.
func ringHome(ctx context.Context, env *Env, ring string) (*ringPlace, error) {
	anchor, err := ringAnchor(env, ring)
	if err != nil {
		return nil, err
	}
	lock, err := stateFile(env, "ledger-"+ring+".lock")
	if err != nil {
		return nil, err
	}
	where := ringstore.Options{Lock: lock, Anchor: anchor}
	begun := env.begun
	if env.begun = nil; begun != nil && begun.client.Backend() == ring {
		where.Ring, where.Ahead = begun.client, begun.items
		return &ringPlace{begun.client, where}, nil
	}
	client, err := startRing(ctx, env, keyring.Options{Backend: ring})
	if err != nil {
		return nil, err
	}
	where.Ring = client
	return &ringPlace{client, where}, nil
}

// begunRing is a keyring that is being looked for while the command makes ready to ask it.
type begunRing struct {
	client *keyring.Client
	items  []string // of the ledger, that are read together with what opening it takes
}

// asksRing reports whether arguments are likely to be those of a command that reads the ledger and is to be quick: run with --env.
func asksRing(args []string) bool {
	if len(args) == 0 || args[0] != "run" {
		return false
	}
	for _, arg := range args {
		if arg == "--" {
			return false
		}
		if strings.HasPrefix(arg, "-e") || strings.HasPrefix(arg, "--env=") || arg == "--env" {
			return true
		}
	}
	return false
}

// beginRing starts what reaches the keyring that the home file names, if it names one: that takes some milliseconds. What is wrong is
// said by who opens the ledger. It returns nil if there is nothing to start.
func beginRing(env *Env) *begunRing {
	if env.begun != nil {
		return env.begun
	}
	home, err := readHome(env)
	if err != nil || home == nil || !slices.Contains(keyringsOf(runtime.GOOS), home.Home) {
		return nil
	}
	client, err := keyring.Begin(keyring.Options{Backend: home.Home, Executable: env.Executable, Environ: env.Environ})
	if err != nil {
		return nil
	}
	env.later(func(context.Context) error { return client.Close() })
	env.begun = &begunRing{client: client}
	return env.begun
}

// end says that nothing more will be asked of the keyring, so that what reaches it ends meanwhile.
func (r *begunRing) end() {
	if r != nil {
		r.client.End()
	}
}

// startRing starts the child that talks to a keyring.
func startRing(ctx context.Context, env *Env, o keyring.Options) (*keyring.Client, error) {
	o.Executable, o.Environ = env.Executable, env.Environ
	client, err := keyring.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	env.later(func(context.Context) error { return client.Close() })
	return client, nil
}

func (p *ringPlace) describe() string { return p.client.Describe() }

func (p *ringPlace) exists(ctx context.Context) (bool, error) { return ringstore.Exists(ctx, p.where) }

func (p *ringPlace) missing(ctx context.Context) error { return ringstore.Missing(ctx, p.where) }

func (p *ringPlace) ready() error { return nil }

func (p *ringPlace) prepare(context.Context) error { return nil }

func (p *ringPlace) create(ctx context.Context) (homeStore, error) {
	store, err := ringstore.Create(ctx, p.where)
	if errors.Is(err, ringstore.ErrExists) {
		return nil, errLedgerThere
	}
	if err != nil {
		return nil, err
	}
	return store, nil
}

func (p *ringPlace) open(ctx context.Context) (homeStore, error) {
	store, err := ringstore.Open(ctx, p.where)
	if errors.Is(err, ringstore.ErrNone) {
		return nil, errNoneThere
	}
	if err != nil {
		return nil, err
	}
	return store, nil
}

// retire takes every item of ours out of the keyring. What is kept bears the mark movedAway.
func (p *ringPlace) retire(ctx context.Context, _ string, keep bool) error {
	if !keep {
		if err := ringstore.Destroy(ctx, p.where); err != nil {
			return err
		}
	}
	return forgetAnchor(p.where.Anchor)
}
