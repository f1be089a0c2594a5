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
)

// alice makes a user who gets in with root's key and has a password, and bob, who has neither.
func (m *fixMachine) alice() {
	m.Helper()
	m.sh(`mount -t tmpfs -o mode=755 none /home; for u in alice bob; do useradd -m -s /bin/bash $u; done; echo alice:right-horse | chpasswd
		mkdir -m 700 /home/alice/.ssh; cp /root/key.pub /home/alice/.ssh/authorized_keys; chown -R alice: /home/alice/.ssh`)
}

// root asks whether alice becomes root by sudo, over SSH and with her password.
func (m *fixMachine) root() bool {
	out, _ := exec.Command("ssh", "-F", "none", "-i", "/root/key", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/run/known", "alice@"+fixHere,
		"echo right-horse | sudo -k -S -p '' id -u").CombinedOutput()
	return strings.TrimSpace(string(out)) == "0"
}

// TestFixSudo lets a user become root with the real sudo, and takes it back, but not from the last one.
func TestFixSudo(t *testing.T) {
	m, ok := insideMachine(t, "sudo", "visudo", "useradd", "strace")
	if !ok {
		return
	}
	m.alice()
	m.keep()
	for want, args := range map[string][]string{
		"refused: whom to trust is for you to say: --user NAME, with one of alice\n": {"host.sudo-user", "--apply"},
		"refused: bob: he has no password for sudo":                                  {"host.sudo-user", "--apply", "--user", "bob"},
		"refused: there is no user carol":                                            {"host.sudo-user", "--apply", "--user", "carol"},
		"refused: root is root":                                                      {"host.sudo-user", "--apply", "--user", "root"},
	} {
		if out := m.fix(exitFindings, args...); !strings.Contains(out, want) {
			m.Fatalf("%s:\n%s", args, out)
		}
	}
	m.fix(exitOK, "host.sudo-user", "--user", "alice")
	m.same("the diff alone")
	if m.root() {
		m.Fatal("alice may already become root")
	}
	m.sh("echo 'this is no rule' >/etc/sudoers.d/50-broken; chmod 440 /etc/sudoers.d/50-broken")
	if out := m.fix(exitIncomplete, "host.sudo-user", "--user", "alice", "--apply"); !strings.Contains(out, "nothing was changed: visudo") {
		m.Fatalf("a broken file beside it:\n%s", out)
	}
	m.sh("rm /etc/sudoers.d/50-broken")
	m.same("nothing was changed")
	m.fix(exitOK, "host.sudo-user", "--user", "alice", "--apply")
	if !m.root() {
		m.Fatal("alice does not become root")
	}
	if out := m.fix(exitOK, "host.sudo-user", "--user", "alice", "--apply"); !strings.Contains(out, "so already") {
		m.Fatalf("a second time:\n%s", out)
	}
	m.sh("sed -i 's/PermitRootLogin.*/PermitRootLogin no/' /etc/ssh/sshd_config")
	if out := m.fix(exitFindings, "host.sudo-user", "--revert"); !strings.Contains(out, "refused: nobody who may become root would get in with a key") || !m.root() {
		m.Fatalf("the last one:\n%s", out)
	}
	m.sh("sed -i 's/PermitRootLogin.*/PermitRootLogin prohibit-password/' /etc/ssh/sshd_config")
	m.fix(exitOK, "host.sudo-user", "--revert")
	m.same("taken back")
	if m.root() {
		m.Fatal("taken back, and alice still becomes root")
	}
	m.killed("sudo", 1, []string{"host.sudo-user", "--user", "alice"}, func(when string) {
		m.sh("visudo -c")
	})
}

// TestFixSSHKilled kills keysweep at each step of a change of sshd's configuration: sshd takes what is left, and one more call takes it back.
func TestFixSSHKilled(t *testing.T) {
	m, ok := insideMachine(t, "useradd", "sudo", "strace")
	if !ok {
		return
	}
	m.alice()
	m.sh("usermod -aG sudo alice")
	for name, config := range map[string]string{"a file of its own": "Include /etc/ssh/sshd_config.d/*.conf\n", "the main file": ""} {
		m.sh("printf '%s%sPermitRootLogin prohibit-password\nUsePAM no\nPasswordAuthentication yes\n' >/etc/ssh/sshd_config", config, "")
		m.keep()
		m.killed(name, 1, []string{"ssh.password-auth"}, func(string) { m.sh("/usr/sbin/sshd -t") })
	}
}

