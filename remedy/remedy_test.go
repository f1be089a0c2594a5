package remedy

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/sshd"
)

var now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// key is a public key that sshd would take.
var key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICb" + strings.Repeat("k7", 20) + "A alice\n"

// debian is a machine with alice, who may become root and has a key, and bob, who has none.
func debian(config string, more map[string]string) *hosttest.Machine {
	files := map[string]string{
		sshd.Path: config, "/etc/ssh/sshd_config.d/": "", "/usr/lib/systemd/system/ssh.service": "", "/bin/bash": "", "/etc/sudoers": "%sudo ALL=(ALL:ALL) ALL\n",
		"/etc/passwd": "root:x:0:0::/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\nbob:x:1001:1001::/home/bob:/bin/bash\n",
		"/etc/group":  "root:x:0:\nsudo:x:27:alice,bob\nalice:x:1000:\n", "/etc/shadow": "root:*:1::\nalice:" + "$y$" + "x:1::\nbob:" + "$y$" + "x:1::\n",
		"/home/alice/.ssh/authorized_keys": key,
	}
	for name, text := range more {
		files[name] = text
	}
	m := hosttest.New(files).Result("sshd -V", host.Output{Stderr: []byte("OpenSSH_9.2p1 Debian-2")})
	for _, path := range []string{"/home/alice", "/home/alice/.ssh", "/home/alice/.ssh/authorized_keys"} {
		m.Own(path, 1000, 1000)
	}
	return m
}

func situation(m host.Source, s *Session) *Situation {
	return &Situation{Open: func() host.Source { return m }, Session: s, Now: now}
}

func plan(t *testing.T, id string, s *Situation) *Plan {
	t.Helper()
	f, ok := Find(id)
	if !ok {
		t.Fatalf("no fix of %s", id)
	}
	p, err := f.Plan(t.Context(), s)
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	return p
}

const includes = "Include /etc/ssh/sshd_config.d/*.conf\n"

// TestWhereTheLineGoes shows the two places, and when neither helps.
func TestWhereTheLineGoes(t *testing.T) {
	own := "/etc/ssh/sshd_config.d/00-keysweep.conf"
	for _, tt := range []struct{ name, config, drop, path, refused string }{
		{"included first", includes + "PasswordAuthentication yes\n", "", own, ""},
		{"before a drop-in of the cloud", includes, "PasswordAuthentication yes\n", own, ""},
		{"not included", "PasswordAuthentication yes\n", "", sshd.Path, ""},
		{"included too late", "PasswordAuthentication yes\n" + includes, "", sshd.Path, ""},
		{"a Match block at the end", "PasswordAuthentication yes\nMatch User git\n X11Forwarding no\n", "", sshd.Path, ""},
		{"already so", includes, "PasswordAuthentication no\n", "", ""},
		{"Match all", "Match all\nPasswordAuthentication yes\n", "", "", sshd.Path + ":2 decides"},
	} {
		p := plan(t, "ssh.password-auth", situation(debian(tt.config, map[string]string{"/etc/ssh/sshd_config.d/50-cloud-init.conf": tt.drop}), nil))
		path := ""
		if len(p.Changes) > 0 {
			path = p.Changes[0].Path
		}
		if refused := strings.Join(p.Refused, "; "); path != tt.path || !strings.Contains(refused, tt.refused) || tt.refused == "" && refused != "" {
			t.Errorf("%s: changes %q, refused %q", tt.name, path, refused)
		}
	}
}

// TestTwoFixesInOneFile shows that taking one back leaves the file as it was without it.
func TestTwoFixesInOneFile(t *testing.T) {
	m := debian(includes, nil)
	s := situation(m, nil)
	apply := func(p *Plan) string {
		for _, c := range p.Changes {
			m.File(c.Path, string(c.After.Data))
		}
		return string(p.Changes[0].After.Data)
	}
	alone := apply(plan(t, "ssh.password-auth", s))
	both := apply(plan(t, "ssh.max-auth-tries", s))
	if !strings.Contains(both, "PasswordAuthentication no\n") || !strings.Contains(both, "MaxAuthTries 3\n") {
		t.Fatal(both)
	}
	if p := plan(t, "ssh.max-auth-tries", s); len(p.Changes) > 0 {
		t.Errorf("a second time: %+v", p.Changes)
	}
	f, _ := Find("ssh.max-auth-tries")
	p, err := f.Revert(t.Context(), s)
	if err != nil || len(p.Changes) != 1 || string(p.Changes[0].After.Data) != alone {
		t.Errorf("%v %+v", err, p)
	}
	f, _ = Find("ssh.password-auth")
	m.File("/etc/ssh/sshd_config.d/00-keysweep.conf", alone)
	if p, err = f.Revert(t.Context(), s); err != nil || len(p.Changes) != 1 || p.Changes[0].After != nil {
		t.Errorf("the last one takes the file with it: %v %+v", err, p)
	}
	for _, edited := range []string{alone + "Banner none\n", "Banner none\n" + alone, strings.TrimSuffix(alone, "\n"), alone + "# a note\n"} {
		m.File("/etc/ssh/sshd_config.d/00-keysweep.conf", edited)
		if _, err = f.Revert(t.Context(), s); !errors.Is(err, ErrEdited) {
			t.Errorf("%q: %v", edited, err)
		}
	}
}

