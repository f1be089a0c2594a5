// Package testsshd runs a real sshd on a loopback port for tests. Start it and use what Server says; it ends with the test.
//
// Whatever a test does over it, the real files of the user who runs the test stay untouched: keys are read from a directory
// of the test's own, and every session is forced to run with a home of its own (ForceCommand), so that ~/.ssh of the other
// side is never the real one. That is checked at the end of each test.
package testsshd

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
)

// Options change the server.
type Options struct {
	// Extra are lines for sshd_config. They stand before the fixture's own: the first value of a setting counts.
	Extra []string
	// Refuses is a basic regular expression without white space and quotation marks. The server takes no line of
	// authorized_keys that matches it, as old servers do with options that they do not know: "expiry-time=" makes one from
	// before OpenSSH 7.7, "expiry-time=.[0-9]*Z" one from before 9.1.
	Refuses string
	// Shell runs the commands that are sent; "" is /bin/sh. It is found on PATH.
	Shell string
}

// Server is a running sshd.
type Server struct {
	User       string // who can log in: the user who runs the test
	Port       int    // on 127.0.0.1
	Dir        string // holds all of the server's files; mode 0700, no directory above it writable by others
	Home       string // what sessions take for their home
	Authorized string // the authorized_keys file: Home/.ssh/authorized_keys; not there at first
	KnownHosts string // a known_hosts file with the server's key
	Config     string // an ssh_config that knows the server as "testhost" and offers no key of its own
	log        string
	sshd       string
	process    *os.Process
	ended      chan struct{} // is closed when process has ended
}

// Target returns the server as user@host:port.
func (s *Server) Target() string { return fmt.Sprintf("%s@127.0.0.1:%d", s.User, s.Port) }

// Log returns what the server has logged so far, at level VERBOSE.
func (s *Server) Log(t testing.TB) string { return string(read(t, s.log)) }

// Authorize adds lines to the authorized_keys file, which is made with the right modes if it is not there.
func (s *Server) Authorize(t testing.TB, lines ...string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(s.Authorized), 0o700))
	f, err := os.OpenFile(s.Authorized, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must(t, err)
	_, err = f.WriteString(strings.Join(lines, ""))
	must(t, err)
	must(t, f.Close())
}

// Stop kills the server. Sessions that are open go on: they are processes of their own.
func (s *Server) Stop() {
	_ = s.process.Kill()
	<-s.ended
}

// Again starts a server that was stopped, at the same port.
func (s *Server) Again(t testing.TB) {
	t.Helper()
	if !s.run(t) {
		t.Fatalf("sshd does not start again:\n%s", s.Log(t))
	}
}

// PID is the process that listens: the parent of those that serve sessions.
func (s *Server) PID() int { return s.process.Pid }

// Start runs a server until the test ends. Without sshd the test is skipped, or fails where real programs are required.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	path := program(t)
	me, err := user.Current()
	must(t, err)
	watch(t, filepath.Join(me.HomeDir, ".ssh", "authorized_keys"))
	s := &Server{User: me.Username, Dir: directory(t, me), sshd: path}
	s.Home = filepath.Join(s.Dir, "home")
	s.Authorized = filepath.Join(s.Home, ".ssh", "authorized_keys")
	s.KnownHosts, s.Config, s.log = s.path("known_hosts"), s.path("ssh_config"), s.path("log")
	must(t, os.Mkdir(s.Home, 0o700))
	s.hostKey(t)
	s.session(t, o)
	if me.Uid == "0" { // where sshd puts its unprivileged half; distributions make it when the service starts
		must(t, os.MkdirAll("/run/sshd", 0o755))
	}
	for range 5 { // somebody else may take the port between its choice and its use
		s.Port = freePort(t)
		s.configure(t, o)
		if s.run(t) {
			s.client(t)
			return s
		}
	}
	t.Fatalf("sshd does not start:\n%s", s.Log(t))
	return nil
}

