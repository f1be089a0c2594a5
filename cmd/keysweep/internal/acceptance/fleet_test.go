//go:build linux

package acceptance

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

type signer = ssh.Signer

// fleet is a home with a key that many servers let in.
type fleet struct {
	*home
	servers  []*member
	config   string        // of ssh
	deployed time.Duration // how long it took to deploy the first key

	harmed map[string]int // how often a fault was brought upon a server
}

// member is a server, and how it is.
type member struct {
	*testsshd.Server
	options string // that the key's line has
	ending  string // of the file: some have no newline there
	harmed  func(fault string)

	mu      sync.Mutex
	fault   string // "" if it is well
	since   int    // counts changes of fault
	session []byte // its script
}

// faults are what can be the matter with a server.
var faults = []string{"full disk", "read-only", "strict modes", "down", "killed"}

// letsInWith reports whether a server with a fault still lets keys in.
func letsInWith(fault string) bool {
	return fault != "strict modes" && fault != "down" && fault != "killed"
}

func newFleet(t *testing.T, size int) *fleet {
	t.Helper()
	testneed.Program(t, "ssh")
	f := &fleet{home: newHome(t), harmed: map[string]int{}}
	f.keygen("~/.ssh/id_shop", "")
	f.keygen("@/other", "")
	f.run(exitOK, "adopt", "~/.ssh/id_shop", "--name", "shop")
	var known, config bytes.Buffer
	args := []string{"deploy", "shop", "--jobs", "10"}
	for i := range size {
		s := &member{Server: testsshd.Start(t, testsshd.Options{}), harmed: func(fault string) { f.harmed[fault]++ }}
		s.options = []string{"", `from="127.0.0.1" `, "no-pty ", ""}[i%4]
		s.ending = []string{"\n", ""}[i/2%2]
		s.Authorize(t, strings.TrimSuffix(s.file(f.read("~/.ssh/id_shop.pub")), "\n")+s.ending)
		session, err := os.ReadFile(s.Dir + "/session")
		must(t, err)
		s.session = session
		hostKey, err := os.ReadFile(s.KnownHosts)
		must(t, err)
		known.Write(hostKey)
		f.servers = append(f.servers, s)
		args = append(args, s.Target())
	}
	config.WriteString("Host *\n  UserKnownHostsFile " + f.path("@/known") + "\n  GlobalKnownHostsFile none\n  IdentityFile none\n  IdentityAgent none\n  LogLevel ERROR\n")
	must(t, os.WriteFile(f.path("@/known"), known.Bytes(), 0o600))
	f.config = f.path("@/config")
	must(t, os.WriteFile(f.config, config.Bytes(), 0o600))
	t.Cleanup(f.reap) // before the servers end
	began := time.Now()
	f.run(exitOK, append(args, "-F", f.config, "--via", "~/.ssh/id_shop")...)
	f.deployed = time.Since(began)
	return f
}

// reap wants nothing to be left of killed clients: an ssh that has logged in would stay until somebody hangs up. They are told by
// the paths in their arguments, which are this test's alone.
func (f *fleet) reap() {
	var left []string
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if left = f.processes(); len(left) == 0 || time.Now().After(deadline) {
			break
		}
	}
	for _, pid := range left {
		f.t.Errorf("process %s outlives the client that was killed", pid)
		if n, err := strconv.Atoi(pid); err == nil {
			_ = syscall.Kill(n, syscall.SIGKILL) // it may have ended
		}
	}
}

func (f *fleet) processes() (found []string) {
	entries, _ := os.ReadDir("/proc") // what is not there needs no ending
	for _, e := range entries {
		args, err := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		if err == nil && bytes.Contains(args, []byte(f.root+"/")) && e.Name() != strconv.Itoa(os.Getpid()) {
			found = append(found, e.Name())
		}
	}
	return found
}

// file is what authorized_keys is to hold, with this line for the key.
func (s *member) file(line string) string { return "# managed by hand\n" + s.options + line }

func (s *member) authorized(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(s.Authorized)
	must(t, err)
	return string(data)
}

// harm brings a fault upon a server that is well.
func (s *member) harm(t *testing.T, fault string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != "" {
		return
	}
	s.fault, s.since = fault, s.since+1
	s.harmed(fault)
	switch fault {
	case "full disk":
		s.script(t, "trap '' XFSZ; ulimit -f 0\n")
	case "read-only":
		must(t, os.Chmod(s.Home+"/.ssh", 0o500))
		if os.Getuid() == 0 { // whom modes do not bind
			s.script(t, "[ -n \"$BOUND\" ] || BOUND=1 exec "+testneed.Program(t, "setpriv")+" --bounding-set=-dac_override --inh-caps=-dac_override /bin/sh "+s.Dir+"/session\n")
		}
	case "strict modes":
		must(t, os.Chmod(s.Home, 0o777))
	case "killed":
		for _, pid := range descendants(s.PID()) {
			if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && string(name) == "sshd\n" {
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended; what it runs lives on, as with a server that is restarted
			}
		}
		s.Stop()
	default:
		s.Stop()
	}
}