func TestMainFileComesBack(t *testing.T) {
	config := "# mine\nPort 22\nPasswordAuthentication yes"
	m := debian(config, nil)
	s := situation(m, nil)
	for _, id := range []string{"ssh.password-auth", "ssh.root-login"} {
		p := plan(t, id, s)
		m.File(sshd.Path, string(p.Changes[0].After.Data))
	}
	for _, id := range []string{"ssh.password-auth", "ssh.root-login"} {
		f, _ := Find(id)
		p, err := f.Revert(t.Context(), s)
		if err != nil || len(p.Changes) != 1 {
			t.Fatalf("%v %+v", err, p)
		}
		m.File(sshd.Path, string(p.Changes[0].After.Data))
	}
	if f, _ := m.Read(sshd.Path); string(f.Data) != config {
		t.Errorf("%q", f.Data)
	}
}

// TestRevertNeverLocksOut shows that keys are not switched off again when passwords are off meanwhile.
func TestRevertNeverLocksOut(t *testing.T) {
	for password, refused := range map[string]string{"no": "keys are switched off", "yes": ""} {
		m := debian(includes+"PubkeyAuthentication no\nPasswordAuthentication "+password+"\nKbdInteractiveAuthentication no\n", nil)
		s := situation(m, nil)
		p := plan(t, "ssh.pubkey-auth", s)
		m.File(p.Changes[0].Path, string(p.Changes[0].After.Data))
		f, _ := Find("ssh.pubkey-auth")
		p, err := f.Revert(t.Context(), s)
		if err != nil || len(p.Changes) != 1 || (len(p.Refused) > 0) != (refused != "") || !strings.Contains(strings.Join(p.Refused, ""), refused) {
			t.Errorf("passwords %s: %v %+v", password, err, p)
		}
	}
}

// TestBlockThatMoved shows that a block which lines were put before is not taken for none.
func TestBlockThatMoved(t *testing.T) {
	m := debian("PasswordAuthentication yes\n", nil)
	p := plan(t, "ssh.password-auth", situation(m, nil))
	m.File(sshd.Path, "Port 22\n"+string(p.Changes[0].After.Data))
	f, _ := Find("ssh.password-auth")
	if p, err := f.Revert(t.Context(), situation(m, nil)); !errors.Is(err, ErrEdited) {
		t.Errorf("%v %+v", err, p)
	}
}

// TestModeStays shows that our file stays as closed as somebody made it.
func TestModeStays(t *testing.T) {
	m := debian(includes, nil)
	own := "/etc/ssh/sshd_config.d/00-keysweep.conf"
	m.File(own, string(plan(t, "ssh.password-auth", situation(m, nil)).Changes[0].After.Data)).Mode(own, 0o600)
	if p := plan(t, "ssh.max-auth-tries", situation(m, nil)); p.Changes[0].After.Mode != 0o600 {
		t.Errorf("%v", p.Changes[0].After.Mode)
	}
}

// socket has systemd listen for sshd at a port.
func socket(port string) map[string]string {
	return map[string]string{"/etc/systemd/system/sockets.target.wants/ssh.socket": "", "/usr/lib/systemd/system/ssh.socket": "[Socket]\nListenStream=" + port + "\n"}
}

