package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

const testKeyPass = "canary-of-the-key"

// site is a server, a home with keys and a ledger, and a way to run commands there.
type site struct {
	*testsshd.Server
	t    *testing.T
	home string
	more []string // of the environment
}

func newSite(t *testing.T, o testsshd.Options) *site {
	t.Helper()
	s := &site{Server: testsshd.Start(t, o), t: t, home: t.TempDir()}
	for name, pass := range map[string]string{"old": "", "new": "", "safe": testKeyPass} {
		sshKeygen(t, "-q", "-t", "ed25519", "-a", "1", "-N", pass, "-C", name+" key", "-f", s.path(name))
	}
	s.write("pass", testKeyPass+"\n")
	s.write("ledgerpass", "grove-anvil-pepper-swan\n")
	s.Authorize(t, s.read("old.pub"))
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.home, name) }

func (s *site) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// authorized returns the server's file.
func (s *site) authorized() string {
	s.t.Helper()
	data, err := os.ReadFile(s.Authorized)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

// run runs a command and wants an exit code. TARGET stands for the server; the way in is the key old.
func (s *site) run(code int, args ...string) string {
	s.t.Helper()
	env, out, errs := testEnv(s.t)
	self, err := exec.LookPath("keysweep")
	if err != nil {
		s.t.Fatal(err)
	}
	env.Dir, env.Home, env.Hostname, env.Username, env.LedgerWork = s.home, s.home, "desk", "ann", 1
	env.Environ = append([]string{"PATH=" + os.Getenv("PATH"), "KEYSWEEP_LEDGER_PASSPHRASE_FILE=" + s.path("ledgerpass")}, s.more...)
	env.Now, env.Executable = time.Now, self // sshd's clock does not stand still
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "TARGET", s.Target())
	}
	env.Args = append([]string{"key"}, args...)
	if args[0] == "deploy" || args[0] == "revoke" {
		env.Args = append(env.Args, "-F", s.Config)
		if !slices.Contains(args, "--via") {
			env.Args = append(env.Args, "--via", s.path("old"))
		}
	}
	got := Main(context.Background(), env)
	text := out.String() + errs.String()
	s.t.Logf("$ keysweep %s\n%s", strings.Join(env.Args, " "), text)
	if got != code {
		s.t.Fatalf("%q: exit code %d, want %d", args, got, code)
	}
	if strings.Contains(text, testKeyPass) {
		s.t.Errorf("a passphrase is shown: %s", text)
	}
	return text
}

func (s *site) want(text string, parts ...string) {
	s.t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			s.t.Errorf("it does not say %q:\n%s", part, text)
		}
	}
}

func TestDeployAndRevoke(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	before := s.authorized()
	s.run(exitOK, "adopt", "new")
	s.want(s.run(exitOK, "deploy", "new", "TARGET", "--dry-run"), "would change", "  + ssh-ed25519 ")
	if s.authorized() != before {
		t.Fatal("--dry-run changes something")
	}
	s.want(s.run(exitOK, "deploy", "new", "TARGET", "--expire-after", "90d+14d"), s.Target()+": installed, and it logs in, until ")
	if got := s.authorized(); !strings.HasPrefix(got, before+`expiry-time="`) || !strings.HasSuffix(got, s.read("new.pub")) {
		t.Errorf("authorized_keys:\n%s", got)
	}
	installed := s.authorized()
	s.want(s.run(exitOK, "deploy", "new", "TARGET"), "already installed, and it logs in")
	if s.authorized() != installed {
		t.Errorf("doing it again changes the file:\n%s", s.authorized())
	}
	s.want(s.run(exitOK, "deploy", "--list", "TARGET"), "new key", "old key", "usable")
	s.want(s.run(exitOK, "deploy", "--list", "--format", "json", "TARGET"), `"schema": "keysweep.authorized-keys/v1"`, `"fingerprint": "SHA256:`)

	s.want(s.run(exitOK, "revoke", "new", "--krl", "krl"), "removed, and the server refuses it (1 other key left there)", "krl: lists the key now", "new is revoked.")
	if s.authorized() != before {
		t.Errorf("authorized_keys:\n%s", s.authorized())
	}
	if out, err := exec.Command(testneed.Program(t, "ssh-keygen"), "-Q", "-f", s.path("krl"), s.path("new.pub")).Output(); err == nil || !bytes.Contains(out, []byte("REVOKED")) {
		t.Errorf("ssh-keygen -Q: %s, %v", out, err)
	}
	s.want(s.run(exitOK, "revoke", "new"), "revoked already")
	s.want(s.run(exitOK, "revoke", "new", "TARGET", "--krl", "krl"), "was not installed, and the server refuses it", "lists the key already")
	s.want(s.run(exitFindings, "deploy", "new", "TARGET"), "must not be used again")
}

func TestDeployHostsThatFail(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	s.run(exitOK, "adopt", "new")
	const nobody = "ann@127.0.0.1:1"
	s.want(s.run(exitIncomplete, "deploy", "new", nobody, "TARGET"), "keysweep: "+nobody+": cannot be reached", "hint: see whether this works: ssh -p 1 -l ann 127.0.0.1 true", s.Target()+": installed")
	s.run(exitOK, "deploy", "new", "TARGET") // the host that failed is not in the ledger: revoke does not go there
	s.Authorize(t, "# still there\n")
	s.want(s.run(exitOK, "revoke", "new"), "new is revoked.")

	s.run(exitOK, "adopt", "safe")
	s.run(exitOK, "deploy", "safe", "TARGET", "--passphrase-file", "pass")
	s.want(s.run(exitIncomplete, "revoke", "safe", nobody), "hosts that still have safe: "+s.Target())
	s.want(s.run(exitOK, "revoke", "safe", "TARGET"), "safe is revoked.")
}

