// Package gitlab replaces GitLab's personal, project and group access tokens by having the token rotate itself. Start at Plugin.
//
// GitLab revokes the old token in the very call that makes the new one (https://docs.gitlab.com/api/personal_access_tokens/#rotate-a-personal-access-token),
// so that there is no moment with two of them, and no way back. A second rotation with a token that was rotated before is taken
// for a theft and revokes the new one as well (automatic reuse detection, https://docs.gitlab.com/api/personal_access_tokens/):
// therefore a token is always looked at first, and a rotation that broke off is never sent again.
//
// The token needs the scope api or self_rotate. Deploy tokens have no such call and are replaced by hand.
package gitlab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"keysweep/plugin"
	"keysweep/plugin/internal/rest"
)

// DefaultURL is GitLab's own instance.
const DefaultURL = "https://gitlab.com"

// defaultDays is how long a new token is valid if the settings say nothing: a rotation every 90 days and a month to do it.
// GitLab's own default is a week.
const defaultDays = 120

// maxDays is GitLab's limit for instances that allow the most (https://docs.gitlab.com/user/profile/personal_access_tokens/).
const maxDays = 400

// settings are those of [plugins.NAME.settings].
type settings struct {
	URL  string `json:"url"`
	Kind string `json:"kind"` // "personal", "project", "group"
	Of   string `json:"of"`   // number or path of the project or group
	Days int    `json:"days"`
}

// Plugin is GitLab. Now is the clock.
type Plugin struct{ Now func() time.Time }

// Describe is plugin.Plugin's.
func (Plugin) Describe() plugin.Description {
	return plugin.Description{
		Name: "gitlab", About: "GitLab personal, project and group access tokens, which rotate themselves", Phases: plugin.Single,
		Settings: []plugin.Setting{
			{Name: "url", About: "of the instance; " + DefaultURL + " if it is not set"},
			{Name: "kind", About: "personal (if it is not set), project or group"},
			{Name: "of", About: "number or path of the project or group; needed for those kinds"},
			{Name: "days", About: fmt.Sprintf("how long the new token is valid, 1 to %d; %d if it is not set", maxDays, defaultDays)},
		},
	}
}

// api is one instance, entered with one token.
type api struct {
	*rest.Client
	settings settings
}

func open(req *plugin.Request, credential *plugin.Credential) (*api, error) {
	s := settings{URL: DefaultURL, Kind: "personal", Days: defaultDays}
	if err := req.DecodeSettings(&s); err != nil {
		return nil, err
	}
	switch {
	case s.Kind != "personal" && s.Kind != "project" && s.Kind != "group":
		return nil, fmt.Errorf("settings: kind %q is none of personal, project, group", s.Kind)
	case (s.Kind == "personal") != (s.Of == ""):
		return nil, fmt.Errorf("settings: of names the project or group of the token, for the kinds project and group and for no other")
	case s.Days < 1 || s.Days > maxDays:
		return nil, fmt.Errorf("settings: days is %d, not 1 to %d", s.Days, maxDays)
	}
	c, err := rest.New(s.URL)
	if err != nil {
		return nil, err
	}
	return &api{c.With("PRIVATE-TOKEN", string(credential.Secret)), s}, nil
}

// token is GitLab's view of a token; the last field is set when it was just made.
type token struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	Active    bool     `json:"active"`
	Revoked   bool     `json:"revoked"`
	CreatedAt string   `json:"created_at"` // RFC 3339; a text, so that another form of it does not make the rest unreadable
	ExpiresAt string   `json:"expires_at"` // a date, or null
	Scopes    []string `json:"scopes"`

	Token plugin.Secret `json:"token"`
}

// reply returns what is known of a token.
func (t *token) reply() plugin.Reply {
	r := plugin.Reply{Secret: t.Token}
	if at, err := time.Parse(time.RFC3339, t.CreatedAt); err == nil {
		r.CreatedAt = at
	}
	if t.ID > 0 {
		r.Account = strconv.FormatInt(t.ID, 10)
	}
	// "The token expires on that date at midnight UTC", https://docs.gitlab.com/user/profile/personal_access_tokens/
	if at, err := time.Parse(time.DateOnly, t.ExpiresAt); err == nil {
		r.ExpiresAt = at
	}
	return r
}

// self looks at the token that is sent along. All kinds of access tokens answer to this call. A token that is not accepted is
// plugin.ErrRefused.
func (a *api) self(ctx context.Context) (token, error) {
	var t token
	err := a.Call(ctx, http.MethodGet, "/api/v4/personal_access_tokens/self", nil, &t)
	switch {
	case rest.Is(err, http.StatusUnauthorized):
		return t, fmt.Errorf("%w: %w", plugin.ErrRefused, err)
	case rest.Is(err, http.StatusForbidden) && strings.Contains(err.Error(), "insufficient_scope"):
		// GitLab says so only of tokens that are valid.
		return token{Active: true}, nil
	case err != nil:
		return t, err
	case !t.Active || t.Revoked:
		return t, fmt.Errorf("%w: it is revoked or has expired", plugin.ErrRefused)
	}
	return t, nil
}

// Test is plugin.Plugin's.
func (Plugin) Test(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	subject, _ := req.Subjects()
	a, err := open(req, subject)
	if err != nil {
		return plugin.Reply{}, err
	}
	t, err := a.self(ctx)
	return t.reply(), err
}

// Create is plugin.Plugin's.
func (p Plugin) Create(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	a, err := open(req, req.Current)
	if err != nil {
		return plugin.Reply{}, err
	}
	_, err = a.self(ctx)
	if errors.Is(err, plugin.ErrRefused) {
		return plugin.Reply{}, fmt.Errorf("the token cannot rotate itself: %w", err)
	}
	if err != nil {
		return plugin.Reply{}, err
	}
	var made token
	in := map[string]string{"expires_at": p.Now().UTC().AddDate(0, 0, a.settings.Days).Format(time.DateOnly)}
	err = a.Call(ctx, http.MethodPost, a.rotatePath(), in, &made)
	if err == nil && len(made.Token) == 0 {
		err = &plugin.RetryError{Err: errors.New("GitLab's answer to the rotation holds no token")}
	}
	if err != nil && len(made.Token) == 0 {
		return plugin.Reply{}, advise(err)
	}
	reply := made.reply()
	if err != nil { // something else in the answer cannot be read: the token is what counts
		return reply, err
	}
	reply.Message = fmt.Sprintf("GitLab rotated the token %q: the old one is revoked", made.Name)
	return reply, nil
}

func (a *api) rotatePath() string {
	switch a.settings.Kind {
	case "project":
		return "/api/v4/projects/" + url.PathEscape(a.settings.Of) + "/access_tokens/self/rotate"
	case "group":
		return "/api/v4/groups/" + url.PathEscape(a.settings.Of) + "/access_tokens/self/rotate"
	}
	return "/api/v4/personal_access_tokens/self/rotate"
}

// advise adds to the status codes that GitLab documents what a person can do.
func advise(err error) error {
	switch {
	case rest.Is(err, http.StatusForbidden):
		return fmt.Errorf("%w; the token needs the scope api or self_rotate", err)
	case rest.Is(err, http.StatusMethodNotAllowed):
		return fmt.Errorf("%w; a token of another kind than the setting says", err)
	case rest.Is(err, http.StatusNotFound):
		return fmt.Errorf("%w; GitLab before 17.9 has no self/rotate for tokens of projects and groups", err)
	case rest.Is(err, http.StatusBadRequest):
		return fmt.Errorf("%w; the instance may allow fewer days than the setting asks for", err)
	}
	return err
}
