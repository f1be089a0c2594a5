package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// canary looks like a secret that must not be shown; it is put together here, as scanners read this file, too.
func canary() string { return strings.Join([]string{"tok", "en<&>", "\"quoted\\"}, "-") }

type fake struct {
	create func(*Request) (Reply, error)
	test   error
}

func (f fake) Describe() Description { return Description{Name: "fake", Phases: Dual} }
func (f fake) Create(_ context.Context, r *Request) (Reply, error) {
	return f.create(r)
}
func (f fake) Test(context.Context, *Request) (Reply, error) { return Reply{}, f.test }

type full struct{ fake }

func (full) Deploy(context.Context, *Request) (Reply, error) {
	return Reply{Message: "deployed"}, nil
}
func (full) Revoke(_ context.Context, r *Request) (Reply, error) {
	subject, other := r.Subjects()
	return Reply{Message: subject.Account + other.Account}, nil
}

func serveText(t *testing.T, p Plugin, in string) (Reply, int, string) {
	t.Helper()
	var out bytes.Buffer
	code := Serve(t.Context(), strings.NewReader(in), &out, p)
	reply, err := ReadReply(out.Bytes())
	if err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("reply %q: %v", out.String(), err)
	}
	return reply, code, out.String()
}

func request(t *testing.T, r Request) string {
	t.Helper()
	r.Protocol = Version
	var b bytes.Buffer
	if err := Encode(&b, &r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestServe(t *testing.T) {
	ok := fake{create: func(r *Request) (Reply, error) {
		return Reply{Secret: append(Secret("new-"), r.Current.Secret...), Account: "id"}, nil
	}}
	current, pending := &Credential{Secret: Secret(canary()), Account: "a"}, &Credential{Secret: Secret("p"), Account: "b"}
	tests := []struct {
		name   string
		p      Plugin
		in     string
		code   int
		ok     bool
		refuse bool
		says   string
	}{
		{"create", ok, request(t, Request{Step: StepCreate, Current: current}), OK, true, false, ""},
		{"create without a credential", ok, request(t, Request{Step: StepCreate}), Failed, false, false, "no current credential"},
		{"test", ok, request(t, Request{Step: StepTest, Subject: Current, Current: current}), OK, true, false, ""},
		{"test of what is not there", ok, request(t, Request{Step: StepTest, Subject: Pending, Current: current}), Failed, false, false, "no pending credential"},
		{"refused", fake{test: fmt.Errorf("401: %w", ErrRefused)}, request(t, Request{Step: StepTest, Subject: Current, Current: current}), OK, false, true, "401"},
		{"later", fake{test: &RetryError{errors.New("503"), 7 * time.Second}}, request(t, Request{Step: StepTest, Subject: Current, Current: current}), Retry, false, false, "503"},
		{"failed", fake{test: errors.New("two\nlines")}, request(t, Request{Step: StepTest, Subject: Current, Current: current}), Failed, false, false, "two lines"},
		{"no such step", ok, request(t, Request{Step: StepRevoke, Subject: Current, Current: current}), Failed, false, false, `no step "revoke"`},
		{"deploy", full{ok}, request(t, Request{Step: StepDeploy, Subject: Pending, Current: current, Pending: pending}), OK, true, false, "deployed"},
		{"revoke the old one", full{ok}, request(t, Request{Step: StepRevoke, Subject: Current, Current: current, Pending: pending}), OK, true, false, "ab"},
		{"revoke the new one", full{ok}, request(t, Request{Step: StepRevoke, Subject: Pending, Current: current, Pending: pending}), OK, true, false, "ba"},
		{"no request", ok, "", Failed, false, false, "it is empty"},
		{"no object", ok, "[1]", Failed, false, false, "no JSON object"},
		{"broken", ok, `{"protocol":1,` + canary(), Failed, false, false, "mistake at byte"},
		{"wrong type", ok, `{"protocol":1,"current":{"secret":17}}`, Failed, false, false, "wrong type"},
		{"newer", ok, `{"protocol":2,"step":"create"}`, Failed, false, false, "protocol 2"},
		{"endless", ok, `{"protocol":1,"name":"` + strings.Repeat("x", MaxMessage), Failed, false, false, "longer than"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reply, code, text := serveText(t, test.p, test.in)
			if code != test.code || reply.OK != test.ok || reply.Refused != test.refuse || !strings.Contains(reply.Message, test.says) {
				t.Errorf("exit code %d, reply %s", code, text)
			}
			if test.name != "create" && strings.Contains(text, "quoted") {
				t.Errorf("the reply shows a secret: %s", text)
			}
		})
	}
}

func TestDescribeNamesTheSteps(t *testing.T) {
	for want, p := range map[string]Plugin{"create test": fake{}, "create test deploy revoke": full{}} {
		reply, code, _ := serveText(t, p, request(t, Request{Step: StepDescribe}))
		if code != OK || reply.Description == nil || strings.Join(reply.Description.Steps, " ") != want || reply.Description.Protocol != Version {
			t.Errorf("%d, %+v", code, reply.Description)
		}
	}
}

// TestSecretsPrintMasked wants a secret to show in JSON alone, and there as it is.
func TestSecretsPrintMasked(t *testing.T) {
	r := Request{Step: StepCreate, Current: &Credential{Secret: Secret(canary())}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, *r.Current); strings.Contains(text, "quoted") {
			t.Errorf("%s: %s", verb, text)
		}
	}
	text := request(t, r)
	if !strings.Contains(text, `"current":{"secret":"tok-en<&>-\"quoted\\"}`) {
		t.Errorf("as JSON: %s", text)
	}
	var back Request
	if err := json.Unmarshal([]byte(text), &back); err != nil || string(back.Current.Secret) != canary() {
		t.Errorf("%v", err)
	}
	if err := Encode(new(bytes.Buffer), &Credential{Secret: Secret("\xff")}); err == nil {
		t.Error("what is no text was sent")
	}
	r.Clear()
	if string(r.Current.Secret) != strings.Repeat("\x00", len(canary())) {
		t.Error("not cleared")
	}
}

