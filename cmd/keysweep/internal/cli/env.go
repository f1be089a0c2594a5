package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/user"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"keysweep/internal/harden"
	"keysweep/internal/keyring"
	"keysweep/internal/keyring/guard"
	"keysweep/internal/terminal"
)

// Env is everything a command sees of the world around the process. Tests make their own.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        []string // as of os.Environ
	Dir            string   // working directory, absolute
	Executable     string   // path of this program
	Now            func() time.Time
	StdoutTerminal bool
	StderrTerminal bool
	Width          int // columns of the terminal; 0 if there is none
	// OpenTerminal opens the controlling terminal, to ask a person; nil where there is none. Use Terminal.
	OpenTerminal func() (*terminal.Terminal, error)
	Home         string       // of the user, absolute; "" if unknown
	Username     string       // the login name; "" if it was not looked for: use LoginName
	Hostname     string       // of this machine; "" if unknown
	Harden       func() error // switches off core dumps before a command handles secrets; nil in tests, which share a process
	LedgerWork   int          // work factor of scrypt for a ledger that is made; 0 is the usual second
	Version      string
	Commit       string

	begun   *begunRing                    // see beginRing
	endings []func(context.Context) error // see later
}

// System returns the process's own environment. version and commit are what the linker was told; if it was told nothing, the
// build information of the binary says.
func System(version, commit string) Env {
	_ = guard.Restore()                           // names that are valid cannot fail
	if keyring.Asked(os.Args[1:], os.Environ()) { // somebody waits for it, and it needs nothing else
		return Env{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Harden: harden.Process}
	}
	exe, _ := os.Executable()
	env := Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(),
		Executable: exe, Now: time.Now, OpenTerminal: terminal.Open, Harden: harden.Process, Version: version, Commit: commit,
	}
	env.Home, _ = os.UserHomeDir() // what is not known is said where it is needed
	if asksRing(env.Args) {
		env.begun = beginRing(&env) // it starts while the rest is found out
	}
	env.Dir, _ = os.Getwd() // "" makes what needs it fail with a message of its own
	env.StdoutTerminal, env.StderrTerminal = isTerminal(os.Stdout), isTerminal(os.Stderr)
	env.Hostname, _ = os.Hostname()
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		env.Width = w
	}
	env.fromBuildInfo()
	return env
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

func (e *Env) fromBuildInfo() {
	info, ok := debug.ReadBuildInfo()
	if e.Version == "" {
		e.Version = "devel"
		if ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
			e.Version = info.Main.Version
		}
	}
	if e.Commit == "" && ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				e.Commit = s.Value
			}
		}
	}
}

// LoginName returns the login name, "" if it is unknown. The user database is read when it is first asked for.
func (e *Env) LoginName() string {
	if e.Username == "" {
		e.Username = e.username()
	}
	return e.Username
}

// username returns the login name as ssh-keygen would put it in a comment. The user database comes first: su and sudo leave
// variables of another user behind.
func (e *Env) username() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		_, name, found := strings.Cut(u.Username, `\`) // DOMAIN\name on Windows
		if found {
			return name
		}
		return u.Username
	}
	for _, name := range []string{"USER", "LOGNAME", "USERNAME"} {
		if value := e.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}

// Terminal opens the controlling terminal, or fails with terminal.ErrNone. The caller closes it.
func (e *Env) Terminal() (*terminal.Terminal, error) {
	if e.OpenTerminal == nil {
		return nil, terminal.ErrNone
	}
	return e.OpenTerminal()
}

// handlesSecrets is called by every command that has passphrases or private keys in memory, before it has any.
func (e *Env) handlesSecrets() error {
	if e.Harden == nil {
		return nil
	}
	return e.Harden()
}

// later has work done when the command is over, however it ended: what was asked for last is done first.
func (e *Env) later(work func(context.Context) error) { e.endings = append(e.endings, work) }

// finish does what later was asked for, interrupted or not.
func (e *Env) finish(ctx context.Context) (err error) {
	for _, work := range slices.Backward(e.endings) {
		err = errors.Join(err, work(context.WithoutCancel(ctx)))
	}
	return err
}

// Getenv returns the value of an environment variable, "" if it is not set.
func (e *Env) Getenv(name string) string {
	for i := len(e.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(e.Environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}
