package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"keysweep/plugin"
	"keysweep/plugin/internal/rest"
)

// secretIDs are the credentials of kind approle.
type secretIDs struct {
	client   *rest.Client
	settings settings
	now      func() time.Time
}

func (s *secretIDs) role() string {
	return "/v1/auth/" + escaped(s.settings.Mount) + "/role/" + escaped(s.settings.Role)
}

// login logs in with a secret id. The caller calls done, which ends the token that came of it. A secret id that is not accepted
// is plugin.ErrRefused: Vault answers 400, "invalid role or secret ID", and servers behind a lock on failed logins 403.
func (s *secretIDs) login(ctx context.Context, secret []byte) (client *rest.Client, done func(), err error) {
	var m made
	in := map[string]any{"role_id": s.settings.RoleID, "secret_id": plugin.Secret(secret)}
	err = s.client.Call(ctx, http.MethodPost, "/v1/auth/"+escaped(s.settings.Mount)+"/login", in, &m)
	if rest.Is(err, http.StatusBadRequest) && !strings.Contains(strings.ToLower(err.Error()), "invalid role or secret id") &&
		!strings.Contains(strings.ToLower(err.Error()), "invalid secret id") {
		return nil, nil, err // a role id that is not known, for one: that says nothing of the secret id
	}
	if err != nil {
		return nil, nil, refused(err, http.StatusBadRequest)
	}
	if len(m.Auth.ClientToken) == 0 {
		return nil, nil, errors.New("the answer to the login holds no token")
	}
	client = authorized(s.client, m.Auth.ClientToken)
	clear(m.Auth.ClientToken)
	return client, func() {
		_ = client.Call(context.WithoutCancel(ctx), http.MethodPost, "/v1/auth/token/revoke-self", nil, nil) // else it ends with its lifetime
	}, nil
}

// secretID is what Vault says of one.
type secretID struct {
	Data struct {
		Accessor       string            `json:"secret_id_accessor"`
		CreationTime   time.Time         `json:"creation_time"`
		ExpirationTime time.Time         `json:"expiration_time"` // year 1 if it never expires
		NumUses        int               `json:"secret_id_num_uses"`
		Metadata       map[string]string `json:"metadata"`

		SecretID plugin.Secret `json:"secret_id"`     // only when it was just made
		TTL      int64         `json:"secret_id_ttl"` // seconds
	} `json:"data"`
}

// test logs in. When the secret id was made is asked, too; who may not ask goes without.
func (s *secretIDs) test(ctx context.Context, subject *plugin.Credential) (plugin.Reply, error) {
	client, done, err := s.login(ctx, subject.Secret)
	if err != nil {
		return plugin.Reply{}, err
	}
	defer done()
	var id secretID
	in := map[string]any{"secret_id": subject.Secret}
	if client.Call(ctx, http.MethodPost, s.role()+"/secret-id/lookup", in, &id) != nil {
		return plugin.Reply{}, nil
	}
	reply := plugin.Reply{Account: id.Data.Accessor, CreatedAt: id.Data.CreationTime}
	if id.Data.ExpirationTime.After(id.Data.CreationTime) {
		reply.ExpiresAt = id.Data.ExpirationTime
	}
	return reply, nil
}

func (s *secretIDs) create(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	client, done, err := s.login(ctx, req.Current.Secret)
	if err != nil {
		return plugin.Reply{}, fmt.Errorf("the secret id cannot replace itself: %w", err)
	}
	defer done()
	if req.Attempt > 1 {
		if err := s.sweep(ctx, client, req.RequestID); err != nil {
			return plugin.Reply{}, err
		}
	}
	metadata, err := json.Marshal(map[string]string{requestKey: req.RequestID})
	if err != nil {
		return plugin.Reply{}, err
	}
	in := map[string]any{"metadata": string(metadata)}
	if s.settings.TTL != "" {
		in["ttl"] = s.settings.TTL
	}
	var id secretID
	err = client.Call(ctx, http.MethodPost, s.role()+"/secret-id", in, &id)
	switch {
	case rest.Is(err, forbidden):
		return plugin.Reply{}, fmt.Errorf("%w; the role's policy must allow update on %s/secret-id", err, strings.TrimPrefix(s.role(), "/v1/"))
	case err != nil:
		return plugin.Reply{}, err
	case len(id.Data.SecretID) == 0:
		return plugin.Reply{}, &plugin.RetryError{Err: errors.New("the answer to the creation holds no secret id")}
	}
	now := s.now().UTC().Truncate(time.Second)
	reply := plugin.Reply{Secret: id.Data.SecretID, Account: id.Data.Accessor, CreatedAt: now}
	if id.Data.TTL > 0 {
		reply.ExpiresAt = now.Add(time.Duration(id.Data.TTL) * time.Second)
	}
	return reply, nil
}

// maxAccessors is how many secret ids of a role are looked through for one that an earlier try made and lost.
const maxAccessors = 200

// sweep destroys the secret ids that an earlier try of the same request made, and whose values were lost. Who may not list them
// goes without: they end with their lifetime.
func (s *secretIDs) sweep(ctx context.Context, client *rest.Client, requestID string) error {
	var list struct {
		Data struct {
			Keys []string `json:"keys"`
		} `json:"data"`
	}
	err := client.Call(ctx, "LIST", s.role()+"/secret-id", nil, &list)
	if rest.Is(err, forbidden, http.StatusNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, accessor := range list.Data.Keys[:min(len(list.Data.Keys), maxAccessors)] {
		in := map[string]string{"secret_id_accessor": accessor}
		var id secretID
		err := client.Call(ctx, http.MethodPost, s.role()+"/secret-id-accessor/lookup", in, &id)
		if rest.Is(err, http.StatusNotFound) || err == nil && id.Data.Metadata[requestKey] != requestID {
			continue
		}
		if err == nil {
			err = client.Call(ctx, http.MethodPost, s.role()+"/secret-id-accessor/destroy", in, nil)
		}
		if err != nil && !rest.Is(err, forbidden) {
			return err
		}
	}
	return nil
}

// revoke destroys a secret id by its accessor, or, where that is not known, by its value, as somebody who is logged in with the
// other one.
func (s *secretIDs) revoke(ctx context.Context, subject, other *plugin.Credential) error {
	by := subject
	if other != nil && len(other.Secret) > 0 {
		by = other
	}
	client, done, err := s.login(ctx, by.Secret)
	if err != nil {
		return err
	}
	defer done()
	path, in := s.role()+"/secret-id/destroy", map[string]any{"secret_id": subject.Secret}
	if subject.Account != "" {
		path, in = s.role()+"/secret-id-accessor/destroy", map[string]any{"secret_id_accessor": subject.Account}
	}
	err = client.Call(ctx, http.MethodPost, path, in, nil)
	if rest.Is(err, http.StatusNotFound) { // it is gone
		return nil
	}
	if rest.Is(err, forbidden) {
		return fmt.Errorf("%w; the role's policy must allow update on %s", err, strings.TrimPrefix(path, "/v1/"))
	}
	return err
}