// script puts a line before what every session runs.
func (s *member) script(t *testing.T, line string) {
	t.Helper()
	must(t, os.WriteFile(s.Dir+"/session", append([]byte(line), s.session...), 0o600))
}

// heal takes a fault away.
func (s *member) heal(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.fault {
	case "":
		return
	case "full disk":
		s.script(t, "")
	case "read-only":
		must(t, os.Chmod(s.Home+"/.ssh", 0o700))
		s.script(t, "")
	case "strict modes":
		must(t, os.Chmod(s.Home, 0o700))
	default:
		s.Again(t)
	}
	s.fault, s.since = "", s.since+1
}

// health returns whether a server is to let keys in, and a number that changes when that may.
func (s *member) health() (well bool, since int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return letsInWith(s.fault), s.since
}

// errNoServer says that nobody listens.
var errNoServer = errors.New("the server does not answer")

// try logs in with any of the keys.
func (s *member) try(keys map[string]signer) (bool, error) {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)), 10*time.Second)
	if err != nil {
		return false, errNoServer
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	var signers []signer
	for _, k := range keys {
		signers = append(signers, k)
	}
	client, _, _, err := ssh.NewClientConn(conn, "", &ssh.ClientConfig{
		User: s.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(signers...)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err == nil {
		_ = client.Close()
		return true, nil
	}
	if strings.Contains(err.Error(), "unable to authenticate") {
		return false, nil
	}
	return false, errNoServer
}

func (s *member) letsIn(t *testing.T, keys map[string]signer) bool {
	t.Helper()
	in, err := s.try(keys)
	if err != nil {
		t.Fatalf("%s: %v", s.Target(), err)
	}
	return in
}

// signers reads the keys that there are.
func (f *fleet) signers() map[string]signer {
	found := map[string]signer{}
	for _, name := range []string{"id_shop", "id_shop.new", "id_shop.old"} {
		data, err := os.ReadFile(f.path("~/.ssh/" + name))
		if err != nil {
			continue
		}
		if key, err := ssh.ParsePrivateKey(data); err == nil { // one that is being overwritten is no key any more
			found[ssh.FingerprintSHA256(key.PublicKey())] = key
		}
	}
	return found
}

// watcher logs in to every server that is well, again and again.
type watcher struct {
	f       *fleet
	done    chan struct{}
	ended   sync.WaitGroup
	mu      sync.Mutex
	seen    map[string]signer // all keys that ever were
	failed  string
	logins  int
	excused int
}

func (f *fleet) watch() *watcher {
	w := &watcher{f: f, done: make(chan struct{}), seen: map[string]signer{}}
	w.ended.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-w.done:
				return
			default:
				w.look(f.servers[i%len(f.servers)])
			}
		}
	})
	f.t.Cleanup(w.stop)
	return w
}

// look tries one server. Keys come and go while it looks: only what is so three times in a row, while the server is well, counts.
func (w *watcher) look(s *member) {
	well, before := s.health()
	if !well {
		w.note(false)
		time.Sleep(5 * time.Millisecond)
		return
	}
	for range 3 {
		keys := w.f.signers()
		w.mu.Lock()
		maps.Copy(w.seen, keys)
		w.mu.Unlock()
		in, err := s.try(keys)
		if in {
			w.note(true)
			time.Sleep(10 * time.Millisecond) // there is other work to do on this machine
			return
		}
		if _, after := s.health(); after != before || err != nil {
			w.note(false)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	data, _ := os.ReadFile(s.Authorized)
	w.failed = s.Target() + " lets none of our keys in; it has\n" + string(data)
}

func (w *watcher) note(login bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if login {
		w.logins++
	} else {
		w.excused++
	}
}

// check fails the test if a server let nobody in.
func (w *watcher) check() {
	w.f.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed != "" {
		w.f.t.Fatalf("%s\nit said:\n%s", w.failed, w.f.said)
	}
}

// stop ends the watching.
func (w *watcher) stop() {
	select {
	case <-w.done:
	default:
		close(w.done)
	}
	w.ended.Wait()
	w.check()
}

// keys are all that the watcher saw.
func (w *watcher) keys() map[string]signer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.seen)
}
