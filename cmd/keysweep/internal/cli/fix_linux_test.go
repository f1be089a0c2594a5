package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

// fixSite is a real sshd that takes passwords, and the program that is to change it.
type fixSite struct {
	*testing.T
	*testsshd.Server
	config, own, key, public string
	before                   string
}

func newFixSite(t *testing.T, included bool) *fixSite {
	if os.Geteuid() != 0 {
		testneed.Missing(t, "the rights of root, to change sshd's configuration")
	}
	s := &fixSite{T: t, Server: testsshd.Start(t, testsshd.Options{})}
	s.config, s.own = filepath.Join(s.Dir, "sshd_config"), filepath.Join(s.Dir, "sshd_config.d", "00-keysweep.conf")
	text := s.read(s.config)
	for _, change := range [][2]string{{"AuthenticationMethods publickey\n", ""}, {"PasswordAuthentication no\n", "PasswordAuthentication yes\n"}} {
		text = strings.Replace(text, change[0], change[1], 1)
	}
	if included {
		text = "Include " + filepath.Dir(s.own) + "/*.conf\n" + text
		s.must(os.Mkdir(filepath.Dir(s.own), 0o755))
	}
	s.must(os.WriteFile(s.config, []byte(text), 0o644))
	s.before = text
	s.key = filepath.Join(t.TempDir(), "id")
	s.must(exec.Command(testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", s.key).Run())
	s.public = s.read(s.key + ".pub")
	s.reload()
	return s
}

func (s *fixSite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *fixSite) read(path string) string {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return ""
	}
	s.must(err)
	return string(data)
}

// reload has sshd read its configuration again.
func (s *fixSite) reload() {
	s.Stop()
	s.Again(s.T)
}

// offered are the methods that the server offers to one who has none.
func (s *fixSite) offered() string {
	out, _ := exec.Command(testneed.Program(s.T, "ssh"), "-F", s.Config, "-o", "PreferredAuthentications=none", "-o", "BatchMode=yes", "testhost", "true").CombinedOutput()
	_, list, _ := strings.Cut(string(out), "Permission denied (")
	list, _, _ = strings.Cut(list, ")")
	return list
}

func (s *fixSite) login() error {
	return exec.Command(testneed.Program(s.T, "ssh"), "-F", s.Config, "-o", "IdentitiesOnly=yes", "-i", s.key, "-o", "BatchMode=yes", "testhost", "true").Run()
}

// fix runs keysweep fix and wants an exit code.
func (s *fixSite) fix(want int, args ...string) string {
	s.Helper()
	cmd := exec.Command(program(s.T), append([]string{"fix", "--sshd-config", s.config}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.Home, "SSH_CONNECTION=127.0.0.1 50000 127.0.0.1 " + strconv.Itoa(s.Port), "USER=" + s.User}
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != want {
		s.Fatalf("fix %s: exit code %d, want %d, %v\n%s", args, code, want, err, out)
	}
	return string(out)
}

// same wants the files as they were at first.
func (s *fixSite) same() {
	s.Helper()
	if got := s.read(s.config); got != s.before {
		s.Fatalf("sshd_config is not as it was:\n%s", got)
	}
	if got := s.read(s.own); got != "" {
		s.Fatalf("our file is left:\n%s", got)
	}
}

// TestFixOnRealServer changes a real sshd, both where its configuration includes our file and where it does not.
func TestFixOnRealServer(t *testing.T) {
	for _, included := range []bool{true, false} {
		s := newFixSite(t, included)
		if got := s.offered(); !strings.Contains(got, "password") {
			t.Fatalf("the server offers %q at first", got)
		}
		if out := s.fix(exitFindings, "ssh.password-auth", "--apply"); !strings.Contains(out, "refused: nobody who may become root") {
			t.Fatalf("without a key:\n%s", out)
		}
		s.same()
		s.Authorize(t, s.public)
		if out := s.fix(exitOK, "ssh.password-auth"); !strings.Contains(out, "+PasswordAuthentication no\n") || !strings.Contains(out, "Nothing was changed") {
			t.Fatalf("the diff:\n%s", out)
		}
		s.same()
		s.fix(exitOK, "ssh.password-auth", "--apply")
		s.reload()
		if got := s.offered(); got != "publickey" {
			t.Fatalf("included %v: the server offers %q", included, got)
		}
		s.must(s.login())
		once := s.read(s.config) + s.read(s.own)
		if out := s.fix(exitOK, "ssh.password-auth", "--apply"); !strings.Contains(out, "so already") || s.read(s.config)+s.read(s.own) != once {
			t.Fatalf("a second time:\n%s", out)
		}
		s.fix(exitOK, "ssh.max-auth-tries", "--apply")
		s.fix(exitOK, "ssh.password-auth", "--revert")
		s.fix(exitOK, "ssh.max-auth-tries", "--revert")
		s.same()
		s.reload()
		if got := s.offered(); !strings.Contains(got, "password") {
			t.Fatalf("taken back, the server offers %q", got)
		}
		if out := s.fix(exitOK, "ssh.max-auth-tries", "--revert"); !strings.Contains(out, "so already") {
			t.Fatalf("taken back twice:\n%s", out)
		}
	}
}

// TestFixNeverLocksOut shows what the guards refuse would have happened: the same line, put there by hand, keeps the user out.
func TestFixNeverLocksOut(t *testing.T) {
	s := newFixSite(t, true)
	s.Authorize(t, s.public)
	if out := s.fix(exitFindings, "ssh.root-login", "--apply"); !strings.Contains(out, "you are logged in as root") {
		t.Fatalf("root's own login:\n%s", out)
	}
	s.same()
	s.must(s.login())
	s.must(os.WriteFile(s.own, []byte("PermitRootLogin no\n"), 0o644))
	s.reload()
	if s.login() == nil {
		t.Fatal("root gets in with PermitRootLogin no")
	}
	s.must(os.Remove(s.own))
	s.reload()
	s.must(os.WriteFile(s.config, []byte("AllowUsers somebodyelse\n"+s.before), 0o644))
	if out := s.fix(exitFindings, "ssh.password-auth", "--apply"); !strings.Contains(out, "allowusers at "+s.config+":1 keeps him out") {
		t.Fatalf("a list without us:\n%s", out)
	}
}

// TestFixIsTakenBack shows the two ends of --rollback-after.
func TestFixIsTakenBack(t *testing.T) {
	s := newFixSite(t, true)
	s.Authorize(t, s.public)
	s.fix(exitOK, "ssh.password-auth", "--apply", "--rollback-after", "1s")
	for deadline := time.Now().Add(time.Minute); s.read(s.own) != ""; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it was not taken back")
		}
	}
	s.same()
	for s.read(filepath.Join(s.Home, ".local/state/keysweep/fix/ssh.password-auth.json")) != "" {
		time.Sleep(20 * time.Millisecond)
	}
	s.fix(exitUsage, "ssh.password-auth", "--confirm")
	s.fix(exitOK, "ssh.password-auth", "--apply", "--rollback-after", "1h")
	waiting := s.waiting("ssh.password-auth")
	if len(waiting) != 1 {
		t.Fatalf("%d processes wait", len(waiting))
	}
	s.fix(exitOK, "ssh.password-auth", "--confirm")
	for deadline := time.Now().Add(time.Minute); len(s.waiting("ssh.password-auth")) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = syscall.Kill(waiting[0], syscall.SIGKILL)
			t.Fatal("it still waits, though it was confirmed")
		}
	}
	if s.read(s.own) == "" {
		t.Fatal("it was taken back, though it was confirmed")
	}
}

