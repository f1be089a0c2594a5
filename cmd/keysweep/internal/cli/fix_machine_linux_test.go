package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keysweep/internal/testneed"
)

// fixInside names the built program, and says that a test runs on a machine of its own: with its own network, and its own /etc, /root and /run.
const fixInside = "KEYSWEEP_TEST_FIX_PROGRAM"

// fixMachine is such a machine: with a real sshd at port 22, programs that listen, and somebody on the other side of a cable.
type fixMachine struct {
	*testing.T
	program string
	peer    *exec.Cmd
	before  map[string]string
}

// The addresses of both ends.
const (
	fixHere, fixHere6   = "10.1.0.1", "2001:db8::1"
	fixThere, fixThere6 = "10.1.0.2", "2001:db8::2"
)

// insideMachine runs the test once more on a machine of its own; ok says that this is that run.
func insideMachine(t *testing.T, programs ...string) (m *fixMachine, ok bool) {
	t.Helper()
	if path := os.Getenv(fixInside); path != "" {
		m = &fixMachine{T: t, program: path}
		m.make()
		return m, true
	}
	if os.Geteuid() != 0 {
		testneed.Missing(t, "the rights of root, to make a machine of its own")
	}
	for _, name := range append(programs, "unshare", "nsenter", "mount", "ip", "ssh-keygen", "ssh", "/usr/sbin/sshd") {
		testneed.Program(t, name)
	}
	if out, err := exec.Command("unshare", "--net", "--mount", "true").CombinedOutput(); err != nil {
		testneed.Missing(t, "namespaces of its own, which this user may not make here: %v: %s", err, out)
	}
	t.Parallel()
	cmd := exec.Command("unshare", "--net", "--mount", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v="+fmt.Sprint(testing.Verbose()))
	cmd.Env = append(os.Environ(), fixInside+"="+program(t), "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("on a machine of its own: %v", err)
	}
	return nil, false
}

func (m *fixMachine) sh(format string, args ...any) string {
	m.Helper()
	script := fmt.Sprintf(format, args...)
	out, err := exec.Command("sh", "-ec", script).CombinedOutput()
	if err != nil {
		m.Fatalf("%v: %s\n%s", err, out, script)
	}
	return string(out)
}

// make makes the machine: a copy of /etc in which no firewall is switched on, and sshd with a key of root's.
func (m *fixMachine) make() {
	etc := filepath.Join(m.TempDir(), "etc")
	m.sh(`mount -t sysfs none /sys; mount -t tmpfs -o mode=755 none /run; mount -t tmpfs -o mode=700 none /root; mkdir -p /run/sshd
		cp -a /etc %s; mount --bind %[1]s /etc
		rm -f /etc/systemd/system/*.wants/*.service /etc/ssh/sshd_config.d/* /etc/ufw/user*.rules; rm -rf /etc/firewalld /etc/iptables /etc/nftables.d
		sed -i s/ENABLED=.*/ENABLED=no/ /etc/ufw/ufw.conf; cp /usr/share/ufw/iptables/user*.rules /etc/ufw/
		printf '#!/usr/sbin/nft -f\nflush ruleset\n' >/etc/nftables.conf
		printf 'Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin prohibit-password\nUsePAM no\n' >/etc/ssh/sshd_config
		rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key; ssh-keygen -q -t ed25519 -N '' -f /root/key
		mkdir -m 700 /root/.ssh; cp /root/key.pub /root/.ssh/authorized_keys
		ip link set lo up; ip link add eth0 type veth peer name far0; ip link set eth0 up
		ip addr add %s/24 dev eth0; ip addr add %s/64 dev eth0 nodad`, etc, fixHere, fixHere6)
	m.peer = exec.Command("unshare", "--net", "sleep", "600")
	m.start(m.peer)
	m.until("the other side", func() bool {
		a, _ := os.Readlink("/proc/self/ns/net")
		b, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", m.peer.Process.Pid))
		return err == nil && a != b
	})
	m.sh(`ip link set far0 netns %d; n="nsenter -t %[1]d -n ip"; $n link set lo up; $n link set far0 up; $n addr add %s/24 dev far0; $n addr add %s/64 dev far0 nodad`, m.peer.Process.Pid, fixThere, fixThere6)
	m.start(exec.Command("/usr/sbin/sshd", "-D", "-e"))
	for _, port := range []int{5432, 8545, 8000} {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			m.Fatal(err)
		}
		m.Cleanup(func() { _ = l.Close() })
	}
	m.until("sshd", func() bool { return m.reaches(fixHere, 22) && m.reaches(fixHere6, 22) })
}

func (m *fixMachine) start(cmd *exec.Cmd) {
	m.Helper()
	if err := cmd.Start(); err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

func (m *fixMachine) until(what string, is func() bool) {
	m.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			m.Fatalf("%s: it does not come to that", what)
		}
	}
}

// reaches reports whether the other side gets a connection to a port. What is let in takes microseconds; what is dropped is asked for twice.
func (m *fixMachine) reaches(address string, port int) bool {
	for range 2 {
		if exec.Command("nsenter", "-t", fmt.Sprint(m.peer.Process.Pid), "-n", "timeout", "0.5", "bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/%s/%d", address, port)).Run() == nil {
			return true
		}
	}
	return false
}