// TestFixModes closes keys and their directory, and gives the modes back.
func TestFixModes(t *testing.T) {
	m, ok := insideMachine(t, "strace")
	if !ok {
		return
	}
	m.sh(`cp /root/key /root/.ssh/id_ed25519; cp /root/key.pub /root/.ssh/id_ed25519.pub; chmod 644 /root/.ssh/id_ed25519; chmod 1777 /root/.ssh
		mount -t tmpfs -o mode=755 none /srv; mkdir -p /etc/keysweep; install -d -m 755 -o 1234 /srv/clients; printf '[client_data]\npaths = ["/srv/clients"]\n' >/etc/keysweep/policy.toml; touch /srv/clients/list`)
	mode := func(path string) string { return strings.TrimSpace(m.sh("stat -c %%a %s", path)) }
	if err := m.login(fixHere); err == nil {
		m.Fatal("sshd takes keys from a directory that everybody writes to")
	}
	for _, c := range []struct{ id, path, before, after string }{
		{"key-readable", "/root/.ssh/id_ed25519", "644", "600"},
		{"key-directory-writable", "/root/.ssh", "1777", "1755"},
		{"client.data-permissions", "/srv/clients", "755", "750"},
	} {
		if out := m.fix(exitOK, c.id); !strings.Contains(out, "mode of "+c.path+": ") || mode(c.path) != c.before {
			m.Fatalf("%s: the diff:\n%s", c.id, out)
		}
		m.fix(exitOK, c.id, "--apply")
		if got := mode(c.path); got != c.after {
			m.Fatalf("%s: mode %s", c.id, got)
		}
		if out := m.fix(exitOK, c.id, "--apply"); !strings.Contains(out, "so already") {
			m.Fatalf("%s: a second time:\n%s", c.id, out)
		}
	}
	if err := m.login(fixHere); err != nil {
		m.Fatalf("sshd takes no key: %v", err)
	}
	m.sh("chmod 640 /root/.ssh/id_ed25519")
	if out := m.fix(exitOK, "key-readable", "--revert"); !strings.Contains(out, "has mode 0640 by now") || mode("/root/.ssh/id_ed25519") != "640" {
		m.Fatalf("changed by hand meanwhile:\n%s", out)
	}
	for id, path := range map[string]string{"key-directory-writable": "/root/.ssh", "client.data-permissions": "/srv/clients"} {
		m.fix(exitOK, id, "--revert")
		if out := m.fix(exitOK, id, "--revert"); !strings.Contains(out, "so already") {
			m.Fatalf("%s, taken back twice:\n%s", id, out)
		}
		if got := mode(path); got != "1777" && got != "755" {
			m.Fatalf("%s, taken back: mode %s", id, got)
		}
	}
	for what, make := range map[string]string{"is a symbolic link": "mv /root/.ssh/id_ed25519 /root/elsewhere; chmod 644 /root/elsewhere; ln -s /root/elsewhere /root/.ssh/id_ed25519",
		"belongs to user 1234": "rm /root/.ssh/id_ed25519; cp /root/key /root/.ssh/id_ed25519; chmod 644 /root/.ssh/id_ed25519; chown 1234 /root/.ssh/id_ed25519",
		"another name":         "rm /root/.ssh/id_ed25519; cp /root/key /root/.ssh/id_ed25519; chmod 644 /root/.ssh/id_ed25519; ln /root/.ssh/id_ed25519 /root/.ssh/again.bak"} {
		m.sh("rm -f /root/.ssh/again.bak; %s", make)
		before := mode("-L /root/.ssh/id_ed25519")
		if out := m.fix(exitFindings, "key-readable", "--apply"); !strings.Contains(out, what) || mode("-L /root/.ssh/id_ed25519") != before {
			m.Fatalf("%s:\n%s", what, out)
		}
		m.sh("rm -f /root/.ssh/id_ed25519; cp /root/key /root/.ssh/id_ed25519")
	}
}

