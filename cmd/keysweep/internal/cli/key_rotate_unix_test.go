//go:build unix

package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
	"keysweep/keys"
	"keysweep/keys/backup"
	"keysweep/rotation"
	"keysweep/rotation/filestore"
	"keysweep/rotation/rollover"
)

// rotateSite is a site whose key is in the ledger, and on its server.
func rotateSite(t *testing.T, o testsshd.Options, key, line string) *site {
	t.Helper()
	s := newSite(t, o)
	must(t, os.WriteFile(s.Authorized, []byte("# by hand\n"+line+s.read(key+".pub")+s.read("new.pub")), 0o600))
	s.run(exitOK, "adopt", key, "--name", "shop")
	s.run(exitOK, "deploy", "shop", "TARGET", "--via", s.path("new"), "--passphrase-file", s.path("pass"))
	return s
}

// rotate runs key rotate shop. What it says is returned as it is, and in one line.
func (s *site) rotate(code int, args ...string) string {
	s.t.Helper()
	text := s.run(code, append([]string{"rotate", "shop", "-F", s.Config}, args...)...)
	return text + strings.Join(strings.Fields(text), " ")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fingerprint returns that of a private key file.
func (s *site) fingerprint(name string) string {
	s.t.Helper()
	file, err := openKeyFile(s.path(name))
	must(s.t, err)
	return file.Public.SHA256()
}

// TestRotate: the options of the line, the passphrase, the name of the file and other keys stay; the old key ends in an archive.
func TestRotate(t *testing.T) {
	s := rotateSite(t, testsshd.Options{}, "safe", `from="127.0.0.1,::1",no-pty `)
	old, text := s.fingerprint("safe"), s.read("safe")
	s.write("safe-cert.pub", "a certificate\n")
	before := s.authorized()
	s.want(s.rotate(exitOK, "--dry-run", "--passphrase-file", s.path("pass")), "would change", `+ from="127.0.0.1,::1",no-pty (the new key) safe key`, "- from=")
	if s.authorized() != before || s.read("safe") != text || isFile(s.path("safe.new")) {
		t.Fatal("--dry-run changes something")
	}
	said := s.rotate(exitOK, "--passphrase-file", s.path("pass"), "--expire-grace", "14d")
	s.want(said, "shop is rotated", "1 host", "archived in ", "note: "+s.path("safe")+"-cert.pub is a certificate of the old key")
	if now := s.fingerprint("safe"); now == old {
		t.Fatal("it is the old key")
	}
	want := "# by hand\n" + s.read("new.pub") + `from="127.0.0.1,::1",no-pty,expiry-time="`
	if got := s.authorized(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "Z\" "+s.read("safe.pub")) {
		t.Errorf("authorized_keys:\n%s", got)
	}
	s.wantArchived(text, old)
	left, err := filepath.Glob(s.path("safe*"))
	if must(t, err); !slices.Equal(left, []string{s.path("safe"), s.path("safe.pub")}) {
		t.Errorf("left: %v", left)
	}
	s.want(s.rotate(exitOK), "was rotated at")
	s.want(s.rotate(exitOK, "--status"), "shop is not being rotated")
	s.want(s.run(exitOK, "deploy", "shop", "TARGET", "--via", s.path("new"), "--passphrase-file", s.path("pass")), "already installed, and it logs in")
}

// wantArchived wants the old key in an archive that the passphrase opens.
func (s *site) wantArchived(text, fingerprint string) {
	s.t.Helper()
	found, err := filepath.Glob(s.path(".local/share/keysweep/archive/*.age"))
	if must(s.t, err); len(found) != 1 {
		s.t.Fatalf("archives: %v", found)
	}
	sealed, err := os.ReadFile(found[0])
	must(s.t, err)
	artefact, err := backup.Read(backup.Input{Data: sealed})
	must(s.t, err)
	identity, err := backup.ByPassphrase([]byte(testKeyPass))
	must(s.t, err)
	held, err := artefact.Open(identity)
	must(s.t, err)
	if string(held.KeyFile) != text {
		s.t.Errorf("the archive holds another key than %s", fingerprint)
	}
}

// TestRotateForcedCommand: a key that may only run one command cannot change its own file; another one has to.
func TestRotateForcedCommand(t *testing.T) {
	s := rotateSite(t, testsshd.Options{}, "old", `command="/bin/true",no-pty `)
	flags := []string{"--destroy", "--no-passphrase", "--reason", "a timer uses it"}
	must(t, os.WriteFile(s.Dir+"/session", []byte("exit 0\n"), 0o600)) // what the forced command does to scripts
	s.want(s.rotate(exitIncomplete, flags...), "name another key that gets a shell there: keysweep key rotate shop --via KEY", "the old key keeps its place")
	s.want(s.rotate(exitFindings, "--status"), "old key")
	s.session()
	s.want(s.rotate(exitOK, append(flags, "--via", s.path("new"))...), "shop is rotated")
	if got := s.authorized(); !strings.HasSuffix(got, `command="/bin/true",no-pty `+s.read("old.pub")) || strings.Count(got, "command=") != 1 {
		t.Errorf("authorized_keys:\n%s", got)
	}
}

// session has the server run what it is sent again.
func (s *site) session() {
	s.t.Helper()
	must(s.t, os.WriteFile(s.Dir+"/session", []byte("HOME='"+s.Home+"'; export HOME; cd\nexec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n"), 0o600))
}

// TestRotateStillAccepted: a server that knows the old key from elsewhere keeps it retiring, and is asked again.
func TestRotateStillAccepted(t *testing.T) {
	other := testsshd.Start(t, testsshd.Options{})
	other.Authorize(t, "# keys that a directory service knows\n")
	s := rotateSite(t, testsshd.Options{Extra: []string{"AuthorizedKeysCommandUser " + other.User, "AuthorizedKeysCommand /bin/cat " + other.Authorized}}, "old", "")
	other.Authorize(t, s.read("old.pub"))
	flags := []string{"--destroy", "--no-passphrase", "--reason", "a timer uses it"}
	s.want(s.rotate(exitFindings, flags...), "removed from authorized_keys, and the server still accepts", "old key removed, and still accepted", "go on with: keysweep key rotate shop")
	s.want(s.run(exitFindings, "list"), "shop.old (retiring)")
	must(t, os.WriteFile(other.Authorized, nil, 0o600))
	s.want(s.rotate(exitOK, flags...), "shop is rotated")
}

// TestRotateLater: a host that is away stays on the old key, which stays findable, also when the journal is lost; then it is moved,
// too. An agent that holds the old key holds the new one from the promotion on, and loses the old one in the end.
func TestRotateLater(t *testing.T) {
	s := rotateSite(t, testsshd.Options{}, "old", "")
	other := testsshd.Start(t, testsshd.Options{})
	other.Authorize(t, s.read("old.pub"))
	s.know(other)
	s.run(exitOK, "deploy", "shop", other.Target())
	old := s.fingerprint("old")
	socket := s.agent("old")
	flags := []string{"--destroy", "--no-passphrase", "--reason", "a timer uses it"}
	other.Stop()
	s.want(s.rotate(exitIncomplete, flags...), "cannot be reached", "1 host not done: the old key stays in "+s.path("old.old"), "the agent has the new key")
	if s.fingerprint("old.old") != old {
		t.Error("the old key is not in old.old")
	}
	fresh := s.fingerprint("old")
	if held := agentFingerprints(t, socket); !slices.Contains(held, old) || !slices.Contains(held, fresh) {
		t.Errorf("the agent holds %v", held)
	}
	s.want(s.rotate(exitUsage, "--abort"), "the new key has taken the old one's place already")
	s.want(s.rotate(exitFindings, "--status"), "rotated", "old key", "go on with: keysweep key rotate shop")
	journals, err := filepath.Glob(s.path(".local/state/keysweep/journal/*.json"))
	if must(t, err); len(journals) != 1 {
		t.Fatal(journals)
	}
	must(t, os.Remove(journals[0]))
	other.Again(t)
	s.want(s.rotate(exitOK, flags...), "the journal of this rotation is lost", "shop is rotated", other.Target())
	if got, err := os.ReadFile(other.Authorized); err != nil || string(got) != s.read("old.pub") {
		t.Errorf("%v\n%s", err, got)
	}
	if held := agentFingerprints(t, socket); !slices.Equal(held, []string{fresh}) {
		t.Errorf("the agent holds %v, want %s", held, fresh)
	}
}

// know adds a server to the ssh configuration.
func (s *site) know(other *testsshd.Server) {
	s.t.Helper()
	key, err := os.ReadFile(other.KnownHosts)
	must(s.t, err)
	f, err := os.OpenFile(s.KnownHosts, os.O_APPEND|os.O_WRONLY, 0)
	must(s.t, err)
	_, err = f.Write(key)
	must(s.t, err)
	must(s.t, f.Close())
}

// agent starts an agent that holds a key, and has commands find it.
func (s *site) agent(key string) (socket string) {
	s.t.Helper()
	socket = filepath.Join(s.Dir, "agent")
	cmd := exec.Command(testneed.Program(s.t, "ssh-agent"), "-D", "-a", socket)
	must(s.t, cmd.Start())
	s.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for !isFile(socket) {
		time.Sleep(5 * time.Millisecond)
	}
	add := exec.Command(testneed.Program(s.t, "ssh-add"), "-q", s.path(key))
	add.Env = []string{"SSH_AUTH_SOCK=" + socket}
	if out, err := add.CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
	s.more = append(s.more, "SSH_AUTH_SOCK="+socket)
	return socket
}

func agentFingerprints(t *testing.T, socket string) (held []string) {
	t.Helper()
	cmd := exec.Command(testneed.Program(t, "ssh-add"), "-L")
	cmd.Env = []string{"SSH_AUTH_SOCK=" + socket}
	out, err := cmd.Output()
	must(t, err)
	for line := range bytes.Lines(out) {
		public, _, err := keys.ParsePublicLine(line)
		must(t, err)
		held = append(held, public.SHA256())
	}
	return held
}

// TestRotateTable holds the JSON to its schema.
func TestRotateTable(t *testing.T) {
	s := rotateSite(t, testsshd.Options{}, "old", "")
	s.rotate(exitFindings, "--host", "ann@192.0.2.1", "--only", s.Target(), "--destroy", "--no-passphrase", "--reason", "x", "--expires", "2099-01-01")
	schema := closedSchema(t, "keysweep.key-rotate.v1.schema.json")
	look := func(code int, phase string) {
		t.Helper()
		env, out, errs := testEnv(t)
		env.Dir, env.Home, env.Hostname = s.home, s.home, "desk"
		env.Environ = []string{"KEYSWEEP_LEDGER_PASSPHRASE_FILE=" + s.path("ledgerpass")}
		env.Args = []string{"key", "rotate", "shop", "--status", "--format", "json"}
		if got := Main(context.Background(), env); got != code {
			t.Fatalf("exit code %d\n%s", got, errs)
		}
		document, err := jsonschema.UnmarshalJSON(out)
		must(t, err)
		must(t, schema.Validate(document))
		if got := document.(map[string]any)["phase"]; got != phase {
			t.Errorf("phase %v, want %s", got, phase)
		}
	}
	look(exitFindings, "generated")
	defer look(exitOK, "none")
	s.want(s.rotate(exitOK, "--gone", "ann@192.0.2.1", "--destroy"), "shop is rotated", "gone")
}

// TestRotateRefuses says no before anything is done.
func TestRotateRefuses(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	s.want(s.run(exitUsage, "rotate", "old"), "there is no ledger yet")
	s.run(exitOK, "adopt", "old", "--name", "shop")
	s.run(exitOK, "adopt", "safe")
	for want, args := range map[string][]string{
		"nobody knows which hosts have shop":            {"shop"},
		"--no-ledger forbids":                           {"shop", "--no-ledger"},
		"cannot be combined":                            {"shop", "--abort", "--status"},
		"keys are not made":                             {"shop", "--type", "dsa"},
		"the key has no host ann@other":                 {"shop", "--host", "ann@web1", "--only", "ann@other"},
		"nothing stands before the @":                   {"shop", "--host", "@web1"},
		"--no-passphrase needs a --reason":              {"shop", "--no-hosts", "--no-passphrase"},
		"under which the old one could be archived":     {"shop", "--no-hosts", "--no-passphrase", "--reason", "x"},
		"cannot ask for the key's passphrase":           {"safe", "--no-hosts"},
		"cannot ask for a passphrase of its own":        {"shop", "--no-hosts"},
		"more than one source":                          {"shop", "--new-passphrase", "--no-passphrase", "--reason", "x"},
		"in the past":                                   {"shop", "--no-hosts", "--expires", "2020-01-01"},
		"is there already, and is not of this rotation": {"taken", "--no-hosts"},
	} {
		code := exitUsage
		if args[0] == "taken" {
			args[0], code = "shop", exitIncomplete
			s.write("old.new", "somebody's")
		}
		s.want(s.run(code, append([]string{"rotate"}, args...)...), want)
		_ = os.Remove(s.path("old.new"))
	}
	if left, err := filepath.Glob(s.path(".local/state/keysweep/journal/*.json")); err != nil || len(left) > 0 {
		t.Errorf("journals: %v, %v", left, err)
	}
}

// TestRotateNowhere replaces the file of a key that no host has; two runs exclude each other.
func TestRotateNowhere(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	s.run(exitOK, "adopt", "safe")
	old := s.fingerprint("safe")
	s.write("newpass", "mulberry trombone glacier cabinet nine\n")
	args := []string{"rotate", s.path("safe.pub"), "--no-hosts", "--type", "same", "--new-passphrase-file", s.path("newpass"), "--kdf-rounds", "16"}
	s.want(s.run(exitOK, args...), "is rotated", "is in its place")
	file, err := openKeyFile(s.path("safe"))
	must(t, err)
	private, err := file.Open([]byte("mulberry trombone glacier cabinet nine"))
	must(t, err)
	private.Clear()
	if file.Public.SHA256() == old || !isFile(s.path("safe.pub")) {
		t.Error("it is the old key")
	}
	f, err := rollover.Open(s.path(".local/state/keysweep/journal"), s.idOf("safe"))
	must(t, err)
	s.want(s.run(exitIncomplete, "rotate", "safe", "--no-hosts", "--again", "--new-passphrase-file", s.path("newpass")), "another keysweep is rotating this key")
	must(t, f.Close())
}

// TestRotateRace has another process end the rotation between reading the ledger and locking the journal.
func TestRotateRace(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	s.run(exitOK, "adopt", "old", "--name", "shop")
	flags := []string{"--no-hosts", "--destroy", "--no-passphrase", "--reason", "x"}
	id := s.idOf("shop")
	s.run(exitOK, append([]string{"rotate", "shop"}, flags...)...)
	fresh := s.fingerprint("old")
	s.want(s.run(exitOK, append([]string{"rotate", id}, flags...)...), "shop was rotated at")
	s.want(s.run(exitOK, "rotate", id, "--abort"), "there is nothing to abort")
	if s.fingerprint("old") != fresh {
		t.Error("it was rotated twice")
	}
}

// TestRotateOwner: root rotates another user's key, and that user can read the new one.
func TestRotateOwner(t *testing.T) {
	if os.Getuid() != 0 {
		return // nobody else can give files away
	}
	s := newSite(t, testsshd.Options{})
	s.run(exitOK, "adopt", "old", "--name", "shop")
	must(t, os.Chown(s.path("old"), 12345, 23456))
	s.run(exitOK, "rotate", "shop", "--no-hosts", "--destroy", "--no-passphrase", "--reason", "x")
	for _, name := range []string{"old", "old.pub"} {
		info, err := os.Stat(s.path(name))
		must(t, err)
		if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 12345 || stat.Gid != 23456 {
			t.Errorf("%s belongs to %d:%d", name, stat.Uid, stat.Gid)
		}
	}
}

// TestRotateOnTerminal rotates a key with a passphrase from beginning to end, and is asked for that alone.
func TestRotateOnTerminal(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	must(t, os.WriteFile(s.Authorized, []byte(s.read("safe.pub")+s.read("new.pub")), 0o600))
	start := func(args ...string) *exec.Cmd {
		cmd := exec.Command(program(t), append([]string{"key"}, args...)...)
		cmd.Dir = s.home
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.home, "TERM=xterm", "KEYSWEEP_LEDGER_PASSPHRASE_FILE=" + s.path("ledgerpass")}
		return cmd
	}
	for _, args := range [][]string{{"adopt", "safe", "--name", "shop"}, {"deploy", "shop", s.Target(), "-F", s.Config, "--via", "new", "--passphrase-file", "pass"}} {
		if out, err := start(args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	old := s.fingerprint("safe")
	cmd := start("rotate", "shop", "-F", s.Config)
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 200})
	must(t, err)
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = terminal.Close() })
	p := &typist{t: t, cmd: cmd, terminal: terminal}
	p.sees("Passphrase of shop: ")
	p.types(testKeyPass + "\r")
	screen := p.ends(exitOK)
	s.want(screen, "shop is rotated", "logs in on 1 host", "is archived")
	if n := strings.Count(strings.ToLower(p.screen), "passphrase"); n != 1 || strings.Contains(p.screen, testKeyPass) {
		t.Errorf("passphrases are spoken of %d times:\n%s", n, p.screen)
	}
	if s.fingerprint("safe") == old || !strings.Contains(s.authorized(), s.read("safe.pub")) {
		t.Error("it is not rotated")
	}
}

