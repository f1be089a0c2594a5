package vault

import (
	"context"
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

func request(step string, subject plugin.Subject, current, pending string) plugin.Request {
	req := plugin.Request{Step: step, Subject: subject, RequestID: "r-1", Attempt: 1, Current: &plugin.Credential{Secret: plugin.Secret(current)}}
	if pending != "" {
		req.Pending = &plugin.Credential{Secret: plugin.Secret(pending)}
	}
	return req
}

func TestToken(t *testing.T) {
	for _, role := range []string{"", "ci"} {
		v := testprovider.NewVault(now)
		defer v.Close()
		settings := map[string]any{"url": v.URL, "ttl": "2160h", "namespace": "team", "role": role}
		old := v.Token()
		made, code := ask(t, settings, request(plugin.StepCreate, "", old, ""))
		if code != plugin.OK || len(v.Tokens()) != 2 || made.Account == "" || !made.ExpiresAt.Equal(now().Add(2160*time.Hour)) {
			t.Fatalf("role %q: %d %+v", role, code, made)
		}
		if got, code := ask(t, settings, request(plugin.StepTest, plugin.Pending, old, string(made.Secret))); code != plugin.OK || !got.OK || got.Account != made.Account || !got.CreatedAt.Equal(now()) {
			t.Errorf("role %q: test: %d %+v", role, code, got)
		}
		for range 2 { // a second time, it is gone already
			if got, code := ask(t, settings, request(plugin.StepRevoke, plugin.Current, old, string(made.Secret))); code != plugin.OK || !got.OK {
				t.Errorf("role %q: revoke: %d %+v", role, code, got)
			}
		}
		if !slices.Equal(v.Tokens(), []string{string(made.Secret)}) {
			t.Errorf("role %q: %d tokens are accepted", role, len(v.Tokens()))
		}
		if got, code := ask(t, settings, request(plugin.StepTest, plugin.Current, old, string(made.Secret))); code != plugin.OK || !got.Refused {
			t.Errorf("role %q: old: %d %+v", role, code, got)
		}
	}
}

// TestChildIsNotTaken wants no token that ends with the one it replaces.
func TestChildIsNotTaken(t *testing.T) {
	v := testprovider.NewVault(now)
	defer v.Close()
	v.Children = true
	old := v.Token()
	got, code := ask(t, map[string]any{"url": v.URL, "role": "ci"}, request(plugin.StepCreate, "", old, ""))
	if code != plugin.Failed || len(got.Secret) > 0 || !strings.Contains(got.Message, "orphan=true") || !slices.Equal(v.Tokens(), []string{old}) {
		t.Errorf("%d %+v, %d tokens", code, got, len(v.Tokens()))
	}
}

func TestAppRole(t *testing.T) {
	v := testprovider.NewVault(now)
	defer v.Close()
	settings := map[string]any{"url": v.URL, "kind": "approle", "role": "ci", "role_id": v.RoleID}
	old := v.SecretID()
	v.Fail(testprovider.Fault{On: "POST /v1/auth/approle/role/ci/secret-id", Drop: true})
	if got, code := ask(t, settings, request(plugin.StepCreate, "", old, "")); code != plugin.Retry || len(v.SecretIDs()) != 2 {
		t.Fatalf("%d %+v, %d", code, got, len(v.SecretIDs()))
	}
	again := request(plugin.StepCreate, "", old, "")
	again.Attempt = 2
	made, code := ask(t, settings, again)
	if code != plugin.OK || len(v.SecretIDs()) != 2 || !made.ExpiresAt.Equal(now().Add(24*time.Hour)) {
		t.Fatalf("the lost one is still there: %d %+v, %d", code, made, len(v.SecretIDs()))
	}
	if got, code := ask(t, settings, request(plugin.StepTest, plugin.Pending, old, string(made.Secret))); code != plugin.OK || got.Account != made.Account {
		t.Errorf("test: %d %+v", code, got)
	}
	revoke := request(plugin.StepRevoke, plugin.Current, old, string(made.Secret))
	if got, code := ask(t, settings, revoke); code != plugin.OK {
		t.Errorf("revoke by value: %d %+v", code, got)
	}
	revoke.Current.Account = "long gone"
	if got, code := ask(t, settings, revoke); code != plugin.OK {
		t.Errorf("revoke by an accessor that is gone: %d %+v", code, got)
	}
	if !slices.Equal(v.SecretIDs(), []string{string(made.Secret)}) || len(v.Tokens()) != 0 {
		t.Errorf("%d secret ids, %d tokens of logins are left", len(v.SecretIDs()), len(v.Tokens()))
	}
	if got, code := ask(t, settings, request(plugin.StepTest, plugin.Current, old, "")); code != plugin.OK || !got.Refused {
		t.Errorf("old: %d %+v", code, got)
	}
}

func TestTroubles(t *testing.T) {
	for name, c := range map[string]struct {
		fault    testprovider.Fault
		settings map[string]any
		denied   string
		code     int
		refused  bool
		says     string
	}{
		"sealed":         {testprovider.Fault{On: "GET", Status: 503, Body: `{"errors":["Vault is sealed"]}`}, nil, "", plugin.Retry, false, "Vault is sealed"},
		"quota":          {testprovider.Fault{On: "POST", Status: 429, RetryAfter: "5"}, nil, "", plugin.Retry, false, "429"},
		"lost":           {testprovider.Fault{On: "POST", Drop: true}, nil, "", plugin.Retry, false, "create-orphan"},
		"no policy":      {testprovider.Fault{}, nil, "POST token/create-orphan", plugin.Failed, false, "must allow update on auth/token/create-orphan"},
		"wrong ttl":      {testprovider.Fault{}, map[string]any{"ttl": "soon"}, "", plugin.Failed, false, "invalid 'ttl' value"},
		"kind":           {testprovider.Fault{}, map[string]any{"kind": "userpass"}, "", plugin.Failed, false, "neither token nor approle"},
		"no role":        {testprovider.Fault{}, map[string]any{"kind": "approle"}, "", plugin.Failed, false, "needs role and role_id"},
		"no such secret": {testprovider.Fault{}, map[string]any{"kind": "approle", "role": "ci", "role_id": "x"}, "", plugin.OK, true, "invalid role or secret ID"},
		"no url":         {testprovider.Fault{}, map[string]any{"url": ""}, "", plugin.Failed, false, "url is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			v := testprovider.NewVault(now)
			defer v.Close()
			settings := map[string]any{"url": v.URL}
			for k, value := range c.settings {
				settings[k] = value
			}
			if c.fault.On != "" {
				v.Fail(c.fault)
			}
			v.Denied = []string{c.denied}
			got, code := ask(t, settings, request(plugin.StepCreate, "", v.Token(), ""))
			if code != c.code || got.OK || got.Refused != c.refused || !strings.Contains(got.Message, c.says) {
				t.Errorf("%d %+v", code, got)
			}
		})
	}
}

func TestIdentityIsNotLost(t *testing.T) {
	v := testprovider.NewVault(now)
	defer v.Close()
	got, code := ask(t, map[string]any{"url": v.URL}, request(plugin.StepCreate, "", v.Token("people"), ""))
	if code != plugin.Failed || !strings.Contains(got.Message, "policies of an identity (people)") {
		t.Errorf("%d %+v", code, got)
	}
}

// TestStall wants an end of the caller's time to be one that can be tried again.
func TestStall(t *testing.T) {
	v := testprovider.NewVault(now)
	defer v.Close()
	v.Fail(testprovider.Fault{On: "GET", Stall: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	got, code, err := testprovider.Ask(ctx, Plugin{Now: now}, map[string]any{"url": v.URL}, request(plugin.StepTest, plugin.Current, v.Token(), ""))
	if code != plugin.Retry || got.Refused || err != nil {
		t.Errorf("%d %+v %v", code, got, err)
	}
}
