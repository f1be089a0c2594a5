package audit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/observe"
	"keysweep/host/sshd"
)

// sshMachine is a Debian 12 with a user who may become root, and some files more.
func sshMachine(config string, more map[string]string) *hosttest.Machine {
	files := map[string]string{
		"/usr/sbin/sshd": "", sshd.Path: config, "/etc/sudoers": "%sudo ALL=(ALL:ALL) ALL\n",
		"/etc/passwd": "root:x:0:0::/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n",
		"/etc/group":  "root:x:0:\nsudo:x:27:alice\nalice:x:1000:\n", "/etc/shadow": "root:*:1::::::\nalice:" + "$y$" + "x:1::::::\n",
		"/home/alice/.ssh/authorized_keys": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICb" + strings.Repeat("k7", 20) + "A alice\n",
	}
	for name, text := range more {
		files[name] = text
	}
	m := hosttest.New(files).Result("sshd -V", host.Output{Stderr: []byte("OpenSSH_9.2p1 Debian-2+deb12u10")})
	for _, path := range []string{"/home/alice", "/home/alice/.ssh", "/home/alice/.ssh/authorized_keys"} {
		m.Own(path, 1000, 1000)
	}
	return m.Broken("sshd -T -C x", host.ErrNotCollected)
}

func results(t *testing.T, m host.Source, check string) []finding.Result {
	t.Helper()
	var list []finding.Result
	for _, r := range Host(observe.Look(t.Context(), m), Baseline(), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
		if r.Check == check {
			list = append(list, r)
		}
	}
	return list
}

// brief is a result in a line: its state, the severity of what is not a pass, the subject and the place.
func brief(r finding.Result) string {
	at := r.Where.Fact
	if r.Where.Path != "" {
		at = fmt.Sprintf("%s:%d", r.Where.Path, r.Where.Span.Start.Line)
	}
	text := string(r.State)
	if r.State == finding.Fail {
		text += " " + r.Severity.String()
	}
	if r.Subject != "" {
		text += " [" + r.Subject + "]"
	}
	if r.State == finding.Undetermined || r.State == finding.NotApplicable {
		return text
	}
	return text + " " + at
}

func briefs(list []finding.Result) string {
	var lines []string
	for _, r := range list {
		lines = append(lines, brief(r))
	}
	return strings.Join(lines, "; ")
}

const (
	sshdMain  = sshd.Path + ":"
	byDefault = " default (OpenSSH 9.2)"
)

