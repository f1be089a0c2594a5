package logins_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/logins"
	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

// TestRealMessages has a real sshd accept a key and refuse one, and the real grep look for what it says.
func TestRealMessages(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	file := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command(testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	public, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	login := func() error {
		return exec.Command(testneed.Program(t, "ssh"), "-F", s.Config, "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", file, "testhost", "true").Run()
	}
	if login() == nil {
		t.Fatal("an unknown key gets in")
	}
	s.Authorize(t, string(public))
	if err := login(); err != nil {
		t.Fatalf("%v\n%s", err, s.Log(t))
	}
	var log strings.Builder
	for line := range strings.Lines(s.Log(t)) {
		log.WriteString("Oct 31 03:04:05 h sshd[7]: " + line)
	}
	kept := filepath.Join(t.TempDir(), "auth.log")
	if err := os.WriteFile(kept, []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	argv := append(strings.Fields(grep)[1:], kept, kept+".1")
	cmd := exec.Command(testneed.Program(t, "grep"), argv...)
	cmd.Env = []string{"LC_ALL=C"}
	var out, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaint
	_ = cmd.Run() // the second file is missing
	f := logins.Look(t.Context(), hosttest.New(nil).Result(files(), host.Output{Stdout: []byte(out.String()), Stderr: []byte(complaint.String()), Exit: cmd.ProcessState.ExitCode()}))
	if f.Err != nil || len(f.Logins) != 1 || f.Logins[0].User != s.User || f.Logins[0].From.String() != "127.0.0.1" || f.Logins[0].Method != "publickey" || len(f.Logins[0].Key) != 50 {
		t.Errorf("%+v of\n%s", f, log.String())
	}
}
