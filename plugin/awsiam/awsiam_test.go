package awsiam

import (
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testprovider"
	"keysweep/plugin"
)

// start is the clock of the service; requests are signed with the real one, which the service does not compare.
func start() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func ask(t *testing.T, a *testprovider.IAM, more map[string]any, req plugin.Request) (plugin.Reply, int) {
	t.Helper()
	settings := map[string]any{"url": a.URL}
	for name, value := range more {
		settings[name] = value
	}
	req.StartedAt = start()
	reply, code, err := testprovider.Ask(t.Context(), Plugin{Now: start, Patience: 3 * time.Second}, settings, req)
	if err != nil {
		t.Fatal(err)
	}
	return reply, code
}

func key(id, secret string) *plugin.Credential {
	return &plugin.Credential{Account: id, Secret: plugin.Secret(secret)}
}

func TestRotate(t *testing.T) {
	a := testprovider.NewIAM(start)
	defer a.Close()
	id, secret := a.Key()
	a.Lag = 1
	made, code := ask(t, a, nil, plugin.Request{Step: plugin.StepCreate, Attempt: 1, Current: key(id, secret)})
	if code != plugin.OK || made.Account == id || string(made.Secret) != a.Secret(made.Account) || !made.CreatedAt.Equal(start()) || made.Meta["user"] != "ci" {
		t.Fatalf("%d %+v", code, made)
	}
	current, pending := key(id, secret), key(made.Account, string(made.Secret))
	if got, code := ask(t, a, nil, plugin.Request{Step: plugin.StepTest, Subject: plugin.Pending, Current: current, Pending: pending}); code != plugin.OK || !got.OK || !got.CreatedAt.Equal(start()) {
		t.Errorf("test of the new one, which is not known everywhere at once: %d %+v", code, got)
	}
	found := key("", string(made.Secret))
	if got, code := ask(t, a, nil, plugin.Request{Step: plugin.StepTest, Subject: plugin.Pending, Current: current, Pending: found}); code != plugin.OK || got.Account != made.Account {
		t.Errorf("the id of a key whose secret alone was kept: %d %+v", code, got)
	}
	for range 2 {
		if got, code := ask(t, a, nil, plugin.Request{Step: plugin.StepRevoke, Subject: plugin.Current, Current: current, Pending: pending}); code != plugin.OK {
			t.Errorf("revoke: %d %+v", code, got)
		}
	}
	if !slices.Equal(a.Active(), []string{made.Account}) {
		t.Errorf("active: %v", a.Active())
	}
	if got, code := ask(t, a, nil, plugin.Request{Step: plugin.StepTest, Subject: plugin.Current, Current: current, Pending: pending}); code != plugin.OK || !got.Refused {
		t.Errorf("old: %d %+v", code, got)
	}
	if !slices.Contains(a.Log(), "POST UpdateAccessKey") {
		t.Errorf("not made inactive before it was deleted: %v", a.Log())
	}
}

func TestTwoKeys(t *testing.T) {
	a := testprovider.NewIAM(start)
	defer a.Close()
	id, secret := a.Key()
	other, _ := a.Key()
	got, code := ask(t, a, nil, plugin.Request{Step: plugin.StepCreate, Attempt: 1, Current: key(id, secret)})
	if code != plugin.Failed || !strings.Contains(got.Message, other+" (active, made 2026-03-01)") || len(a.Active()) != 2 {
		t.Errorf("%d %+v", code, got)
	}
}

// TestLost wants a key whose secret was lost to be deleted by the next try, and no other key ever.
func TestLost(t *testing.T) {
	a := testprovider.NewIAM(start)
	defer a.Close()
	id, secret := a.Key()
	a.Fail(testprovider.Fault{On: "POST CreateAccessKey", Drop: true})
	if got, code := ask(t, a, nil, plugin.Request{Step: plugin.StepCreate, Attempt: 1, Current: key(id, secret)}); code != plugin.Retry {
		t.Fatalf("%d %+v", code, got)
	}
	if n := strings.Count(strings.Join(a.Log(), " "), "CreateAccessKey"); n != 1 || len(a.Active()) != 2 {
		t.Fatalf("CreateAccessKey was sent %d times, %d keys", n, len(a.Active()))
	}
	lost := a.Active()[1]
	later := plugin.Request{Step: plugin.StepCreate, Attempt: 2, StartedAt: start().Add(-2 * time.Hour), TriedAt: start().Add(-time.Hour), Current: key(id, secret)}
	if got, code := ask(t, a, nil, later); code != plugin.Failed || !slices.Contains(a.Active(), lost) {
		t.Errorf("a key was deleted that somebody made after the last try: %d %+v", code, got)
	}
	made, code := ask(t, a, nil, plugin.Request{Step: plugin.StepCreate, Attempt: 2, Current: key(id, secret)})
	if code != plugin.OK || slices.Contains(a.Active(), lost) || !slices.Contains(a.Active(), made.Account) {
		t.Fatalf("%d %+v, %v", code, made, a.Active())
	}
	a.Use(made.Account, "s3", start())
	if got, code := ask(t, a, nil, plugin.Request{Step: plugin.StepCreate, Attempt: 3, Current: key(id, secret)}); code != plugin.Failed || !slices.Contains(a.Active(), made.Account) {
		t.Errorf("a key that is used was deleted: %d %+v", code, got)
	}
}

