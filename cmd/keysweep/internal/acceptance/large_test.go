//go:build linux

package acceptance

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"keysweep/internal/git"
)

// TestLargeObjectInHistory scans a history with a content that is too large to be held in memory whole.
func TestLargeObjectInHistory(t *testing.T) {
	h := &history{rand: rand.New(rand.NewPCG(12, 1))}
	secret := h.secret()
	dir := filepath.Join(t.TempDir(), "repo")
	runGit(t, "", "init", "-q", dir)
	lines := bytes.Repeat([]byte("nothing that is secret stands in this line\n"), 500_000)
	must(t, os.WriteFile(filepath.Join(dir, "large"), append(append(bytes.Clone(lines), "key = "+secret+"\n"...), lines...), 0o600))
	runGit(t, dir, "add", ".")
	runGit(t, dir, "-c", "user.name=N", "-c", "user.email=n@example.com", "commit", "-qm", "large")
	runGit(t, dir, "rm", "-q", "large")
	runGit(t, dir, "-c", "user.name=N", "-c", "user.email=n@example.com", "commit", "-qm", "gone")
	for _, way := range []string{"", git.AskGit + "=1"} {
		cmd := exec.Command(real, "scan", "--history", "--no-cache", "--no-progress", "--show-secrets", "--format", "json")
		cmd.Dir, cmd.Env = dir, append(gitEnviron(), way)
		out, err := cmd.Output()
		var r damageReport
		must(t, json.Unmarshal(out, &r))
		if exitOf(t, err) != exitFindings || len(r.Items) != 1 || r.Items[0].Secret != secret || len(r.Errors) > 0 {
			t.Errorf("%q: exit code %d, %d secrets, %v", way, exitOf(t, err), len(r.Items), r.Errors)
		}
	}
}
