package testsshd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

func newKey(t *testing.T) (file, line string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "id")
	if out, err := exec.Command(testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	pub, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return file, string(pub)
}

func login(t *testing.T, s *testsshd.Server, key, command string) (string, error) {
	t.Helper()
	out, err := exec.Command(testneed.Program(t, "ssh"), "-F", s.Config, "-o", "IdentitiesOnly=yes", "-i", key, "-o", "BatchMode=yes", "testhost", command).Output()
	return string(out), err
}

// TestSessionsHaveTheirOwnHome proves the promise that makes the fixture safe to use.
func TestSessionsHaveTheirOwnHome(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	key, line := newKey(t)
	if _, err := login(t, s, key, "true"); err == nil {
		t.Fatal("a key that is not installed logs in")
	}
	s.Authorize(t, line)
	out, err := login(t, s, key, "cd; pwd; echo ~; echo $HOME; touch mine")
	if want := strings.Repeat(s.Home+"\n", 3); err != nil || out != want {
		t.Errorf("session in %q, %v; want %q\n%s", out, err, want, s.Log(t))
	}
	if _, err := os.Stat(filepath.Join(s.Home, "mine")); err != nil {
		t.Error(err)
	}
	if !strings.Contains(s.Log(t), "Accepted publickey for "+s.User) {
		t.Errorf("log:\n%s", s.Log(t))
	}
}

// TestOldServers shows that the server takes exactly the lines that one of its age would.
func TestOldServers(t *testing.T) {
	const local, utc = `expiry-time="20990101" `, `expiry-time="20990101Z" `
	for refuses, takes := range map[string]map[string]bool{
		"":                     {"": true, local: true, utc: true},
		"expiry-time=":         {"": true, local: false, utc: false},
		"expiry-time=.[0-9]*Z": {"": true, local: true, utc: false},
	} {
		s := testsshd.Start(t, testsshd.Options{Refuses: refuses})
		for options, want := range takes {
			key, line := newKey(t)
			s.Authorize(t, options+line)
			if _, err := login(t, s, key, "true"); (err == nil) != want {
				t.Errorf("refuses %q: login with %q: %v, want %v\n%s", refuses, options, err, want, s.Log(t))
			}
		}
	}
}
