package gitlab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testprovider"
	"keysweep/plugin"
)

func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func ask(t *testing.T, settings any, req plugin.Request) (plugin.Reply, int) {
	t.Helper()
	reply, code, err := testprovider.Ask(t.Context(), Plugin{Now: now}, settings, req)
	if err != nil {
		t.Fatal(err)
	}
	return reply, code
}

func create(secret string) plugin.Request {
	return plugin.Request{Step: plugin.StepCreate, RequestID: "r", Attempt: 1, Current: &plugin.Credential{Secret: plugin.Secret(secret)}}
}

func test(secret string) plugin.Request {
	return plugin.Request{Step: plugin.StepTest, Subject: plugin.Current, Current: &plugin.Credential{Secret: plugin.Secret(secret)}}
}

func TestRotate(t *testing.T) {
	for of, settings := range map[string]map[string]any{
		"personal_access_tokens":            {},
		"projects/7/access_tokens":          {"kind": "project", "of": "7"},
		"groups/ops%2Fweb/access_tokens":    {"kind": "group", "of": "ops/web"},
		"projects/a%20b%2Fc/access_tokens ": {"kind": "project", "of": "a b/c"},
	} {
		t.Run(of, func(t *testing.T) {
			g := testprovider.NewGitLab(now)
			defer g.Close()
			settings["url"], settings["days"] = g.URL, 90
			old := g.Token(strings.TrimSpace(of), "self_rotate")
			reply, code := ask(t, settings, create(old))
			if code != plugin.OK || !slices.Equal(g.Valid(), []string{string(reply.Secret)}) {
				t.Fatalf("%d %+v, valid: %d", code, reply, len(g.Valid()))
			}
			if reply.Account != "101" || !reply.CreatedAt.Equal(now()) || !reply.ExpiresAt.Equal(time.Date(2026, 5, 30, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("%+v", reply)
			}
			if reply, code := ask(t, settings, test(string(reply.Secret))); code != plugin.OK || !reply.OK || reply.Account != "101" {
				t.Errorf("new: %d %+v", code, reply)
			}
			if reply, code := ask(t, settings, test(old)); code != plugin.OK || reply.OK || !reply.Refused {
				t.Errorf("old: %d %+v", code, reply)
			}
		})
	}
}

// TestRotatedTokenIsNotSentAgain wants the theft detection of GitLab not to be woken.
func TestRotatedTokenIsNotSentAgain(t *testing.T) {
	g := testprovider.NewGitLab(now)
	defer g.Close()
	settings := map[string]any{"url": g.URL}
	old := g.Token("personal_access_tokens", "api")
	g.Fail(testprovider.Fault{On: "POST", Drop: true})
	if reply, code := ask(t, settings, create(old)); code != plugin.Retry || len(reply.Secret) > 0 {
		t.Fatalf("the answer broke off: %d %+v", code, reply)
	}
	if reply, _ := ask(t, settings, create(old)); !reply.Refused {
		t.Errorf("%+v", reply)
	}
	if len(g.Valid()) != 1 {
		t.Error("GitLab took the second try for a theft, and ended the new token, too")
	}
	posts := 0
	for _, line := range g.Log() {
		if strings.HasPrefix(line, "POST") {
			posts++
		}
	}
	if posts != 1 {
		t.Errorf("%d rotations were asked for: %v", posts, g.Log())
	}
}

// TestOddAnswer wants the new token of an answer in which something else is not as documented: it is the only one that works.
func TestOddAnswer(t *testing.T) {
	for _, odd := range []string{`"created_at":"yesterday"`, `"id":"101"`, `"scopes":"api"`} {
		g := testprovider.NewGitLab(now)
		g.Fail(testprovider.Fault{On: "POST", Status: http.StatusOK, Body: `{` + odd + `,"token":"fresh"}`})
		if reply, _ := ask(t, map[string]any{"url": g.URL}, create(g.Token("personal_access_tokens", "api"))); string(reply.Secret) != "fresh" {
			t.Errorf("%s: %+v", odd, reply)
		}
		g.Close()
	}
}

func TestTroubles(t *testing.T) {
	for name, c := range map[string]struct {
		fault    testprovider.Fault
		scope    string
		settings map[string]any
		code     int
		says     string
		after    int
	}{
		"too many":        {testprovider.Fault{On: "GET", Status: 429, RetryAfter: "30"}, "api", nil, plugin.Retry, "429", 30},
		"too many by far": {testprovider.Fault{On: "GET", Status: 429, RetryAfter: "99999999"}, "api", nil, plugin.Retry, "429", 86400},
		"down":            {testprovider.Fault{On: "POST", Status: 502, Body: "<html>"}, "api", nil, plugin.Retry, "502 Bad Gateway", 0},
		"half an answer":  {testprovider.Fault{On: "POST", Half: true}, "api", nil, plugin.Retry, "broke off", 0},
		"led elsewhere":   {testprovider.Fault{On: "GET", Elsewhere: "https://example.org/"}, "api", nil, plugin.Failed, "leads elsewhere", 0},
		"no JSON":         {testprovider.Fault{On: "GET", Status: 200, Body: "<html>welcome"}, "api", nil, plugin.Retry, "cannot be read as JSON", 0},
		"endless":         {testprovider.Fault{On: "GET", Status: 200, Body: strings.Repeat(" ", 2<<20)}, "api", nil, plugin.Retry, "longer than", 0},
		"scope":           {testprovider.Fault{}, "read_api", nil, plugin.Failed, "needs the scope api or self_rotate", 0},
		"other kind":      {testprovider.Fault{}, "api", map[string]any{"kind": "project", "of": "7"}, plugin.Failed, "another kind", 0},
		"too long":        {testprovider.Fault{}, "api", map[string]any{"days": 400}, plugin.Failed, "fewer days", 0},
		"kind":            {testprovider.Fault{}, "api", map[string]any{"kind": "deploy"}, plugin.Failed, "none of personal", 0},
		"no project":      {testprovider.Fault{}, "api", map[string]any{"kind": "project"}, plugin.Failed, "names the project", 0},
		"days":            {testprovider.Fault{}, "api", map[string]any{"days": 0}, plugin.Failed, "not 1 to 400", 0},
		"setting":         {testprovider.Fault{}, "api", map[string]any{"ulr": ""}, plugin.Failed, `unknown field "ulr"`, 0},
		"not encrypted":   {testprovider.Fault{}, "api", map[string]any{"url": "http://gitlab.example.org"}, plugin.Failed, "must begin with https://", 0},
		"user in the URL": {testprovider.Fault{}, "api", map[string]any{"url": "https://ann@gitlab.example.org"}, plugin.Failed, "must not hold a user", 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := testprovider.NewGitLab(now)
			defer g.Close()
			settings := map[string]any{"url": g.URL}
			for k, v := range c.settings {
				settings[k] = v
			}
			if c.fault.On != "" {
				g.Fail(c.fault)
			}
			old := g.Token("personal_access_tokens", c.scope)
			reply, code := ask(t, settings, create(old))
			if code != c.code || reply.OK || !strings.Contains(reply.Message, c.says) || reply.RetryAfter != c.after {
				t.Errorf("%d %+v", code, reply)
			}
			if c.code == plugin.Failed && !slices.Contains(g.Valid(), old) {
				t.Error("it failed, and the old token is gone")
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	g := testprovider.NewGitLab(now)
	g.Close()
	reply, code := ask(t, map[string]any{"url": g.URL}, test("x"))
	if code != plugin.Retry || reply.Refused || strings.Contains(reply.Message, "http://") {
		t.Errorf("%d %+v", code, reply)
	}
}

// TestScopeSaysValid: a token that may not look at itself is valid all the same.
func TestScopeSaysValid(t *testing.T) {
	g := testprovider.NewGitLab(now)
	defer g.Close()
	body, _ := json.Marshal(map[string]string{"error": "insufficient_scope"})
	g.Fail(testprovider.Fault{On: "GET", Status: http.StatusForbidden, Body: string(body)})
	if reply, code := ask(t, map[string]any{"url": g.URL}, test(g.Token("personal_access_tokens", "self_rotate"))); code != plugin.OK || !reply.OK {
		t.Errorf("%d %+v", code, reply)
	}
}

func TestDescribe(t *testing.T) {
	reply, code := ask(t, map[string]any{}, plugin.Request{Step: plugin.StepDescribe})
	if d := reply.Description; code != plugin.OK || d == nil || d.Phases != plugin.Single || fmt.Sprint(d.Steps) != "[create test]" {
		t.Errorf("%d %+v", code, d)
	}
}