// idOf returns the ledger's ID of a key.
func (s *site) idOf(ref string) string {
	s.t.Helper()
	store, err := filestore.Open(s.t.Context(), filestore.Options{
		Dir: s.path(".local/share/keysweep/ledger"), Anchor: s.path(".local/state/keysweep/ledger-anchor.json"),
	}, []byte("grove-anvil-pepper-swan"))
	must(s.t, err)
	r, err := rotation.Open(store, "desk", time.Now).Find(s.t.Context(), ref)
	must(s.t, err)
	return r.ID
}

// TestRotateSharedHome: two hosts with one home directory have one authorized_keys, in which one change is the change for both. One
// of them is away when the other loses the old key.
func TestRotateSharedHome(t *testing.T) {
	s := rotateSite(t, testsshd.Options{}, "old", "")
	other := testsshd.Start(t, testsshd.Options{})
	must(t, os.Symlink(filepath.Dir(s.Authorized), filepath.Dir(other.Authorized)))
	s.know(other)
	s.run(exitOK, "deploy", "shop", other.Target())
	flags := []string{"--destroy", "--no-passphrase", "--reason", "a timer uses it"}
	other.Stop()
	s.want(s.rotate(exitIncomplete, flags...), "1 host not done")
	other.Again(t)
	s.want(s.rotate(exitOK, flags...), "shop is rotated", "on 2 hosts")
	if got := s.authorized(); strings.Count(got, s.read("old.pub")) != 1 {
		t.Errorf("authorized_keys:\n%s", got)
	}
}

