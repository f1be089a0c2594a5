package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"keysweep/internal/git"
	"keysweep/internal/openssh"
	"keysweep/keys"
	"keysweep/keys/deploy"
)

// hostOptions are the flags of commands that go to other machines.
type hostOptions struct {
	via       string
	viaPass   passphraseOptions
	config    string
	acceptNew bool
	jobs      int
	timeout   time.Duration
}

func (o *hostOptions) addFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.via, "via", "i", "", "log in with this private `KEY` to make the change (default: as ssh would)")
	o.viaPass.addFlags(f, "via-", "the passphrase of the key to log in with")
	f.StringVarP(&o.config, "ssh-config", "F", "", "configuration `FILE` for ssh instead of ~/.ssh/config")
	f.BoolVar(&o.acceptNew, "accept-new", false, "take the host key of a host that was never seen on trust")
	f.IntVar(&o.jobs, "jobs", 8, "how many hosts at a time")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "how long one host may take")
}

func (o *hostOptions) validate() error {
	switch {
	case o.jobs < 1:
		return usagef("for example: --jobs 4", "--jobs must be at least 1")
	case o.timeout <= 0:
		return usagef("for example: --timeout 30s", "--timeout must be positive")
	case o.via == "" && o.viaPass.given():
		return usagef("name it with --via KEY", "a passphrase is given for a key to log in with, but no key")
	}
	return o.viaPass.validate()
}

func (o *hostOptions) tools(env *Env) *openssh.Tools {
	t := &openssh.Tools{Environ: env.Environ, Self: env.Executable, AcceptNew: o.acceptNew}
	if o.config != "" {
		t.Config = absolute(env, o.config)
	}
	return t
}

// viaKey returns the key to log in with, or nil. Its passphrase is asked for where no agent can stand in.
func (o *hostOptions) viaKey(ctx context.Context, env *Env) (*openssh.Key, error) {
	if o.via == "" {
		return nil, nil
	}
	path := absolute(env, strings.TrimSuffix(o.via, ".pub"))
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("name a private key file", "--via: %w", err)
	}
	defer clear(data)
	file, err := keys.Parse(data)
	if err != nil {
		return nil, usagef("name a private key file", "--via %s: %w", o.via, err)
	}
	key := &openssh.Key{File: path}
	if file.Protected() && (o.viaPass.given() || env.Getenv("SSH_AUTH_SOCK") == "") {
		key.Passphrase, err = provenPassphrase(ctx, env, &o.viaPass, file, "Passphrase of "+o.via)
	}
	return key, err
}

// provenPassphrase gets a key's passphrase and sees that it is right, asking again where a person got it wrong.
func provenPassphrase(ctx context.Context, env *Env, o *passphraseOptions, file *keys.File, prompt string) ([]byte, error) {
	const tries = 3
	for try := 1; ; try++ {
		pass, err := o.existing(ctx, env, prompt)
		if err != nil {
			return nil, err
		}
		private, err := file.Open(pass)
		if err == nil {
			private.Clear()
			return pass, nil
		}
		clear(pass)
		if !errors.Is(err, keys.ErrPassphrase) || o.given() || try == tries {
			return nil, fmt.Errorf("%s: %w", o.what, err)
		}
		if _, err := fmt.Fprintln(env.Stderr, "That is not the key's passphrase."); err != nil {
			return nil, err
		}
	}
}

// remote is an account on another machine, entered in one way and tried with one key.
type remote struct {
	tools  *openssh.Tools
	target openssh.Target
	via    *openssh.Key
	key    openssh.Key // the one that is deployed
}

// Run is deploy.Host's.
func (r *remote) Run(ctx context.Context, script []byte) ([]byte, error) {
	out, err := r.tools.Run(ctx, r.target, script, openssh.RunOptions{Via: r.via})
	var e *openssh.Error
	if errors.As(err, &e) && e.Class == openssh.RemoteFailed {
		return out, fmt.Errorf("%w: %w", deploy.ErrNoAnswer, err)
	}
	return out, err
}

// Try is deploy.Host's.
func (r *remote) Try(ctx context.Context) (deploy.Outcome, error) {
	outcome, err := r.tools.Try(ctx, r.target, r.key)
	switch outcome {
	case openssh.LoggedIn:
		return deploy.LoggedIn, err
	case openssh.KeyAccepted:
		return deploy.Accepted, err
	}
	return deploy.Refused, err
}

// parseTargets reads the hosts of a command line, each once.
func parseTargets(args []string) (targets []openssh.Target, err error) {
	for _, arg := range args {
		t, err := openssh.ParseTarget(arg)
		if err != nil {
			return nil, usagef("for example: ann@web1.example.org, or ann@web1:2222", "%w", err)
		}
		if !slices.Contains(targets, t) {
			targets = append(targets, t)
		}
	}
	return targets, nil
}

// eachHost calls do for every target, some at a time, each with its time limit, and say with each result, one at a time. It
// returns the first error of say, or the context's.
func eachHost[R any](ctx context.Context, o *hostOptions, targets []openssh.Target, do func(context.Context, openssh.Target) R, say func(int, R) error) error {
	type result struct {
		i int
		r R
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan result)
	slots := make(chan struct{}, o.jobs)
	var running sync.WaitGroup
	for i, target := range targets {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			limited, done := context.WithTimeout(ctx, o.timeout)
			defer done()
			results <- result{i, do(limited, target)}
		})
	}
	go func() {
		running.Wait()
		close(results)
	}()
	var first error
	for r := range results {
		if err := say(r.i, r.r); err != nil && first == nil {
			first = err
			cancel()
		}
	}
	if first == nil {
		first = ctx.Err()
	}
	return first
}

// trouble prints what went wrong with hosts, each hint once.
type trouble struct {
	env    *Env
	hinted map[string]bool
	failed int
}

// say prints an error that belongs to a target. That somebody interrupts is said once, at the end.
func (t *trouble) say(target openssh.Target, err error) error {
	t.failed++
	var unfinished *deploy.UnfinishedError
	if errors.Is(err, context.Canceled) && !errors.As(err, &unfinished) {
		return nil
	}
	text := git.Printable(err.Error())
	if !strings.HasPrefix(text, target.String()+": ") {
		text = target.String() + ": " + text
	}
	if _, err := fmt.Fprintln(t.env.Stderr, "keysweep: "+text); err != nil {
		return err
	}
	hint := hintOf(err)
	if hint == "" || t.hinted[hint] {
		return nil
	}
	if t.hinted == nil {
		t.hinted = map[string]bool{}
	}
	t.hinted[hint] = true
	_, err = fmt.Fprintln(t.env.Stderr, "hint: "+git.Printable(hint))
	return err
}

// verdict is exit code 3 if anything went wrong.
func (t *trouble) verdict() error {
	if t.failed > 0 {
		return verdict(exitIncomplete)
	}
	return nil
}
