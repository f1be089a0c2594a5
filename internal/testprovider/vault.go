package testprovider

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Vault is a Vault or OpenBao server with an AppRole named "ci" mounted at approle
// (https://developer.hashicorp.com/vault/api-docs/auth/token, https://developer.hashicorp.com/vault/api-docs/auth/approle).
type Vault struct {
	Server
	RoleID    string
	Denied    []string // "METHOD path" that no policy allows
	Children  bool     // the token role "ci" makes children instead of orphans
	tokens    map[string]*vaultToken
	secretIDs map[string]*vaultSecretID
}

type vaultToken struct {
	Accessor         string            `json:"accessor"`
	CreationTTL      int64             `json:"creation_ttl"`
	DisplayName      string            `json:"display_name"`
	ExpireTime       *time.Time        `json:"expire_time"`
	IssueTime        time.Time         `json:"issue_time"`
	ExplicitMaxTTL   int64             `json:"explicit_max_ttl"`
	IdentityPolicies []string          `json:"identity_policies,omitempty"`
	Meta             map[string]string `json:"meta"`
	NumUses          int               `json:"num_uses"`
	Orphan           bool              `json:"orphan"`
	Policies         []string          `json:"policies"`
	Renewable        bool              `json:"renewable"`
	Type             string            `json:"type"`

	parent string
}

type vaultSecretID struct {
	Accessor       string            `json:"secret_id_accessor"`
	CreationTime   time.Time         `json:"creation_time"`
	ExpirationTime time.Time         `json:"expiration_time"`
	NumUses        int               `json:"secret_id_num_uses"`
	TTL            int64             `json:"secret_id_ttl"`
	Metadata       map[string]string `json:"metadata"`
}

// NewVault starts a server without tokens and secret ids.
func NewVault(now func() time.Time) *Vault {
	v := &Vault{RoleID: random(16), tokens: map[string]*vaultToken{}, secretIDs: map[string]*vaultSecretID{}}
	v.start(now, v.handle, methodPath)
	return v
}

// Token makes an orphan with the policies default and ci, and those of an identity.
func (v *Vault) Token(identity ...string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	secret := v.add("", []string{"default", "ci"}, 768*time.Hour)
	v.tokens[secret].IdentityPolicies = identity
	return secret
}

func (v *Vault) add(parent string, policies []string, ttl time.Duration) string {
	secret, ends := "hvs."+random(12), v.Now().Add(ttl).UTC()
	v.tokens[secret] = &vaultToken{Accessor: random(12), CreationTTL: int64(ttl / time.Second), DisplayName: "token-ci", ExpireTime: &ends,
		IssueTime: v.Now().UTC(), Orphan: parent == "", Policies: policies, Renewable: true, Type: "service", parent: parent}
	return secret
}

// SecretID makes a secret id for the role.
func (v *Vault) SecretID() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.addSecretID(nil)
}

func (v *Vault) addSecretID(metadata map[string]string) string {
	secret := random(16)
	v.secretIDs[secret] = &vaultSecretID{Accessor: random(16), CreationTime: v.Now().UTC(), ExpirationTime: v.Now().Add(24 * time.Hour).UTC(),
		TTL: 86400, Metadata: metadata}
	return secret
}

// Tokens and SecretIDs return what is accepted.
func (v *Vault) Tokens() []string { return locked(v, v.tokens) }

// SecretIDs is Tokens for secret ids.
func (v *Vault) SecretIDs() []string { return locked(v, v.secretIDs) }

func locked[T any](v *Vault, of map[string]T) (names []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for name := range of {
		names = append(names, name)
	}
	return names
}

func (v *Vault) refuse(w http.ResponseWriter, status int, text string) {
	answer(w, status, map[string][]string{"errors": {text}})
}

