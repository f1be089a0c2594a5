//go:build linux

package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/testkeyring"
	"keysweep/internal/testneed"
)

// desk is an account with a keyring, in which commands run as processes of their own.
type desk struct {
	t       *testing.T
	home    string
	environ []string
}

// newDesk makes an account without a ledger. Its processes reach the keyring that environ leads to, and no other.
func newDesk(t *testing.T, environ func([]string) []string) *desk {
	t.Helper()
	home := t.TempDir()
	d := &desk{t: t, home: home}
	d.environ = environ([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "LC_ALL=C", "KEYSWEEP_TEST_NOW=2030-01-10T12:00:00Z"})
	for name, pass := range map[string]string{"pass": ledgerWords, "new": otherWords} {
		if err := os.WriteFile(d.path(name), []byte(pass), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"one", "two"} {
		args := []string{"-q", "-t", "ed25519", "-N", "", "-C", "", "-f", d.path(name)}
		if out, err := exec.Command(testneed.Program(t, "ssh-keygen"), args...).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	return d
}

const (
	ledgerWords = "granite velvet umbrella quartz meadow 9\n"
	otherWords  = "saffron tundra bicycle ladder echo 4\n"
)

func (d *desk) path(name string) string { return filepath.Join(d.home, name) }

func (d *desk) command(args ...string) (cmd *exec.Cmd, out, said *bytes.Buffer) {
	out, said = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.Command("keysweep", args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = d.home, d.environ, out, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd, out, said
}

// run runs a command and wants an exit code.
func (d *desk) run(want int, args ...string) (out, said string) {
	d.t.Helper()
	cmd, o, s := d.command(args...)
	if code := exitOf(d.t, cmd.Run()); code != want {
		d.t.Fatalf("keysweep %q: exit code %d, want %d\n%s%s", args, code, want, o, s)
	}
	return o.String(), s.String()
}

// says runs a command and wants an exit code and words in what it says.
func (d *desk) says(want int, words []string, args ...string) {
	d.t.Helper()
	out, said := d.run(want, args...)
	for _, w := range words {
		if !strings.Contains(out+said, w) {
			d.t.Errorf("keysweep %q does not say %q:\n%s%s", args, w, out, said)
		}
	}
}

// chosen reads which home the account has; "" for none.
func (d *desk) chosen() chosenHome {
	d.t.Helper()
	var h chosenHome
	data, err := os.ReadFile(d.path(".local/state/keysweep/ledger-home.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return h
	}
	if err == nil {
		err = json.Unmarshal(data, &h)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return h
}

// noFiles wants no ledger of encrypted files.
func (d *desk) noFiles() {
	d.t.Helper()
	if _, err := os.Lstat(d.path(".local/share/keysweep/ledger")); !errors.Is(err, fs.ErrNotExist) {
		d.t.Errorf("there is a ledger in files: %v", err)
	}
}

func TestFirstUseChoosesTheOpenKeyring(t *testing.T) {
	ring := testkeyring.Start(t)
	d := newDesk(t, ring.Environ)
	d.says(0, []string{"It is made now: secret-service at ", "(this system's keyring, open at first use; to have it elsewhere: keysweep ledger move HOME)"}, "key", "adopt", "one")
	if h := d.chosen(); h.Home != "secret-service" || h.Ledger == "" {
		t.Errorf("chosen: %+v", h)
	}
	if _, said := d.run(0, "key", "adopt", "two"); strings.Contains(said, "made") || strings.Contains(said, "ledger") {
		t.Errorf("the second time it says\n%s", said)
	}
	d.says(0, []string{"note: the ledger is in secret-service and needs no passphrase of its own"}, "key", "adopt", "two", "--ledger-passphrase-file", "pass")
	d.says(0, []string{"2 records", "as keysweep left it"}, "ledger", "verify")
	d.says(2, []string{"has no passphrase of its own"}, "ledger", "passphrase")
	d.noFiles()

	// From now on what keeps it from the keyring is an error.
	whole := d.environ
	ring.Lock(t)
	d.says(exitIncomplete, []string{"the ledger is in secret-service", "is locked", "hint: unlock it", "rotate-due --snapshot FILE"}, "key", "adopt", "one")
	d.says(exitIncomplete, []string{"not known", "is locked"}, "ledger")
	d.says(exitIncomplete, []string{"is locked"}, "ledger", "verify")
	d.says(exitIncomplete, []string{"is locked"}, "ledger", "move", "files", "--new-passphrase-file", "pass")
	d.environ = slices.DeleteFunc(slices.Clone(whole), func(line string) bool { return strings.HasPrefix(line, "DBUS_") || strings.HasPrefix(line, "XDG_") })
	d.environ = append(d.environ, "XDG_RUNTIME_DIR="+d.home)
	d.says(exitIncomplete, []string{"the ledger is in secret-service", "there is no session bus"}, "key", "adopt", "one")
	d.says(exitFindings, []string{"no-passphrase"}, "key", "list", "--no-ledger", "--path", ".")
	d.environ = whole
	ring.Stop(t)
	d.says(exitIncomplete, []string{"the ledger is in secret-service"}, "key", "adopt", "one")
	d.noFiles()
	if h := d.chosen(); h.Home != "secret-service" {
		t.Errorf("chosen: %+v", h)
	}
	ring.Run(t)
	d.says(0, []string{"2 records"}, "ledger", "verify")

	// What says so is lost: what is in the keyring is taken up again.
	if err := os.Remove(d.path(".local/state/keysweep/ledger-home.json")); err != nil {
		t.Fatal(err)
	}
	d.says(exitIncomplete, []string{"there was a ledger in secret-service on this machine", "keysweep ledger init --home secret-service"}, "key", "adopt", "one")
	d.says(0, []string{"The ledger is in secret-service"}, "ledger", "init", "--home", "secret-service")
	d.says(0, []string{"2 records"}, "ledger", "verify")
}

func TestFirstUseWithALockedKeyring(t *testing.T) {
	ring := testkeyring.Start(t)
	ring.Lock(t)
	d := newDesk(t, ring.Environ)
	d.says(exitUsage, []string{"encrypted files in", "(the keyring is locked; to have it elsewhere"}, "key", "adopt", "one")
	d.says(0, []string{"It is made now"}, "key", "adopt", "one", "--ledger-passphrase-file", "pass")
	if h := d.chosen(); h.Home != homeFiles {
		t.Errorf("chosen: %+v", h)
	}
	ring.Stop(t)
	ring.Run(t)
	d.says(0, []string{"1 record"}, "ledger", "verify", "--ledger-passphrase-file", "pass")
}

// TestFirstUseAtOnce lets several processes use the ledger for the first time at the same moment: there is one ledger, with what all
// of them recorded.
func TestFirstUseAtOnce(t *testing.T) {
	ring := testkeyring.Start(t)
	for _, home := range []string{homeFiles, "secret-service"} {
		d := newDesk(t, ring.Environ)
		if home == homeFiles {
			d.environ = append(d.environ, ledgerPassphraseFile+"="+d.path("pass"))
		}
		var all sync.WaitGroup
		for _, key := range []string{"one", "two"} {
			all.Go(func() {
				cmd, out, said := d.command("key", "adopt", key)
				if err := cmd.Run(); err != nil {
					t.Errorf("%s: %v\n%s%s", key, err, out, said)
				}
			})
		}
		all.Wait()
		d.says(0, []string{"2 records"}, "ledger", "verify")
		if h := d.chosen(); h.Home != home {
			t.Errorf("chosen: %+v", h)
		}
	}
}

func TestMovesThroughTheHomes(t *testing.T) {
	ring, store := testkeyring.Start(t), testkeyring.StartPass(t)
	d := newDesk(t, func(environ []string) []string { return store.Environ(ring.Environ(environ)) })
	d.run(0, "key", "adopt", "one", "--ledger-passphrase-file", "pass")
	before := d.list("--ledger-passphrase-file", "pass")
	d.says(exitUsage, []string{"a ledger in pass gets no passphrase of its own"}, "ledger", "move", "pass", "--ledger-passphrase-file", "pass", "--new-passphrase-file", "new")
	d.says(0, []string{"The ledger is in secret-service now", "The old one, in files, was taken away"}, "ledger", "move", "secret-service", "--ledger-passphrase-file", "pass")
	d.noFiles()
	d.same(before)
	d.says(0, []string{"The old one, in secret-service, was kept"}, "ledger", "move", "pass", "--keep")
	d.same(before)
	d.says(exitUsage, []string{"that was moved to pass on 2030-01-10 and kept", "--replace"}, "ledger", "move", "secret-service")
	d.same(before)
	d.says(0, []string{"The ledger is in secret-service now"}, "ledger", "move", "secret-service", "--replace")
	d.same(before)
	d.says(0, []string{"The ledger is in files now"}, "ledger", "move", "files", "--new-passphrase-file", "new", "--keep")
	d.run(exitIncomplete, "ledger", "verify", "--ledger-passphrase-file", "pass")
	d.run(0, "ledger", "verify", "--ledger-passphrase-file", "new")

	// The copy that was kept is not taken for the ledger, also where nothing else is left.
	if err := os.RemoveAll(d.path(".local")); err != nil {
		t.Fatal(err)
	}
	d.says(exitIncomplete, []string{"what was kept when it was moved to files on 2030-01-10", "--take-old"}, "key", "adopt", "two")
	d.says(0, nil, "ledger", "init", "--home", "secret-service", "--take-old")
	d.same(before)
}

// list is what the ledger knows.
func (d *desk) list(args ...string) string {
	d.t.Helper()
	out, _ := d.run(exitFindings, append([]string{"key", "list", "--all", "--format", "csv", "--path", "."}, args...)...)
	return out
}

// same wants the ledger whole, and as it was.
func (d *desk) same(before string) {
	d.t.Helper()
	d.says(0, []string{"as keysweep left it"}, "ledger", "verify")
	if got := d.list(); got != before {
		d.t.Errorf("the ledger says\n%s\nwant\n%s", got, before)
	}
}

// TestKilledMoves kills moves at moments of chance. The ledger is whole in one of the two homes, and the same command ends the move.
func TestKilledMoves(t *testing.T) {
	ring := testkeyring.Start(t)
	d := newDesk(t, ring.Environ)
	d.environ = append(d.environ, ledgerPassphraseFile+"="+d.path("pass"))
	for _, key := range []string{"one", "two"} {
		d.run(0, "key", "adopt", key)
	}
	before := d.list()
	length, found := time.Duration(0), map[string]int{}
	for i := range 10 {
		to := []string{"secret-service", homeFiles}[i%2]
		cmd, _, said := d.command("ledger", "move", to)
		if i < 2 {
			began := time.Now()
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			length = max(length, time.Since(began))
			continue
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(length))))
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		found[d.chosen().Home+" on the way to "+to]++
		d.same(before)
		d.run(0, "ledger", "move", to)
		if h := d.chosen(); h.Home != to || h.Moving != nil || h.Leaving != nil {
			t.Fatalf("after the move: %+v", h)
		}
		d.same(before)
	}
	t.Logf("found after kills within %v: %v", length, found)
}
