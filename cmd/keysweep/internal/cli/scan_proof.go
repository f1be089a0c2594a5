package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"keysweep/finding"
	"keysweep/keys"
	"keysweep/keys/inventory"
	"keysweep/secretscan/proof"
)

// knownPatience is how long a scan that found a private key looks for it among the keys of this machine: an agent may not answer.
const knownPatience = 3 * time.Second

// prover returns what says of a finding what is certain. Whether a key is known on this machine is nobody's business who pushes to it.
func (s *scan) prover(ctx context.Context) func(*finding.Finding) {
	subject := proof.Subject{Now: s.env.Now()}
	if s.opts.push == nil || !s.opts.push.receive {
		subject.Known = &knownKeys{env: s.env, all: sync.OnceValue(func() map[string]*inventory.Key { return findKeys(ctx, s.env) })}
	}
	return func(f *finding.Finding) {
		subject.Rules, subject.Text = f.Rules, f.Secret.Reveal()
		p := proof.Of(subject)
		p.Apply(f)
	}
}

// findKeys looks for the user's keys and returns them by fingerprint. What cannot be looked at is left out: it is no part of what the
// scan was asked for.
func findKeys(ctx context.Context, env *Env) map[string]*inventory.Key {
	ctx, stop := context.WithTimeout(ctx, knownPatience)
	defer stop()
	where := inventory.Options{System: true, SystemDir: systemSSH(env)}
	if settings, err := readPolicy(env); err == nil {
		where.Paths = settings.paths
	}
	found, _ := inventory.Walk(ctx, inventoryEnv(env), where) // what was found until the time was over
	all := make(map[string]*inventory.Key, len(found.Keys))
	for i := range found.Keys {
		if k := &found.Keys[i]; k.Public != nil {
			all[k.Fingerprint()] = k
		}
	}
	return all
}

// knownKeys implements proof.Known. It looks at the machine's keys when it is first asked: most scans find none.
type knownKeys struct {
	env *Env
	all func() map[string]*inventory.Key
}

// Key implements proof.Known.
func (k *knownKeys) Key(public keys.Public) (words []string) {
	key := k.all()[public.SHA256()]
	if key == nil {
		return nil
	}
	for _, f := range key.Files {
		words = append(words, "as "+homePath(k.env, f.Path))
	}
	for _, f := range key.PublicFiles {
		if f.Alone {
			words = append(words, "by its public half "+homePath(k.env, f.Path))
		}
	}
	if len(key.Agent) > 0 {
		words = append(words, "in the agent, where it is loaded")
	}
	for _, use := range key.Hosts {
		words = append(words, fmt.Sprintf("to open %s (%s:%d)", hostsOf(use), homePath(k.env, use.Path), use.Line))
	}
	for _, line := range key.Authorized {
		words = append(words, fmt.Sprintf("to let its owner in here (%s:%d)", homePath(k.env, line.Path), line.Number))
	}
	if key.HostKey {
		words = append(words, "as a key of this machine's SSH server")
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// hostsOf names what a block of the SSH client's configuration is about.
func hostsOf(use inventory.Use) string {
	switch {
	case use.HostName != "":
		return use.HostName
	case len(use.Patterns) == 0 || slices.Equal(use.Patterns, []string{"*"}):
		return "any host"
	}
	return strings.Join(use.Patterns, ", ")
}
