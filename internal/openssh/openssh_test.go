package openssh_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/internal/openssh"
	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

// TestMain lets the test binary stand in for keysweep where ssh asks it for a passphrase.
func TestMain(m *testing.M) {
	if socket, prompt, asked := openssh.Asked(os.Args[1:], os.Environ()); asked {
		if err := openssh.Answer(context.Background(), socket, prompt, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if words := strings.Fields(os.Getenv(stayVar)); len(words) > 0 {
		if err := stay(words); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// stayVar makes this test binary a process that stays logged in to a host: configuration, target and key, with spaces between.
const stayVar = "KEYSWEEP_TEST_STAY"

// stay logs in for a minute.
func stay(words []string) error {
	target, err := openssh.ParseTarget(words[1])
	if err != nil {
		return err
	}
	t := &openssh.Tools{Environ: os.Environ(), Config: words[0]}
	_, err = t.Run(context.Background(), target, []byte("touch here; sleep 60\n"), openssh.RunOptions{Via: &openssh.Key{File: words[2]}})
	return err
}

const passphrase = "a canary that must show nowhere"

// newKey makes a key pair with ssh-keygen and returns its file and the line of its .pub.
func newKey(t *testing.T, passphrase string) (file, line string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "id")
	keygen(t, "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-f", file)
	pub, err := os.ReadFile(file + ".pub")
	must(t, err)
	return file, string(pub)
}

func keygen(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(testneed.Program(t, "ssh-keygen"), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	return string(out)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func tools(t *testing.T, s *testsshd.Server) *openssh.Tools {
	t.Helper()
	testneed.Program(t, "ssh")
	self, err := os.Executable()
	must(t, err)
	return &openssh.Tools{Environ: os.Environ(), Config: s.Config, Self: self}
}

func target(t *testing.T, text string) openssh.Target {
	t.Helper()
	tg, err := openssh.ParseTarget(text)
	must(t, err)
	return tg
}

func TestRun(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	tool := tools(t, s)
	file, line := newKey(t, "")
	s.Authorize(t, line)
	via := openssh.RunOptions{Via: &openssh.Key{File: file}}
	out, err := tool.Run(t.Context(), target(t, "testhost"), []byte("printf '%s|' \"$HOME\" $#\nls -a\nfalse\ncat /proc/$$/cmdline\n"), via)
	if err != nil || !strings.HasPrefix(string(out), s.Home+"|0|") || strings.Contains(string(out), "printf") {
		t.Errorf("%q, %v", out, err)
	}
	var e *openssh.Error
	out, err = tool.Run(t.Context(), target(t, s.Target()), []byte("echo so far\necho '\x1b[31mno' >&2\nexit 9\n"), via)
	if !errors.As(err, &e) || e.Class != openssh.RemoteFailed || e.Status != 9 || e.Said != "?[31mno" || string(out) != "so far\n" {
		t.Errorf("%q, %v", out, err)
	}
	if leak := s.Log(t); strings.Contains(leak, "so far") {
		t.Error("the script is in the server's log")
	}
}

func TestErrorClasses(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	file, line := newKey(t, "")
	s.Authorize(t, line)
	stranger, _ := newKey(t, "")
	_, otherHost := newKey(t, "")
	empty, changed := filepath.Join(s.Dir, "empty"), filepath.Join(s.Dir, "changed")
	must(t, os.WriteFile(empty, fmt.Appendf(nil, "UserKnownHostsFile /dev/null\nGlobalKnownHostsFile none\nIdentityAgent none\n"), 0o600))
	must(t, os.WriteFile(changed+".hosts", fmt.Appendf(nil, "[127.0.0.1]:%d %s", s.Port, otherHost), 0o600))
	must(t, os.WriteFile(changed, fmt.Appendf(nil, "UserKnownHostsFile %s.hosts\nGlobalKnownHostsFile none\nIdentityAgent none\n", changed), 0o600))
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = silent.Close() }()
	for name, c := range map[string]struct {
		config, target, key string
		want                openssh.Class
	}{
		"refused":      {s.Config, s.Target(), stranger, openssh.Refused},
		"nobody there": {s.Config, "127.0.0.1:1", file, openssh.Unreachable},
		"no such name": {s.Config, "no-such-host.invalid", file, openssh.Unreachable},
		"silent":       {s.Config, silent.Addr().String(), file, openssh.Unreachable},
		"unknown host": {empty, s.Target(), file, openssh.HostKeyUnknown},
		"changed host": {changed, s.Target(), file, openssh.HostKeyChanged},
		"bad config":   {filepath.Join(s.Dir, "absent"), s.Target(), file, openssh.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			tool := tools(t, s)
			tool.Config, tool.ConnectTimeout = c.config, time.Second
			key := openssh.Key{File: c.key}
			_, err := tool.Run(t.Context(), target(t, c.target), []byte("true\n"), openssh.RunOptions{Via: &key})
			var e *openssh.Error
			if !errors.As(err, &e) || e.Class != c.want || !strings.Contains(err.Error(), target(t, c.target).String()) {
				t.Fatalf("Run: %v; want %s", err, c.want)
			}
			if (e.Hint() == "") != (c.want == openssh.Failed) {
				t.Errorf("hint: %q", e.Hint())
			}
			forget := fmt.Sprintf(`ssh-keygen -f "%s.hosts" -R "[127.0.0.1]:%d"`, changed, s.Port)
			if c.want == openssh.HostKeyChanged && !strings.Contains(e.Hint(), forget) {
				t.Errorf("hint: %q, want %s", e.Hint(), forget)
			}
			outcome, err := tool.Try(t.Context(), target(t, c.target), key)
			if c.want == openssh.Refused {
				if outcome != openssh.KeyRefused || err != nil {
					t.Errorf("Try: %v %v", outcome, err)
				}
			} else if !errors.As(err, &e) || e.Class != c.want {
				t.Errorf("Try: %v; want %s", err, c.want)
			}
		})
	}
}

func TestTimeLimitAndInterrupt(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	tool := tools(t, s)
	file, line := newKey(t, "")
	s.Authorize(t, line)
	limited, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := tool.Run(limited, target(t, s.Target()), []byte("sleep 60\n"), openssh.RunOptions{Via: &openssh.Key{File: file}})
	var e *openssh.Error
	if !errors.As(err, &e) || e.Class != openssh.TimedOut {
		t.Errorf("time limit: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := tool.Try(stopped, target(t, s.Target()), openssh.Key{File: file}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupt: %v", err)
	}
}

// TestTryMeansThisKey sets every trap that lets an ssh in with another key than the one it was given.
func TestTryMeansThisKey(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	tool := tools(t, s)
	good, goodLine := newKey(t, "")
	fresh, freshLine := newKey(t, "")
	s.Authorize(t, goodLine)

	tool.Environ = append(os.Environ(), "SSH_AUTH_SOCK="+agent(t, good))
	config := filepath.Join(s.Dir, "traps")
	text, err := os.ReadFile(s.Config)
	must(t, err)
	text = bytes.ReplaceAll(text, []byte("  IdentityAgent none\n"), nil)
	must(t, os.WriteFile(config, append(text, fmt.Sprintf("Host *\n IdentityFile %s\n ControlMaster auto\n ControlPath %s/c\n ControlPersist 30\n", good, s.Dir)...), 0o600))
	tool.Config = config
	out, err := exec.Command(testneed.Program(t, "ssh"), "-F", config, "-i", fresh, "-o", "BatchMode=yes", "testhost", "echo in").Output()
	if string(out) != "in\n" {
		t.Fatalf("the traps do not work: %q %v", out, err)
	}
	defer func() {
		_ = exec.Command(testneed.Program(t, "ssh"), "-F", config, "-O", "exit", "testhost").Run()
	}()
	want := func(file string, want openssh.Outcome) {
		t.Helper()
		if got, err := tool.Try(t.Context(), target(t, "testhost"), openssh.Key{File: file}); got != want || err != nil {
			t.Errorf("%s: %v, %v; want %v\n%s", file, got, err, want, s.Log(t))
		}
	}
	want(fresh, openssh.KeyRefused)
	want(fresh+".pub", openssh.KeyRefused)
	s.Authorize(t, freshLine)
	want(fresh, openssh.LoggedIn)
	must(t, os.Rename(fresh, fresh+".away"))
	want(fresh+".pub", openssh.KeyAccepted)
}

// TestTryIgnoresCertificates wants the key itself to be accepted, not a certificate that lies beside it.
func TestTryIgnoresCertificates(t *testing.T) {
	ca, caLine := newKey(t, "")
	s := testsshd.Start(t, testsshd.Options{})
	file, _ := newKey(t, "")
	s.Authorize(t, "cert-authority "+caLine)
	keygen(t, "-q", "-s", ca, "-I", "test", "-n", s.User, file+".pub")
	out, err := exec.Command(testneed.Program(t, "ssh"), "-F", s.Config, "-i", file, "-o", "BatchMode=yes", "testhost", "echo in").Output()
	if string(out) != "in\n" {
		t.Fatalf("the certificate does not work: %v", err)
	}
	if got, err := tools(t, s).Try(t.Context(), target(t, "testhost"), openssh.Key{File: file}); got != openssh.KeyRefused || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestForcedCommandDoesNotRun(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{Extra: []string{"Match all", "ForceCommand touch /nowhere/ran; exit 3"}})
	file, line := newKey(t, "")
	s.Authorize(t, line)
	if got, err := tools(t, s).Try(t.Context(), target(t, "testhost"), openssh.Key{File: file}); got != openssh.LoggedIn || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if strings.Contains(s.Log(t), "Starting session") {
		t.Errorf("a session was started:\n%s", s.Log(t))
	}
}

func TestThroughJumpHost(t *testing.T) {
	s, gate := testsshd.Start(t, testsshd.Options{}), testsshd.Start(t, testsshd.Options{})
	tool := tools(t, s)
	way, wayLine := newKey(t, "")
	file, line := newKey(t, "")
	gate.Authorize(t, wayLine)
	s.Authorize(t, line)
	hosts, err := os.ReadFile(s.KnownHosts)
	must(t, err)
	more, err := os.ReadFile(gate.KnownHosts)
	must(t, err)
	must(t, os.WriteFile(s.KnownHosts, append(hosts, more...), 0o600))
	tool.Config = filepath.Join(s.Dir, "jumps")
	must(t, os.WriteFile(tool.Config, fmt.Appendf(nil, "Host inside\n HostName 127.0.0.1\n Port %d\n ProxyJump gate\n User %s\n"+
		"Host gate\n HostName 127.0.0.1\n Port %d\n User %[2]s\n IdentityFile %[4]s\nHost *\n UserKnownHostsFile %[5]s\n IdentityAgent none\n",
		s.Port, s.User, gate.Port, way, s.KnownHosts), 0o600))
	if got, err := tool.Try(t.Context(), target(t, "inside"), openssh.Key{File: file}); got != openssh.LoggedIn || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	out, err := tool.Run(t.Context(), target(t, "inside"), []byte("echo $HOME\n"), openssh.RunOptions{Via: &openssh.Key{File: file}})
	if string(out) != s.Home+"\n" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	if !strings.Contains(gate.Log(t), "Accepted publickey") {
		t.Error("the gate was gone around")
	}
}

func TestPassphrase(t *testing.T) {
	s := testsshd.Start(t, testsshd.Options{})
	tool := tools(t, s)
	file, line := newKey(t, passphrase)
	s.Authorize(t, line)
	for _, c := range []struct {
		passphrase []byte
		want       openssh.Outcome
	}{{[]byte(passphrase), openssh.LoggedIn}, {[]byte("wrong"), openssh.KeyAccepted}, {nil, openssh.KeyAccepted}} {
		got, err := tool.Try(t.Context(), target(t, "testhost"), openssh.Key{File: file, Passphrase: c.passphrase})
		if got != c.want || err != nil {
			t.Errorf("passphrase %q: %v, %v; want %v", c.passphrase, got, err, c.want)
		}
	}
	// What the configuration says of unknown host keys counts, and where it says to ask, nobody is asked.
	for said, want := range map[string]openssh.Class{"no": "", "ask": openssh.HostKeyUnknown} {
		loose := tools(t, s)
		loose.Config = filepath.Join(s.Dir, "loose-"+said)
		must(t, os.WriteFile(loose.Config, fmt.Appendf(nil, "UserKnownHostsFile /dev/null\nGlobalKnownHostsFile none\nStrictHostKeyChecking %s\n", said), 0o600))
		key := openssh.Key{File: file, Passphrase: []byte(passphrase)}
		_, runErr := loose.Run(t.Context(), target(t, s.Target()), []byte("true\n"), openssh.RunOptions{Via: &key})
		_, tryErr := loose.Try(t.Context(), target(t, s.Target()), key)
		for _, err := range []error{runErr, tryErr} {
			var e *openssh.Error
			if want == "" && err != nil || want != "" && (!errors.As(err, &e) || e.Class != want || strings.Contains(e.Said, "OpenSSH_")) {
				t.Errorf("StrictHostKeyChecking %s: %v", said, err)
			}
		}
	}
	// What ssh is started with is seen by its ProxyCommand, a child of it.
	spy := filepath.Join(s.Dir, "spy")
	tool.Config = filepath.Join(s.Dir, "spied")
	text, err := os.ReadFile(s.Config)
	must(t, err)
	must(t, os.WriteFile(tool.Config, fmt.Appendf(text, "  ProxyCommand sh -c 'cat /proc/$PPID/environ /proc/$PPID/cmdline >%s; exit 1'\n", spy), 0o600))
	_, err = tool.Run(t.Context(), target(t, s.Target()), nil, openssh.RunOptions{Via: &openssh.Key{File: file, Passphrase: []byte(passphrase)}})
	if err == nil {
		t.Error("connected through nothing")
	}
	seen, err := os.ReadFile(spy)
	must(t, err)
	if bytes.Contains(seen, []byte("canary")) || !bytes.Contains(seen, []byte("SSH_ASKPASS_REQUIRE=force")) {
		t.Errorf("ssh was started with %q", seen)
	}
}

func TestAnswerKnowsItsKeyOnly(t *testing.T) {
	if _, _, asked := openssh.Asked([]string{"key", "list"}, []string{"KEYSWEEP_ASKPASS_SOCKET=/x"}); asked {
		t.Error("a command line was taken for a prompt")
	}
	if _, _, asked := openssh.Asked([]string{"Enter passphrase for key 'x': "}, nil); asked {
		t.Error("asked without a socket")
	}
	var out bytes.Buffer
	if err := openssh.Answer(t.Context(), filepath.Join(t.TempDir(), "none"), "x y", &out); err == nil || out.Len() > 0 {
		t.Errorf("no one listens: %v, %q", err, &out)
	}
}

// agent starts an ssh-agent with a key and returns its socket.
func agent(t *testing.T, key string) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "agent")
	cmd := exec.Command(testneed.Program(t, "ssh-agent"), "-D", "-a", socket)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 200 {
		if _, err := os.Stat(socket); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	add := exec.Command(testneed.Program(t, "ssh-add"), "-q", key)
	add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("ssh-add: %v\n%s", err, out)
	}
	return socket
}

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]openssh.Target{
		"ann@host":             {User: "ann", Host: "host"},
		"host":                 {Host: "host"},
		"ann@host:2222":        {User: "ann", Host: "host", Port: 2222},
		"ssh://ann@host:22/":   {User: "ann", Host: "host", Port: 22},
		"ann@[::1]:22":         {User: "ann", Host: "::1", Port: 22},
		"ann@fe80::1":          {User: "ann", Host: "fe80::1"},
		"ann@example.org@host": {User: "ann@example.org", Host: "host"},
		`EXAMPLE\ann@host:22`:  {User: `EXAMPLE\ann`, Host: "host", Port: 22},
	} {
		got, err := openssh.ParseTarget(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
			continue
		}
		if again, err := openssh.ParseTarget(got.String()); again != want || err != nil {
			t.Errorf("%s is written %s and read %+v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "@host", "ann@", "-oProxyCommand=x", "ann@-x", "ann@h:0", "ann@h:99999", "ann@h:x", "a b@h", "ann@h;x",
		"ann@[::1", "ann@[::1]x", "ann@h:1:2", "ann@h/../x", "$(x)@h", "a@h\n", `ann\@h`, `ann@h\x`} {
		if got, err := openssh.ParseTarget(text); err == nil {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

func TestAskpassOfTheUser(t *testing.T) {
	dir := t.TempDir()
	script := func(name, body string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700))
		return path
	}
	ask := func(program string) (string, error) {
		out, err := openssh.Askpass(t.Context(), program, "What is it? ", []string{"PATH=" + dir + ":/usr/bin:/bin"}, io.Discard)
		return string(out), err
	}
	if got, err := ask(script("good", `printf '%s\n' "<$1>"`)); got != "<What is it? >" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := ask("good"); got != "<What is it? >" || err != nil {
		t.Errorf("by PATH: %q, %v", got, err)
	}
	if got, err := ask(script("windows", `printf 'x \r\n'`)); got != "x " || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := ask(script("talkative", `printf 'x\nand more\n'`)); got != "x" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := ask(script("cancel", "echo half; exit 1")); !errors.Is(err, openssh.ErrDeclined) || strings.Contains(err.Error(), "half") {
		t.Errorf("%v", err)
	}
	if _, err := ask(script("endless", "yes | head -c 100000")); err == nil {
		t.Error("an endless passphrase is taken")
	}
	if _, err := ask("no-such-program"); err == nil {
		t.Error("no program, no error")
	}
}