func TestSSHDChecks(t *testing.T) {
	for _, tt := range []struct{ name, check, config, want string }{
		{"no", "ssh.root-login", "PermitRootLogin no\n", "pass " + sshdMain + "1"},
		{"yes", "ssh.root-login", "PermitRootLogin yes\n", "fail high " + sshdMain + "1"},
		{"default", "ssh.root-login", "", "fail low" + byDefault},
		{"key only", "ssh.root-login", "PermitRootLogin prohibit-password\n", "fail low " + sshdMain + "1"},
		// lynis asks for a user that does not exist, and never sees this one.
		{"Match User root", "ssh.root-login", "PermitRootLogin no\nMatch User root\n PermitRootLogin yes\n", "pass " + sshdMain + "1; fail high [Match user root] " + sshdMain + "3"},
		{"Match of another user", "ssh.root-login", "PermitRootLogin no\nMatch User bob\n PermitRootLogin yes\n", "pass " + sshdMain + "1"},
		{"Match of a network at home", "ssh.root-login", "PermitRootLogin no\nMatch Address 10.0.0.0/8\n PermitRootLogin yes\n",
			"pass " + sshdMain + "1; fail medium [Match address 10.0.0.0/8] " + sshdMain + "3"},
		{"Match of everywhere", "ssh.root-login", "PermitRootLogin no\nMatch Address 0.0.0.0/0\n PermitRootLogin yes\n",
			"pass " + sshdMain + "1; fail high [Match address 0.0.0.0/0] " + sshdMain + "3"},
		{"Match all", "ssh.root-login", "PermitRootLogin no\nMatch all\nPermitRootLogin yes\n", "fail high " + sshdMain + "3"},
		// A fix that is appended lands in the last Match block (cnspec #3687).
		{"appended", "ssh.root-login", "PermitRootLogin yes\nMatch User git\n X11Forwarding no\nPermitRootLogin no\n", "fail high " + sshdMain + "1"},
		// Comments are not settings (wazuh-ruleset #78, hubble #188).
		{"a comment", "ssh.root-login", "#PermitRootLogin no\n", "fail low" + byDefault},
		{"no passwords", "ssh.password-auth", "PasswordAuthentication no\n", "pass " + sshdMain + "1"},
		{"passwords", "ssh.password-auth", "", "fail high" + byDefault},
		{"passwords beside a key", "ssh.password-auth", "AuthenticationMethods publickey,password\n", "pass " + sshdMain + "1"},
		{"passwords or a key", "ssh.password-auth", "AuthenticationMethods publickey password\n", "fail high" + byDefault},
		{"passwords for one", "ssh.password-auth", "PasswordAuthentication no\nMatch User alice\nPasswordAuthentication yes\n",
			"pass " + sshdMain + "1; fail medium [Match user alice] " + sshdMain + "3"},
		{"passwords for a group", "ssh.password-auth", "PasswordAuthentication no\nMatch Group adm\nPasswordAuthentication yes\n",
			"pass " + sshdMain + "1; fail high [Match group adm] " + sshdMain + "3"},
		{"interactive with PAM", "ssh.kbd-interactive", "UsePAM yes\nPasswordAuthentication no\n", "fail high" + byDefault},
		{"interactive without PAM", "ssh.kbd-interactive", "UsePAM no\n", "pass " + sshdMain + "1"},
		{"no interactive", "ssh.kbd-interactive", "UsePAM yes\nChallengeResponseAuthentication no\n", "pass " + sshdMain + "2"},
		{"interactive in Match", "ssh.kbd-interactive", "UsePAM yes\nKbdInteractiveAuthentication no\nMatch Address 192.0.2.1\nKbdInteractiveAuthentication yes\n",
			"pass " + sshdMain + "2; fail high [Match address 192.0.2.1] " + sshdMain + "4"},
		{"empty passwords", "ssh.empty-passwords", "PermitEmptyPasswords yes\n", "fail high " + sshdMain + "1"},
		{"empty passwords, none taken", "ssh.empty-passwords", "PermitEmptyPasswords yes\nPasswordAuthentication no\n", "fail low " + sshdMain + "1"},
		{"no empty passwords", "ssh.empty-passwords", "", "pass" + byDefault},
		{"keys", "ssh.pubkey-auth", "", "pass" + byDefault},
		{"no keys", "ssh.pubkey-auth", "PubkeyAuthentication no\n", "fail high " + sshdMain + "1"},
		// A stricter value is no failure, nor are two values of one keyword (ssh-baseline #218); without a line the default is judged (#196).
		{"stricter", "ssh.max-auth-tries", "MaxAuthTries 2\n", "pass " + sshdMain + "1"},
		{"two values", "ssh.max-auth-tries", "MaxAuthTries 3\nMatch User git\nMaxAuthTries 1\n", "pass " + sshdMain + "1"},
		{"tries by default", "ssh.max-auth-tries", "", "fail low" + byDefault},
		{"port", "ssh.port-default", "Port 2222\n", "pass " + sshdMain + "1"},
		{"port 22 beside another", "ssh.port-default", "Port 2222\nPort 22\n", "fail info " + sshdMain + "1"},
		{"users", "ssh.allow-users", "AllowUsers alice\n", "pass " + sshdMain + "1"},
		{"everybody", "ssh.allow-users", "AllowUsers *\n", "fail medium " + sshdMain + "1"},
		{"everybody from somewhere", "ssh.allow-users", "AllowUsers *@10.0.0.0/8\n", "fail medium " + sshdMain + "1"},
		{"no list", "ssh.allow-users", "", "fail medium" + byDefault},
		{"a group", "ssh.allow-users", "AllowGroups ssh\n", "pass " + sshdMain + "1"},
		{"a user who is gone", "ssh.allow-users", "AllowUsers alice mallory\n", "fail low [mallory] " + sshdMain + "1"},
		{"sources", "ssh.source-restricted", "AllowUsers alice@192.0.2.0/24\n", "pass " + sshdMain + "1"},
		{"listens at home", "ssh.source-restricted", "ListenAddress 10.0.0.1\n", "pass " + sshdMain + "1"},
		{"authority", "ssh.user-ca", "TrustedUserCAKeys /etc/passwd\n", "pass " + sshdMain + "1"},
		{"authority that is gone", "ssh.user-ca", "TrustedUserCAKeys /etc/ca.pub\n", "fail low " + sshdMain + "1"},
		{"no authority", "ssh.user-ca", "", "fail low" + byDefault},
		{"a word too much", "ssh.config-valid", "PermitRootLogin no # fine\nMaxAuthTries 3 4\n", "fail high [" + sshdMain + "2] " + sshdMain + "2"},
		{"an unknown keyword", "ssh.config-valid", "PermitRootLogon no\n", "fail high [" + sshdMain + "1] " + sshdMain + "1"},
		{"Port under Match", "ssh.config-valid", "Match User x\nPort 22\n", "fail high [" + sshdMain + "2] " + sshdMain + "2"},
		{"deprecated", "ssh.config-valid", "UsePrivilegeSeparation yes\n", "pass " + sshd.Path + ":0"},
		{"a sudo user", "host.sudo-user", "", "pass /etc/sudoers:1"},
		{"a sudo user without keys that count", "host.sudo-user", "AuthorizedKeysFile /etc/keys/%u\n", "fail medium /etc/passwd:0"},
	} {
		if got := briefs(results(t, sshMachine(tt.config, nil), tt.check)); got != tt.want {
			t.Errorf("%s (%s):\ngot  %s\nwant %s", tt.name, tt.check, got, tt.want)
		}
	}
}

