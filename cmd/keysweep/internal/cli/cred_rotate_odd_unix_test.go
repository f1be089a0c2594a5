//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/rotation"
)

// shellPlugin pins a plugin of sh for the provider acme, with one phase; create is what it does for that step.
func (h *credHome) shellPlugin(create string) {
	h.t.Helper()
	path := filepath.Join(h.dir, "acme")
	h.write("acme", `#!/bin/sh
in=$(cat)
case $in in
*'"step":"describe"'*) echo '{"ok":true,"description":{"protocol":1,"name":"acme","phases":"single","steps":["create","test"]}}' ;;
*'"subject":"current"'*) echo '{"ok":false,"refused":true}' ;;
*'"step":"test"'*) echo '{"ok":true}' ;;
*) `+create+` ;;
esac
`)
	if err := os.Chmod(path, 0o700); err != nil {
		h.t.Fatal(err)
	}
	h.policy(h.run(exitOK, "", "plugin", "pin", path))
}

// TestCredRotateOddReply wants the new value of a reply with a mistake in it, as the provider accepts no other.
func TestCredRotateOddReply(t *testing.T) {
	h := newCredHome(t)
	fresh := strings.Repeat("nEw7", 6)
	h.shellPlugin(`echo '{"ok":true,"expires_at":"2031-01-01","secret":"` + fresh + `"}'`)
	h.add("A_TOKEN", strings.Repeat("oLd5", 6))
	said := h.run(exitIncomplete, "", "rotate", "prod/A_TOKEN")
	if !strings.Contains(said, "wrong type") || strings.Contains(said, fresh) {
		t.Errorf("%s", said)
	}
	h.run(exitOK, "", "rotate", "prod/A_TOKEN")
	h.wantOnly("A_TOKEN", fresh)
}

// TestCredRemoveWhileRotating wants neither a credential that is just being replaced to be removed, nor its ledger to be moved: the
// new value would be lost.
func TestCredRemoveWhileRotating(t *testing.T) {
	h := newCredHome(t)
	fresh := strings.Repeat("nEw7", 6)
	asked, goOn := filepath.Join(h.dir, "asked"), filepath.Join(h.dir, "go-on")
	h.shellPlugin(`: > '` + asked + `'; while ! [ -e '` + goOn + `' ]; do sleep 0.05; done; echo '{"ok":true,"secret":"` + fresh + `"}'`)
	h.add("A_TOKEN", strings.Repeat("oLd5", 6))
	done := make(chan bool)
	go func() {
		defer close(done)
		h.run(exitOK, "", "rotate", "prod/A_TOKEN")
	}()
	for range 2000 {
		if _, err := os.Stat(asked); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if said := h.run(exitIncomplete, "", "remove", "prod/A_TOKEN", "--yes"); !strings.Contains(said, "another keysweep is replacing or removing it") {
		t.Errorf("%s", said)
	}
	env, _, errs := testEnv(t, "ledger", "move", "pass")
	env.Dir, env.Home, env.Hostname = h.dir, h.dir, "host"
	env.Environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
	if code := Main(t.Context(), env); code != exitIncomplete || !strings.Contains(errs.String(), "a credential is just being replaced") {
		t.Errorf("ledger move: %d\n%s", code, errs.String())
	}
	h.write("go-on", "")
	<-done
	h.wantOnly("A_TOKEN", fresh)
	h.run(exitOK, "", "remove", "prod/A_TOKEN", "--yes")
}

// TestCredRotateUnheard wants the new value to be kept where nobody reads what is said, the terminal is closed and somebody interrupts
// twice while the provider is asked.
func TestCredRotateUnheard(t *testing.T) {
	h := newCredHome(t)
	fresh := strings.Repeat("nEw7", 6)
	h.shellPlugin(`: > '` + filepath.Join(h.dir, "asked") + `'; sleep 1; echo "made one" >&2; echo '{"ok":true,"secret":"` + fresh + `"}'`)
	h.add("A_TOKEN", strings.Repeat("oLd5", 6))
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t), "cred", "rotate", "prod/A_TOKEN")
	cmd.Dir, cmd.Stdout, cmd.Stderr = h.dir, writer, writer
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	for range 2000 {
		if _, err := os.Stat(filepath.Join(h.dir, "asked")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = reader.Close()
	for _, s := range []os.Signal{syscall.SIGHUP, os.Interrupt, os.Interrupt, syscall.SIGTERM} {
		_ = cmd.Process.Signal(s)
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Wait()
	if _, values := h.ledger("A_TOKEN"); values["/pending"] != fresh {
		t.Errorf("the new value is lost: %v", cmd.ProcessState)
	}
}

// TestCredRotatePluginGone wants a rotation not to be stuck if its plugin has left the policy.
func TestCredRotatePluginGone(t *testing.T) {
	h := newCredHome(t)
	fresh := strings.Repeat("nEw7", 6)
	h.shellPlugin(`exit 75`)
	h.add("A_TOKEN", strings.Repeat("oLd5", 6))
	h.run(exitIncomplete, "", "rotate", "prod/A_TOKEN")
	h.policy("")
	if said := h.run(exitUsage, "", "rotate", "prod/A_TOKEN"); !strings.Contains(said, "hint: allow it again; or go on without it: keysweep cred rotate prod/A_TOKEN --manual") {
		t.Errorf("%s", said)
	}
	h.run(exitOK, fresh, "rotate", "prod/A_TOKEN", "--manual", "--revoked", "-")
	h.wantOnly("A_TOKEN", fresh)
}

// TestCredCompromisedInGrace wants a value that is known to others to stay so when the one before it is revoked.
func TestCredCompromisedInGrace(t *testing.T) {
	h := newCredHome(t)
	first, second, third := strings.Repeat("oLd5", 6), strings.Repeat("nEw7", 6), strings.Repeat("nEw8", 6)
	h.add("A_TOKEN", first)
	h.run(exitFindings, second, "rotate", "prod/A_TOKEN", "--manual", "-")
	h.run(exitOK, "", "compromised", "prod/A_TOKEN", "--reason", "pushed")
	if said := h.run(exitFindings, "", "rotate", "prod/A_TOKEN", "--revoked"); !strings.Contains(said, "recorded as compromised meanwhile") {
		t.Errorf("%s", said)
	}
	if r, _ := h.ledger("A_TOKEN"); r.Status != rotation.Compromised {
		t.Errorf("the new value is %s", r.Status)
	}
	h.run(exitOK, third, "rotate", "prod/A_TOKEN", "--manual", "--revoked", "-")
	h.wantOnly("A_TOKEN", third)
}