func TestStillUsed(t *testing.T) {
	a := testprovider.NewIAM(start)
	defer a.Close()
	id, secret := a.Key()
	newID, newSecret := a.Key()
	req := plugin.Request{Step: plugin.StepRevoke, Subject: plugin.Current, Current: key(id, secret), Pending: key(newID, newSecret)}
	a.Use(id, "s3", start().Add(time.Hour))
	if got, code := ask(t, a, nil, req); code != plugin.Retry || !strings.Contains(got.Message, "was used for s3") || len(a.Active()) != 2 {
		t.Errorf("%d %+v", code, got)
	}
	if got, code := ask(t, a, map[string]any{"ignore_use": true}, req); code != plugin.OK || len(a.Active()) != 1 {
		t.Errorf("%d %+v", code, got)
	}
}

func TestTroubles(t *testing.T) {
	for name, c := range map[string]struct {
		fault   testprovider.Fault
		denied  string
		more    map[string]any
		change  func(*plugin.Credential)
		code    int
		refused bool
		says    string
	}{
		"throttled":     {fault: testprovider.Fault{On: "POST ListAccessKeys", Status: 400, Body: "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"}, code: plugin.Retry, says: "Throttling: Rate exceeded"},
		"down":          {fault: testprovider.Fault{On: "POST CreateAccessKey", Status: 503, Body: "<ErrorResponse><Error><Code>ServiceUnavailable</Code><Message>soon</Message></Error></ErrorResponse>"}, code: plugin.Retry, says: "ServiceUnavailable"},
		"half":          {fault: testprovider.Fault{On: "POST CreateAccessKey", Half: true}, code: plugin.Retry, says: "CreateAccessKey"},
		"elsewhere":     {fault: testprovider.Fault{On: "POST ListAccessKeys", Elsewhere: "http://example.org/"}, code: plugin.Failed, says: "ListAccessKeys"},
		"not allowed":   {denied: "CreateAccessKey", code: plugin.Failed, says: "AccessDenied: User: arn:aws:iam::123456789012:user/ci is not authorized"},
		"wrong secret":  {change: func(c *plugin.Credential) { c.Secret = plugin.Secret("wrong") }, code: plugin.OK, refused: true, says: "SignatureDoesNotMatch"},
		"unknown":       {change: func(c *plugin.Credential) { c.Account = "AKIA" + strings.Repeat("X", 16) }, code: plugin.OK, refused: true, says: "InvalidClientTokenId"},
		"no id":         {change: func(c *plugin.Credential) { c.Account = "" }, code: plugin.Failed, says: "access key id is not known"},
		"not encrypted": {more: map[string]any{"url": "http://iam.example.org"}, code: plugin.Failed, says: "https://"},
	} {
		t.Run(name, func(t *testing.T) {
			a := testprovider.NewIAM(start)
			defer a.Close()
			if c.fault.On != "" {
				a.Fail(c.fault)
			}
			a.Denied = []string{c.denied}
			current := key(a.Key())
			if c.change != nil {
				c.change(current)
			}
			got, code := ask(t, a, c.more, plugin.Request{Step: plugin.StepCreate, Attempt: 1, Current: current})
			if code != c.code || got.OK || got.Refused != c.refused || !strings.Contains(got.Message, c.says) {
				t.Errorf("%d %+v", code, got)
			}
		})
	}
}

// TestDeniedIsKnown: who is told "access denied" has been recognised.
func TestDeniedIsKnown(t *testing.T) {
	a := testprovider.NewIAM(start)
	defer a.Close()
	a.Denied = []string{"ListAccessKeys"}
	if got, code := ask(t, a, nil, plugin.Request{Step: plugin.StepTest, Subject: plugin.Current, Current: key(a.Key())}); code != plugin.OK || !got.OK {
		t.Errorf("%d %+v", code, got)
	}
}