// TestDropInThatWins shows the value that wins and the line that is never reached (ComplianceAsCode #8109).
func TestDropInThatWins(t *testing.T) {
	m := sshMachine("Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n", map[string]string{"/etc/ssh/sshd_config.d/50-cloud-init.conf": "PasswordAuthentication yes\n",
		"/etc/ssh/sshd_config.d/60-hardening.conf": "PasswordAuthentication no\n"})
	list := results(t, m, "ssh.password-auth")
	if len(list) != 1 || brief(list[0]) != "fail high /etc/ssh/sshd_config.d/50-cloud-init.conf:1" || len(list[0].Related) != 2 {
		t.Fatalf("%+v", list)
	}
	for _, r := range list[0].Related {
		if r.Note != "never reached" {
			t.Errorf("%+v", r)
		}
	}
	if list[0].Fix != "keysweep fix ssh.password-auth" || list[0].Found != "PasswordAuthentication yes" {
		t.Errorf("%+v", list[0])
	}
}

func TestSSHDIsUnknownOrAbsent(t *testing.T) {
	for _, check := range sshdChecks() {
		m := sshMachine("PermitRootLogin no\n", nil).Deny(sshd.Path)
		if got := briefs(results(t, m, check.ID)); got != "unknown" {
			t.Errorf("%s of a configuration that cannot be read: %s", check.ID, got)
		}
		if got := briefs(results(t, hosttest.New(map[string]string{"/etc/passwd": "root:x:0:0::/root:/bin/sh\n"}), check.ID)); got != "not-applicable" {
			t.Errorf("%s without sshd: %s", check.ID, got)
		}
		if got := briefs(results(t, hosttest.New(map[string]string{sshd.Path: "PermitRootLogin yes\n"}), check.ID)); got != "unknown" {
			t.Errorf("%s of a configuration without a program, as with /usr not mounted: %s", check.ID, got)
		}
	}
	m := sshMachine("Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n", map[string]string{"/etc/ssh/sshd_config.d/a.conf": ""}).Deny("/etc/ssh/sshd_config.d/a.conf")
	for _, check := range []string{"ssh.root-login", "ssh.password-auth", "ssh.kbd-interactive", "ssh.max-auth-tries", "ssh.port-default", "ssh.allow-users", "ssh.user-ca"} {
		if got := briefs(results(t, m, check)); got != "unknown" {
			t.Errorf("%s with a file that cannot be read: %s", check, got)
		}
	}
}

func TestUnknownCriterion(t *testing.T) {
	m := sshMachine("PermitRootLogin no\nMatch Weather rainy\nPermitRootLogin yes\n", nil).Result("sshd -V", host.Output{Stderr: []byte("OpenSSH_12.0")})
	if got := briefs(results(t, m, "ssh.root-login")); !strings.Contains(got, "unknown [Match weather]") || strings.Contains(got, "fail") {
		t.Error(got)
	}
}

