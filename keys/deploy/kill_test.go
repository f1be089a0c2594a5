//go:build unix

package deploy_test

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/openssh"
	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
	"keysweep/keys/deploy"
)

// kills is how many kills the tests try: 30, or KEYSWEEP_KILLS.
func kills(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("KEYSWEEP_KILLS")); err == nil {
		return n
	}
	return 30
}

// killedHost kills everything that runs the script, at a moment of chance.
type killedHost struct {
	*localHost
	after time.Duration
}

func (h *killedHost) Run(ctx context.Context, script []byte) ([]byte, error) {
	if !strings.Contains(string(script), "put()") {
		return h.localHost.Run(ctx, script)
	}
	cmd := exec.CommandContext(ctx, h.shell[0])
	cmd.Env = []string{"HOME=" + h.home, "PATH=" + os.Getenv("PATH")}
	cmd.Stdin = strings.NewReader(string(script))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(h.t, cmd.Start())
	time.AfterFunc(h.after, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	return nil, cmd.Wait()
}

// TestKilledThere kills the remote side. The file is the old or the new one, and the next change works.
func TestKilledThere(t *testing.T) {
	h := newLocal(t)
	versions := []string{strings.Repeat("old line\n", 2000), strings.Repeat("another line\n", 3000)}
	h.write(versions[1], 0o640)
	begun := time.Now()
	_, _, err := deploy.Change(t.Context(), h, set(versions[0]))
	must(t, err)
	takes := time.Since(begun) // reading included: some kills come when all is done
	changed := 0
	for n := range kills(t) {
		before := h.content()
		want := versions[(n+1)%2]
		_, _, err := deploy.Change(t.Context(), &killedHost{h, rand.N(takes)}, set(want))
		switch h.content() {
		case want:
			changed++
		case before:
		default:
			t.Fatalf("kill %d: neither old nor new: %d bytes, %v", n, len(h.content()), err)
		}
		if info, err := os.Stat(h.file()); err != nil || info.Mode().Perm() != 0o640 {
			t.Fatalf("kill %d: %v %v", n, info.Mode(), err)
		}
	}
	t.Logf("%d of %d were done before the kill, within %s", changed, kills(t), takes)
	if _, _, err := deploy.Change(t.Context(), h, set("after\n")); err != nil || h.content() != "after\n" {
		t.Errorf("after the kills: %v", err)
	}
	h.only()
}

// TestKilledHere kills the ssh that carries the script, and what the server started for it.
func TestKilledHere(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	file, public := newKey(t, "way in")
	s.Authorize(t, string(public.Line("")))
	target, err := openssh.ParseTarget(s.Target())
	must(t, err)
	testneed.Program(t, "ssh")
	h := &sshHost{tools: &openssh.Tools{Environ: os.Environ(), Config: s.Config}, target: target,
		via: openssh.RunOptions{Via: &openssh.Key{File: file}}, key: file}
	long := strings.Repeat("# long\n", 20_000)
	for n := range max(1, kills(t)/3) {
		before := authorizedKeys(t, s)
		want := string(public.Line("")) + strconv.Itoa(n) + long
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(700))*time.Millisecond)
		_, _, err := deploy.Change(ctx, h, set(want))
		cancel()
		if got := authorizedKeys(t, s); got != want && got != before {
			t.Fatalf("kill %d: neither old nor new: %d bytes, %v", n, len(got), err)
		}
	}
	if _, _, err := deploy.Change(t.Context(), h, set(string(public.Line("")))); err != nil {
		t.Errorf("after the kills: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(s.Authorized))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
