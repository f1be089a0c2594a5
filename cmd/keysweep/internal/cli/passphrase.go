package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"keysweep/internal/terminal"
)

// passphraseOptions say where one passphrase comes from. There is no flag and no variable that holds a passphrase itself:
// command lines are seen by every process of the machine, environments by every child.
type passphraseOptions struct {
	prefix string // of the flags: "", "new-", "ledger-", "backup-"
	what   string // in messages: "the key's passphrase"
	fd     int    // -1 if not given
	file   string
	stored string // name of a passphrase that the ledger keeps

	variable string // of the environment, which names a file as well; "" if none does

	generate bool
	// fromLedger gets a passphrase that the ledger keeps; nil where the ledger has no part.
	fromLedger func(ctx context.Context, name string) ([]byte, error)
}

// addFlags adds the flags of a source: --PREFIXpassphrase-fd and --PREFIXpassphrase-file, and --PREFIXpassphrase-ledger if
// fromLedger is set. what is the passphrase in words, with an article: "the key's passphrase".
func (o *passphraseOptions) addFlags(f *pflag.FlagSet, prefix, what string) {
	o.prefix, o.what = prefix, what
	f.IntVar(&o.fd, prefix+"passphrase-fd", -1, "read "+what+" from file descriptor `N`")
	f.Lookup(prefix + "passphrase-fd").DefValue = "0" // the help is not to show a default of -1
	f.StringVar(&o.file, prefix+"passphrase-file", "", "read "+what+" from `FILE`, which nobody else may read")
	if o.fromLedger != nil {
		f.StringVar(&o.stored, prefix+"passphrase-ledger", "", "take "+what+" from the ledger, where it is kept under `NAME`")
	}
}

// addGenerateFlag adds --generate-passphrase, for commands that call fresh.
func (o *passphraseOptions) addGenerateFlag(f *pflag.FlagSet) {
	f.BoolVar(&o.generate, "generate-passphrase", false, "make a passphrase of six random words, and show it once on the terminal")
}

// given reports whether a flag names the source, so that asking again makes no sense.
func (o *passphraseOptions) given() bool { return o.fd >= 0 || o.file != "" || o.stored != "" }

func (o *passphraseOptions) validate() error {
	sources := 0
	for _, set := range []bool{o.fd >= 0, o.file != "", o.stored != "", o.generate} {
		if set {
			sources++
		}
	}
	if sources > 1 {
		return usagef("give one of them", "%s has more than one source", o.what)
	}
	if o.fd == 1 || o.fd == 2 {
		return usagef("for example: --"+o.prefix+"passphrase-fd 3 3< <(pass show NAME)", "--%spassphrase-fd %d is output, not input", o.prefix, o.fd)
	}
	return nil
}

// check refuses what cannot work, before anything is asked or done: two sources, or none and no terminal.
func (o *passphraseOptions) check(env *Env) error {
	if err := o.validate(); err != nil {
		return err
	}
	if o.given() || !o.generate && useAskpass(env, false) {
		return nil
	}
	t, err := env.Terminal()
	if err == nil {
		return t.Close()
	}
	if o.generate {
		return usagef("run it on a terminal, or give a passphrase with --"+o.prefix+"passphrase-file", "--generate-passphrase needs a terminal to show it: %w", err)
	}
	if useAskpass(env, true) {
		return nil
	}
	return o.noSource(err)
}

// existing gets a passphrase that is already in use, and asks for it once: whether it is right only the caller can tell.
// The caller clears it.
func (o *passphraseOptions) existing(ctx context.Context, env *Env, prompt string) ([]byte, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	if o.given() {
		return o.fromFlag(ctx, env)
	}
	a, err := o.asker(env)
	if err != nil {
		return nil, err
	}
	defer a.close()
	pass, err := a.ask(ctx, prompt)
	if err == nil && len(pass) == 0 {
		err = terminal.ErrNothing
	}
	return pass, o.describe(err)
}

// describe says which passphrase could not be had.
func (o *passphraseOptions) describe(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return usagef(hintOf(err), "%s: %w", o.what, err)
}

func (o *passphraseOptions) noSource(err error) error {
	also := ""
	if o.variable != "" {
		also = ", name FILE in " + o.variable
	}
	return usagef(fmt.Sprintf("give it with --%spassphrase-fd N or --%[1]spassphrase-file FILE%s, or set SSH_ASKPASS and SSH_ASKPASS_REQUIRE=force", o.prefix, also),
		"cannot ask for %s: %w", o.what, err)
}

// asker asks a person: on the terminal, or through SSH_ASKPASS.
type asker struct {
	ask   func(ctx context.Context, prompt string) ([]byte, error)
	say   func(text string) error
	close func()
}

func (o *passphraseOptions) asker(env *Env) (*asker, error) {
	if useAskpass(env, false) {
		return askpassAsker(env), nil
	}
	t, err := env.Terminal()
	if err != nil && useAskpass(env, true) {
		return askpassAsker(env), nil
	}
	if err != nil {
		return nil, o.noSource(err)
	}
	return &asker{ask: func(ctx context.Context, prompt string) ([]byte, error) { return t.ReadPassphrase(ctx, prompt+": ") },
		say: t.Print, close: func() { _ = t.Close() }}, nil
}

// useAskpass follows ssh(1), SSH_ASKPASS_REQUIRE. noTerminal says that there is no other way.
func useAskpass(env *Env, noTerminal bool) bool {
	if env.Getenv("SSH_ASKPASS") == "" {
		return false
	}
	screen := env.Getenv("DISPLAY") != "" || env.Getenv("WAYLAND_DISPLAY") != ""
	switch strings.ToLower(env.Getenv("SSH_ASKPASS_REQUIRE")) {
	case "force":
		return true
	case "prefer":
		return screen
	case "never":
		return false
	}
	return noTerminal && screen
}
