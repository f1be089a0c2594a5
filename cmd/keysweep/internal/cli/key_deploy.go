package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/internal/openssh"
	"keysweep/keys/authorized"
	"keysweep/keys/deploy"
	"keysweep/rotation"
)

// deployOptions are what key deploy was told.
type deployOptions struct {
	expireAfter, expires string
	requireExpiry        bool
	from, like           string
	list, dryRun         bool
	format               string
	host                 hostOptions
	pass                 passphraseOptions
	ledger               ledgerOptions
}

func newKeyDeployCommand(env *Env) *cobra.Command {
	var o deployOptions
	c := &cobra.Command{
		Use:   "deploy KEY USER@HOST[:PORT]...",
		Short: "Install a public key on other machines, and prove that it logs in",
		Long: "Add the public half of a key to ~/.ssh/authorized_keys of accounts on other machines, over the system's ssh, and log in with\n" +
			"that key alone to prove it. KEY is a private key file, its .pub, or a name of the ledger; the private half never leaves this\n" +
			"machine. The file there is replaced whole or not at all, and only if nobody changed it meanwhile. If the server refuses the\n" +
			"key, what was added is taken back. Doing it again changes nothing. With a .pub alone, the server is asked whether it would\n" +
			"accept the key.\n\n" +
			"With an expiry date the server itself refuses the key afterwards. Servers older than OpenSSH 9.1 get the date in a form that may\n" +
			"end up to a day later; those older than 7.7 know no such date, and the key is installed without (see --require-expiry).",
		Example: `  keysweep key deploy ~/.ssh/id_github.pub ann@web1 ann@web2:2222
  keysweep key deploy backup root@nas --via ~/.ssh/id_old --expire-after 90d+14d
  keysweep key deploy new ann@web1 --like ~/.ssh/id_old.pub --from '192.0.2.*,*.example.org'
  keysweep key deploy --list ann@web1             what is installed there`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runDeploy(c.Context(), env, &o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.expireAfter, "expire-after", "", "have the server refuse the key at this `AGE`: 90d, 12w, 90d+14d (from when the ledger says it was made, or from now)")
	f.StringVar(&o.expires, "expires", "", "have the server refuse the key after this `DATE`: 2027-03-31 (the end of that day, UTC)")
	f.BoolVar(&o.requireExpiry, "require-expiry", false, "take the key back from a server that knows no expiry dates")
	f.StringVar(&o.from, "from", "", "let the key in only from these `PATTERNS` of addresses and names, as in sshd(8)")
	f.StringVar(&o.like, "like", "", "take the options that this other `KEY` has there over (command=, from=, ...)")
	f.BoolVar(&o.list, "list", false, "list the keys that the hosts let in, and change nothing (without KEY)")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would be changed, and change nothing")
	f.StringVarP(&o.format, "format", "f", "text", "format of --list: text, json, csv")
	o.host.addFlags(f)
	o.pass.addFlags(f, "", "the passphrase of the key that is deployed")
	o.ledger.addFlags(f)
	return c
}

func runDeploy(ctx context.Context, env *Env, o *deployOptions, args []string) error {
	if err := o.validate(args); err != nil {
		return err
	}
	if o.list {
		return runDeployList(ctx, env, o, args)
	}
	s, ledger, targets, err := subjectAndTargets(ctx, env, &o.ledger, args)
	if err != nil {
		return err
	}
	if err := deployable(ctx, s, ledger, env); err != nil {
		return err
	}
	d := deployment{env: env, o: o, subject: s, ledger: ledger, targets: targets, trouble: trouble{env: env}}
	if d.request, err = o.request(ctx, env, s, ledger); err != nil {
		return err
	}
	if o.dryRun {
		return d.preview(ctx)
	}
	return d.run(ctx)
}

func (o *deployOptions) validate(args []string) error {
	switch {
	case !o.list && len(args) < 2:
		return usagef("for example: keysweep key deploy "+shellWord(args[0])+" ann@web1", "no host is named")
	case o.expireAfter != "" && o.expires != "":
		return usagef("give one of them", "--expire-after and --expires cannot be combined")
	case o.requireExpiry && o.expireAfter == "" && o.expires == "":
		return usagef("for example: --expire-after 90d", "--require-expiry needs an expiry date")
	case strings.ContainsAny(o.from, " \t\r\n\"\\"):
		return usagef("for example: --from '192.0.2.*,!192.0.2.7,*.example.org'", "--from: patterns stand with commas between them, without white space and quotation marks")
	case o.list && o.dryRun:
		return usagef("", "--list changes nothing: --dry-run makes no sense with it")
	}
	if err := o.host.validate(); err != nil {
		return err
	}
	return o.pass.validate()
}

// deployable refuses keys that must not be installed anywhere.
func deployable(ctx context.Context, s *subject, ledger *rotation.Ledger, env *Env) error {
	if s.public == nil {
		return usagef("name its .pub file", "%s: the ledger knows its fingerprint, but its file is not here", s.ref)
	}
	if ledger == nil {
		return nil
	}
	grave, err := ledger.Buried(ctx, s.fingerprint)
	if err == nil {
		return refuseBuried(env, &rotation.BuriedError{Tombstone: grave, Name: s.ref})
	}
	if errors.Is(err, rotation.ErrNotFound) {
		return nil
	}
	return err
}

// request says what is to be installed.
func (o *deployOptions) request(ctx context.Context, env *Env, s *subject, ledger *rotation.Ledger) (r deploy.Request, err error) {
	r = deploy.Request{Public: *s.public, Strict: o.requireExpiry}
	if r.Comment, err = s.installedComment(); err != nil {
		return r, err
	}
	if r.Expires, err = o.expiry(env.Now(), s); err != nil {
		return r, err
	}
	if o.from != "" {
		r.Options = authorized.Options{{Name: "from", Value: o.from, Valued: true}}
	}
	if o.like != "" {
		like, err := findSubject(ctx, env, ledger, o.like)
		if err != nil {
			return r, fmt.Errorf("--like: %w", err)
		}
		if like.public == nil {
			return r, usagef("name its .pub file", "--like %s: its file is not here", o.like)
		}
		r.Like = like.public
	}
	return r, nil
}

// deployment is a key on its way to hosts.
type deployment struct {
	env     *Env
	o       *deployOptions
	subject *subject
	ledger  *rotation.Ledger
	targets []openssh.Target
	request deploy.Request
	trouble trouble
	key     openssh.Key
	via     *openssh.Key
	outcome []installed // as targets
}

// installed is what became of one host.
type installed struct {
	deploy.Result
	err error
}

// absent reports whether it is known that the host does not have the key because of us.
func (i installed) absent() bool {
	var unfinished *deploy.UnfinishedError
	var refused *deploy.RefusedError
	switch {
	case i.err == nil, errors.As(i.err, &unfinished):
		return false
	case errors.As(i.err, &refused):
		return refused.TakenBack
	}
	return true
}

func (d *deployment) host(target openssh.Target) deploy.Host {
	return &remote{d.o.host.tools(d.env), target, d.via, d.key}
}

// prepare gets the keys to log in with.
func (d *deployment) prepare(ctx context.Context) (done func(), err error) {
	if d.via, err = d.o.host.viaKey(ctx, d.env); err != nil {
		return nil, err
	}
	if d.subject.private == "" {
		d.key, done, err = d.subject.publicFile()
		return done, err
	}
	d.key.File = d.subject.private
	d.key.Passphrase, err = d.subject.passphrase(ctx, d.env, &d.o.pass)
	if err != nil && isUsage(err) && !d.o.pass.given() {
		err = usagef(alsoHint(err, "deploy its .pub file: then the server is only asked whether it would accept the key"), "%w", err)
	}
	return func() { clear(d.key.Passphrase) }, err
}

func (d *deployment) run(ctx context.Context) error {
	done, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := d.recordIntent(ctx); err != nil {
		return err
	}
	d.outcome = make([]installed, len(d.targets))
	for i := range d.outcome {
		d.outcome[i].err = &deploy.UnfinishedError{What: "not finished", Err: context.Canceled}
	}
	err = eachHost(ctx, &d.o.host, d.targets, func(ctx context.Context, target openssh.Target) installed {
		result, err := deploy.Install(ctx, d.host(target), d.request)
		return installed{result, err}
	}, func(i int, r installed) error {
		d.outcome[i] = r
		return d.say(d.targets[i], r)
	})
	if recordErr := d.recordOutcome(context.WithoutCancel(ctx)); recordErr != nil {
		return errors.Join(err, recordErr)
	}
	if err != nil {
		return err
	}
	return d.trouble.verdict()
}

// say prints what became of one host.
func (d *deployment) say(target openssh.Target, r installed) error {
	if r.err != nil {
		return d.trouble.say(target, r.err)
	}
	text := "already installed"
	if r.Changed {
		text = "installed"
	}
	switch {
	case r.Outcome == deploy.LoggedIn:
		text += ", and it logs in"
	case d.subject.private == "":
		text += ", and the server accepts it; a login is not proven, as only its public half is here"
	default:
		text += ", and the server accepts it; a login is not proven"
	}
	if !d.request.Expires.IsZero() && r.Expiry != deploy.ExpiryNone {
		text += ", until " + d.request.Expires.UTC().Format("2006-01-02 15:04 MST")
		if r.Expiry == deploy.ExpiryLocal {
			text += " or up to a day later (its zone is not known)"
		}
	}
	if _, err := fmt.Fprintf(d.env.Stdout, "%s: %s\n", git.Printable(target.String()), text); err != nil {
		return err
	}
	if !d.request.Expires.IsZero() && r.Expiry == deploy.ExpiryNone {
		_, err := fmt.Fprintf(d.env.Stderr, "warning: %s: the server knows no expiry dates (older than OpenSSH 7.7): the key is installed without one\n", git.Printable(target.String()))
		return err
	}
	return nil
}

// preview says what would be changed.
func (d *deployment) preview(ctx context.Context) (err error) {
	if d.via, err = d.o.host.viaKey(ctx, d.env); err != nil {
		return err
	}
	type plan struct {
		before, after []byte
		err           error
	}
	err = eachHost(ctx, &d.o.host, d.targets, func(ctx context.Context, target openssh.Target) (p plan) {
		p.before, p.after, p.err = deploy.Preview(ctx, d.host(target), d.request)
		return p
	}, func(i int, p plan) error {
		if p.err != nil {
			return d.trouble.say(d.targets[i], p.err)
		}
		return writeAll(d.env.Stdout, func(w *bytes.Buffer) error {
			target := git.Printable(d.targets[i].String())
			if bytes.Equal(p.before, p.after) {
				fmt.Fprintf(w, "%s: already installed, nothing would change\n", target)
				return nil
			}
			fmt.Fprintf(w, "%s: would change ~/.ssh/authorized_keys:\n", target)
			for _, l := range authorized.Find(p.before, *d.subject.public) {
				fmt.Fprintf(w, "  - %s\n", git.Printable(strings.TrimSpace(string(l.Raw))))
			}
			for _, l := range authorized.Find(p.after, *d.subject.public) {
				fmt.Fprintf(w, "  + %s\n", git.Printable(strings.TrimSpace(string(l.Raw))))
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return d.trouble.verdict()
}

// expiry returns when the server is to stop accepting the key; zero for never.
func (o *deployOptions) expiry(now time.Time, s *subject) (at time.Time, err error) {
	switch {
	case o.expires != "":
		return futureExpires(o.expires, now)
	case o.expireAfter == "":
		return time.Time{}, nil
	}
	age, err := parseAge(o.expireAfter)
	if err != nil {
		return time.Time{}, err
	}
	since := now
	if s.record != nil {
		if oldest, ok := s.record.OldestEvidence(); ok {
			since = oldest.At
		}
	}
	if at = since.UTC().Truncate(time.Second).Add(age); !at.After(now) {
		err = usagef("make a new key: keysweep key generate", "the key is older than %s already: it was made %s", o.expireAfter, since.UTC().Format(time.DateOnly))
	}
	return at, err
}