// program finds sshd, which stands outside most users' PATH. It must be called by its absolute path.
func program(t testing.TB) string {
	t.Helper()
	for _, path := range []string{"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return testneed.Program(t, "/usr/sbin/sshd")
}

// watch fails the test if it changed the user's real file.
func watch(t testing.TB, path string) {
	t.Helper()
	state := func() string {
		info, err := os.Lstat(path)
		if err != nil {
			return "absent"
		}
		return fmt.Sprint(info.ModTime(), info.Size(), info.Mode())
	}
	before := state()
	t.Cleanup(func() {
		if after := state(); after != before {
			t.Errorf("%s was changed while the test ran: %s, before %s", path, after, before)
		}
	})
}

// directory makes a directory that StrictModes takes: nothing above it may be writable by others, which rules out /tmp.
func directory(t testing.TB, me *user.User) string {
	t.Helper()
	base := []string{filepath.Join("/run/user", me.Uid), me.HomeDir, t.TempDir()}
	if me.Uid == "0" {
		base = slices.Insert(base, 0, "/run")
	}
	var dir string
	var err error
	for _, b := range base {
		if dir, err = os.MkdirTemp(b, "keysweep-sshd-"); err == nil {
			break
		}
	}
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (s *Server) path(name string) string { return filepath.Join(s.Dir, name) }

func (s *Server) hostKey(t testing.TB) {
	t.Helper()
	keygen := testneed.Program(t, "ssh-keygen")
	if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", s.path("host_key")).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
}

// session writes the script that every session runs: it has the home of the test, whatever was asked for.
func (s *Server) session(t testing.TB, o Options) {
	t.Helper()
	shell := "/bin/sh"
	if o.Shell != "" {
		shell = testneed.Program(t, o.Shell)
	}
	script := fmt.Sprintf("HOME='%s'; export HOME; cd \"$HOME\" || exit 97\nexec %s -c \"$SSH_ORIGINAL_COMMAND\"\n", s.Home, shell)
	must(t, os.WriteFile(s.path("session"), []byte(script), 0o600))
}

func (s *Server) configure(t testing.TB, o Options) {
	t.Helper()
	keysFrom := "AuthorizedKeysFile " + s.Authorized
	if o.Refuses != "" {
		keysFrom = "AuthorizedKeysFile none\nAuthorizedKeysCommandUser " + s.User +
			"\nAuthorizedKeysCommand " + testneed.Program(t, "grep") + " -v " + o.Refuses + " " + s.Authorized
	}
	lines := append(slices.Clone(o.Extra),
		"ListenAddress 127.0.0.1", "Port "+strconv.Itoa(s.Port), "HostKey "+s.path("host_key"), "PidFile none", keysFrom,
		"AuthenticationMethods publickey", "PubkeyAuthentication yes", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
		"PermitRootLogin yes", "UsePAM no", "StrictModes yes", "UseDNS no", "LogLevel VERBOSE", "MaxStartups 200",
		"SetEnv SHLVL=1", // a bash that sshd starts at the first level reads the real ~/.bashrc, which takes time and may lock files
		"PermitUserRC no", "PermitUserEnvironment no", "X11Forwarding no", "PrintMotd no",
		"ForceCommand /bin/sh "+s.path("session"))
	must(t, os.WriteFile(s.path("sshd_config"), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// run starts sshd and reports whether it listens.
func (s *Server) run(t testing.TB) bool {
	t.Helper()
	log, err := os.Create(s.log)
	must(t, err)
	cmd := exec.Command(s.sshd, "-D", "-e", "-f", s.path("sshd_config"))
	cmd.Stderr = log
	must(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		_ = log.Close()
		close(ended)
	}()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	for {
		select {
		case <-ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
		if !bytes.Contains(read(t, s.log), []byte("Server listening on 127.0.0.1 port")) {
			continue
		}
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			s.process, s.ended = cmd.Process, ended
			t.Cleanup(s.Stop)
			return true
		}
	}
}

// client writes what an ssh needs to know of the server.
func (s *Server) client(t testing.TB) {
	t.Helper()
	host := fmt.Sprintf("[127.0.0.1]:%d %s", s.Port, read(t, s.path("host_key.pub")))
	must(t, os.WriteFile(s.KnownHosts, []byte(host), 0o600))
	config := fmt.Sprintf("Host testhost\n  HostName 127.0.0.1\n  Port %d\n  User %s\nHost *\n  UserKnownHostsFile %s\n"+
		"  GlobalKnownHostsFile none\n  IdentityFile none\n  IdentityAgent none\n", s.Port, s.User, s.KnownHosts)
	must(t, os.WriteFile(s.Config, []byte(config), 0o600))
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return data
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
