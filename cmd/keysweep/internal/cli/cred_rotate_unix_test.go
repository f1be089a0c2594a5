//go:build unix

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keysweep/internal/testprovider"
	"keysweep/rotation"
)

// plugins builds the plugins once, with their own mains.
var plugins = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "keysweep-plugins")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", dir, "keysweep/cmd/keysweep-gitlab", "keysweep/cmd/keysweep-awsiam", "keysweep/cmd/keysweep-vault").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dir, nil
})

// pin writes a policy that allows a plugin, with the lines that keysweep itself prints for it.
func (h *credHome) pin(name string, settings map[string]any) {
	h.t.Helper()
	dir, err := plugins()
	if err != nil {
		h.t.Fatal(err)
	}
	lines := h.run(exitOK, "", "plugin", "pin", filepath.Join(dir, "keysweep-"+name))
	if !strings.HasPrefix(lines, "[plugins."+name+"]\n") {
		h.t.Fatalf("pin says %q", lines)
	}
	lines += fmt.Sprintf("providers = [%q]\n[plugins.%s.settings]\n", "acme", name)
	for key, value := range settings {
		text, err := json.Marshal(value)
		if err != nil {
			h.t.Fatal(err)
		}
		lines += key + " = " + string(text) + "\n"
	}
	h.policy(lines)
}

func (h *credHome) policy(text string) {
	h.t.Helper()
	if err := os.MkdirAll(filepath.Join(h.dir, ".config", "keysweep"), 0o700); err != nil {
		h.t.Fatal(err)
	}
	h.write(filepath.Join(".config", "keysweep", "policy.toml"), text)
}

// add adds prod/NAME of the provider acme.
func (h *credHome) add(name, value string, more ...string) {
	h.t.Helper()
	h.run(exitOK, value, append([]string{"add", name, "--env", "prod", "--provider", "acme", "--purpose", "tests", "-"}, more...)...)
}

