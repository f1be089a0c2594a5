package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// credHome is a home with a ledger's passphrase, in which cred runs.
type credHome struct {
	t   *testing.T
	dir string
}

func newCredHome(t *testing.T) *credHome {
	t.Helper()
	h := &credHome{t, t.TempDir()}
	h.write("ledger", "grove-anvil-pepper-swan\n")
	return h
}

func (h *credHome) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *credHome) read(name string) string {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// run runs keysweep cred with a standard input, and wants an exit code.
func (h *credHome) run(want int, stdin string, args ...string) string {
	h.t.Helper()
	env, out, errs := testEnv(h.t, append([]string{"cred"}, args...)...)
	env.Dir, env.Home, env.Hostname, env.Username, env.LedgerWork = h.dir, h.dir, "host", "ann", 1
	env.Environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
	env.Stdin = strings.NewReader(stdin)
	env.Now = func() time.Time { return time.Date(2030, 1, 10, 12, 0, 0, 0, time.UTC) }
	if code := Main(context.Background(), env); code != want {
		h.t.Errorf("cred %q: exit code %d, want %d\n%s%s", args, code, want, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

// TestCredListMatchesItsSchema has credentials with every kind of fact, and closes the schema: a field that is not documented fails.
func TestCredListMatchesItsSchema(t *testing.T) {
	h := newCredHome(t)
	check := func(items int, args ...string) {
		t.Helper()
		env, out, errs := testEnv(t, append([]string{"cred", "list", "--format", "json"}, args...)...)
		env.Dir, env.Home, env.LedgerWork = h.dir, h.dir, 1
		env.Environ = []string{"HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
		if code := Main(context.Background(), env); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, errs.String())
		}
		document, err := jsonschema.UnmarshalJSON(out)
		if err != nil {
			t.Fatal(err)
		}
		if err := closedSchema(t, "keysweep.cred-list.v1.schema.json").Validate(document); err != nil {
			t.Error(err)
		}
		if list, _ := document.(map[string]any)["items"].([]any); len(list) != items {
			t.Errorf("%q: %d items, want %d", args, len(list), items)
		}
	}
	check(0)
	value := strings.Repeat("Zq7", 9)
	h.run(exitOK, value, "add", "A", "--env", "prod", "--purpose", "x", "--owner", "ann", "--service", "shop", "--provider", "aws", "--account", "4711",
		"--created", "2029-01-01", "--expires", "2031-01-01")
	h.run(exitOK, value, "add", "A", "--env", "dev", "--purpose", "x")
	h.run(exitOK, value+"x", "add", "B", "--env", "dev", "--purpose", "x")
	h.run(exitOK, "", "compromised", "dev/A", "--reason", "test")
	h.run(exitOK, "", "remove", "dev/B", "--yes")
	check(2)
	check(3, "--all", "--kind", "all")
	check(1, "--env", "prod")
}

// TestCredImportGoesOn cuts an import off between ledger and file, where a kill leaves it, and at a file that cannot be written.
func TestCredImportGoesOn(t *testing.T) {
	h := newCredHome(t)
	value := strings.Repeat("Kx3", 9)
	text := "A_TOKEN=" + value + " # c\r\nPORT=1\r\nB_TOKEN='" + value + "y'"
	want := strings.Replace(strings.Replace(text, value+"y", "keysweep://dev/B_TOKEN", 1), value, "keysweep://dev/A_TOKEN", 1)
	h.write(".env", text)
	h.run(exitOK, "", "import", ".env", "--env", "dev", "--purpose", "x", "--yes")
	if got := h.read(".env"); got != want {
		t.Fatalf("%q, want %q", got, want)
	}
	h.write(".env", text)
	h.run(exitOK, value+"z", "add", "C_TOKEN", "--env", "dev", "--purpose", "x")
	if said := h.run(exitOK, "", "import", ".env", "--env", "dev", "--purpose", "x", "--yes"); strings.Contains(said, value) {
		t.Errorf("a value is shown:\n%s", said)
	}
	if got := h.read(".env"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	h.write("other", "B_TOKEN="+value+"\nD_TOKEN="+value+"w\n")
	if said := h.run(exitUsage, "", "import", "other", "--env", "dev", "--purpose", "x", "--yes"); !strings.Contains(said, "dev/B_TOKEN is in the ledger already") {
		t.Errorf("%s", said)
	}
	if said := h.run(exitOK, "", "list"); strings.Contains(said, "D_TOKEN") || !strings.Contains(said, "C_TOKEN") {
		t.Errorf("part of an import is in the ledger:\n%s", said)
	}
	h.run(exitOK, "", "compromised", "dev/A_TOKEN", "--reason", "test")
	h.write(".env", text)
	if said := h.run(exitFindings, "", "import", ".env", "--env", "dev", "--purpose", "x", "--yes"); !strings.Contains(said, "this value of dev/A_TOKEN was taken out of use") {
		t.Errorf("%s", said)
	}
	if got := h.read(".env"); got != text {
		t.Errorf("the file was changed: %q", got)
	}
}

func TestMistakenValues(t *testing.T) {
	for text, want := range map[string]string{
		"hunter2hunter2": "", "postgres://u:p@db.example.org/x": "", "https://example.org/hook/" + "T0": "", "{\"a\":1}": "", "p$ssword": "", "$2a$10$abcdefghijk": "",
		"changeme": "a placeholder", "CHANGE-ME": "a placeholder", "<token>": "a placeholder", "xxxxxxxxx": "a placeholder", "********": "a placeholder",
		"your_api_key_here": "a placeholder", "AKIAIOSFODNN7EXAMPLE": "a placeholder", "TBD": "a placeholder", " ": "a placeholder",
		"keysweep://prod/X": "a reference to a value that is kept elsewhere", "op://vault/x/y": "a reference to a value that is kept elsewhere",
		"${TOKEN}": "a reference to a value that is kept elsewhere", "$TOKEN": "a reference to a value that is kept elsewhere",
		"$(pass x)": "a reference to a value that is kept elsewhere", "NAME=abc": "a whole line of a .env file",
	} {
		if got := mistaken("NAME", []byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for name, secret := range map[string]bool{
		"API_KEY": true, "github_token": true, "DB_PASSWORD": true, "PGPASSWORD": true, "SECRET_KEY_BASE": true, "PASS": true, "KEY_ID": false,
		"TOKEN_URL": false, "STRIPE_PUBLISHABLE_KEY": false, "PUBLIC_KEY": false, "TOKEN_TTL": false, "MONKEY": false, "PORT": false,
	} {
		if got := secretWords(name, []byte("abcdefgh12")) != ""; got != secret {
			t.Errorf("%s: %v, want %v", name, got, secret)
		}
	}
	if secretWords("USE_TOKEN", []byte("true")) != "" || secretWords("DB", []byte("mysql://u:p@h/x")) == "" || secretWords("AUTH_KEY", []byte("https://h/x")) != "" {
		t.Error("the value is not looked at")
	}
}