func (m *fixMachine) peerID() string { return fmt.Sprint(m.peer.Process.Pid) }

// wantReach wants ports to be open to the other side, by both families.
func (m *fixMachine) wantReach(when string, want map[int]bool) {
	m.Helper()
	var all sync.WaitGroup
	wrong := make(chan string, 2*len(want))
	for port, open := range want {
		for _, address := range []string{fixHere, fixHere6} {
			all.Go(func() {
				if got := m.reaches(address, port); got != open {
					wrong <- fmt.Sprintf("%s: %s port %d is open: %v", when, address, port, got)
				}
			})
		}
	}
	all.Wait()
	if len(wrong) > 0 {
		m.Fatalf("%s\n%s", <-wrong, m.sh("nft list ruleset"))
	}
}

// login logs in from the other side, by an address of ours.
func (m *fixMachine) login(address string) error {
	return exec.Command("nsenter", "-t", fmt.Sprint(m.peer.Process.Pid), "-n", "ssh", "-F", "none", "-i", "/root/key", "-o", "BatchMode=yes", "-o", "ConnectTimeout=3", "-o", "StrictHostKeyChecking=no",
		"-o", "UserKnownHostsFile=/run/known", "root@"+address, "true").Run()
}

// session is what sshd tells those who are logged in from the other side.
const fixSession = "SSH_CONNECTION=" + fixThere + " 50000 " + fixHere + " 22"

// fix runs keysweep fix as one who is logged in from the other side, and wants an exit code.
func (m *fixMachine) fix(want int, args ...string) string {
	m.Helper()
	cmd := m.command(args...)
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != want {
		m.Fatalf("fix %s: exit code %d, want %d, %v\n%s", args, code, want, err, out)
	}
	return string(out)
}

func (m *fixMachine) command(args ...string) *exec.Cmd {
	cmd := exec.Command(m.program, append([]string{"fix"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/root", "USER=root", fixSession}
	return cmd
}

// keep remembers all files of /etc and of root's home, and same wants them back byte for byte, with their modes and owners.
func (m *fixMachine) keep() { m.before = m.files() }

func (m *fixMachine) same(when string) {
	m.Helper()
	now := m.files()
	var list []string
	for name, text := range m.before {
		if now[name] != text {
			list = append(list, name)
		}
	}
	for name := range now {
		if _, there := m.before[name]; !there {
			list = append(list, "new: "+name)
		}
	}
	if slices.Sort(list); len(list) > 0 {
		m.Fatalf("%s: not as it was: %s", when, strings.Join(list, ", "))
	}
}

func (m *fixMachine) files() map[string]string {
	m.Helper()
	found := map[string]string{}
	visit := func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		switch {
		case err != nil || e.Type()&os.ModeSymlink != 0:
			return err
		case path == "/root/.local" || path == "/root/.git": // what keysweep notes, and git
			return fs.SkipDir
		}
		text := []byte{}
		if e.Type().IsRegular() {
			text, err = os.ReadFile(path)
		}
		found[path] = info.Mode().String() + string(text)
		return err
	}
	err := errors.Join(filepath.WalkDir("/etc", visit), filepath.WalkDir("/root", visit))
	if err != nil {
		m.Fatal(err)
	}
	return found
}

// killed applies and takes a fix back again and again, each time killed at another call of the system that changes something or waits for a
// program, and each time finished by one more call.
func (m *fixMachine) killed(name string, step int, fix []string, check func(when string)) {
	m.Helper()
	for _, way := range []string{"--apply", "--revert"} {
		kills := 0
		for _, calls := range []string{"/^(rename|unlink|mkdir|fchmod|rmdir|link)", "waitid"} {
			for n, alive := 1, 0; alive < 2 && n < 60; n += step { // -b leaves the programs alone that it starts
				when := fmt.Sprintf("%s %s, killed at call %d of %s", name, way, n, calls)
				if way == "--revert" {
					m.fix(exitOK, append(slices.Clone(fix), "--apply")...)
				}
				cmd := exec.Command("strace", "-f", "--seccomp-bpf", "-b", "execve", "-o", "/dev/null", "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", calls, n), m.program, "fix", fix[0])
				if cmd.Args = append(cmd.Args, way); way == "--apply" {
					cmd.Args = append(cmd.Args, fix[1:]...)
				}
				cmd.Env = m.command().Env
				out, err := cmd.CombinedOutput()
				if err == nil {
					alive++
				} else {
					alive, kills = 0, kills+1
				}
				check(when + "\n" + string(out))
				m.fix(exitOK, fix[0], "--revert")
				m.sh("rm -f /etc/.*.tmp /etc/*/.*.tmp; rmdir /etc/nftables.d 2>/dev/null || true")
				m.same(when)
			}
		}
		m.Logf("%s %s: killed %d times", name, way, kills)
		if kills < 2 {
			m.Fatalf("%s %s: killed %d times only", name, way, kills)
		}
	}
}