func TestLockout(t *testing.T) {
	alice := &Session{User: "alice", Addr: "192.0.2.7", LocalAddr: "198.51.100.1", LocalPort: 22}
	with := func(s Session, change func(*Session)) *Session { change(&s); return &s }
	none := map[string]string{"/home/alice/.ssh/authorized_keys": ""}
	for _, tt := range []struct {
		name, id, config string
		more             map[string]string
		session          *Session
		refused          string // "" is applied
	}{
		{"a user of sudo with a key", "ssh.password-auth", "", nil, nil, ""},
		{"over SSH", "ssh.password-auth", "", nil, alice, ""},
		{"root over SSH", "ssh.root-login", "PermitRootLogin yes\n", nil, with(*alice, func(s *Session) { s.User = "root" }), "logged in as root"},
		{"nobody has a key", "ssh.password-auth", "", none, nil, "nobody who may become root"},
		{"nobody has a key, and root's login goes", "ssh.root-login", "", none, nil, "nobody who may become root"},
		{"only root has a key", "ssh.root-login", "", map[string]string{"/home/alice/.ssh/authorized_keys": "", "/root/.ssh/authorized_keys": key}, nil, "root: root may not log in"},
		{"root has a key and stays", "ssh.password-auth", "", map[string]string{"/home/alice/.ssh/authorized_keys": "", "/root/.ssh/authorized_keys": key}, nil, ""},
		{"keys elsewhere", "ssh.password-auth", "AuthorizedKeysFile /etc/keys/%u\n", nil, nil, "no key of his"},
		{"keys there", "ssh.password-auth", "AuthorizedKeysFile /etc/keys/%u\n", map[string]string{"/etc/keys/alice": key}, nil, ""},
		{"not on the list", "ssh.password-auth", "AllowUsers carol\n", nil, nil, "allowusers"},
		{"not from here", "ssh.password-auth", "AllowUsers alice@10.0.0.0/8\n", nil, alice, "allowusers"},
		{"from here", "ssh.password-auth", "AllowUsers alice@192.0.2.0/24\n", nil, alice, ""},
		{"not in the group", "ssh.password-auth", "AllowGroups wheel\n", nil, nil, "allowgroups"},
		{"keys are off", "ssh.password-auth", "PubkeyAuthentication no\n", nil, nil, "keys are switched off"},
		{"a key is not enough", "ssh.password-auth", "AuthenticationMethods publickey,password\n", nil, nil, "more than a key"},
		{"a kind of key that is not taken", "ssh.password-auth", "PubkeyAcceptedAlgorithms rsa-sha2-512\n", nil, nil, "no key of his"},
		{"certificates", "ssh.password-auth", "TrustedUserCAKeys /etc/ssh/ca.pub\n", none, nil, "whether he has a certificate is not known"},
		{"a key for one command", "ssh.password-auth", "", map[string]string{"/home/alice/.ssh/authorized_keys": "command=\"x\" " + key}, nil, "no key of his"},
		{"a key that has ended", "ssh.password-auth", "", map[string]string{"/home/alice/.ssh/authorized_keys": "expiry-time=\"20200101Z\" " + key}, nil, "no key of his"},
		{"this user has none", "ssh.password-auth", "", nil, with(*alice, func(s *Session) { s.User = "bob" }), "logged in as bob"},
		{"this user is unknown", "ssh.password-auth", "", nil, with(*alice, func(s *Session) { s.User = "zoe" }), "not in /etc/passwd"},
		{"what holds at sshd's own port", "ssh.password-auth", "Port 2222\nMatch LocalPort 2222\nAuthenticationMethods publickey,password\n", nil, nil, "more than a key"},
		{"another port", "ssh.password-auth", "Port 2222\n", nil, alice, "port 22, and sshd would not listen there"},
		{"the second port", "ssh.password-auth", "Port 2222\nPort 22\nMatch LocalPort 2222\nAuthenticationMethods publickey,password\n", nil, nil, ""},
		{"a port of the loopback", "ssh.password-auth", "ListenAddress 127.0.0.1:2222\nListenAddress 0.0.0.0:22\nMatch LocalPort 22\nAuthenticationMethods publickey,password\n", nil, nil, "more than a key"},
		{"systemd listens there", "ssh.password-auth", "Port 2222\n", socket("22"), alice, ""},
		{"systemd listens elsewhere", "ssh.password-auth", "Port 2222\n", socket("2200"), alice, "ssh.socket, which listens for sshd, would not listen there"},
		{"at the socket's port", "ssh.password-auth", "Match LocalPort 2200\nAuthenticationMethods publickey,password\n", socket("2200"), nil, "more than a key"},
		{"the shell is not there", "ssh.password-auth", "", map[string]string{"/etc/passwd": "alice:x:1000:1000::/home/alice:/bin/zsh\n"}, nil, "his shell /bin/zsh is not there"},
		{"locked, and no PAM", "ssh.password-auth", "", map[string]string{"/etc/shadow": "alice:!x:1::\n", "/etc/sudoers": "%sudo ALL=(ALL:ALL) NOPASSWD: ALL\n"}, nil, "his password is locked"},
		{"locked, with PAM", "ssh.password-auth", "UsePAM yes\n", map[string]string{"/etc/shadow": "alice:!x:1::\n", "/etc/sudoers": "%sudo ALL=(ALL:ALL) NOPASSWD: ALL\n"}, nil, ""},
		{"the account has ended", "ssh.password-auth", "", map[string]string{"/etc/shadow": "alice:" + "$y$" + "x:1:::::1000:\n"}, nil, "his account has ended"},
		{"copies files only", "ssh.password-auth", "Match Group sudo\nForceCommand internal-sftp -l INFO\n", nil, nil, "copy files only"},
		{"a key that is revoked", "ssh.password-auth", "RevokedKeys /etc/ssh/revoked\n", map[string]string{"/etc/ssh/revoked": key}, nil, "no key of his"},
		{"other keys are revoked", "ssh.password-auth", "RevokedKeys /etc/ssh/revoked\n", map[string]string{"/etc/ssh/revoked": "# none\n"}, nil, ""},
		{"no list of revoked keys", "ssh.password-auth", "RevokedKeys /etc/ssh/revoked\n", nil, nil, "is not known"},
		{"fewer attempts shut nobody out", "ssh.max-auth-tries", "", none, alice, ""},
	} {
		p := plan(t, tt.id, situation(debian(tt.config, tt.more), tt.session))
		refused := strings.Join(p.Refused, "; ")
		if !strings.Contains(refused, tt.refused) || tt.refused == "" && refused != "" {
			t.Errorf("%s: refused %q, want %q", tt.name, refused, tt.refused)
		}
		if len(p.Changes) == 0 {
			t.Errorf("%s: no changes", tt.name)
		}
		if tt.refused != "" {
			if err := Apply(t.Context(), &Situation{Run: func(context.Context, ...string) (string, error) { t.Error("something is run"); return "", nil }}, p); !errors.Is(err, ErrRefused) {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	}
}

// TestGroupWritable shows that a key which StrictModes refuses is none.
func TestGroupWritable(t *testing.T) {
	m := debian("", nil).Mode("/home/alice/.ssh", 0o775)
	if p := plan(t, "ssh.password-auth", situation(m, nil)); len(p.Refused) == 0 {
		t.Errorf("%+v", p)
	}
}

// TestKeysNotReadable shows that a file of keys which root made for a user, and nobody else may read, is none: sshd reads it as the user.
func TestKeysNotReadable(t *testing.T) {
	for name, mode := range map[string]fs.FileMode{"/home/alice/.ssh": 0o700, "/home/alice/.ssh/authorized_keys": 0o600} {
		m := debian("", nil).Own(name, 0, 0).Mode(name, mode)
		if p := plan(t, "ssh.password-auth", situation(m, nil)); !strings.Contains(strings.Join(p.Refused, ""), "he may not read /home/alice/.ssh/authorized_keys") {
			t.Errorf("%s: %q", name, p.Refused)
		}
	}
}

func TestPolicyWantsLess(t *testing.T) {
	m := debian(includes+"MaxAuthTries 3\n", nil)
	s := situation(m, nil)
	if p := plan(t, "ssh.max-auth-tries", s); len(p.Changes) > 0 {
		t.Errorf("three are enough usually: %+v", p)
	}
	s.MaxAuthTries = 2
	if p := plan(t, "ssh.max-auth-tries", s); len(p.Changes) != 1 || !strings.Contains(string(p.Changes[0].After.Data), "MaxAuthTries 2\n") {
		t.Errorf("%+v", p)
	}
}

func TestRemainingBlocks(t *testing.T) {
	p := plan(t, "ssh.password-auth", situation(debian(includes+"Match User git\nPasswordAuthentication yes\n", nil), nil))
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], sshd.Path+":3") {
		t.Errorf("%q", p.Notes)
	}
}

