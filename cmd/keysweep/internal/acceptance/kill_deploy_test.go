//go:build linux

package acceptance

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
	"keysweep/rotation"
)

// site is a home whose keys log in to a real server.
type site struct {
	*home
	server       *testsshd.Server
	public, from string // authorized_keys with and without the key that is deployed and revoked
}

func newSite(t *testing.T) *site {
	t.Helper()
	testneed.Program(t, "ssh")
	s := &site{home: newHome(t), server: testsshd.Start(t, testsshd.Options{})}
	s.keygen("~/.ssh/way", "")
	s.keygen("~/.ssh/shop", "")
	s.from = "# a comment stays\n" + s.read("~/.ssh/way.pub")
	s.public = s.from + s.read("~/.ssh/shop.pub")
	s.server.Authorize(t, s.from)
	s.run(exitOK, "adopt", "~/.ssh/shop")
	return s
}

func (s *site) authorized() string {
	s.t.Helper()
	data, err := os.ReadFile(s.server.Authorized)
	must(s.t, err)
	return string(data)
}

func (s *site) args(command string) []string {
	return []string{command, "shop", s.server.Target(), "--via", "~/.ssh/way", "-F", s.server.Config}
}

// program runs a command of the real program to its end, or kills it and everything that it started.
func (s *site) program(command string, after time.Duration) {
	s.t.Helper()
	cmd := s.command(real, s.args(command)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	said, err := os.Create(s.path("@/said"))
	must(s.t, err)
	cmd.Stdout, cmd.Stderr = said, said
	must(s.t, cmd.Start())
	if after > 0 {
		time.Sleep(after)
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	}
	err = cmd.Wait()
	must(s.t, said.Close())
	s.said = s.read("@/said")
	if after == 0 && err != nil {
		s.t.Fatalf("%s: %v\n%s", command, err, s.said)
	}
}

// timed runs a command to its end and returns how long that took.
func (s *site) timed(command string) time.Duration {
	s.t.Helper()
	began := time.Now()
	s.program(command, 0)
	return time.Since(began)
}

// settled returns the server's file, which must be one of those that are wanted, byte for byte.
func (s *site) settled(want ...string) string {
	s.t.Helper()
	text := s.authorized()
	for _, w := range want {
		if text == w {
			return text
		}
	}
	s.t.Fatalf("authorized_keys is neither old nor new:\n%s\nit said:\n%s", text, s.said)
	return ""
}

func (s *site) installed() bool {
	s.t.Helper()
	r := s.ledger().find(s.t, s.publicOf(s.read("~/.ssh/shop")))
	return len(r.ActiveInstallations(time.Now())) > 0 && r.Status != rotation.Revoked
}

// TestDeployKilled kills deploying and revoking, with the ssh below it, at moments of chance. The server's file is the one before
// or the one after. The ledger knows of the key on the server before it is there, and until it is gone. The next run goes on.
func TestDeployKilled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	places := []string{s.dir, s.path("@/stick")}
	chance, _ := kills(t)
	start := take(t, places...)
	deploying := s.timed("deploy")
	s.settled(s.public)
	deployed := take(t, places...)
	revoking := s.timed("revoke")
	s.settled(s.from)
	for _, c := range []struct {
		command     string
		length      time.Duration
		start       snapshot
		file, after string
		installed   bool // in the end
	}{
		{"deploy", deploying, start, s.from, s.public, true},
		{"revoke", revoking, deployed, s.public, s.from, false},
	} {
		states := map[string]int{}
		for range chance {
			c.start.put(t, places...)
			must(t, os.WriteFile(s.server.Authorized, []byte(c.file), 0o600))
			s.program(c.command, max(1, time.Duration(rand.Int64N(int64(c.length+c.length/4)))))
			state, found := stateOld, s.settled(c.file, c.after)
			if found == c.after {
				state = stateNew
			}
			switch known := s.installed(); {
			case found == s.public && !known:
				t.Errorf("%s killed: the server has the key, and the ledger does not know\n%s", c.command, s.said)
			case known:
				state += ", known to the ledger"
			}
			states[state]++
			s.private()
			s.program(c.command, 0)
			if s.settled(c.after); s.installed() != c.installed {
				t.Errorf("%s again: the ledger was not told\n%s", c.command, s.said)
			}
		}
		t.Logf("%s killed %d times by chance within %v; found after it: %s", c.command, chance, c.length.Round(time.Millisecond), counts(states))
	}
	entries, err := os.ReadDir(s.server.Home + "/.ssh")
	if must(t, err); len(entries) != 1 {
		t.Errorf("left on the server: %v", entries)
	}
}