func TestSSHDDisputes(t *testing.T) {
	m := sshMachine("PasswordAuthentication no\n", nil)
	c, err := sshd.Read(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Probes([]sshd.Login{{User: "alice"}}) {
		m.Program(fmt.Sprintf("sshd -T -C user=%s,host=%s,addr=%s,laddr=%s,lport=22,rdomain=none", p.User, p.Host, p.Addr, p.LocalAddr), "passwordauthentication yes\npermitrootlogin without-password\n")
	}
	list := results(t, m, "ssh.password-auth")
	if len(list) != 1 || list[0].State != finding.Undetermined || !strings.Contains(list[0].Cause, `"no"`) || !strings.Contains(list[0].Cause, `"yes"`) {
		t.Errorf("%+v", list)
	}
	if got := briefs(results(t, m, "ssh.root-login")); got != "fail low"+byDefault {
		t.Errorf("what they agree on: %s", got)
	}
	if list := results(t, m, "ssh.config-valid"); len(list) == 0 || list[0].State != finding.Undetermined {
		t.Errorf("%+v", list)
	}
}

// TestBuildWithKeywordsOfItsOwn shows that sshd's own word counts more than our table.
func TestBuildWithKeywordsOfItsOwn(t *testing.T) {
	m := sshMachine("HPNDisabled yes\n", nil).Result("sshd -t", host.Output{})
	if got := briefs(results(t, m, "ssh.config-valid")); got != "unknown ["+sshdMain+"1]" {
		t.Error(got)
	}
	m = sshMachine("Banner /etc/issue\n", nil).Result("sshd -t", host.Output{Exit: 255, Stderr: []byte("/etc/ssh/sshd_config: line 1: Bad\n")})
	if got := briefs(results(t, m, "ssh.config-valid")); got != "fail high [sshd -t] "+sshd.Path+":0" {
		t.Error(got)
	}
}

func TestReloadPending(t *testing.T) {
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		changed, started time.Time
		want             finding.State
	}{{at, at.Add(time.Hour), finding.Pass}, {at.Add(time.Hour), at, finding.Fail}} {
		m := sshMachine("", map[string]string{"/run/sshd.pid": "1\n"}).Touch(sshd.Path, tt.changed).Touch("/run/sshd.pid", tt.started)
		m.Result("sshd -V", host.Output{Stderr: []byte("OpenSSH_9.2p1 Debian-2")})
		if list := results(t, m, "ssh.reload-pending"); len(list) != 1 || list[0].State != tt.want {
			t.Errorf("%+v", list)
		}
	}
	if list := results(t, sshMachine("", nil), "ssh.reload-pending"); list[0].State != finding.NotApplicable {
		t.Errorf("%+v", list)
	}
}

func TestSocketPort(t *testing.T) {
	unit := map[string]string{"/usr/lib/systemd/system/ssh.socket": "[Socket]\nListenStream=22\n"}
	m := sshMachine("Port 2222\n", unit).Link("/etc/systemd/system/sockets.target.wants/ssh.socket", "/usr/lib/systemd/system/ssh.socket")
	if got := briefs(results(t, m, "ssh.port-consistent")); got != "fail high [ssh.socket] /usr/lib/systemd/system/ssh.socket:2" {
		t.Error(got)
	}
	m = sshMachine("Port 22\n", unit).Link("/etc/systemd/system/sockets.target.wants/ssh.socket", "/usr/lib/systemd/system/ssh.socket")
	if got := briefs(results(t, m, "ssh.port-consistent")); got != "pass "+sshdMain+"1" {
		t.Error(got)
	}
}

func TestSudoUserIsUnknown(t *testing.T) {
	for _, path := range []string{"/etc/passwd", "/etc/group", "/etc/sudoers", "/home/alice/.ssh/authorized_keys"} {
		if got := briefs(results(t, sshMachine("", nil).Deny(path), "host.sudo-user")); got != "unknown" {
			t.Errorf("without %s: %s", path, got)
		}
	}
}

// TestAdviceForRoot has facts that root sees, and nobody else: only others are told to be root. Causes are one line.
func TestAdviceForRoot(t *testing.T) {
	for _, root := range []bool{true, false} {
		m := sshMachine("PermitRootLogin no\n", nil).Deny(sshd.Path)
		if !root {
			m = m.User()
		}
		list := results(t, m, "ssh.root-login")
		if len(list) != 1 || list[0].State != finding.Undetermined || (list[0].Hint == asRoot) == root || strings.Contains(list[0].Cause, "\n") {
			t.Errorf("root %t: %+v", root, list)
		}
	}
}
