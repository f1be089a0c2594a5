package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"keysweep/finding"
	"keysweep/policy/practice"
)

// attestHome is a home directory in which things are attested, at a time that tests move.
type attestHome struct {
	t   *testing.T
	dir string
	now time.Time
}

func newAttestHome(t *testing.T) *attestHome {
	return &attestHome{t, t.TempDir(), time.Date(2030, 1, 10, 12, 0, 0, 0, time.UTC)}
}

func (h *attestHome) env(args ...string) (Env, *bytes.Buffer, *bytes.Buffer) {
	env, out, errs := testEnv(h.t, args...)
	env.Dir, env.Home, env.Hostname, env.Username = h.dir, h.dir, "web1", "ann"
	env.Environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir}
	env.Now = func() time.Time { return h.now }
	return env, out, errs
}

func (h *attestHome) run(want int, args ...string) string {
	h.t.Helper()
	env, out, errs := h.env(args...)
	if code := Main(context.Background(), env); code != want {
		h.t.Errorf("%q: exit code %d, want %d\n%s%s", args, code, want, out, errs)
	}
	return out.String()
}

// TestPracticesMatchTheirSchemas closes the schemas: a field that is not documented fails.
func TestPracticesMatchTheirSchemas(t *testing.T) {
	h := newAttestHome(t)
	script := filepath.Join(h.dir, "setup.sh")
	if err := os.WriteFile(script, []byte("echo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.run(exitOK, "attest", "account.mfa", "--evidence", "keys")
	h.run(exitOK, "attest", "account.mfa", "--evidence", "https://example.org/x", "--scope", "account:aws")
	h.run(exitOK, "attest", "account.mfa", "--not-done")
	h.run(exitOK, "attest", "service.tls", "--not-applicable")
	h.run(exitOK, "attest", "script.reviewed", "--scope", "script:"+script, "--evidence", script)
	h.run(exitOK, "audit", "keys")
	for _, tt := range []struct {
		schema string
		code   int
		args   []string
	}{
		{"practices", exitOK, []string{"practices"}},
		{"practices", exitFindings, []string{"practices", "--strict", "--open"}},
		{"attestations", exitOK, []string{"attest", "list"}},
		{"attestations", exitOK, []string{"attest", "show", "account.mfa"}},
		{"domain-check", exitFindings, []string{"domain", "check", "spheron.network", "https://spher0n.network", "https://example.org"}},
	} {
		text := h.run(tt.code, append(tt.args, "--format", "json")...)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := closedSchema(t, "keysweep."+tt.schema+".v1.schema.json").Validate(document); err != nil {
			t.Errorf("%q: %v\n%s", tt.args, err, text)
		}
	}
}

// TestAttestedResults follows one practice from never to stale: what is open fails only under --strict, and never passes.
func TestAttestedResults(t *testing.T) {
	h := newAttestHome(t)
	state := func() finding.Result {
		env, _, _ := h.env()
		list, problems, _, err := attestedResults(context.Background(), &env, practice.Host)
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		for _, r := range list {
			p, known := practice.Find(r.Check)
			if !known || p.Scope != practice.Host || r.Fix == "" || r.Title == "" || r.Area != p.Area {
				t.Errorf("%+v", r)
			}
			if r.Check == "service.tls" {
				return r
			}
		}
		t.Fatal("it is not there")
		return finding.Result{}
	}
	want := func(what string, s finding.State, words string) {
		t.Helper()
		if r := state(); r.State != s || !strings.Contains(r.Title, words) {
			t.Errorf("%s: %s %q, want %s %q", what, r.State, r.Title, s, words)
		}
	}
	want("at first", finding.Open, "never attested")
	h.run(exitOK, "attest", "service.tls", "--scope", "host:other", "--evidence", "x")
	want("of another machine", finding.Open, "never attested")
	h.run(exitOK, "attest", "service.tls", "--evidence", "x")
	want("attested", finding.Pass, "attested by ann")
	h.now = h.now.AddDate(0, 0, 85)
	want("due", finding.Pass, "due again in 5 days")
	h.now = h.now.AddDate(0, 0, 6)
	want("stale", finding.Open, "stale: it counted until 2030-04-10")
	h.run(exitOK, "attest", "service.tls", "--not-applicable")
	want("not applicable", finding.NotApplicable, "not applicable")
	h.run(exitOK, "attest", "service.tls", "--not-done")
	want("not done", finding.Open, "not done")
}

// TestPracticesTakeTheNewestAudit wants what an older audit found not to hide what a newer one says, and a waiver to be no failure.
func TestPracticesTakeTheNewestAudit(t *testing.T) {
	h := newAttestHome(t)
	env, _, _ := h.env()
	remember := func(of, target string, at time.Time, results ...finding.Result) {
		rememberAudit(&env, &finding.Audit{Schema: "keysweep.audit/v1", GeneratedAt: at, Target: target, Results: results}, of)
	}
	fail := func(check, title string) finding.Result {
		return finding.Result{Check: check, State: finding.Fail, Severity: finding.High, Title: title}
	}
	pass := func(check string) finding.Result { return finding.Result{Check: check, State: finding.Pass} }
	remember("host", "this machine", h.now, fail("ssh.root-login", "root may log in"), fail("ssh.allow-users", "old"), pass("ssh.max-auth-tries"))
	remember("all", "this machine, the repository /elsewhere", h.now.Add(time.Hour), pass("ssh.root-login"), fail("secrets.hardcoded", "elsewhere"),
		finding.Result{Check: "key-overdue", Area: "keys", State: finding.Fail, Severity: finding.Medium, Title: "due"})
	remember("keys", "keys", h.now.Add(-time.Hour), fail("key-no-passphrase", "gone since"))
	sight, err := lookAtPractices(context.Background(), &env)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]finding.State{}
	for _, s := range sight.states() {
		got[s.ID] = s.checked
	}
	for id, want := range map[string]finding.State{
		"ssh.root-login": finding.Pass, "ssh.allow-users": finding.Fail, "ssh.max-auth-tries": finding.Pass, "ssh.pubkey-auth": notChecked,
		"ssh.key-age": finding.Fail, "ssh.key-passphrase": finding.Pass, "secrets.hardcoded": notChecked, "account.mfa": "",
		"ssh.password-auth": notChecked, "api.key-age": finding.NotApplicable,
	} {
		if got[id] != want {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	var rows struct{ Items []struct{ Next string } }
	if err := json.Unmarshal([]byte(h.run(exitOK, "practices", "--format", "json", "--open")), &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows.Items {
		if !strings.HasPrefix(r.Next, "keysweep ") {
			t.Errorf("what is open has no next command: %q", r.Next)
		}
	}
}

// TestJudgesAreCommands wants the commands that judge practices to be commands.
func TestJudgesAreCommands(t *testing.T) {
	root := newRootCommand(&Env{})
	for _, p := range practice.All() {
		for _, text := range p.Commands {
			words := strings.Fields(text)
			c, rest, err := root.Find(words)
			if err != nil || c == root {
				t.Errorf("%s: there is no command %q", p.ID, text)
				continue
			}
			for _, w := range rest {
				if c.Flags().Lookup(strings.TrimPrefix(w, "--")) == nil {
					t.Errorf("%s: %q has a flag that %s has not", p.ID, text, c.CommandPath())
				}
			}
		}
	}
}

// TestPolicyTemplate reads what policy init writes, as it is and with its examples taken in.
func TestPolicyTemplate(t *testing.T) {
	for _, profile := range profileNames() {
		text := strings.Replace(policyTemplate, "PROFILE", profile, 1)
		head, examples, _ := strings.Cut(text, "\n\n# [checks")
		for _, data := range []string{text, head + "\n" + strings.ReplaceAll("\n# [checks"+examples, "\n# ", "\n")} {
			var s policySettings
			if err := s.read(&Env{}, "policy.toml", []byte(data)); err != nil {
				t.Errorf("%s: %v\n%s", profile, err, data)
			}
			if s.audit.rules.Profile != profile+"@1" {
				t.Errorf("profile %q", s.audit.rules.Profile)
			}
		}
	}
	var s policySettings
	data := "[checks.\"ssh.root-login\"]\nenabled = false\n"
	if err := s.read(&Env{}, "policy.toml", []byte(data)); err != nil || len(s.audit.switched) != 1 || s.audit.switched[0].Where != "policy.toml:1" {
		t.Errorf("%v %+v", err, s.audit.switched)
	}
	if err := s.read(&Env{}, "user.toml", []byte("[checks.\"ssh.root-login\"]\nenabled = true\n")); err != nil || len(s.audit.switched)+len(s.audit.rules.Off) != 0 {
		t.Errorf("the last file has not the last word: %v %+v", err, s.audit.switched)
	}
}
