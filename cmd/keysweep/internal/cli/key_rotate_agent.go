package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"keysweep/internal/git"
	"keysweep/keys"
	"keysweep/keys/agent"
	"keysweep/rotation/rollover"
)

// agentHolds reports whether the user's agent has a key.
func agentHolds(ctx context.Context, env *Env, key rollover.Key) bool {
	client, err := agent.Dial(ctx, env.Getenv("SSH_AUTH_SOCK"))
	if err != nil {
		return false
	}
	defer func() { _ = client.Close() }()
	held, err := client.List(ctx)
	return err == nil && holdsKey(held, key)
}

func holdsKey(held []agent.Key, key rollover.Key) bool {
	return slices.ContainsFunc(held, func(k agent.Key) bool { return !k.Public.IsCertificate() && k.Public.SHA256() == key.Fingerprint })
}

// Agent is rollover.Keys'. An agent that cannot be spoken to holds nothing up.
func (k *rotateKeys) Agent(ctx context.Context, needed bool) {
	k.g.journal = k.g.r.Journal
	err := k.handOver(ctx, needed)
	if err == nil || errors.Is(err, agent.ErrNone) || errors.Is(err, agent.ErrUnreachable) {
		return
	}
	_, _ = fmt.Fprintf(k.g.env.Stderr, "warning: ssh-agent: %s\nhint: ssh-add -d %s; ssh-add %s\n", git.Printable(err.Error()),
		git.Printable(shellWord(k.g.journal.OldFile()+".pub")), git.Printable(shellWord(k.g.journal.File)))
}

// handOver gives the agent the new key, if it holds the old one, and takes the old one away if nobody needs it any more.
func (k *rotateKeys) handOver(ctx context.Context, needed bool) error {
	client, err := agent.Dial(ctx, k.g.env.Getenv("SSH_AUTH_SOCK"))
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	held, err := client.List(ctx)
	if err != nil || !holdsKey(held, k.g.journal.Old) {
		return err
	}
	if !holdsKey(held, k.g.journal.New) {
		if err := k.toAgent(ctx, client); err != nil {
			return err
		}
	}
	if needed {
		return nil
	}
	old, _, err := k.g.journal.Old.Public()
	if err != nil {
		return err
	}
	return client.Remove(ctx, old)
}

func (k *rotateKeys) toAgent(ctx context.Context, client *agent.Client) error {
	lifetime, err := flagSpan("agent-lifetime", k.g.o.agentLifetime)
	if err != nil {
		return err
	}
	file, err := openKeyFile(k.g.journal.File)
	if err != nil {
		return err
	}
	private, err := file.Open(k.newPass)
	if err != nil {
		return err
	}
	defer private.Clear()
	private.Comment = k.comment()
	if err := client.Add(ctx, private, agent.Options{Comment: private.Comment, Lifetime: lifetime}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(k.g.env.Stderr, "the agent has the new key for %s\n", k.g.o.agentLifetime)
	return err
}

// comment is what the new key is called on hosts and in agents.
func (k *rotateKeys) comment() string {
	_, comment, err := keys.ParsePublicLine([]byte(k.g.journal.New.Line))
	if err != nil {
		return ""
	}
	return comment
}
