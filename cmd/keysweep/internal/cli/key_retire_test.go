package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// ledgerHome is a home directory with a key, a ledger and the file of its passphrase.
type ledgerHome struct {
	t    *testing.T
	dir  string
	now  time.Time
	said bytes.Buffer // standard output and errors of the last run
}

func newLedgerHome(t *testing.T) *ledgerHome {
	h := &ledgerHome{t: t, dir: t.TempDir(), now: time.Now()}
	// The passphrases are put together here, so that they look like none.
	for name, word := range map[string]string{"ledger.pass": "granite velvet umbrella quartz", "archive.pass": "willow harbour candle ostrich"} {
		if err := os.WriteFile(h.path(name), []byte(word+" meadow 9\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keygen := testneed.Program(t, "ssh-keygen")
	if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "some words", "-f", h.path("id"), "-C", "").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h.run(exitOK, "key", "adopt", "id", "--name", "web")
	return h
}

func (h *ledgerHome) path(name string) string { return filepath.Join(h.dir, name) }

// run runs the program and wants an exit code.
func (h *ledgerHome) run(want int, args ...string) {
	h.t.Helper()
	h.said.Reset()
	env := Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &h.said, Stderr: &h.said, Dir: h.dir, Home: h.dir, Hostname: "desk",
		Environ: append(os.Environ(), ledgerPassphraseFile+"="+h.path("ledger.pass"), "XDG_DATA_HOME="+h.path("data"), "XDG_STATE_HOME="+h.path("state")),
		Now:     func() time.Time { return h.now }, LedgerWork: 1,
	}
	if got := Main(context.Background(), env); got != want {
		h.t.Errorf("keysweep %s: exit code %d, want %d: %s", strings.Join(args, " "), got, want, &h.said)
	}
}

func (h *ledgerHome) wantSaid(parts ...string) {
	h.t.Helper()
	for _, part := range parts {
		if !strings.Contains(h.said.String(), part) {
			h.t.Errorf("said %q: want %q in it", &h.said, part)
		}
	}
}

// change alters the key's record, and returns it.
func (h *ledgerHome) change(alter func(*rotation.Record)) rotation.Record {
	h.t.Helper()
	store, err := filestore.Open(h.t.Context(), filestore.Options{
		Dir: h.path("data/keysweep/ledger"), Anchor: h.path("state/keysweep/ledger-anchor.json"),
	}, []byte("granite velvet umbrella quartz meadow 9"))
	if err != nil {
		h.t.Fatal(err)
	}
	ledger := rotation.Open(store, "desk", func() time.Time { return h.now })
	r, err := ledger.Find(h.t.Context(), "web")
	if err != nil {
		h.t.Fatal(err)
	}
	r, err = ledger.Change(h.t.Context(), r.ID, "test", func(r *rotation.Record) error { alter(r); return nil })
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func TestRetireWantsNoHostToAcceptTheKey(t *testing.T) {
	h := newLedgerHome(t)
	h.change(func(r *rotation.Record) {
		r.Installed = []rotation.Installation{
			{Target: "ann@web1", At: h.now}, {Target: "ann@web2:2222", At: h.now, Removed: h.now}, {Target: "ann@web3", At: h.now, Expires: h.now.Add(-time.Hour)},
		}
	})
	h.run(exitFindings, "key", "retire", "web", "--destroy")
	h.wantSaid("1 host still accepts it", "keysweep key revoke web ann@web1", "--force --reason")
	if strings.Contains(h.said.String(), "web2") || strings.Contains(h.said.String(), "web3") {
		t.Errorf("said %q: hosts that do not accept the key any more", &h.said)
	}
	if _, err := os.Stat(h.path("id")); err != nil {
		t.Errorf("the key was touched: %v", err)
	}
	h.run(exitOK, "key", "compromised", "web", "--reason", "x")
	h.wantSaid("keysweep key revoke web ann@web1")
	h.run(exitOK, "key", "retire", "web", "--destroy", "--force", "--reason", "web1 is scrap")
	if _, err := os.Stat(h.path("id")); err == nil {
		t.Error("the key is still there")
	}
}

// TestRetireGoesOn runs it again from every point where it could have been interrupted.
func TestRetireGoesOn(t *testing.T) {
	h := newLedgerHome(t)
	key, err := os.ReadFile(h.path("id"))
	if err != nil {
		t.Fatal(err)
	}
	archive := []string{"key", "retire", "web", "--archive", "web.age", "--archive-passphrase-file", "archive.pass"}
	h.run(exitOK, archive...)
	back := func(r *rotation.Record) { r.Status = rotation.Active }
	for _, at := range []string{"after the archive", "before the status"} {
		h.change(back)
		if at == "after the archive" {
			if err := os.WriteFile(h.path("id"), key, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		h.run(exitOK, archive...)
		r := h.change(func(*rotation.Record) {})
		if _, err := os.Stat(h.path("id")); err == nil || r.Status != rotation.Retired || len(r.Backups) != 1 {
			t.Errorf("%s: file %v, status %s, backups %v", at, err, r.Status, r.Backups)
		}
	}
	h.change(back)
	if err := os.WriteFile(h.path("id"), make([]byte, len(key)), 0o600); err != nil { // overwritten, and not removed yet
		t.Fatal(err)
	}
	h.run(exitOK, "key", "retire", "web", "--destroy")
	if _, err := os.Stat(h.path("id")); err == nil {
		t.Error("what was overwritten is still there")
	}
}

func TestRetireOnAnotherMachine(t *testing.T) {
	h := newLedgerHome(t)
	h.change(func(r *rotation.Record) { r.Machine = "laptop" })
	h.run(exitUsage, "key", "retire", "web", "--destroy")
	h.wantSaid("is on another machine", "on laptop")
	h.run(exitOK, "key", "retire", "web", "--destroy", "--force", "--reason", "stolen")
	if _, err := os.Stat(h.path("id")); err != nil {
		t.Errorf("a file of the same name here was touched: %v", err)
	}
}

func TestRetireNeedsAnAnswer(t *testing.T) {
	h := newLedgerHome(t)
	h.run(exitUsage, "key", "retire", "web")
	h.wantSaid("say what is to become of the private key", "--archive FILE")
	h.run(exitUsage, "key", "retire", "web", "--destroy", "--no-ledger")
}