// TestFixJournal has journald keep its files, as systemd itself puts its configuration together.
func TestFixJournal(t *testing.T) {
	m, ok := insideMachine(t, "systemd-analyze")
	if !ok {
		return
	}
	m.sh("mount -t tmpfs none /var/log; rm -rf /etc/systemd/journald.conf.d; ls /etc/systemd/system/*.wants/* /etc/systemd/system/*.service 2>/dev/null | grep syslog | xargs -r rm -f")
	m.keep()
	m.fix(exitOK, "logs.persistent", "--apply")
	if out := m.sh("systemd-analyze cat-config systemd/journald.conf"); !strings.Contains(out, "\nStorage=persistent\n") {
		m.Fatal(out)
	}
	if out := m.fix(exitOK, "logs.persistent", "--apply"); !strings.Contains(out, "so already") {
		m.Fatalf("a second time:\n%s", out)
	}
	m.sh("mkdir /var/log/journal; touch /var/log/journal/system.journal")
	if out := m.fix(exitOK, "logs.persistent", "--revert"); !strings.Contains(out, "stays in /var/log/journal") {
		m.Fatalf("taken back:\n%s", out)
	}
	m.same("taken back")
	m.sh("rm -r /var/log/journal; mkdir /etc/systemd/journald.conf.d; touch /etc/systemd/journald.conf.d/mine.conf")
	m.keep()
	m.fix(exitOK, "logs.persistent", "--apply")
	m.fix(exitOK, "logs.persistent", "--revert")
	m.same("in a directory of somebody else's")
}

// waiters are the processes that wait to take a fix back.
func (m *fixMachine) waiters() (pids []int) {
	list, err := filepath.Glob("/proc/[0-9]*/cmdline")
	here, wrong := os.Readlink("/proc/self/ns/mnt") // other tests have machines of their own
	if err != nil || wrong != nil {
		m.Fatal(err, wrong)
	}
	for _, path := range list {
		data, err := os.ReadFile(path)
		pid, wrong := strconv.Atoi(strings.Split(path, "/")[2])
		there, _ := os.Readlink(filepath.Dir(path) + "/ns/mnt")
		if err == nil && wrong == nil && there == here && strings.HasPrefix(string(data), m.program+"\x00") && strings.Contains(string(data), "--await-rollback") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// TestFixIsTakenBackAfterPowerLoss kills the process that waits, as a power loss does: the unit takes the fix back at the next start, or else the
// next call.
func TestFixIsTakenBackAfterPowerLoss(t *testing.T) {
	m, ok := insideMachine(t, "nft", "systemd-analyze")
	if !ok {
		return
	}
	m.nftables("table inet filter { chain input { type filter hook input priority 0; policy accept; tcp dport 9 drop; }; }")
	m.sh("mkdir -p /etc/systemd/system/multi-user.target.wants")
	const unit = "/etc/systemd/system/keysweep-fix-firewall.default-deny.service"
	for _, systemd := range []bool{true, false} {
		m.sh("rm -rf /run/systemd")
		if systemd {
			m.sh("mkdir -p /run/systemd/system")
		}
		m.keep()
		m.fix(exitOK, "firewall.default-deny", "--apply", "--rollback-after", "4s")
		waiters := m.waiters()
		if len(waiters) != 1 {
			m.Fatalf("%d processes wait", len(waiters))
		}
		if err := syscall.Kill(waiters[0], syscall.SIGKILL); err != nil {
			m.Fatal(err)
		}
		m.wantReach("the power is gone", map[int]bool{22: true, 8000: false})
		if _, err := os.Stat(unit); systemd == errors.Is(err, os.ErrNotExist) {
			m.Fatalf("with systemd %v: %v", systemd, err)
		}
		if systemd {
			m.sh("systemd-analyze verify --man=no " + unit)
			m.sh(`eval "$(sed -n 's/^Environment=/export /p' %s)"; eval "$(sed -n 's/^ExecStart=//p' %[1]s)"`, unit)
		} else {
			m.until("taken back", func() bool { m.fix(exitOK); return m.waiting() == 0 })
		}
		m.wantReach("taken back", map[int]bool{22: true, 8000: true})
		m.same("taken back")
		if n := m.waiting(); n != 0 {
			m.Fatalf("%d fixes still wait", n)
		}
	}
	m.sh("mkdir -p /run/systemd/system")
	m.fix(exitOK, "firewall.default-deny", "--apply", "--rollback-after", "1h")
	m.fix(exitOK, "firewall.default-deny", "--confirm")
	if _, err := os.Stat(unit); !errors.Is(err, os.ErrNotExist) {
		m.Fatalf("confirmed, and the unit is left: %v", err)
	}
}