func (v *Vault) handle(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/v1/auth/")
	var in map[string]any
	if r.Method == http.MethodPost && r.ContentLength != 0 && json.NewDecoder(r.Body).Decode(&in) != nil {
		v.refuse(w, http.StatusBadRequest, "failed to parse JSON input")
		return
	}
	text := func(name string) string { s, _ := in[name].(string); return s }
	if path == "approle/login" {
		v.login(w, text("role_id"), text("secret_id"))
		return
	}
	secret := r.Header.Get("X-Vault-Token")
	t := v.tokens[secret]
	if !ok || t == nil || slices.Contains(v.Denied, r.Method+" "+path) {
		v.refuse(w, http.StatusForbidden, "1 error occurred:\n\t* permission denied\n\n")
		return
	}
	switch r.Method + " " + path {
	case "GET token/lookup-self":
		answer(w, http.StatusOK, map[string]any{"data": t})
	case "POST token/revoke-self":
		v.revoke(secret)
		w.WriteHeader(http.StatusNoContent)
	case "POST token/create-orphan", "POST token/create/ci":
		parent := ""
		if strings.HasSuffix(path, "/ci") && v.Children {
			parent = secret
		}
		v.create(w, in, parent)
	default:
		v.role(w, r.Method, strings.TrimPrefix(path, "approle/role/ci/"), text)
	}
}

// revoke ends a token and its children.
func (v *Vault) revoke(secret string) {
	delete(v.tokens, secret)
	for child, t := range v.tokens {
		if t.parent == secret {
			v.revoke(child)
		}
	}
}

func (v *Vault) create(w http.ResponseWriter, in map[string]any, parent string) {
	var policies []string
	list, _ := in["policies"].([]any)
	for _, p := range list {
		name, _ := p.(string)
		policies = append(policies, name)
	}
	if len(policies) == 0 {
		policies = []string{"default", "ci"}
	}
	ttl, _ := in["ttl"].(string)
	d, err := time.ParseDuration(ttl)
	if err != nil {
		v.refuse(w, http.StatusBadRequest, "invalid 'ttl' value")
		return
	}
	secret := v.add(parent, policies, d)
	if name, _ := in["display_name"].(string); name != "" {
		v.tokens[secret].DisplayName = "token-" + name
	}
	v.answerAuth(w, secret)
}

func (v *Vault) answerAuth(w http.ResponseWriter, secret string) {
	t := v.tokens[secret]
	answer(w, http.StatusOK, map[string]any{"auth": map[string]any{"client_token": secret, "accessor": t.Accessor, "policies": t.Policies,
		"lease_duration": t.CreationTTL, "renewable": t.Renewable, "orphan": t.Orphan, "token_type": t.Type}})
}

func (v *Vault) login(w http.ResponseWriter, roleID, secretID string) {
	if roleID != v.RoleID || v.secretIDs[secretID] == nil {
		v.refuse(w, http.StatusBadRequest, "invalid role or secret ID")
		return
	}
	v.answerAuth(w, v.add("", []string{"default", "ci"}, time.Hour))
}

// role are the calls below approle/role/ci.
func (v *Vault) role(w http.ResponseWriter, method, path string, text func(string) string) {
	byAccessor := func() (string, *vaultSecretID) {
		for secret, id := range v.secretIDs {
			if id.Accessor == text("secret_id_accessor") {
				return secret, id
			}
		}
		return "", nil
	}
	switch method + " " + path {
	case "POST secret-id":
		var metadata map[string]string
		if json.Unmarshal([]byte(text("metadata")), &metadata) != nil {
			v.refuse(w, http.StatusBadRequest, "failed to parse metadata")
			return
		}
		secret := v.addSecretID(metadata)
		answer(w, http.StatusOK, map[string]any{"data": map[string]any{"secret_id": secret, "secret_id_accessor": v.secretIDs[secret].Accessor,
			"secret_id_ttl": v.secretIDs[secret].TTL, "secret_id_num_uses": 0}})
	case "POST secret-id/lookup":
		id := v.secretIDs[text("secret_id")]
		if id == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, http.StatusOK, map[string]any{"data": id})
	case "POST secret-id/destroy":
		delete(v.secretIDs, text("secret_id"))
		w.WriteHeader(http.StatusNoContent)
	case "POST secret-id-accessor/lookup", "POST secret-id-accessor/destroy":
		secret, id := byAccessor()
		if id == nil {
			v.refuse(w, http.StatusNotFound, "failed to find accessor entry for secret_id_accessor")
			return
		}
		if strings.HasSuffix(path, "lookup") {
			answer(w, http.StatusOK, map[string]any{"data": id})
			return
		}
		delete(v.secretIDs, secret)
		w.WriteHeader(http.StatusNoContent)
	case "LIST secret-id":
		var keys []string
		for _, id := range v.secretIDs {
			keys = append(keys, id.Accessor)
		}
		answer(w, http.StatusOK, map[string]any{"data": map[string]any{"keys": keys}})
	default:
		v.refuse(w, http.StatusNotFound, "unsupported path")
	}
}