// TestFixIsTakenBackAtShutdown asks the process that waits to end, as a shutdown and the end of a session do: it takes the fix back first.
func TestFixIsTakenBackAtShutdown(t *testing.T) {
	s := newFixSite(t, true)
	s.Authorize(t, s.public)
	s.fix(exitOK, "ssh.password-auth", "--apply", "--rollback-after", "1h")
	waiting := s.waiting("ssh.password-auth")
	if len(waiting) != 1 || s.read(s.own) == "" {
		t.Fatalf("%d processes wait", len(waiting))
	}
	t.Cleanup(func() { _ = syscall.Kill(waiting[0], syscall.SIGKILL) })
	s.awaits(waiting[0])
	s.must(errors.Join(syscall.Kill(waiting[0], syscall.SIGTERM), syscall.Kill(waiting[0], syscall.SIGHUP)))
	for deadline := time.Now().Add(time.Minute); len(s.waiting("ssh.password-auth")) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it still waits")
		}
	}
	s.same()
}

// awaits returns when all threads of a process have slept for a while: it waits.
func (s *fixSite) awaits(pid int) {
	s.Helper()
	asleep := 0
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && asleep < 20; time.Sleep(20 * time.Millisecond) {
		threads, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
		s.must(err)
		asleep++
		for _, path := range threads {
			if !strings.Contains(s.read(path), ") S ") {
				asleep = 0
			}
		}
	}
	if asleep < 20 {
		s.Fatal("it does not begin to wait")
	}
}

// waiting are the processes that wait to take a fix of this site back.
func (s *fixSite) waiting(id string) []int {
	list, err := filepath.Glob("/proc/[0-9]*/cmdline")
	s.must(err)
	var pids []int
	for _, path := range list {
		data, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(data), id+"\x00--await-rollback") || !strings.Contains(string(data), s.config) {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		s.must(err)
		pids = append(pids, pid)
	}
	return pids
}
