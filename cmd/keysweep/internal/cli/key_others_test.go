package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/rotation"
)

// appendFile adds to a file what another one holds.
func appendFile(t *testing.T, to, from string) []byte {
	t.Helper()
	one, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	two, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	both := slices.Concat(one, two)
	if err := os.WriteFile(to, both, 0o600); err != nil {
		t.Fatal(err)
	}
	return both
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was (%v)", path, err)
	}
}

// A file with two keys is never written anew: the second would be lost.
func TestPassphraseLosesNoSecondKey(t *testing.T) {
	env, said := passphraseEnv(t, change()...)
	sshKeygen(t, "-q", "-t", "ecdsa", "-N", "", "-f", filepath.Join(env.Dir, "other"))
	both := appendFile(t, filepath.Join(env.Dir, "id"), filepath.Join(env.Dir, "other"))
	wantExit(t, env, said, exitUsage)
	if !strings.Contains(said(), "OPENSSH PRIVATE KEY") || !strings.Contains(said(), "--output") {
		t.Error(said())
	}
	wantFile(t, filepath.Join(env.Dir, "id"), both)
	env.Args = append(env.Args, "--output", "alone")
	wantExit(t, env, said, exitOK)
	wantFile(t, filepath.Join(env.Dir, "id"), both)
}

// Another program writes another key into the file while questions are asked: that key stays.
func TestPassphraseOfAFileThatChangesMeanwhile(t *testing.T) {
	env, _ := passphraseEnv(t)
	k, err := readKeyFile(&env, "id")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(env.Dir, "id")
	if err := os.WriteFile(path, []byte("another key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := k.replace([]byte("the old key")); err == nil || !strings.Contains(err.Error(), "id was left as it was: another program has changed it") {
		t.Errorf("error %v", err)
	}
	wantFile(t, path, []byte("another key"))
	if rest, _ := filepath.Glob(filepath.Join(env.Dir, ".*")); len(rest) > 0 {
		t.Errorf("left behind: %v", rest)
	}
}

func TestRetireLosesNoSecondKey(t *testing.T) {
	h := newLedgerHome(t)
	sshKeygen(t, "-q", "-t", "ecdsa", "-N", "", "-f", h.path("other"))
	both := appendFile(t, h.path("id"), h.path("other"))
	for _, what := range [][]string{{"--destroy"}, {"--archive", "a.age", "--archive-passphrase-file", "archive.pass"}} {
		h.run(exitUsage, append([]string{"key", "retire", "web"}, what...)...)
		h.wantSaid("holds other private keys too")
		wantFile(t, h.path("id"), both)
	}
	h.run(exitOK, "key", "adopt", "id")
	h.wantSaid("only the first is looked at")
}

// Encrypted keys in PEM do not show which key they are. What a .pub says is not enough to destroy one.
func TestRetireDestroysNoKeyThatCannotBeSeen(t *testing.T) {
	h := newLedgerHome(t)
	sshKeygen(t, "-q", "-t", "rsa", "-b", "1024", "-m", "PEM", "-N", "some words", "-f", h.path("pem"))
	h.run(exitOK, "key", "adopt", "pem")
	h.run(exitUsage, "key", "retire", "pem", "--destroy")
	h.wantSaid("hides its public half", "--keep-passphrase")
	if err := os.Rename(h.path("pem.pub"), h.path("gone.pub")); err != nil {
		t.Fatal(err)
	}
	h.run(exitUsage, "key", "retire", "pem", "--destroy", "--force", "--reason", "x")
	h.wantSaid("ssh-keygen -y")
	if err := os.Rename(h.path("gone.pub"), h.path("pem.pub")); err != nil {
		t.Fatal(err)
	}
	h.run(exitOK, "key", "retire", "pem", "--destroy", "--force", "--reason", "x")
	if _, err := os.Stat(h.path("pem")); err == nil {
		t.Error("the key is still there")
	}
}

// A key that was moved is found where it is now, so that it can be retired there; a copy is only told of.
func TestAdoptOfAKeyThatWasMoved(t *testing.T) {
	h := newLedgerHome(t)
	key, err := os.ReadFile(h.path("id"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.path("copy"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	h.run(exitOK, "key", "adopt", "copy")
	h.wantSaid("copy is a copy", h.path("id"))
	if r := h.change(func(*rotation.Record) {}); r.Path != h.path("id") {
		t.Errorf("path %s", r.Path)
	}
	if err := os.Remove(h.path("id")); err != nil {
		t.Fatal(err)
	}
	h.run(exitOK, "key", "adopt", "copy")
	if r := h.change(func(*rotation.Record) {}); r.Path != h.path("copy") || r.Machine != "desk" {
		t.Errorf("path %s on %s", r.Path, r.Machine)
	}
	h.run(exitOK, "key", "retire", "web", "--destroy")
	if _, err := os.Stat(h.path("copy")); err == nil {
		t.Error("the key is still there")
	}
}

func TestCreatedThatCannotBe(t *testing.T) {
	for _, text := range []string{"0001-01-01", "0000-01-01", "0023-05-17", "1970-01-01", "2099-01-01", "17.05.2023"} {
		if at, err := parseCreated(text, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
			t.Errorf("--created %s: taken as %v", text, at)
		}
	}
}

// A file's name may be unfit for a record, and for a terminal.
func TestNamesThatDoNotPrint(t *testing.T) {
	h := newLedgerHome(t)
	name := "a\x1b[31mb"
	sshKeygen(t, "-q", "-t", "ed25519", "-N", "", "-f", h.path(name))
	h.run(exitUsage, "key", "adopt", name)
	h.wantSaid("--name")
	h.run(exitOK, "key", "adopt", name, "--name", "red")
	h.run(exitUsage, "key", "adopt", name, "--name", "two\nlines")
	h.wantSaid("--name")
	h.run(exitFindings, "key", "passphrase", "--check", name)
	h.wantSaid("a?[31mb has no passphrase")
	h.run(exitOK, "key", "passphrase", name, "--new-passphrase-file", "archive.pass", "--kdf-rounds", "16")
	if strings.Contains(h.said.String(), "\x1b") {
		t.Errorf("said %q", h.said.String())
	}
}

// The key's own file, or a copy of it, is no archive: the only copy would be removed, or stay unencrypted.
func TestRetireArchivesNothingInTheKeyItself(t *testing.T) {
	h := newLedgerHome(t)
	key, err := os.ReadFile(h.path("id"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.path("copy"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("id", h.path("link")); err != nil {
		t.Fatal(err)
	}
	for archive, want := range map[string]string{"id": "key's own file", "link": "key's own file", "copy": "not encrypted"} {
		h.run(exitUsage, "key", "retire", "web", "--archive", archive, "--archive-passphrase-file", "archive.pass")
		h.wantSaid(want)
		wantFile(t, h.path("id"), key)
	}
}
