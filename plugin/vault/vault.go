// Package vault replaces tokens and AppRole secret ids of HashiCorp Vault and OpenBao, whose HTTP API is the same
// (https://developer.hashicorp.com/vault/api-docs/auth/token, https://developer.hashicorp.com/vault/api-docs/auth/approle,
// https://openbao.org/api-docs/auth/approle/). Start at Plugin.
//
// A token that a token makes is its child, and is revoked with it: a token that is to outlive the one that it replaces must be
// an orphan. Hence the call create-orphan, or a token role that makes orphans; a child is not accepted.
package vault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"keysweep/plugin"
	"keysweep/plugin/internal/rest"
)

// settings are those of [plugins.NAME.settings].
type settings struct {
	URL       string `json:"url"`
	Namespace string `json:"namespace"`
	Kind      string `json:"kind"` // "token", "approle"
	Mount     string `json:"mount"`
	Role      string `json:"role"`
	RoleID    string `json:"role_id"`
	TTL       string `json:"ttl"`
}

// Plugin is Vault, or OpenBao. Now is the clock.
type Plugin struct{ Now func() time.Time }

// Describe is plugin.Plugin's.
func (Plugin) Describe() plugin.Description {
	return plugin.Description{
		Name: "vault", About: "tokens and AppRole secret ids of HashiCorp Vault and OpenBao", Phases: plugin.Dual,
		Settings: []plugin.Setting{
			{Name: "url", About: "of the server: https://vault.example.org:8200", Required: true},
			{Name: "namespace", About: "that is sent as X-Vault-Namespace"},
			{Name: "kind", About: "token (if it is not set) or approle"},
			{Name: "mount", About: "where the AppRole method is mounted; approle if it is not set"},
			{Name: "role", About: "of a token: the token role to make it with, which must make orphans; of a secret id: the AppRole, needed"},
			{Name: "role_id", About: "of the AppRole; needed for kind approle"},
			{Name: "ttl", About: "of the new token or secret id, such as 2880h; the old token's, or the role's, if it is not set"},
		},
	}
}

// kind is one of the two kinds of credentials.
type kind interface {
	create(ctx context.Context, req *plugin.Request) (plugin.Reply, error)
	test(ctx context.Context, subject *plugin.Credential) (plugin.Reply, error)
	revoke(ctx context.Context, subject, other *plugin.Credential) error
}

func (p Plugin) open(req *plugin.Request) (kind, error) {
	s := settings{Kind: "token", Mount: "approle"}
	if err := req.DecodeSettings(&s); err != nil {
		return nil, err
	}
	if s.URL == "" {
		return nil, errors.New("settings: url is not set")
	}
	c, err := rest.New(s.URL)
	if err != nil {
		return nil, err
	}
	// Servers refuse requests without it where an agent is in between
	// (https://developer.hashicorp.com/vault/docs/agent-and-proxy/agent#require_request_header).
	c = c.With("X-Vault-Request", "true")
	if s.Namespace != "" {
		c = c.With("X-Vault-Namespace", s.Namespace)
	}
	switch {
	case s.Kind == "token":
		return &tokens{c, s, p.Now}, nil
	case s.Kind != "approle":
		return nil, fmt.Errorf("settings: kind %q is neither token nor approle", s.Kind)
	case s.Role == "" || s.RoleID == "":
		return nil, errors.New("settings: kind approle needs role and role_id")
	}
	return &secretIDs{c, s, p.Now}, nil
}

// Create is plugin.Plugin's.
func (p Plugin) Create(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	k, err := p.open(req)
	if err != nil {
		return plugin.Reply{}, err
	}
	return k.create(ctx, req)
}

// Test is plugin.Plugin's.
func (p Plugin) Test(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	k, err := p.open(req)
	if err != nil {
		return plugin.Reply{}, err
	}
	subject, _ := req.Subjects()
	return k.test(ctx, subject)
}

// Revoke is plugin.Revoker's.
func (p Plugin) Revoke(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	k, err := p.open(req)
	if err != nil {
		return plugin.Reply{}, err
	}
	subject, other := req.Subjects()
	return plugin.Reply{}, k.revoke(ctx, subject, other)
}

// authorized returns a client that sends a token along.
func authorized(c *rest.Client, token []byte) *rest.Client {
	return c.With("X-Vault-Token", string(token))
}

// requestKey is the name under which a token or secret id carries the request that it was made for.
const requestKey = "keysweep_request"

func escaped(name string) string { return url.PathEscape(strings.Trim(name, "/")) }

// refused turns the answer that Vault gives to a credential it does not accept into plugin.ErrRefused.
func refused(err error, codes ...int) error {
	if rest.Is(err, codes...) {
		return fmt.Errorf("%w: %w", plugin.ErrRefused, err)
	}
	return err
}

// forbidden is what Vault answers to a token that it does not know, too
// (https://developer.hashicorp.com/vault/api-docs#http-status-codes).
const forbidden = http.StatusForbidden