// ledger looks into the ledger: the record of prod/NAME, and its secrets by what comes after the id.
func (h *credHome) ledger(name string) (rotation.Record, map[string]string) {
	h.t.Helper()
	env, _, said := testEnv(h.t)
	env.Home, env.Hostname, env.LedgerWork = h.dir, "host", 1
	env.Environ = []string{"HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
	var o ledgerOptions
	o.pass.fd, o.onlyLook = -1, true
	ledger, r, _, err := lookUpCred(h.t.Context(), &env, &o, "prod/"+name)
	if err != nil {
		h.t.Fatalf("%v\n%s", err, said)
	}
	values := map[string]string{}
	for _, suffix := range []string{"", "/pending", "/previous", "/rotation"} {
		if value, err := ledger.Secret(h.t.Context(), r.ID+suffix); err == nil {
			values[suffix] = string(value)
		}
	}
	return r, values
}

// wantOnly wants the credential to be at rest, with one value.
func (h *credHome) wantOnly(name, value string) rotation.Record {
	h.t.Helper()
	r, values := h.ledger(name)
	if len(values) != 1 || values[""] != value || r.Status != rotation.Active {
		h.t.Errorf("%s is %s and has %d secrets, the right one in use: %v", name, r.Status, len(values), values[""] == value)
	}
	return r
}

// wantNowhere wants none of the values in any file of the home, nor in what was said.
func (h *credHome) wantNowhere(said string, values ...string) {
	h.t.Helper()
	for _, value := range values {
		if strings.Contains(said, value) {
			h.t.Errorf("a secret was said:\n%s", said)
		}
	}
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, value := range values {
			if bytes.Contains(data, []byte(value)) {
				h.t.Errorf("%s holds a secret", path)
			}
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestCredRotateGitLab(t *testing.T) {
	g := testprovider.NewGitLab(time.Now)
	defer g.Close()
	h := newCredHome(t)
	h.pin("gitlab", map[string]any{"url": g.URL, "days": 90})
	old := g.Token("personal_access_tokens", "self_rotate")
	h.add("GITLAB_TOKEN", old)
	plan := h.run(exitOK, "", "rotate", "prod/GITLAB_TOKEN", "--dry-run")
	if !strings.Contains(plan, "the old one ends at once") || !slices.Equal(g.Valid(), []string{old}) {
		t.Errorf("dry run: %s", plan)
	}
	said := h.run(exitOK, "", "rotate", "prod/GITLAB_TOKEN")
	if len(g.Valid()) != 1 || !strings.Contains(said, "prod/GITLAB_TOKEN is replaced, and the old value is revoked") {
		t.Fatalf("%s", said)
	}
	fresh := g.Valid()[0]
	r := h.wantOnly("GITLAB_TOKEN", fresh)
	if r.Account != "101" || r.Expires.IsZero() || r.RotatedAt.IsZero() {
		t.Errorf("%+v", r)
	}
	h.wantNowhere(said, old, fresh)
	if said := h.run(exitUsage, old, "rotate", "prod/GITLAB_TOKEN", "--manual", "-"); !strings.Contains(said, "must not be used again") {
		t.Errorf("the old value comes back: %s", said)
	}
	h.run(exitOK, "", "rotate", "prod/GITLAB_TOKEN", "--abort") // the rotation that this began

	// The answer of GitLab breaks off: nobody knows the new token, and a person is told what to do.
	g.Fail(testprovider.Fault{On: "POST", Drop: true})
	said = h.run(exitIncomplete, "", "rotate", "prod/GITLAB_TOKEN")
	said += h.run(exitIncomplete, "", "rotate", "prod/GITLAB_TOKEN")
	if !strings.Contains(said, "lost on the way") || !strings.Contains(said, "hint: make a new one") {
		t.Errorf("%s", said)
	}
	status := h.run(exitFindings, "", "rotate", "prod/GITLAB_TOKEN", "--status")
	if !strings.Contains(status, "no answer came") {
		t.Errorf("%s", status)
	}
	byHand := g.Token("personal_access_tokens", "api")
	said += h.run(exitOK, byHand, "rotate", "prod/GITLAB_TOKEN", "--manual", "--account", "200")
	h.wantOnly("GITLAB_TOKEN", byHand)
	h.wantNowhere(said+status, byHand)
}

func TestCredRotateAWS(t *testing.T) {
	a := testprovider.NewIAM(time.Now)
	defer a.Close()
	h := newCredHome(t)
	h.pin("awsiam", map[string]any{"url": a.URL})
	id, secret := a.Key()
	h.add("AWS_SECRET_ACCESS_KEY", secret, "--account", id)
	said := h.run(exitOK, "", "rotate", "prod/AWS_SECRET_ACCESS_KEY", "--grace", "24h")
	if !strings.Contains(said, "the old value is valid until") || len(a.Active()) != 2 {
		t.Fatalf("%s", said)
	}
	r, values := h.ledger("AWS_SECRET_ACCESS_KEY")
	if r.Status != rotation.Retiring || values[""] != a.Secret(r.Account) || values["/previous"] != secret || r.Account == id {
		t.Errorf("%s, account %s", r.Status, r.Account)
	}
	said += h.run(exitUsage, "", "rotate", "prod/AWS_SECRET_ACCESS_KEY", "--abort")
	said += h.run(exitOK, "", "rotate", "prod/AWS_SECRET_ACCESS_KEY", "--grace", "0h") // somebody cannot wait
	if !slices.Equal(a.Active(), []string{r.Account}) {
		t.Errorf("active: %v\n%s", a.Active(), said)
	}
	h.wantOnly("AWS_SECRET_ACCESS_KEY", values[""])
	h.wantNowhere(said, secret, values[""])

	cmd := exec.Command(program(t), "run", "--env", "prod", "--", "printenv", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") // the pair, not half of it
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
	if out, err := cmd.Output(); err != nil || string(out) != r.Account+"\n"+values[""]+"\n" {
		t.Errorf("run gives other variables: %v", err)
	}

	other, _ := a.Key()
	if said := h.run(exitIncomplete, "", "rotate", "prod/AWS_SECRET_ACCESS_KEY"); !strings.Contains(said, "AWS allows no third") || !strings.Contains(said, other) {
		t.Errorf("%s", said)
	}
	h.wantOnly("AWS_SECRET_ACCESS_KEY", values[""])
}

// TestCredRotateGoneInGrace has somebody delete the new key while the old one still works.
func TestCredRotateGoneInGrace(t *testing.T) {
	a := testprovider.NewIAM(time.Now)
	defer a.Close()
	h := newCredHome(t)
	h.pin("awsiam", map[string]any{"url": a.URL})
	id, secret := a.Key()
	h.add("AWS_SECRET_ACCESS_KEY", secret, "--account", id, "--created", "2029-01-01")
	before, _ := h.ledger("AWS_SECRET_ACCESS_KEY")
	h.run(exitOK, "", "rotate", "prod/AWS_SECRET_ACCESS_KEY", "--grace", "24h")
	r, values := h.ledger("AWS_SECRET_ACCESS_KEY")
	a.End(r.Account)
	said := h.run(exitFindings, "", "rotate", "prod/AWS_SECRET_ACCESS_KEY", "--grace", "0h")
	if !strings.Contains(said, "no longer accepts the new credential") || !strings.Contains(said, "--abort; then, for a fresh one") || !slices.Equal(a.Active(), []string{id}) {
		t.Fatalf("%v\n%s", a.Active(), said)
	}
	if item := h.rotationStatus(exitFindings, "prod/AWS_SECRET_ACCESS_KEY"); item["stuck"] != true || item["step"] != "swapped" {
		t.Errorf("%v", item)
	}
	said += h.run(exitOK, "", "rotate", "prod/AWS_SECRET_ACCESS_KEY", "--abort")
	if !strings.Contains(said, "its value is the old one") {
		t.Errorf("%s", said)
	}
	after := h.wantOnly("AWS_SECRET_ACCESS_KEY", secret)
	if after.Account != id || after.Mark != before.Mark || !slices.EqualFunc(after.Evidence, before.Evidence, func(a, b rotation.Evidence) bool { return a.Source == b.Source && a.At.Equal(b.At) }) {
		t.Errorf("%+v", after)
	}
	said += h.run(exitOK, "", "rotate", "prod/AWS_SECRET_ACCESS_KEY")
	if active := a.Active(); len(active) != 1 || active[0] == id {
		t.Errorf("active: %v", active)
	}
	h.wantNowhere(said, secret, values[""])
}

func TestCredRotateVault(t *testing.T) {
	v := testprovider.NewVault(time.Now)
	defer v.Close()
	h := newCredHome(t)
	h.pin("vault", map[string]any{"url": v.URL})
	old := v.Token()
	h.add("VAULT_TOKEN", old)
	v.Fail(testprovider.Fault{On: "POST /v1/auth/token/revoke-self", Status: 503, Body: `{"errors":["Vault is sealed"]}`})
	said := h.run(exitIncomplete, "", "rotate", "prod/VAULT_TOKEN")
	status := h.run(exitFindings, "", "rotate", "prod/VAULT_TOKEN", "--status")
	if !strings.Contains(status, "the new value is in use; the old one is not revoked yet") || !strings.Contains(status, "Vault is sealed") {
		t.Errorf("%s", status)
	}
	said += h.run(exitOK, "", "rotate", "prod/VAULT_TOKEN")
	if len(v.Tokens()) != 1 || v.Tokens()[0] == old {
		t.Fatalf("%d tokens are accepted\n%s", len(v.Tokens()), said)
	}
	h.wantOnly("VAULT_TOKEN", v.Tokens()[0])
	h.wantNowhere(said+status, old, v.Tokens()[0])
}

// TestCredRotateKilled kills the real program at random moments of rotations, and runs it again.
func TestCredRotateKilled(t *testing.T) {
	v := testprovider.NewVault(time.Now)
	defer v.Close()
	h := newCredHome(t)
	h.pin("vault", map[string]any{"url": v.URL})
	h.add("VAULT_TOKEN", v.Token())
	built := program(t)
	rotate := func() *exec.Cmd {
		cmd := exec.Command(built, "cred", "rotate", "prod/VAULT_TOKEN")
		cmd.Dir = h.dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
		return cmd
	}
	begin := time.Now()
	if out, err := rotate().CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(begin)
	for i := range 5 {
		cmd := rotate()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(whole * time.Duration(i+1) / 6)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_, values := h.ledger("VAULT_TOKEN")
		if !slices.ContainsFunc([]string{"", "/pending", "/previous"}, func(s string) bool { return slices.Contains(v.Tokens(), values[s]) }) {
			t.Fatalf("killed: no value in the ledger works")
		}
	}
	if out, err := rotate().CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, values := h.ledger("VAULT_TOKEN")
	if len(values) != 1 || !slices.Contains(v.Tokens(), values[""]) {
		t.Errorf("%d secrets, works: %v", len(values), slices.Contains(v.Tokens(), values[""]))
	}
}

// TestCredRotateByHand is what a person sees who does it without a plugin.
func TestCredRotateByHand(t *testing.T) {
	h := newCredHome(t)
	old, fresh := strings.Repeat("oLd5", 6), strings.Repeat("nEw7", 6)
	h.add("STRIPE_KEY", old, "--url", "https://dashboard.example.org/keys")
	if said := h.run(exitUsage, "", "rotate", "prod/STRIPE_KEY"); !strings.Contains(said, "--manual") {
		t.Errorf("without a plugin: %s", said)
	}
	screen, code := h.onScreen([]string{"rotate", "prod/STRIPE_KEY", "--manual"}, [2]string{"(it is not shown): ", old + "\n"})
	if code != exitUsage || !strings.Contains(screen, "https://dashboard.example.org/keys") || !strings.Contains(screen, "the new value is the one that the ledger has") {
		t.Errorf("the old value: %d\n%s", code, screen)
	}
	screen, code = h.onScreen([]string{"rotate", "prod/STRIPE_KEY"}, [2]string{"(it is not shown): ", "\x03"})
	if code != exitInterrupted || !strings.Contains(screen, "Nothing has changed") {
		t.Errorf("interrupted: %d\n%s", code, screen)
	}
	screen, code = h.onScreen([]string{"rotate", "prod/STRIPE_KEY"}, [2]string{"(it is not shown): ", fresh + "\n"},
		[2]string{"Is the old value of prod/STRIPE_KEY revoked?", "n\n"})
	if code != exitFindings || !strings.Contains(screen, "has not been revoked") {
		t.Errorf("not revoked: %d\n%s", code, screen)
	}
	r, values := h.ledger("STRIPE_KEY")
	if r.Status != rotation.Retiring || values[""] != fresh || values["/previous"] != old {
		t.Errorf("%s", r.Status)
	}
	screen, code = h.onScreen([]string{"rotate", "prod/STRIPE_KEY"}, [2]string{"Is the old value of prod/STRIPE_KEY revoked?", "y\n"})
	if code != exitOK || !strings.Contains(screen, "is replaced, and the old value is revoked") {
		t.Errorf("%d\n%s", code, screen)
	}
	h.wantOnly("STRIPE_KEY", fresh)
	h.wantNowhere(screen, old, fresh)

	if said := h.run(exitOK, fresh+"1", "rotate", "prod/STRIPE_KEY", "--manual", "--open", "--revoked", "-"); !strings.Contains(said, "is replaced") || !strings.Contains(said, "note: the page is not opened") { // from a script, without a browser
		t.Errorf("%s", said)
	}
	h.wantOnly("STRIPE_KEY", fresh+"1")
}

// TestCredRotateTrust wants only pinned plugins to be run.
func TestCredRotateTrust(t *testing.T) {
	h := newCredHome(t)
	h.add("A_TOKEN", strings.Repeat("aB3", 8))
	path := filepath.Join(h.dir, "acme")
	h.write("acme", "#!/bin/sh\ntouch \""+h.dir+"/ran\"\n")
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	lines := h.run(exitOK, "", "plugin", "pin", path)
	wrong := strings.Replace(lines, lines[strings.Index(lines, `sha256 = "`)+10:][:4], "0000", 1)
	for says, policy := range map[string]string{
		"is not the program that was pinned": wrong,
		"sha256 is not the 64 hex digits":    "[plugins.acme]\npath = \"" + path + "\"\n",
		"is not absolute":                    strings.Replace(lines, path, "acme", 1),
		"there is no setting":                lines + "comand = \"x\"\n",
		"timeout is not 1s to 1h":            lines + "timeout = \"1ms\"\n",
		`there is no plugin "push"`:          lines + "deploy = \"push\"\n",
	} {
		h.policy(policy)
		env, out, said := testEnv(t, "cred", "rotate", "prod/A_TOKEN")
		env.Dir, env.Home, env.LedgerWork = h.dir, h.dir, 1
		env.Environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
		code := Main(context.Background(), env)
		if code != exitUsage && code != exitIncomplete || !strings.Contains(said.String(), says) {
			t.Errorf("%s: %d\n%s%s", says, code, out, said)
		}
	}
	if _, err := os.Stat(filepath.Join(h.dir, "ran")); err == nil {
		t.Error("a program that was not pinned was run")
	}
}
