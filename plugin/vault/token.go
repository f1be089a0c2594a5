package vault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"keysweep/plugin"
	"keysweep/plugin/internal/rest"
)

// tokens are the credentials of kind token.
type tokens struct {
	client   *rest.Client
	settings settings
	now      func() time.Time
}

// lookup is the answer of auth/token/lookup-self, as far as it matters here.
type lookup struct {
	Data struct {
		Accessor         string            `json:"accessor"`
		CreationTTL      int64             `json:"creation_ttl"` // seconds
		DisplayName      string            `json:"display_name"`
		ExpireTime       time.Time         `json:"expire_time"`
		IssueTime        time.Time         `json:"issue_time"`
		ExplicitMaxTTL   int64             `json:"explicit_max_ttl"`
		Period           int64             `json:"period"`
		IdentityPolicies []string          `json:"identity_policies"`
		Meta             map[string]string `json:"meta"`
		NumUses          int               `json:"num_uses"`
		Orphan           bool              `json:"orphan"`
		Policies         []string          `json:"policies"`
		Renewable        bool              `json:"renewable"`
		Type             string            `json:"type"`
	} `json:"data"`
}

func (t *tokens) lookup(ctx context.Context, secret []byte) (l lookup, err error) {
	err = authorized(t.client, secret).Call(ctx, http.MethodGet, "/v1/auth/token/lookup-self", nil, &l)
	return l, refused(err, forbidden)
}

func (t *tokens) test(ctx context.Context, subject *plugin.Credential) (plugin.Reply, error) {
	l, err := t.lookup(ctx, subject.Secret)
	return plugin.Reply{Account: l.Data.Accessor, CreatedAt: l.Data.IssueTime, ExpiresAt: l.Data.ExpireTime}, err
}

// made is the answer of auth/token/create and its kin.
type made struct {
	Auth struct {
		ClientToken   plugin.Secret `json:"client_token"`
		Accessor      string        `json:"accessor"`
		Policies      []string      `json:"policies"`
		LeaseDuration int64         `json:"lease_duration"` // seconds; 0 if it never expires
		Orphan        bool          `json:"orphan"`
	} `json:"auth"`
	Warnings []string `json:"warnings"`
}

// create makes a token like the current one: the same policies, metadata and kind of lifetime. A token that an earlier try made
// and lost cannot be found again, since Vault lists tokens only to those who may do everything; it ends with its lifetime.
func (t *tokens) create(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	old, err := t.lookup(ctx, req.Current.Secret)
	if err != nil {
		return plugin.Reply{}, fmt.Errorf("the token cannot replace itself: %w", err)
	}
	in, err := t.like(&old, req.RequestID)
	if err != nil {
		return plugin.Reply{}, err
	}
	path := "/v1/auth/token/create-orphan"
	if t.settings.Role != "" {
		path = "/v1/auth/token/create/" + escaped(t.settings.Role)
	}
	var m made
	err = authorized(t.client, req.Current.Secret).Call(ctx, http.MethodPost, path, in, &m)
	switch {
	case rest.Is(err, forbidden):
		return plugin.Reply{}, fmt.Errorf("%w; the token's policy must allow update on %s", err, strings.TrimPrefix(path, "/v1/"))
	case err != nil:
		return plugin.Reply{}, err
	case len(m.Auth.ClientToken) == 0:
		return plugin.Reply{}, &plugin.RetryError{Err: errors.New("the answer to the creation holds no token")}
	case !m.Auth.Orphan:
		err := errors.New("the token role makes children, which are revoked with the token that made them: set orphan=true in the role")
		_ = authorized(t.client, m.Auth.ClientToken).Call(ctx, http.MethodPost, "/v1/auth/token/revoke-self", nil, nil) // if not, it dies with its parent
		clear(m.Auth.ClientToken)
		return plugin.Reply{}, err
	}
	now := t.now().UTC().Truncate(time.Second)
	reply := plugin.Reply{Secret: m.Auth.ClientToken, Account: m.Auth.Accessor, CreatedAt: now}
	if m.Auth.LeaseDuration > 0 {
		reply.ExpiresAt = now.Add(time.Duration(m.Auth.LeaseDuration) * time.Second)
	}
	if lost := missing(old.Data.Policies, m.Auth.Policies); len(lost) > 0 {
		reply.Message = "the new token lacks policies of the old one: " + strings.Join(lost, ", ")
	}
	return reply, nil
}

// like returns the parameters for a token like an old one.
func (t *tokens) like(old *lookup, requestID string) (map[string]any, error) {
	d := &old.Data
	if d.Type == "batch" {
		return nil, errors.New("it is a batch token, which can be neither listed nor revoked: it ends with its lifetime")
	}
	if len(d.IdentityPolicies) > 0 {
		return nil, fmt.Errorf("the token has policies of an identity (%s), which a token made from it would not have: log in anew instead, or use kind approle",
			strings.Join(d.IdentityPolicies, ", "))
	}
	meta := maps.Clone(d.Meta)
	if meta == nil {
		meta = map[string]string{}
	}
	meta[requestKey] = requestID
	in := map[string]any{
		"meta": meta, "renewable": d.Renewable, "num_uses": d.NumUses, "policies": d.Policies,
		"display_name": strings.TrimPrefix(d.DisplayName, "token-"), // Vault puts that in front
	}
	if t.settings.Role != "" {
		delete(in, "policies") // the role decides
	}
	for name, seconds := range map[string]int64{"period": d.Period, "explicit_max_ttl": d.ExplicitMaxTTL, "ttl": d.CreationTTL} {
		if seconds > 0 && (t.settings.Role == "" || name == "ttl") {
			in[name] = strconv.FormatInt(seconds, 10) + "s"
		}
	}
	if t.settings.TTL != "" {
		in["ttl"] = t.settings.TTL
	}
	return in, nil
}

func missing(want, have []string) (lost []string) {
	known := map[string]bool{}
	for _, name := range have {
		known[name] = true
	}
	for _, name := range want {
		if !known[name] {
			lost = append(lost, name)
		}
	}
	return lost
}

// revoke has the token revoke itself, which every token may do that has the policy default.
func (t *tokens) revoke(ctx context.Context, subject, _ *plugin.Credential) error {
	err := authorized(t.client, subject.Secret).Call(ctx, http.MethodPost, "/v1/auth/token/revoke-self", nil, nil)
	if rest.Is(err, forbidden) {
		if _, gone := t.lookup(ctx, subject.Secret); errors.Is(gone, plugin.ErrRefused) {
			return nil
		}
	}
	return err
}
