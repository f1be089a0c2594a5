package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"keysweep/internal/testneed"
)

// TestKeyListMatchesItsSchema makes keys with every kind of fact, and closes the schema: a field that is not documented fails.
func TestKeyListMatchesItsSchema(t *testing.T) {
	home := t.TempDir()
	keygen := testneed.Program(t, "ssh-keygen")
	in := func(name string) string { return filepath.Join(home, filepath.FromSlash(name)) }
	run := func(program string, args ...string) {
		t.Helper()
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "HOME="+home)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %q: %v\n%s", program, args, err, out)
		}
	}
	for _, dir := range []string{".ssh", "Dropbox", ".config/keysweep"} {
		if err := os.MkdirAll(in(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	run(keygen, "-q", "-t", "ed25519", "-N", "", "-C", "ca", "-f", in(".ssh/ca"))
	run(keygen, "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "correct horse", "-f", in("Dropbox/id"))
	run(keygen, "-q", "-s", in(".ssh/ca"), "-I", "ann", "-n", "ann", "-V", "20250101000000Z:20250201000000Z", in("Dropbox/id.pub"))
	run(testneed.Program(t, "git"), "init", "-q", in("Dropbox"))
	run(keygen, "-q", "-p", "-m", "PKCS8", "-P", "correct horse", "-N", "correct horse", "-f", in("Dropbox/id"))
	run(keygen, "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "correct horse", "-f", in(".ssh/hidden"))
	if err := os.Remove(in(".ssh/hidden.pub")); err != nil {
		t.Fatal(err)
	}
	pub, err := os.ReadFile(in("Dropbox/id.pub"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		".ssh/authorized_keys":         "no-pty " + string(pub),
		".ssh/config":                  "Host github.com gitlab.com\n IdentityFile " + in("Dropbox/id") + "\nMatch user ann\n IdentityFile ~/.ssh/none\n",
		".ssh/broken":                  "-----BEGIN " + "OPENSSH PRIVATE KEY-----\nAAAA\n",
		".config/keysweep/policy.toml": "[[keys.exempt]]\ncheck = 'key-no-passphrase'\nkey = '~/.ssh/ca'\nreason = 'test'\nuntil = '2030-01-01'\n",
	} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, said bytes.Buffer
	env := Env{
		Args: []string{"key", "list", "--format", "json", "--path", in("Dropbox")}, Stdout: &out, Stderr: &said, Home: home, Dir: home,
		Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}, Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
	}
	if code := Main(context.Background(), env); code != exitIncomplete {
		t.Errorf("exit code %d, want %d: a key is broken\n%s", code, exitIncomplete, said.String())
	}
	document, err := jsonschema.UnmarshalJSON(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := closedSchema(t, "keysweep.key-list.v1.schema.json").Validate(document); err != nil {
		t.Error(err)
	}
	items, _ := document.(map[string]any)["items"].([]any)
	if len(items) != 3 {
		t.Fatalf("%d keys, want 3: %v", len(items), items)
	}
	seen := map[string]bool{}
	for _, item := range items {
		for field, value := range item.(map[string]any) {
			if list, ok := value.([]any); ok && len(list) > 0 {
				seen[field] = true
			}
		}
	}
	for _, field := range []string{"files", "public_files", "certificates", "authorized", "hosts", "verdicts", "used_for", "shared"} {
		if !seen[field] {
			t.Errorf("no key has %s: the schema is not put to the test", field)
		}
	}
}

// closedSchema compiles a published schema and refuses fields that it does not list.
func closedSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "schema", name))
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	var shut func(any)
	shut = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			if _, ok := node["properties"].(map[string]any); ok {
				node["additionalProperties"] = false
			}
			delete(node, "$id")
			for _, child := range node {
				shut(child)
			}
		case []any:
			for _, child := range node {
				shut(child)
			}
		}
	}
	shut(document)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("test:"+name, document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("test:" + name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSpans(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{"90d": 90 * day, "2w": 14 * day, "36h": 36 * time.Hour, "0d": 0} {
		if got, err := parseSpan(text); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "90", "-1d", "1.5d", "99999999999d", "1y", "soon", "-3h"} {
		if got, err := parseSpan(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestKindWords(t *testing.T) {
	for _, c := range []struct {
		name string
		bits int
		want string
	}{
		{"ssh-ed25519", 256, "ed25519"}, {"ssh-rsa", 4096, "rsa 4096"}, {"ssh-rsa", 0, "rsa"}, {"ssh-dss", 1024, "dsa 1024"},
		{"ecdsa-sha2-nistp521", 521, "ecdsa 521"}, {"sk-ssh-ed25519@openssh.com", 256, "ed25519-sk"},
		{"sk-ecdsa-sha2-nistp256@openssh.com", 256, "ecdsa-sk 256"}, {"", 0, "?"}, {"new@example.org", 0, "new@example.org"},
	} {
		if got := kindWords(c.name, c.bits); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.name, c.bits, got, c.want)
		}
	}
}
