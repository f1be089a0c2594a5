//go:build unix

package cli

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/rotation"
)

// fileProvider is a provider in files that ends the old value with the answer: "valid" holds the value that it accepts, "asked" is
// there once it was asked, and it answers when there is "go-on".
func (h *credHome) fileProvider(value string) {
	h.t.Helper()
	h.write("valid", value)
	h.write("acme", `#!/bin/sh
in=$(cat); cd '`+h.dir+`'
accepts() { case $in in *"\"$1\":{\"secret\":\"$(cat valid)\""*) true ;; *) false ;; esac; }
said() { if accepts "$1"; then echo '{"ok":true}'; else echo '{"ok":false,"refused":true}'; fi; }
case $in in
*'"step":"describe"'*) echo '{"ok":true,"description":{"protocol":1,"name":"acme","phases":"single","steps":["create","test"]}}' ;;
*'"subject":"current"'*) said current ;;
*'"step":"test"'*) said pending ;;
*) if ! accepts current; then echo '{"ok":false,"refused":true}'; exit; fi
	echo x >> made
	new=nEw7nEw7nEw7-$(wc -l < made | tr -d ' ')
	printf %s "$new" > valid
	: > asked
	while ! [ -e go-on ]; do sleep 0.02; done
	echo "made one" >&2
	echo '{"ok":true,"account":"id-7","secret":"'$new'"}' ;;
esac
`)
	if err := os.Chmod(filepath.Join(h.dir, "acme"), 0o700); err != nil {
		h.t.Fatal(err)
	}
	h.policy(h.run(exitOK, "", "plugin", "pin", filepath.Join(h.dir, "acme")))
	h.add("A_TOKEN", value)
}

// rotating is the real program on its way.
func (h *credHome) rotating() *exec.Cmd {
	h.t.Helper()
	cmd := exec.Command(program(h.t), "cred", "rotate", "prod/A_TOKEN")
	cmd.Dir = h.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
	return cmd
}

// until waits for a file.
func (h *credHome) until(name string) {
	h.t.Helper()
	for range 3000 {
		if _, err := os.Stat(filepath.Join(h.dir, name)); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatalf("%s never came", name)
}

// finish runs the program until the rotation is done, and says what was said.
func (h *credHome) finish() (said string) {
	h.t.Helper()
	for range 200 {
		out, err := h.rotating().CombinedOutput()
		if said += string(out); err == nil {
			return said
		}
		time.Sleep(50 * time.Millisecond)
	}
	h.t.Fatalf("never done\n%s", said)
	return said
}

// TestCredRotateKilledWhileAsking kills cred rotate when the provider has acted and not answered yet. The answer finds its way.
func TestCredRotateKilledWhileAsking(t *testing.T) {
	h := newCredHome(t)
	old := strings.Repeat("oLd5", 6)
	h.fileProvider(old)
	cmd := h.rotating()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h.until("asked")
	if item := h.rotationStatus(exitFindings, "prod/A_TOKEN"); item["says"] != "the provider is being asked for a new value just now" {
		t.Errorf("%v", item)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	said := h.run(exitIncomplete, "", "rotate", "prod/A_TOKEN")
	if !strings.Contains(said, "its provider is still being asked") {
		t.Errorf("%s", said)
	}
	h.run(exitIncomplete, "", "remove", "prod/A_TOKEN", "--yes")
	h.write("go-on", "")
	said = h.finish()
	if !strings.Contains(said, "the new value that waited outside the ledger is taken in") {
		t.Errorf("%s", said)
	}
	fresh := h.read("valid")
	if r := h.wantOnly("A_TOKEN", fresh); r.Account != "id-7" || h.read("made") != "x\n" {
		t.Errorf("account %q, made %q", r.Account, h.read("made"))
	}
	_ = os.Remove(filepath.Join(h.dir, "valid"))
	h.wantNowhere(said, old, fresh)
}

// TestCredRotateKilledAtRandom kills it at moments of chance, where the provider ends the old value with its answer: no value is lost.
func TestCredRotateKilledAtRandom(t *testing.T) {
	h := newCredHome(t)
	h.fileProvider(strings.Repeat("oLd5", 6))
	h.write("go-on", "")
	begin := time.Now()
	h.finish()
	whole := time.Since(begin)
	for i := range 6 {
		cmd := h.rotating()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wait := whole * time.Duration(i) / 6
		time.Sleep(wait + time.Duration(rand.Int64N(int64(whole)/6+1)))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if said := h.finish(); strings.Contains(said, "lost on the way") {
			t.Fatalf("killed after %s:\n%s", wait, said)
		}
		if r, values := h.ledger("A_TOKEN"); values[""] != h.read("valid") || len(values) != 1 || r.Status != rotation.Active {
			t.Fatalf("killed after %s: the value in the ledger works: %v, %d secrets", wait, values[""] == h.read("valid"), len(values))
		}
		entries, err := os.ReadDir(filepath.Join(h.dir, ".local", "state", "keysweep", "rescue"))
		if err != nil || len(entries) != 0 {
			t.Errorf("rescue files are left: %v, %v", entries, err)
		}
	}
}
