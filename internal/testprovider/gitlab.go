package testprovider

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// GitLab is a GitLab instance
// (https://docs.gitlab.com/api/personal_access_tokens/, https://docs.gitlab.com/api/project_access_tokens/).
type GitLab struct {
	Server
	MaxDays int // of a token's life

	tokens map[string]*gitlabToken
}

type gitlabToken struct {
	ID      int       `json:"id"`
	Name    string    `json:"name"`
	Revoked bool      `json:"revoked"`
	Active  bool      `json:"active"`
	Created time.Time `json:"created_at"`
	Expires string    `json:"expires_at"`
	Scopes  []string  `json:"scopes"`
	UserID  int       `json:"user_id"`

	of     string // "personal_access_tokens", "projects/7/access_tokens"
	family int
}

// NewGitLab starts an instance without tokens.
func NewGitLab(now func() time.Time) *GitLab {
	g := &GitLab{MaxDays: 365, tokens: map[string]*gitlabToken{}}
	g.start(now, g.handle, methodPath)
	return g
}

// Token makes a token. of is "personal_access_tokens", "projects/7/access_tokens" or "groups/7/access_tokens".
func (g *GitLab) Token(of string, scopes ...string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.add(of, len(g.tokens)+1, scopes, g.Now().AddDate(0, 0, 30).Format(time.DateOnly))
}

func (g *GitLab) add(of string, family int, scopes []string, expires string) string {
	secret := "glpat" + "-" + random(10)
	g.tokens[secret] = &gitlabToken{ID: 100 + len(g.tokens), Name: "ci", Active: true, Created: g.Now(), Expires: expires, Scopes: scopes,
		UserID: 24, of: of, family: family}
	return secret
}

// Valid returns the tokens that are accepted.
func (g *GitLab) Valid() (valid []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for secret, t := range g.tokens {
		if !t.Revoked {
			valid = append(valid, secret)
		}
	}
	return valid
}

func (g *GitLab) handle(w http.ResponseWriter, r *http.Request) {
	path, isAPI := strings.CutPrefix(r.URL.EscapedPath(), "/api/v4/")
	secret := r.Header.Get("PRIVATE-TOKEN")
	t := g.tokens[secret]
	of, rotate := strings.CutSuffix(path, "/self/rotate")
	switch {
	case !isAPI:
		answer(w, http.StatusNotFound, map[string]string{"error": "404 Not Found"})
	case t == nil:
		answer(w, http.StatusUnauthorized, map[string]string{"message": "401 Unauthorized"})
	case t.Revoked:
		if rotate && r.Method == http.MethodPost {
			g.theft(t.family)
		}
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token",
			"error_description": "Token was revoked. You have to re-authorize from the user."})
	case r.Method == http.MethodGet && path == "personal_access_tokens/self":
		answer(w, http.StatusOK, t)
	case r.Method == http.MethodPost && rotate:
		g.rotate(w, r, of, t)
	default:
		answer(w, http.StatusNotFound, map[string]string{"error": "404 Not Found"})
	}
}

// theft is the automatic reuse detection: who rotates with a token that was rotated has stolen it, and the whole family ends.
func (g *GitLab) theft(family int) {
	for _, t := range g.tokens {
		if t.family == family {
			t.Revoked, t.Active = true, false
		}
	}
}

func (g *GitLab) rotate(w http.ResponseWriter, r *http.Request, of string, t *gitlabToken) {
	var in struct {
		ExpiresAt string `json:"expires_at"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "expires_at is invalid"})
		return
	}
	if in.ExpiresAt == "" {
		in.ExpiresAt = g.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	}
	at, err := time.Parse(time.DateOnly, in.ExpiresAt)
	switch {
	case !slices.Contains(t.Scopes, "api") && !slices.Contains(t.Scopes, "self_rotate"):
		answer(w, http.StatusForbidden, map[string]string{"error": "insufficient_scope", "scope": "api self_rotate",
			"error_description": "The request requires higher privileges than provided by the access token."})
	case of != t.of:
		answer(w, http.StatusMethodNotAllowed, map[string]string{"message": "405 Method Not Allowed"})
	case err != nil || at.After(g.Now().AddDate(0, 0, g.MaxDays)):
		answer(w, http.StatusBadRequest, map[string]string{"message": "400 Bad request - Expiration date must be before the maximum"})
	default:
		t.Revoked, t.Active = true, false
		secret := g.add(of, t.family, t.Scopes, in.ExpiresAt)
		answer(w, http.StatusOK, struct {
			*gitlabToken
			Token string `json:"token"`
		}{g.tokens[secret], secret})
	}
}