func TestNothingIsAppliedElsewhere(t *testing.T) {
	p := plan(t, "ssh.max-auth-tries", situation(debian(includes, nil).As(host.Image), nil))
	if err := Apply(t.Context(), &Situation{}, p); !errors.Is(err, ErrElsewhere) {
		t.Error(err)
	}
}

func TestDiff(t *testing.T) {
	for _, tt := range []struct {
		c    Change
		want string
	}{
		{Change{Path: "/a", After: &State{Data: []byte("x\ny\n")}}, "--- /dev/null\n+++ b/a\n@@ -0,0 +1,2 @@\n+x\n+y\n"},
		{Change{Path: "/a", Before: &State{Data: []byte("x\n")}}, "--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n"},
		{Change{Path: "/a", Before: &State{Data: []byte("1\n2\n3\n4\n5\n")}, After: &State{Data: []byte("1\n2\n3\n4\nx\n5\n")}},
			"--- a/a\n+++ b/a\n@@ -2,4 +2,5 @@\n 2\n 3\n 4\n+x\n 5\n"},
		{Change{Path: "/a", Before: &State{Data: []byte("1"), Mode: 0o644}, After: &State{Data: []byte("1"), Mode: 0o600}}, "mode of /a: 0644 -> 0600\n"},
	} {
		if got := tt.c.Diff(); got != tt.want {
			t.Errorf("got\n%s\nwant\n%s", got, tt.want)
		}
	}
}

