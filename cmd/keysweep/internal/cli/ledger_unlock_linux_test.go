package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"keysweep/internal/keyctl"
	"keysweep/internal/testneed"
	"keysweep/rotation/filestore"
)

// newUnlocked is a home with a ledger that is unlocked, and whose passphrase is not at hand any more: a command that needs it fails with
// exitUsage, as it finds no file where the variable says.
func newUnlocked(t *testing.T) *ledgerHome {
	t.Helper()
	if err := keyctl.Usable(); err != nil {
		testneed.Missing(t, "the kernel's keyring: %v", err)
	}
	h := newLedgerHome(t)
	name := h.unlockedName()
	t.Cleanup(func() { _, _ = keyctl.Remove(name) })
	h.run(exitOK, "ledger", "unlock")
	h.wantSaid("unlocked for 8h", "keysweep ledger lock")
	h.forgetPassphrase()
	return h
}

func (h *ledgerHome) forgetPassphrase() {
	h.t.Helper()
	if err := os.Rename(h.path("ledger.pass"), h.path("away.pass")); err != nil {
		h.t.Fatal(err)
	}
}

func (h *ledgerHome) recallPassphrase() {
	h.t.Helper()
	if err := os.Rename(h.path("away.pass"), h.path("ledger.pass")); err != nil {
		h.t.Fatal(err)
	}
}

