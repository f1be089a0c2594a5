package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"keysweep/internal/atomicfile"
	"keysweep/keys/agent"
)

// clockSkew is how far a server's clock may be behind for a certificate to be good at once. ssh-keygen allows for a minute.
const clockSkew = time.Minute

// unfinished says what is missing of a key that exists.
type unfinished struct {
	path  string
	steps []unfinishedStep
}

type unfinishedStep struct {
	what string // "the ledger does not know it"
	err  error
	how  string // the command that makes up for it
}

func (u *unfinished) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the key is in %s and is good, but", u.path)
	for _, s := range u.steps {
		fmt.Fprintf(&b, "\n  %s: %v", s.what, s.err)
	}
	return b.String()
}

// Hint says how to go on.
func (u *unfinished) Hint() string {
	var how []string
	for _, s := range u.steps {
		how = append(how, s.how)
	}
	return strings.Join(how, "\n      ")
}

// finish does what comes after the key is written. Each step is tried, whatever became of the others.
func (p *generatePlan) finish(ctx context.Context) error {
	u := &unfinished{path: p.path}
	step := func(wanted bool, what, how string, do func() error) {
		if wanted {
			if err := do(); err != nil {
				u.steps = append(u.steps, unfinishedStep{what, err, how})
			}
		}
	}
	file := shellWord(p.path)
	step(p.ca != nil, "there is no certificate",
		fmt.Sprintf("ssh-keygen -s %s -I %s -n %s -V +%s %s.pub", shellWord(p.opts.ca), shellWord(cmp.Or(p.opts.certID, p.name)), shellWord(strings.Join(p.opts.principals, ",")), p.opts.validFor, file), p.sign)
	step(p.ledger != nil, "the ledger does not know it", "keysweep key adopt "+file, func() error { return p.remember(ctx) })
	step(p.opts.addToAgent, "the agent does not have it", "ssh-add "+file, func() error { return p.toAgent(ctx) })
	step(p.opts.sshConfig != "", "~/.ssh/config does not name it",
		fmt.Sprintf("add to it: Host %s, IdentityFile %s, IdentitiesOnly yes", p.host.Alias, p.host.IdentityFile), p.writeConfig)
	if len(u.steps) == 0 {
		return nil
	}
	return u
}

func (p *generatePlan) remember(ctx context.Context) error {
	r, err := p.ledger.Add(ctx, p.record())
	if err != nil {
		return err
	}
	p.recorded = true
	if !p.opts.storePassphrase {
		return nil
	}
	if err := p.ledger.SetSecret(ctx, r.ID, p.pass); err != nil {
		return errors.Join(errors.New("its passphrase is not kept"), err)
	}
	return nil
}

func (p *generatePlan) toAgent(ctx context.Context) error {
	client, err := agent.Dial(ctx, p.env.Getenv("SSH_AUTH_SOCK"))
	if err != nil {
		return err
	}
	err = client.Add(ctx, p.private, agent.Options{Comment: p.comment, Lifetime: p.lifetime, Confirm: p.opts.agentConfirm, Certificate: p.certificate})
	p.agentHas = err == nil
	return errors.Join(err, client.Close())
}

func (p *generatePlan) writeConfig() error {
	config, mode, err := p.newConfig()
	if err != nil {
		return err
	}
	if err := makeKeyDir(filepath.Dir(p.configPath())); err != nil {
		return err
	}
	if err := atomicfile.Write(p.configPath(), config, mode); err != nil {
		return err
	}
	p.configHas = true
	return nil
}
