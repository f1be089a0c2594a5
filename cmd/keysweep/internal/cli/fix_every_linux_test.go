package cli

import (
	"os"
	"strings"
	"testing"

	"keysweep/remedy"
)

// fixSetups make each fix's machine wrong. What is wrong for more than one is closed again behind it.
var fixSetups = map[string]struct {
	make, undo string
	args       []string
}{
	"ssh.root-login":          {"", "", nil},
	"ssh.password-auth":       {"", "", nil},
	"ssh.kbd-interactive":     {"echo 'KbdInteractiveAuthentication yes' >>/etc/ssh/sshd_config", "", nil},
	"ssh.empty-passwords":     {"echo 'PermitEmptyPasswords yes' >>/etc/ssh/sshd_config", "", nil},
	"ssh.pubkey-auth":         {"sed -i '1a PubkeyAuthentication no' /etc/ssh/sshd_config", "sed -i '/^PubkeyAuthentication no$/d' /etc/ssh/sshd_config", nil},
	"ssh.max-auth-tries":      {"", "", nil},
	"updates.auto":            {"touch /usr/bin/unattended-upgrade", "", nil},
	"f2b.log-source":          {"mkdir -p /usr/lib/python3/dist-packages/systemd; printf '[sshd]\\nenabled = false\\n' >/etc/fail2ban/jail.d/own.local", "", nil},
	"f2b.ssh-port":            {"printf '[sshd]\\nenabled = false\\n' >/etc/fail2ban/jail.d/own.local", "", nil},
	"logs.persistent":         {"mount -t tmpfs none /var/log; rm -f /etc/systemd/system/syslog.service", "umount /var/log", nil},
	"host.sudo-user":          {"gpasswd -d alice sudo", "usermod -aG sudo alice", []string{"--user", "alice"}},
	"key-readable":            {"cp /root/key /root/.ssh/id_ed25519; chmod 644 /root/.ssh/id_ed25519", "", nil},
	"key-directory-writable":  {"cp /root/key /root/.ssh/id_ed25519; chmod 770 /root/.ssh", "chmod 700 /root/.ssh", nil},
	"client.data-permissions": {"mkdir -p /etc/keysweep /root/clients; chmod 755 /root /root/clients; printf '[client_data]\\npaths = [\"/root/clients\"]\\n' >/etc/keysweep/policy.toml", "chmod 700 /root", nil},
	"git.env-ignored":         {"git init -q /root", "", nil},
	"net.rpc-exposed":         {ufwOpen, "", nil},
	"net.sensitive-exposed":   {ufwOpen, "", nil},
	"firewall.default-deny":   {ufwOpen, "", nil},
	"firewall.enabled": {"ufw disable; nft flush ruleset; nft 'table ip filter { chain input { type filter hook input priority 0; policy drop; ct state established accept; tcp dport 22 accept; }; }'; mkdir -p /etc/systemd/system/sysinit.target.wants; " +
		"ln -s /lib/systemd/system/nftables.service /etc/systemd/system/sysinit.target.wants/; (echo 'flush ruleset'; nft list ruleset) >/etc/nftables.conf", "rm /etc/systemd/system/sysinit.target.wants/nftables.service; nft flush ruleset", nil},
}

const ufwOpen = "ufw default allow incoming; ufw deny 9; ufw --force enable"

// TestFixEveryOne takes every fix of the table through all that may be done with it, with the real programs: the diff alone, applied, once more, taken
// back, once more, and taken back by itself. One without an entry here fails.
func TestFixEveryOne(t *testing.T) {
	m, ok := insideMachine(t, "ufw", "nft", "sudo", "useradd", "gpasswd", "fail2ban-client", "apt-config", "systemd-analyze", "git")
	if !ok {
		return
	}
	m.alice()
	m.sh(`mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work; mount -t overlay overlay -o lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work /usr
		usermod -aG sudo alice; printf 'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication yes\n' >/etc/ssh/sshd_config`)
	for _, f := range remedy.Fixes() {
		t.Run(f.ID, func(t *testing.T) {
			m.T = t
			setup, known := fixSetups[f.ID]
			if !known {
				t.Fatal("what is wrong for it is not said here")
			}
			m.sh("%s", setup.make)
			m.keep()
			m.fixAs(f.ID, setup.args...)
			m.same("the diff alone")
			m.fixAs(f.ID, append(setup.args, "--apply")...)
			applied := m.files()
			if out := m.fixAs(f.ID, append(setup.args, "--apply")...); !strings.Contains(out, "so already") {
				t.Fatalf("a second time:\n%s", out)
			}
			first := m.before
			m.before = applied
			m.same("a second time")
			m.before = first
			m.fixAs(f.ID, "--revert")
			m.same("taken back")
			if out := m.fixAs(f.ID, "--revert"); !strings.Contains(out, "so already") {
				t.Fatalf("taken back twice:\n%s", out)
			}
			m.fixAs(f.ID, append(setup.args, "--apply", "--rollback-after", "1s")...)
			m.until("taken back by itself", func() bool { return m.waiting() == 0 })
			m.same("taken back by itself")
			m.sh("%s", setup.undo)
		})
	}
}

// fixAs runs a fix as alice, who is logged in from the other side and is root by sudo, in root's home.
func (m *fixMachine) fixAs(id string, args ...string) string {
	m.Helper()
	cmd := m.command(append([]string{id}, args...)...)
	cmd.Dir, cmd.Env = "/root", []string{"PATH=" + os.Getenv("PATH"), "HOME=/root", "USER=root", "SUDO_USER=alice", fixSession}
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.Fatalf("fix %s %s: %v\n%s", id, args, err, out)
	}
	return string(out)
}