// home is what ledger-home.json says.
func (h *ledgerHome) home() (home chosenHome) {
	h.t.Helper()
	data, err := os.ReadFile(h.path("state/keysweep/ledger-home.json"))
	if err == nil {
		err = json.Unmarshal(data, &home)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return home
}

func (h *ledgerHome) unlockedName() string { return unlockedName(h.home().Ledger) }

func TestUnlockAndLock(t *testing.T) {
	h := newUnlocked(t)
	h.run(exitOK, "ledger", "verify")
	h.run(exitOK, "ledger")
	h.wantSaid("unlocked", "until", "(8h)")
	h.run(exitOK, "ledger", "--format", "json")
	h.matches("keysweep.ledger.v1.schema.json")
	h.wantSaid(`"unlocked_until": "` + h.now.Add(8*time.Hour).UTC().Format(time.RFC3339))
	h.run(exitFindings, "status")
	h.wantSaid("unlocked until")
	h.run(exitOK, "key", "compromised", "web", "--reason", "test") // it writes, too

	h.run(exitOK, "ledger", "lock")
	h.wantSaid("The ledger is locked.")
	h.run(exitUsage, "ledger", "verify")
	h.run(exitOK, "ledger", "lock")
	h.wantSaid("locked already")
	h.recallPassphrase()
	h.run(exitOK, "ledger")
	h.wantSaid("unlocked", "no; to be asked once", "keysweep ledger unlock")
	h.run(exitOK, "ledger", "--format", "json")
	h.wantSaid(`"unlocked_until": ""`)
}

// TestUnlockedTime goes by both clocks: the kernel's, and the one that is shown.
func TestUnlockedTime(t *testing.T) {
	h := newUnlocked(t)
	start := h.now
	for after, want := range map[time.Duration]int{8*time.Hour - time.Second: exitOK, 8 * time.Hour: exitUsage, -2 * time.Minute: exitUsage, 0: exitOK} {
		h.now = start.Add(after)
		h.run(want, "ledger", "verify")
	}
	h.recallPassphrase()
	h.run(exitOK, "ledger", "unlock", "--for", "1s")
	h.forgetPassphrase()
	for range 200 {
		if _, err := keyctl.Get(h.unlockedName()); errors.Is(err, keyctl.ErrNone) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	h.run(exitUsage, "ledger", "verify")
	h.recallPassphrase()
	for _, life := range []string{"0s", "25h", "-1h", "2d", "soon", "500ms"} {
		h.run(exitUsage, "ledger", "unlock", "--for", life)
	}
}

// TestUnlockedNeedsPassphrase names what takes the passphrase all the same: what is about it, and who says where it is.
func TestUnlockedNeedsPassphrase(t *testing.T) {
	h := newUnlocked(t)
	h.run(exitUsage, "ledger", "unlock") // or it would never end
	h.run(exitUsage, "ledger", "passphrase", "--new-passphrase-file", "archive.pass")
	h.run(exitIncomplete, "ledger", "verify", "--ledger-passphrase-file", "archive.pass")
	h.wantSaid("wrong passphrase")
	h.run(exitOK, "ledger", "verify", "--ledger-passphrase-file", "away.pass")
	h.recallPassphrase()
	h.run(exitOK, "ledger", "passphrase", "--new-passphrase-file", "archive.pass")
	h.wantSaid("It stays unlocked until ", "keysweep ledger lock")
	h.forgetPassphrase()
	h.run(exitOK, "ledger", "verify") // the key that the passphrase protects is the same
}

// TestUnlockedOdd puts what is not this ledger's into its place: it is forgotten, that is said, and the passphrase is wanted again.
func TestUnlockedOdd(t *testing.T) {
	other, err := filestore.Create(t.Context(), filestore.Options{Dir: filepath.Join(t.TempDir(), "ledger"), WorkFactor: 1}, []byte("words"))
	if err != nil {
		t.Fatal(err)
	}
	identity, err := other.Identity()
	if err != nil {
		t.Fatal(err)
	}
	h := newUnlocked(t)
	u := unlockedLedger{Schema: 1, Ledger: h.home().Ledger, Since: h.now, Until: h.now.Add(time.Hour), Identity: identity}
	wrong := u
	wrong.Ledger = other.ID()
	for what, make := range map[string]func() error{
		"another ledger's": u.keep,
		"wrong id":         func() error { return keepAs(u.Ledger, wrong) },
		"no JSON":          func() error { return keyctl.Set(h.unlockedName(), []byte("{"), time.Hour) },
		"for everybody": func() error {
			id, err := unix.AddKey("user", h.unlockedName(), []byte("a"), unix.KEY_SPEC_USER_KEYRING)
			return errors.Join(err, unix.KeyctlSetperm(id, 0x3f3f3f3f))
		},
	} {
		if err := make(); err != nil {
			t.Fatal(err)
		}
		h.run(exitUsage, "ledger", "verify")
		h.wantSaid("note: the ledger is locked again")
		if strings.Contains(h.said.String(), "damaged") {
			t.Errorf("%s: it is taken for tampering: %s", what, &h.said)
		}
		if _, err := keyctl.Get(h.unlockedName()); !errors.Is(err, keyctl.ErrNone) {
			t.Errorf("%s: it is still there: %v", what, err)
		}
	}
	h.recallPassphrase()
	h.run(exitOK, "ledger", "verify")
}

func keepAs(ledger string, u unlockedLedger) error {
	data, err := json.Marshal(u)
	if err != nil {
		return err
	}
	return keyctl.Set(unlockedName(ledger), data, time.Hour)
}

// TestUnlockedTampered is noticed as with the passphrase, and is no reason to ask for it.
func TestUnlockedTampered(t *testing.T) {
	h := newUnlocked(t)
	items, err := filepath.Glob(h.path("data/keysweep/ledger/*.age"))
	if err != nil || len(items) < 3 {
		t.Fatal(items, err)
	}
	for _, item := range items {
		if name := filepath.Base(item); name != "head.age" && name != "identity.age" {
			if err := os.Remove(item); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.run(exitIncomplete, "key", "compromised", "web", "--reason", "test")
	h.wantSaid("changed outside keysweep")
}

// TestUnlockedElsewhere has a ledger made anew: the key of the former does not count for it, and goes with ledger lock --all. That runs in a
// user namespace, which has keyrings of its own: it is not to lock those of who runs the test.
func TestUnlockedElsewhere(t *testing.T) {
	h := newUnlocked(t)
	h.recallPassphrase()
	former := h.unlockedName()
	for _, dir := range []string{"data", "state"} {
		if err := os.RemoveAll(h.path(dir)); err != nil {
			t.Fatal(err)
		}
	}
	h.run(exitOK, "ledger", "init", "--home", "files")
	h.forgetPassphrase()
	h.run(exitUsage, "ledger", "verify")
	if _, err := keyctl.Get(former); err != nil {
		t.Fatal(err)
	}
	h.recallPassphrase()

	unshare := testneed.Program(t, "unshare")
	if out, err := exec.Command(unshare, "-Ur", "true").CombinedOutput(); err != nil {
		testneed.Missing(t, "user namespaces: %v\n%s", err, out)
	}
	out, err := h.program(unshare, "-Ur", "sh", "-ec", `
		keysweep ledger unlock
		rm $KEYSWEEP_LEDGER_PASSPHRASE_FILE
		keysweep ledger verify
		keysweep ledger lock --all
		keysweep ledger lock --all
		! keysweep ledger verify`).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "1 ledger locked") || !strings.Contains(string(out), "0 ledgers locked") {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := keyctl.Get(former); err != nil {
		t.Errorf("the namespace reaches beyond itself: %v", err)
	}
}

// program prepares a program that finds keysweep, which is this test binary, on its PATH.
func (h *ledgerHome) program(name string, args ...string) *exec.Cmd {
	h.t.Helper()
	if err := os.MkdirAll(h.path("bin"), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Symlink(os.Args[0], h.path("bin/keysweep")); err != nil && !errors.Is(err, fs.ErrExist) {
		h.t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = h.dir
	cmd.Env = append(os.Environ(), ledgerPassphraseFile+"="+h.path("ledger.pass"), "XDG_DATA_HOME="+h.path("data"), "XDG_STATE_HOME="+h.path("state"),
		"XDG_CONFIG_HOME="+h.path("config"), "HOME="+h.dir, "PATH="+h.path("bin")+":"+os.Getenv("PATH"), "SSH_ASKPASS=", "DBUS_SESSION_BUS_ADDRESS=")
	return cmd
}

// TestUnlockRefused has a kernel that refuses, as in containers: ledger unlock says so before it reads a passphrase, and other commands go
// on as ever.
func TestUnlockRefused(t *testing.T) {
	h := newUnlocked(t)
	strace := testneed.Program(t, "strace")
	if out, err := exec.Command(strace, "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		testneed.Missing(t, "strace, which does not work here: %v\n%s", err, out)
	}
	refused := func(code int, args ...string) string {
		t.Helper()
		flags := []string{"-f", "-o", "/dev/null", "-e", "trace=add_key,keyctl,prctl", "-e", "inject=add_key,keyctl:error=EPERM", "-e", "inject=prctl:retval=0"}
		cmd := h.program(strace, append(append(flags, h.path("bin/keysweep")), args...)...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
			t.Errorf("%q: %v, want exit code %d: %s", args, err, code, out)
		}
		return string(out)
	}
	for _, args := range [][]string{{"ledger", "unlock"}, {"ledger", "lock"}} {
		if out := refused(exitIncomplete, args...); !strings.Contains(out, "operation not permitted") || !strings.Contains(out, "hint: ") {
			t.Errorf("%q: %s", args, out)
		}
	}
	refused(exitUsage, "ledger", "verify")
	h.recallPassphrase()
	refused(exitOK, "ledger", "verify")
	if out := refused(exitOK, "ledger"); !strings.Contains(out, "to be asked once") {
		t.Error(out)
	}
}

// TestUnlockedIsKeptFromSight looks for what opens the ledger in all files, in what commands say, and in what run hands over.
func TestUnlockedIsKeptFromSight(t *testing.T) {
	h := newUnlocked(t)
	u, err := findUnlocked(h.home().Ledger, h.now)
	if err != nil || u == nil {
		t.Fatal(u, err)
	}
	var held struct{ Identity, MAC string }
	if err := json.Unmarshal(u.Identity, &held); err != nil || len(held.Identity) < 70 || len(held.MAC) < 40 {
		t.Fatal(held, err)
	}
	var seen bytes.Buffer
	for _, args := range [][]string{
		{"ledger", "unlock"}, {"ledger"}, {"ledger", "--format", "json"}, {"ledger", "verify"}, {"run", "--env", "prod", "--", "true"},
		{"run", "--any-env", "--", "sh", "-c", "cat /proc/self/cmdline /proc/self/environ; ls -l /proc/self/fd"}, {"ledger", "lock"},
	} {
		out, _ := h.program(h.path("bin/keysweep"), args...).CombinedOutput() // some are to fail
		seen.Write(out)
	}
	err = filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		seen.WriteString(path + "\n")
		seen.Write(data)
		return err
	})
	if err != nil || seen.Len() < 2000 {
		t.Fatal(seen.Len(), err)
	}
	for _, secret := range []string{held.Identity, held.MAC, string(u.Identity)} {
		if bytes.Contains(seen.Bytes(), []byte(secret)) {
			t.Error("what opens the ledger is seen")
		}
	}
}

// TestRetiredIsLocked takes a ledger away, as ledger move does.
func TestRetiredIsLocked(t *testing.T) {
	h := newUnlocked(t)
	p := &filesPlace{where: filestore.Options{Dir: h.path("data/keysweep/ledger"), Anchor: h.path("state/keysweep/ledger-anchor.json")}}
	name := h.unlockedName()
	if err := p.retire(t.Context(), h.home().Ledger, true); err != nil {
		t.Fatal(err)
	}
	if _, err := keyctl.Get(name); !errors.Is(err, keyctl.ErrNone) {
		t.Errorf("the key of a ledger that was taken away is still there: %v", err)
	}
}