func TestOtherFixes(t *testing.T) {
	m := debian("Port 2222\n", map[string]string{"/etc/apt/apt.conf.d/": "", "/etc/fail2ban/jail.d/": "", "/usr/bin/unattended-upgrade": "",
		"/usr/lib/python3/dist-packages/systemd/": ""})
	s := situation(m, nil)
	for id, want := range map[string]string{"updates.auto": "Unattended-Upgrade \"1\";", "f2b.log-source": "backend = systemd", "f2b.ssh-port": "port = 2222"} {
		p := plan(t, id, s)
		if len(p.Changes) != 1 || !strings.Contains(p.Changes[0].Diff(), want) {
			t.Fatalf("%s: %+v", id, p)
		}
		m.File(p.Changes[0].Path, string(p.Changes[0].After.Data))
		if p = plan(t, id, s); len(p.Changes) > 0 {
			t.Errorf("%s a second time: %+v", id, p)
		}
	}
	for _, id := range []string{"f2b.log-source", "f2b.ssh-port"} { // both are in one file
		f, _ := Find(id)
		p, err := f.Revert(t.Context(), s)
		if err != nil || len(p.Changes) != 1 {
			t.Fatalf("%v %+v", err, p)
		}
		if p.Changes[0].After == nil {
			continue
		}
		m.File(p.Changes[0].Path, string(p.Changes[0].After.Data))
	}
	if p := plan(t, "updates.auto", situation(debian("", map[string]string{"/etc/apt/apt.conf.d/": ""}), nil)); len(p.Refused) == 0 {
		t.Errorf("%+v", p)
	}
	s.Judge = untilBoot(Wrong{Title: "lost"})
	if p := plan(t, "logs.persistent", s); len(p.Changes) != 2 || !strings.Contains(p.Changes[1].Diff(), "+Storage=persistent") {
		t.Errorf("%+v", p)
	}
}

// TestCommandLineStandsAbove: what sshd is started with is not changed by a file.
func TestCommandLineStandsAbove(t *testing.T) {
	for name, c := range map[string]struct{ unit, defaults, refused string }{
		"another setting": {"[Service]\nExecStart=/usr/sbin/sshd -D -o MaxSessions=5\n", "", ""},
		"the setting":     {"[Service]\nExecStart=/usr/sbin/sshd -D -o PasswordAuthentication=yes\n", "", "PasswordAuthentication"},
		"by a variable":   {"[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n", "SSHD_OPTS=\"-oPasswordAuthentication=yes\"\n", "PasswordAuthentication"},
		"another file":    {"[Service]\nExecStart=/usr/sbin/sshd -D -f /srv/sshd_config\n", "", "another file"},
	} {
		m := debian(includes+"PasswordAuthentication yes\n", map[string]string{"/usr/lib/systemd/system/ssh.service": c.unit, "/etc/default/ssh": c.defaults, "/srv/sshd_config": "UsePAM yes\n",
			"/etc/systemd/system/multi-user.target.wants/ssh.service": "-> /usr/lib/systemd/system/ssh.service"})
		p := plan(t, "ssh.password-auth", situation(m, nil))
		if said := strings.Join(p.Refused, "; "); (c.refused == "") != (said == "") || !strings.Contains(said, c.refused) {
			t.Errorf("%s: refused %q", name, said)
		}
	}
}
