package sshd

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
)

const debian12 = "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026\n"

func machine(files map[string]string) *hosttest.Machine {
	return hosttest.New(files).Result("sshd -V", host.Output{Stderr: []byte(debian12)})
}

func config(t *testing.T, files map[string]string) *Config {
	t.Helper()
	c, err := Read(machine(files))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhereAValueComesFrom(t *testing.T) {
	c := config(t, map[string]string{
		Path:                                   "Include /etc/ssh/sshd_config.d/*.conf\n\nPasswordAuthentication no\n  PermitRootLogin   \"no\"\n",
		"/etc/ssh/sshd_config.d/50-cloud.conf": "PasswordAuthentication yes\n",
	})
	v := c.Resolve(Connection{User: "root"})
	pass := v.Get("PasswordAuthentication")
	if want := (host.Origin{Path: "/etc/ssh/sshd_config.d/50-cloud.conf", Line: 1, Column: 24, Text: "PasswordAuthentication yes"}); !pass.Is("yes") || pass.Origin != want {
		t.Errorf("%+v; want yes at %+v", pass, want)
	}
	if len(pass.Shadowed) != 1 || pass.Shadowed[0].Origin.String() != Path+":3" || pass.Shadowed[0].String() != "PasswordAuthentication no" {
		t.Errorf("never reached: %+v", pass.Shadowed)
	}
	if root := v.Get("permitrootlogin"); root.Origin.Line != 4 || root.Origin.Column != 21 {
		t.Errorf("%+v", root.Origin)
	}
	if tries := v.Get("maxauthtries"); !tries.Is("6") || tries.Origin != (host.Origin{}) {
		t.Errorf("default: %+v", tries)
	}
}

func TestMatches(t *testing.T) {
	c := config(t, map[string]string{
		Path: "Match User git Address 10.0.0.0/8\n PasswordAuthentication yes\n Include /x\n PermitTTY no\nMatch all\nX11Forwarding no\n",
		"/x": "AllowAgentForwarding no\nMatch Group adm\nMaxAuthTries 9\n",
	})
	var got []string
	for _, b := range c.Matches() {
		got = append(got, b.String()+" @"+b.Origin.String())
		for _, s := range b.Settings {
			got = append(got, "  "+s.String())
		}
	}
	want := []string{"Match user git address 10.0.0.0/8 @" + Path + ":1", "  PasswordAuthentication yes", "  AllowAgentForwarding no", "  PermitTTY no",
		"Match user git address 10.0.0.0/8 group adm @/x:2", "  MaxAuthTries 9", "Match all @" + Path + ":5", "  X11Forwarding no"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestIgnorance shows that what could not be read makes unknown what it may set, and nothing else.
func TestIgnorance(t *testing.T) {
	m := machine(map[string]string{
		Path: "PermitRootLogin no\nInclude /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\nPort 22\n", "/etc/ssh/sshd_config.d/a.conf": "",
	}).Deny("/etc/ssh/sshd_config.d/a.conf")
	c, err := Read(m)
	if err != nil {
		t.Fatal(err)
	}
	v := c.Resolve(Connection{User: "root"})
	for _, name := range []string{"passwordauthentication", "permitrootlogin", "port", "maxauthtries"} { // the file may hold "Match all", too
		if got := v.Get(name); got.Err == nil {
			t.Errorf("%s is said to be known: %+v", name, got)
		}
	}
	if got := v.Get("usepam"); got.Err == nil {
		t.Errorf("a keyword without a line: %+v", got)
	}
	if got := v.Get("strictmodes"); got.Err == nil {
		t.Errorf("%+v", got)
	}
	c = config(t, map[string]string{Path: "UsePAM no\nInclude /d/*.conf\n"})
	if got := c.Resolve(Connection{}).Get("usepam"); !got.Is("no") {
		t.Errorf("a directory that does not exist: %+v", got)
	}
}

// TestGlobalBeforeAGap shows that a keyword that no Match may set is known if it is set before what could not be read.
func TestGlobalBeforeAGap(t *testing.T) {
	m := machine(map[string]string{Path: "UsePAM no\nInclude /d/*\nStrictModes yes\n", "/d/a": ""}).Deny("/d/a")
	c, err := Read(m)
	if err != nil {
		t.Fatal(err)
	}
	v := c.Resolve(Connection{})
	if pam, strict := v.Get("usepam"), v.Get("strictmodes"); !pam.Is("no") || strict.Err == nil {
		t.Errorf("%+v; %+v", pam, strict)
	}
}

func TestUnknownCriterion(t *testing.T) {
	files := map[string]string{Path: "PermitRootLogin no\nMaxAuthTries 3\nMatch Weather rainy\nPermitRootLogin yes\nMaxAuthTries 3\n"}
	m := hosttest.New(files).Result("sshd -V", host.Output{Stderr: []byte("OpenSSH_12.1, x\n")})
	c, err := Read(m)
	if err != nil {
		t.Fatal(err)
	}
	if c.Broken() != nil {
		t.Errorf("a later version may know it: %v", c.Problems)
	}
	v := c.Resolve(Connection{User: "root"})
	if root := v.Get("permitrootlogin"); root.Err == nil {
		t.Errorf("%+v", root)
	}
	if tries := v.Get("maxauthtries"); !tries.Is("3") {
		t.Errorf("equal either way: %+v", tries)
	}
	if b := config(t, files); b.Broken() == nil {
		t.Error("9.2 does not start with it")
	}
}

func TestVersions(t *testing.T) {
	text := "KbdInteractiveAuthentication no\nMatch invalid-user\nMaxAuthTries 1\n"
	for banner, broken := range map[string]bool{"OpenSSH_9.2p1 Debian-2": true, "OpenSSH_10.0p2 Debian-7": false, "OpenSSH_7.4p1": true, "OpenSSH_9.9": false} {
		c, err := Read(hosttest.New(map[string]string{Path: text}).Result("sshd -V", host.Output{Stderr: []byte(banner)}))
		if err != nil {
			t.Fatal(err)
		}
		if (c.Broken() != nil) != broken {
			t.Errorf("%s: %v", banner, c.Problems)
		}
	}
	for line, fine := range map[string]bool{"PermitRootLogin no # never": false, "PermitRootLogin \"no\"": true, "PermitRootLogin=no": true, "PermitRootLogin 'no'": false,
		"AllowUsers a b": true} { // before 8.7, comments were words, and ' was no quotation mark
		c, err := Read(hosttest.New(map[string]string{Path: line + "\n"}).Result("sshd -V", host.Output{Stderr: []byte("OpenSSH_8.0p1, x")}))
		if err != nil || (c.Broken() == nil) != fine {
			t.Errorf("%s: %v %v", line, err, c.Problems)
		}
	}
	for text, want := range map[string]Version{"1:9.2p1-2+deb12u10": {Major: 9, Minor: 2}, "9.7_p1-r4": {Major: 9, Minor: 7}, "10.0p1-8": {Major: 10}, "x": {}} {
		got, _ := parsePackage(text)
		if got.Major != want.Major || got.Minor != want.Minor {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestVersionOfAnImage(t *testing.T) {
	m := hosttest.New(map[string]string{
		"/var/lib/dpkg/status": "Package: openssh-client\nVersion: 1:1.1p1\n\nPackage: openssh-server\nStatus: install ok installed\nVersion: 1:9.2p1-2+deb12u10\n\n",
		"/etc/os-release":      "NAME=\"Debian GNU/Linux\"\n",
	}).As(host.Image)
	if v := FindVersion(m); v.String() != "OpenSSH 9.2" || !patched(v) {
		t.Errorf("%+v", v)
	}
}

func TestUnreadable(t *testing.T) {
	if _, err := Read(machine(map[string]string{Path: ""}).Deny(Path)); err == nil || host.Missing(err) {
		t.Errorf("an unreadable configuration: %v", err)
	}
	if _, err := Read(machine(nil)); !host.Missing(err) {
		t.Errorf("none: %v", err)
	}
}

// TestBounds shows that configurations that include each other without end come to an end.
func TestBounds(t *testing.T) {
	c := config(t, map[string]string{Path: "Include /etc/ssh/sshd_config\n"})
	if c.Broken() == nil {
		t.Error("a file that includes itself is taken")
	}
	files := map[string]string{Path: "Include /d/0\n"}
	for i := range 12 {
		files["/d/"+string(rune('0'+i))] = strings.Repeat("Include /d/"+string(rune('0'+i+1))+"\nMaxAuthTries 3\nMatch user x\n", 20)
	}
	c = config(t, files)
	if len(c.Gaps) == 0 {
		t.Error("20 to the 12th lines were read")
	}
	if got := c.Resolve(Connection{}).Get("permitrootlogin"); got.Err == nil {
		t.Errorf("beyond the bound: %+v", got)
	}
}

func TestBrokenLink(t *testing.T) {
	m := machine(map[string]string{Path: "Include /d/*\n"}).Link("/d/a.conf", "/nowhere")
	if c, err := Read(m); err != nil || c.Broken() == nil {
		t.Errorf("%v; sshd does not start with it", err)
	}
	m = machine(map[string]string{Path: "Include /d/*\n", "/d/sub/": ""})
	if c, err := Read(m); err != nil || c.Broken() != nil || len(c.Gaps) > 0 {
		t.Errorf("%v %+v; a directory is as an empty file", err, c)
	}
	m = machine(map[string]string{Path: "Include /d/*\n", "/d/a": ""}).Fail("/d/a", fs.ErrPermission)
	if c, err := Read(m); err != nil || len(c.Gaps) != 1 {
		t.Errorf("%v %+v", err, c)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Match user \"a b\" address=10.0.0.0/8\nPermitRootLogin=yes # x\n", "Include /etc/ssh/*\nAllowUsers a@b 'c d'\n", "root", "10.0.0.1")
	f.Add("\tCiphers ^aes*\r\nMaxStartups 1:2:3\x00\nRekeyLimit 1G 1h", "Match all\n", "x", "::1")
	f.Fuzz(func(t *testing.T, main, other, user, addr string) {
		c, err := Read(machine(map[string]string{Path: "Include /etc/ssh/sshd_config.d/*.conf\n" + main, "/etc/ssh/sshd_config.d/a.conf": other}))
		if err != nil {
			return // what sshd would not read either
		}
		v := c.Resolve(Connection{User: user, Addr: addr, Host: addr, Groups: []string{user}})
		for _, name := range v.Keywords() {
			if value := v.Get(name); value.Origin.Line < 0 || value.Origin.Path == "" && value.Origin.Line != 0 {
				t.Errorf("%s: %+v", name, value)
			}
		}
		for _, b := range c.Matches() {
			b.Meets(Connection{User: user, Addr: addr}, c.Version)
		}
	})
}

func TestSocket(t *testing.T) {
	m := machine(map[string]string{"/usr/lib/systemd/system/ssh.socket": "[Socket]\nListenStream=22\n",
		"/etc/systemd/system/ssh.socket.d/addresses.conf": "[Socket]\nListenStream=\nListenStream=0.0.0.0:2222\nListenStream=[::]:2222\n"}).
		Link("/etc/systemd/system/sockets.target.wants/ssh.socket", "/usr/lib/systemd/system/ssh.socket")
	s := LookSocket(m)
	if !slices.Equal(s.Ports(), []string{"2222"}) || s.Origin.Line != 4 || s.Err != nil {
		t.Errorf("%+v", s)
	}
	if s := LookSocket(machine(nil)); s.Unit != "" || s.Err != nil {
		t.Errorf("%+v", s)
	}
}

func TestProbes(t *testing.T) {
	c := config(t, map[string]string{Path: "Port 2200\nMatch Address 10.0.0.0/8,!192.0.2.4\nMaxAuthTries 1\n"})
	var got []string
	for _, p := range c.Probes([]Login{{"alice", []string{"adm"}}}) {
		got = append(got, p.User+"@"+p.Addr)
		if p.LocalPort != 2200 {
			t.Errorf("%+v", p)
		}
	}
	for _, want := range []string{"root@203.0.113.9", NoSuchUser + "@127.0.0.1", "alice@10.0.0.1", "alice@192.0.2.4"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not in %q", want, got)
		}
	}
}

func TestDisputes(t *testing.T) {
	m := machine(map[string]string{Path: "MaxAuthTries 3\n", "/usr/sbin/sshd": ""}).Result("sshd -t", host.Output{})
	c, _ := Read(m)
	for _, p := range c.Probes(nil) {
		m.Program("sshd -T -C "+specification(p), "port 22\nmaxauthtries 6\n")
	}
	f := Look(t.Context(), m, nil)
	if list := f.Disputes; len(list) != 4 || list[0].Keyword != "maxauthtries" || list[0].Ours != "3" || list[0].Real != "6" {
		t.Errorf("%+v, %v", list, f.AskErr)
	}
}

func TestAdmits(t *testing.T) {
	alice := Connection{User: "alice", Groups: []string{"users", "ssh"}, Addr: "192.0.2.7", Host: "192.0.2.7"}
	for text, want := range map[string]bool{
		"": true, "AllowUsers alice": true, "AllowUsers bob": false, "AllowUsers a* !x": true, "DenyUsers alice\nAllowUsers alice": false,
		"AllowUsers alice@192.0.2.0/24": true, "AllowUsers alice@10.0.0.0/8": false, "AllowUsers alice@!192.0.2.7,192.0.2.0/24": false,
		"AllowGroups ssh": true, "AllowGroups wheel": false, "DenyGroups users": false, "AllowUsers alice\nAllowGroups wheel": false,
		"AllowUsers bob\nMatch Address 192.0.2.7\nAllowUsers alice": true,
	} {
		v := config(t, map[string]string{Path: text + "\n"}).Resolve(alice)
		if got, by := v.Admits(alice); got != want {
			t.Errorf("%q: %v by %+v", text, got, by)
		}
	}
}

func TestAcceptsKey(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "ssh-ed25519 ssh-rsa",
		"PubkeyAcceptedAlgorithms ssh-ed25519\n": "ssh-ed25519",
		"PubkeyAcceptedKeyTypes rsa-sha2-*\n":    "ssh-rsa",
		"PubkeyAcceptedAlgorithms -rsa*,ssh-rsa": "ssh-ed25519",
		"PubkeyAcceptedAlgorithms +ssh-dss\n":    "ssh-ed25519 ssh-rsa ssh-dss",
		"PubkeyAcceptedAlgorithms -rsa-sha2-256": "ssh-ed25519 ssh-rsa",
	} {
		for _, banner := range []string{debian12, "OpenSSH_10.0p1", "OpenSSH_8.8p1", "OpenSSH_8.0p1"} {
			if banner == "OpenSSH_8.0p1" {
				text = strings.Replace(text, "Algorithms", "KeyTypes", 1) // its older name
			}
			c, err := Read(hosttest.New(map[string]string{Path: text}).Result("sshd -V", host.Output{Stderr: []byte(banner)}))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, kind := range []string{"ssh-ed25519", "ssh-rsa", "ssh-dss"} {
				if c.Resolve(Connection{}).AcceptsKey(kind) {
					got = append(got, kind)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%q, %s: %q", text, banner, got)
			}
		}
	}
}
