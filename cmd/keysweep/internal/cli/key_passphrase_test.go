package cli

import (
	"context"
	"crypto/ed25519"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/keys"
	"keysweep/rotation"
)

const (
	testOldPass = "the old one"
	testNewPass = "zebra-lantern-quiver-moat"
)

// passphraseEnv is an environment with a key called id, whose passphrase is in the file old; another one is in new.
func passphraseEnv(t *testing.T, args ...string) (env Env, said func() string) {
	t.Helper()
	env, out, errs := testEnv(t, append([]string{"key", "passphrase"}, args...)...)
	env.Home, env.Hostname, env.Username, env.LedgerWork = env.Dir, "host", "ann", 1
	for name, text := range map[string]string{"old": testOldPass, "new": testNewPass, "ledger": "grove-anvil-pepper-swan"} {
		if err := os.WriteFile(filepath.Join(env.Dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sshKeygen(t, "-q", "-t", "ed25519", "-a", "1", "-N", testOldPass, "-C", "ann@home", "-f", filepath.Join(env.Dir, "id"))
	return env, func() string { return out.String() + errs.String() }
}

func sshKeygen(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(testneed.Program(t, "ssh-keygen"), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func wantExit(t *testing.T, env Env, said func() string, want int) {
	t.Helper()
	if code := Main(context.Background(), env); code != want {
		t.Fatalf("exit code %d, want %d\n%s", code, want, said())
	}
	if text := said(); strings.Contains(text, testOldPass) || strings.Contains(text, testNewPass) {
		t.Errorf("a passphrase is shown:\n%s", text)
	}
}

func change(more ...string) []string {
	return append([]string{"id", "--passphrase-file", "old", "--new-passphrase-file", "new", "--kdf-rounds", "16"}, more...)
}

func TestPassphraseKeepsTimesAndMode(t *testing.T) {
	env, said := passphraseEnv(t, change()...)
	path := filepath.Join(env.Dir, "id")
	made := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := errors.Join(os.Chtimes(path, made, made), os.Chmod(path, 0o400)); err != nil {
		t.Fatal(err)
	}
	wantExit(t, env, said, exitOK)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !info.ModTime().Equal(made) || info.Mode().Perm() != 0o400 {
		t.Errorf("modified %v, mode %v", info.ModTime(), info.Mode())
	}
	if got := sshKeygen(t, "-y", "-P", testNewPass, "-f", path); !strings.Contains(got, "ann@home") {
		t.Errorf("the comment is gone: %s", got)
	}
	if rest, _ := filepath.Glob(filepath.Join(env.Dir, ".*")); len(rest) > 0 {
		t.Errorf("left behind: %v", rest)
	}
}

func TestPassphraseNarrowsAModeThatIsTooWide(t *testing.T) {
	env, said := passphraseEnv(t, change()...)
	path := filepath.Join(env.Dir, "id")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	wantExit(t, env, said, exitOK)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestPassphraseThroughALink(t *testing.T) {
	env, said := passphraseEnv(t, change()...)
	path, real := filepath.Join(env.Dir, "id"), filepath.Join(env.Dir, "real")
	if err := errors.Join(os.Rename(path, real), os.Symlink("real", path)); err != nil {
		t.Fatal(err)
	}
	wantExit(t, env, said, exitOK)
	if target, err := os.Readlink(path); err != nil || target != "real" {
		t.Errorf("the link became something else: %v", err)
	}
	sshKeygen(t, "-y", "-P", testNewPass, "-f", real)
}

func TestPassphraseTellsOfHardLinks(t *testing.T) {
	env, said := passphraseEnv(t, change()...)
	if err := os.Link(filepath.Join(env.Dir, "id"), filepath.Join(env.Dir, "twin")); err != nil {
		t.Fatal(err)
	}
	wantExit(t, env, said, exitOK)
	if !strings.Contains(said(), "id has another name (a hard link)") {
		t.Error(said())
	}
}

// A record's dates are what they were; its history says what happened, and a reason for having no passphrase stays with it.
func TestPassphraseInTheLedger(t *testing.T) {
	env, said := passphraseEnv(t, change("--ledger-passphrase-file", "ledger")...)
	fingerprint := strings.Fields(sshKeygen(t, "-l", "-f", filepath.Join(env.Dir, "id")))[1]
	made := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	before := addRecord(t, env, rotation.Record{Kind: rotation.KindSSH, Name: "home", Fingerprint: fingerprint, Status: rotation.Active,
		Path: filepath.Join(env.Dir, "id"), Evidence: []rotation.Evidence{{Source: "file birth time", At: made}}})
	wantExit(t, env, said, exitOK)
	after := recordNamed(t, env, "home")
	if after.FirstSeen != before.FirstSeen || len(after.Evidence) != 1 || !after.Evidence[0].At.Equal(made) || !after.RotatedAt.Equal(before.RotatedAt) {
		t.Errorf("dates changed: %+v", after)
	}
	if last := after.History[len(after.History)-1]; last.What != "passphrase changed" {
		t.Errorf("history ends with %+v", last)
	}
	env.Args = []string{"key", "passphrase", "id", "--passphrase-file", "new", "--no-passphrase", "--reason", "a timer", "--ledger-passphrase-file", "ledger"}
	wantExit(t, env, said, exitOK)
	if r := recordNamed(t, env, "home"); r.Unprotected == nil || r.Unprotected.Reason != "a timer" {
		t.Errorf("the reason is not kept: %+v", r)
	}
	env.Args = []string{"key", "passphrase", "id", "--new-passphrase-file", "new", "--kdf-rounds", "16", "--ledger-passphrase-file", "ledger"}
	wantExit(t, env, said, exitOK)
	if r := recordNamed(t, env, "home"); r.Unprotected != nil {
		t.Errorf("still unprotected: %+v", r)
	}
}

func testLedger(t *testing.T, env Env) *rotation.Ledger {
	t.Helper()
	o := &ledgerOptions{}
	o.pass.what, o.pass.fd, o.pass.file = "the ledger's passphrase", -1, "ledger"
	ledger, err := o.open(t.Context(), &env)
	if err != nil {
		t.Fatal(err)
	}
	return ledger
}

func addRecord(t *testing.T, env Env, r rotation.Record) rotation.Record {
	t.Helper()
	added, err := testLedger(t, env).Add(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func recordNamed(t *testing.T, env Env, name string) rotation.Record {
	t.Helper()
	r, err := testLedger(t, env).Find(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A security key's file holds no key, only what the device needs. It is rewritten whole.
func TestPassphraseOfASecurityKey(t *testing.T) {
	env, said := passphraseEnv(t, change()...)
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	text := sshWire("sk-ssh-ed25519@openssh.com", string(public), "ssh:")
	parsed, _, err := keys.ParsePublicLine(keys.Public{Type: "sk-ssh-ed25519@openssh.com", Blob: text}.Line(""))
	if err != nil {
		t.Fatal(err)
	}
	private := &keys.Private{Comment: "ann@token", Key: &keys.SecurityKey{Public: parsed, Application: "ssh:", Flags: 1, Handle: []byte("handle")}}
	file, err := private.MarshalOpenSSH([]byte(testOldPass), keys.MinRounds)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(env.Dir, "id")
	if err := errors.Join(os.WriteFile(path, file, 0o600), os.Remove(path+".pub")); err != nil {
		t.Fatal(err)
	}
	wantExit(t, env, said, exitOK)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	now, err := keys.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := now.Open([]byte(testNewPass))
	if err != nil {
		t.Fatal(err)
	}
	if sk, ok := opened.Key.(*keys.SecurityKey); !ok || string(sk.Handle) != "handle" || sk.Flags != 1 || opened.Comment != "ann@token" {
		t.Errorf("%+v", opened.Key)
	}
}

// sshWire puts strings into the wire form of RFC 4251.
func sshWire(fields ...string) (b []byte) {
	for _, f := range fields {
		b = append(append(b, 0, 0, 0, byte(len(f))), f...)
	}
	return b
}

func TestPassphraseInADirectoryThatCannotBeWritten(t *testing.T) {
	env, said := passphraseEnv(t, change()...)
	if err := os.Chmod(env.Dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(env.Dir, 0o700) })
	testneed.Modes(t)
	wantExit(t, env, said, exitIncomplete)
	sshKeygen(t, "-y", "-P", testOldPass, "-f", filepath.Join(env.Dir, "id"))
}