func TestReadReplyRefuses(t *testing.T) {
	big, _ := json.Marshal(Reply{Secret: Secret("s"), Meta: map[string]string{"k": strings.Repeat("v", MaxMeta)}})
	for in, want := range map[string]string{
		`{"ok":true,"message":"a\u001b[2J"}`:  "one line of text",
		`{"ok":true,"account":"a\nb"}`:        "one line of text",
		`{"ok":"yes"}`:                        `"ok" must be a bool`,
		`{"ok":true} {"ok":true}`:             "mistake at byte",
		string(big):                           "meta takes",
		`{"ok":true,"expires_at":"tomorrow"}`: "wrong type",
	} {
		reply, err := ReadReply([]byte(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", in, err, want)
		}
		if in == string(big) && string(reply.Secret) != "s" {
			t.Error("the secret of a reply that breaks a rule is lost")
		}
	}
}

// TestReadReplyKeepsTheSecret wants a new credential to be found in whatever a plugin sends beside it: it may be the only one that works.
func TestReadReplyKeepsTheSecret(t *testing.T) {
	for _, in := range []string{
		`{"ok":true,"expires_at":"2026-12-01","secret":"new"}`,
		`{"ok":true,"secret":"new","created_at":1764547200}`,
		`{"ok":"yes","secret":"new"}`,
		`{"ok":true,"secret":"new"} {"ok":true}`,
		`{"ok":true,"secret":"new","message":"cut o`,
		"asking for a token\n{\"current\":{\"secret\":\"old\"}}\n  {\"ok\":true,\n \"secret\": \"new\",\n \"expires_at\": \"soon\"}\n",
	} {
		if reply, err := ReadReply([]byte(in)); err == nil || string(reply.Secret) != "new" {
			t.Errorf("%s: %q, %v", in, []byte(reply.Secret), err)
		}
	}
	for _, in := range []string{`{"ok":true,"secret":17}`, `{"ok":"yes","current":{"secret":"old"}}`, `{"secret":"cu`, `[{"secret":"x"}]`, "{", ""} {
		if reply, err := ReadReply([]byte(in)); err == nil || reply.Secret != nil {
			t.Errorf("%s: %q, %v", in, []byte(reply.Secret), err)
		}
	}
}

func TestDecodeSettings(t *testing.T) {
	var s struct {
		URL string `json:"url"`
	}
	r := Request{Settings: json.RawMessage(`{"url":"x"}`)}
	if err := r.DecodeSettings(&s); err != nil || s.URL != "x" {
		t.Errorf("%v %+v", err, s)
	}
	r.Settings = json.RawMessage(`{"ulr":"x"}`)
	if err := r.DecodeSettings(&s); err == nil || !strings.Contains(err.Error(), `settings: unknown field "ulr"`) {
		t.Errorf("%v", err)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"protocol":1,"step":"create","current":{"secret":"x","meta":{"a":"b"}},"started_at":"2026-03-01T12:00:00Z"}`))
	f.Add([]byte(`{"protocol":1,"step":"describe"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadRequest(bytes.NewReader(data))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Encode(&b, r); err != nil {
			return // too long once its escapes are written out, or a date out of range
		}
		again, err := ReadRequest(&b)
		if err != nil || again.Step != r.Step || (r.Current != nil && !bytes.Equal(again.Current.Secret, r.Current.Secret)) {
			t.Errorf("%q came back as %+v, %v", data, again, err)
		}
	})
}

func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"ok":true,"secret":"x","expires_at":"2026-03-01T12:00:00Z","meta":{"a":"b"}}`))
	f.Add([]byte(`{"ok":false,"refused":true,"message":"401"}`))
	f.Add([]byte(`{"ok":true,"description":{"protocol":1,"steps":["create"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := ReadReply(data); err == nil && strings.ContainsAny(r.Message+r.Account, "\n\x1b") {
			t.Errorf("%q: %+v", data, r)
		}
	})
}