func TestRevokeKeepsTheLastKey(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	before := s.authorized()
	s.want(s.run(exitIncomplete, "revoke", "old.pub", "TARGET"), "last key that can log in", "--force")
	if s.authorized() != before {
		t.Error("it was removed")
	}
	s.want(s.run(exitOK, "revoke", "old.pub", "TARGET", "--force"), "removed, and the server refuses it (0 other keys left there)")
	if s.authorized() != "" {
		t.Errorf("left: %q", s.authorized())
	}
}

// TestDeployProtectedKey logs in with a key that has a passphrase, which reaches ssh over a socket.
func TestDeployProtectedKey(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	s.want(s.run(exitUsage, "deploy", "safe", "TARGET"), "--passphrase-fd", "deploy its .pub")
	s.write("wrong", "not this one\n")
	s.want(s.run(exitIncomplete, "deploy", "safe", "TARGET", "--passphrase-file", "wrong"), "wrong passphrase")
	s.want(s.run(exitOK, "deploy", "safe", "TARGET", "--passphrase-file", "pass"), "installed, and it logs in")
	if !strings.Contains(s.Log(t), "Accepted publickey") || strings.Contains(s.Log(t), testKeyPass) {
		t.Errorf("log:\n%s", s.Log(t))
	}
	// And as the way in.
	out := s.run(exitOK, "deploy", "new", "TARGET", "--via", s.path("safe"), "--via-passphrase-file", "pass")
	s.want(out, "installed, and it logs in")
}

func TestDeployPublicHalfAlone(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	if err := os.Remove(s.path("new")); err != nil {
		t.Fatal(err)
	}
	s.want(s.run(exitOK, "deploy", "new.pub", "TARGET"), "installed, and the server accepts it; a login is not proven", "there is no ledger")
	s.want(s.run(exitOK, "revoke", "new.pub", "TARGET"), "removed, and the server refuses it")
}

func TestRevokeByFingerprint(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	s.Authorize(t, s.read("new.pub"))
	fingerprint := strings.Fields(sshKeygen(t, "-l", "-f", s.path("new.pub")))[1]
	s.want(s.run(exitOK, "revoke", fingerprint, "TARGET"), "removed, and the server refuses it")
	s.want(s.run(exitOK, "revoke", fingerprint, "TARGET"), "was not installed; its file is not here")
}

func TestDeployToOldServers(t *testing.T) {
	s := newSite(t, testsshd.Options{Refuses: "expiry-time="})
	s.want(s.run(exitOK, "deploy", "new", "TARGET", "--expires", "2099-01-01"), "installed, and it logs in", "older than OpenSSH 7.7")
	before := s.authorized()
	s.run(exitOK, "revoke", "new", "TARGET")
	s.want(s.run(exitIncomplete, "deploy", "new", "TARGET", "--expires", "2099-01-01", "--require-expiry"), "taken back")
	if strings.Contains(before, "expiry-time") || strings.Contains(s.authorized(), "new key") {
		t.Errorf("before:\n%s\nafter:\n%s", before, s.authorized())
	}
}

func TestDeployLike(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	s.Authorize(t, `from="127.0.0.1",no-pty `+s.read("safe.pub"))
	s.run(exitOK, "deploy", "new", "TARGET", "--like", "safe.pub")
	if !strings.Contains(s.authorized(), `from="127.0.0.1",no-pty `+s.read("new.pub")) {
		t.Errorf("authorized_keys:\n%s", s.authorized())
	}
	s.want(s.run(exitIncomplete, "deploy", "new", "TARGET", "--from", "192.0.2.1"), "does from= allow this machine?")
}

func TestDeployWrongUse(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	s.write("cert.pub", "")
	for _, c := range []struct {
		args string
		says string
	}{
		{"new", "no host is named"},
		{"new -oProxyCommand=x@h", "unknown shorthand"},
		{"new ann@h;x", "no user@host"},
		{"nothing TARGET", "name a key file"},
		{"pass TARGET", "there is no key in it"},
		{"new TARGET --expires 2020-01-01", "in the past"},
		{"new TARGET --expires tomorrow", "is no date"},
		{"new TARGET --expire-after 90", "no length of time"},
		{"new TARGET --expire-after 90d --expires 2099-01-01", "cannot be combined"},
		{"new TARGET --require-expiry", "needs an expiry date"},
		{"new TARGET --from a\"b", "without white space"},
		{"new TARGET --jobs 0", "at least 1"},
		{"--list TARGET --format yaml", "no format"},
	} {
		before := s.authorized()
		s.want(s.run(exitUsage, append([]string{"deploy"}, strings.Fields(c.args)...)...), c.says)
		if s.authorized() != before {
			t.Errorf("%s: changed something", c.args)
		}
	}
}

func TestParseAge(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90d": 90 * 24 * time.Hour, "90d+14d": 104 * 24 * time.Hour, "2w+36h": (14*24 + 36) * time.Hour,
		"": 0, "d": 0, "0d": 0, "90": 0, "90d+": 0, "-1d": 0, "1.5d": 0, "1dd": 0, "60000d": 0, "9999999999999d": 0, "5m": 0,
	} {
		if got, err := parseAge(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}