// TestRotateAbort takes the new key off again, as far as hosts can be reached.
func TestRotateAbort(t *testing.T) {
	s := rotateSite(t, testsshd.Options{}, "old", "")
	other := testsshd.Start(t, testsshd.Options{})
	other.Authorize(t, s.read("old.pub"))
	s.know(other)
	s.run(exitOK, "deploy", "shop", other.Target())
	before, old := s.authorized(), s.read("old")
	flags := []string{"--destroy", "--no-passphrase", "--reason", "a timer uses it"}
	must(t, os.Chmod(other.Home, 0o777)) // StrictModes
	s.want(s.rotate(exitIncomplete, flags...), "lets us in with none of the keys at hand", "--skip HOST", "the old key keeps its place until")
	s.Stop()
	s.want(s.rotate(exitIncomplete, "--abort"), "cannot be reached")
	s.Again(t)
	s.want(s.rotate(exitOK, "--abort"), "shop is as it was")
	if s.authorized() != before || s.read("old") != old || isFile(s.path("old.new")) {
		t.Errorf("authorized_keys:\n%s", s.authorized())
	}
	s.want(s.rotate(exitOK, "--abort"), "there is nothing to abort")
	s.want(s.rotate(exitFindings, append(flags, "--skip", other.Target())...), "1 host not done")
	must(t, os.Chmod(other.Home, 0o700))
	s.want(s.rotate(exitOK, flags...), "shop is rotated")
}
