//go:build unix

package cli

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

// TestDeployKilled kills keysweep itself at moments of chance: authorized_keys is the old or the new one, the ledger opens, and
// the host is in it whenever it has the key. KEYSWEEP_KILLS makes it more than 6 kills.
func TestDeployKilled(t *testing.T) {
	s := newSite(t, testsshd.Options{})
	program := testneed.Program(t, "keysweep")
	old := s.authorized()
	s.run(exitOK, "adopt", "new")
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("KEYSWEEP_KILLS")); err == nil {
		kills = n
	}
	for n := range kills {
		if err := os.WriteFile(s.Authorized, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "key", "deploy", "new", s.Target(), "-F", s.Config, "--via", s.path("old"))
		cmd.Dir = s.home
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.home, "KEYSWEEP_LEDGER_PASSPHRASE_FILE=" + s.path("ledgerpass")}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(2500)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if got := s.authorized(); got != old && got != old+s.read("new.pub") {
			t.Fatalf("kill %d: neither old nor new:\n%s", n, got)
		}
	}
	s.want(s.run(exitOK, "deploy", "new", "TARGET"), "and it logs in")
	s.want(s.run(exitOK, "revoke", "new"), s.Target()+": removed, and the server refuses it", "new is revoked.")
}
