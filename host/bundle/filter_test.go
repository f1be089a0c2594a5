package bundle

import (
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// reduced are files and what is left of them.
func reduced() [][3]string {
	return [][3]string{
		{"/etc/shadow", "a:$y$j9T$xyz$abc:1\nb:x:2\nc:!:3\nd:!!$1$a$b:4\ne:*LK*:5\nf::6\ng:_J9..:7\nh\n", "a:withheld:1\nb:withheld:2\nc:!:3\nd:!!:4\ne:*:5\nf::6\ng:withheld:7\nh\n"},
		{"/etc/NetworkManager/system-connections/home.nmconnection", "[wifi-security]\nkey-mgmt=wpa-psk\npsk=hunter2 hunter2\n [wireguard]\nprivate-key=abc=\n", "[wifi-security]\nkey-mgmt=wpa-psk\npsk=withheld\n [wireguard]\nprivate-key=withheld\n"},
		{"/etc/wpa_supplicant/w.conf", "network={\n\tssid=\"x\"\n\tpsk=\"hunter2\"\n\tkey_mgmt=NONE\n}\n", "network={\n\tssid=\"x\"\n\tpsk=withheld\n\tkey_mgmt=NONE\n}\n"},
		{"/etc/systemd/system/a.service", "[Service]\nUser=x\nEnvironment=A=b API_KEY=hunter2\nEnvironment=\"DB_PASSWORD=hunter2\"\nEnvironment=LANG=C\n", "[Service]\nUser=x\nEnvironment=withheld withheld\nEnvironment=withheld\nEnvironment=withheld\n"},
		{"/etc/apt/sources.list", "deb http://u:p@a.example/ x # http://v:q@b/ y\ndeb http://a.example:80/ x\nmail u:p@b\n", "deb http://withheld@a.example/ x # http://withheld@b/ y\ndeb http://a.example:80/ x\nmail u:p@b\n"},
		{"/root/.zelcash/zelcash.conf", "rpcuser=me\nrpcpassword=hunter2=\n#rpcpassword=hunter3\n rpcallowip = 0.0.0.0/0\nrpcbind=127.0.0.1\nzelnodeprivkey=hunter2\nserver=1\nx?=y\n",
			"rpcuser=withheld\nrpcpassword=withheld\n#\n rpcallowip = 0.0.0.0/0\nrpcbind=127.0.0.1\nzelnodeprivkey=withheld\nserver=withheld\nx?=withheld\n"},
		{"/etc/other", "a:$6$x$y:1\nb:!$y$j9T$x$y:2\nEnvironment=API_KEY=x\na:$HOME:$x\n", "a:withheld:1\nb:!withheld:2\nEnvironment=API_KEY=withheld\na:$HOME:$x\n"},
		{"/etc/shadow-", "a:abJnggxhB/yWI:1\nc:!:3\n", "a:withheld:1\nc:!:3\n"},
		{"/etc/gshadow", "a:abJnggxhB/yWI::\n", "a:withheld::\n"},
		{"/etc/NetworkManager/system-connections/vpn.nmconnection", "[wireguard-peer.x]\npreshared-key=abc=\n[vpn-secrets]\nIPSec secret=x\nXauth password=x\ncert-pass=x\nphase2-private-key-password=x\n[802-1x]\npassword-raw=x\nprivate-key=x\npsk-flags=0\n",
			"[wireguard-peer.x]\npreshared-key=withheld\n[vpn-secrets]\nIPSec secret=withheld\nXauth password=withheld\ncert-pass=withheld\nphase2-private-key-password=withheld\n[802-1x]\npassword-raw=withheld\nprivate-key=withheld\npsk-flags=0\n"},
		{"/etc/wpa_supplicant/e.conf", "\tsae_password=\"x\"\n\tprivate_key_passwd=\"x\"\n\tpassword=hash:x\n\twep_key0=x\n\tpin=1\n", "\tsae_password=withheld\n\tprivate_key_passwd=withheld\n\tpassword=withheld\n\twep_key0=withheld\n\tpin=withheld\n"},
		{"/etc/passwd", "a:x:0:0::/:/bin/sh\nb:$6$x$y:1\nc:abJnggxhB/yWI:2\nd::3\ne:*:4\nf:xyz:5\n", "a:x:0:0::/:/bin/sh\nb:withheld:1\nc:withheld:2\nd::3\ne:*:4\nf:withheld:5\n"},
		{"/opt/a.service", "# x\n; y\n[Service]\nExecStart=-/usr/bin/node --x=y \\\n  --http.addr 0.0.0.0 -phunter2 --rpc.laddr=tcp://0.0.0.0:26657 \\\n\tUser=hunter2\nUser=a\nExecStart=/usr/sbin/sshd -D -o Port=2222\nExecStop=kill x\nSetCredential=a:b c\n odd line\n\nRestart=no\n",
			"#\n#\n[Service]\nExecStart=-/usr/bin/node withheld \\\n  --http.addr 0.0.0.0 withheld --rpc.laddr=tcp://0.0.0.0:26657 \\\n\twithheld\nUser=a\nExecStart=/usr/sbin/sshd -D -o Port=2222\nExecStop=withheld withheld\nSetCredential=withheld\n withheld withheld\n\nRestart=withheld\n"},
		{"/etc/sudoers.d/a", "a ALL=(ALL) NOPASSWD: /usr/bin/mysql -u x -phunter2, /bin/ls\nb ALL=ALL\n#includedir /etc/sudoers.d\n#12 ALL=(ALL) ALL\n# note\nDefaults logfile=/x y\n",
			"a ALL=(ALL) NOPASSWD: /usr/bin/mysql withheld, /bin/ls\nb ALL=ALL\n#includedir /etc/sudoers.d\n#12 ALL=(ALL) ALL\n#\nDefaults logfile=/x y\n"},
		{"/etc/ssh/sshd_config", "# x\nPasswordAuthentication no\nPermitEmptyPasswords=no\nHostKey /etc/ssh/k\nSetEnv A=b C=d\nMatch User x\n  ForceCommand \"/bin/x -p y\"\n  forcecommand /bin/x -p y\nAuthorizedKeysFile .ssh/k\n",
			"#\nPasswordAuthentication no\nPermitEmptyPasswords=no\nHostKey /etc/ssh/k\nSetEnv WITHHELD=withheld\nMatch User x\n  ForceCommand /withheld\n  forcecommand /bin/x withheld\nAuthorizedKeysFile .ssh/k\n"},
		{"/home/a/.ssh/authorized_keys", "command=\"/bin/a \\\"x\\\" y\",environment=\"A_TOKEN=b\",from=\"10.0.0.0/8\" ssh-ed25519 AAAA me@here\n", "command=\"withheld\",environment=\"withheld\",from=\"10.0.0.0/8\" ssh-ed25519 AAAA me@here\n"},
		{"/etc/rsyslog.d/x.conf", "*.* :ommysql:db,logs,u,hunter2\n*.* @@log.example:514\naction(type=\"omfwd\" target=\"x\")\naction(type=\"omhttp\" httpheadervalue=\"x\" pwd=\"y z\" uid=\"u\")\n",
			"*.* :ommysql:db,withheld\n*.* @@log.example:514\naction(type=\"omfwd\" target=\"x\")\naction(type=\"omhttp\" httpheadervalue=\"withheld\" pwd=withheld uid=\"u\")\n"},
		{"/run/cloud-init/instance-data.json", "{\"ds\": {\"user-data\": \"x \\\" y\", \"region\": \"eu\"},\n \"v1\": {\"cloud_name\": \"aws\",\n \"region\": \"eu-1\"}, \"k\": [\"a\", \"b\"]}",
			"{\"withheld\": {\"withheld\": \"withheld\", \"region\": \"eu\"},\n \"v1\": {\"cloud_name\": \"aws\",\n \"region\": \"eu-1\"}, \"withheld\": [\"withheld\", \"withheld\"]}"},
		{"/etc/docker/daemon.json", "{\"log-opts\": {\"splunk-token\": \"a\\\"b\"}, \"iptables\": false}", "{\"log-opts\": {\"splunk-token\": \"withheld\"}, \"iptables\": false}"},
		{"/etc/apt/apt.conf.d/1", "#clear A;\n# x\nAcquire::https::a::Password \"x y\";\nAcquire::http::Proxy \"http://u:p/q@h:1\";\n", "#clear A;\n#\nAcquire::https::a::Password \"withheld\";\nAcquire::http::Proxy \"http://withheld@h:1\";\n"},
		{"/etc/fstab", "//s/x /m cifs user=a,password=b,c 0 0\n", "//s/x /m cifs user=a,password=withheld 0 0\n"},
		{"/etc/ufw/user.rules", "# x\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n", "#\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n"},
		{Said + "sshd", "# x\nport 22\nsetenv A=b\npasswordauthentication yes\n", "#\nport 22\nsetenv WITHHELD=withheld\npasswordauthentication yes\n"},
		{Said + "dnf", "error: https://u:p@h/x\n# y\n", "error: https://withheld@h/x\n# y\n"},
		{"/etc/pam.d/sshd", "password [success=1 default=ignore] pam_unix.so yescrypt\n", "password [success=1 default=ignore] pam_unix.so yescrypt\n"},
	}
}

func TestReduce(t *testing.T) {
	for _, c := range reduced() {
		if got := string(mask(c[0], []byte(c[1]))); got != c[2] {
			t.Errorf("%s:\n%s\nwant\n%s", c[0], got, c[2])
		} else if again := string(mask(c[0], []byte(got))); again != got {
			t.Errorf("%s: reduced again it is\n%s, not\n%s", c[0], again, got)
		}
	}
}

// TestSed does the same with sed, as the collector's script does on the machine.
func TestSed(t *testing.T) {
	seds := [][]string{{testneed.Program(t, "sed")}}
	if busybox, err := exec.LookPath("busybox"); err == nil {
		seds = append(seds, []string{busybox, "sed"})
	}
	for _, c := range reduced() {
		for _, sed := range seds {
			if got := withSed(t, sed, c[0], c[1]); got != c[2] {
				t.Errorf("%s: %v\n%swant\n%s", c[0], sed, got, c[2])
			}
		}
	}
}

// TestSameAsSed has both forms of all filters reduce lines that are put together by chance.
func TestSameAsSed(t *testing.T) {
	sed := testneed.Program(t, "sed")
	words := strings.Fields(`ExecStart= ExecStop User= Environment= [Service] # ; \ \ = : :: , "a" 'b " ' ( ) { } < > /bin/a /usr/sbin/sshd -o Port=2 --http.addr 0.0.0.0 0.0.0.0/0 --rpcallowip=0.0.0.0/0 tcp://[::]:1 ` +
		`password token= secret_key : "psk" --api-key Token Basic AAAAAAAAAA authorization: setenv ForceCommand https:// u:p@h u@h /0123456789abcdef0123456789abcdef $6$ab$cd abcdefghijklm x ! * rpcallowip= "region": "v1": @ é \xff [x@12 url( :ommysql:a,b Defaults include /etc`)
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for range 4000 {
		for range r.IntN(7) {
			text.WriteString(words[r.IntN(len(words))])
			text.WriteString([]string{"", "", " ", "\t", "  "}[r.IntN(5)])
		}
		text.WriteString("\n")
	}
	input := strings.ReplaceAll(text.String(), `\xff`, "\xff")
	for _, g := range Groups() {
		name := strings.ReplaceAll(strings.Split(g.Files, " | ")[0], "*", "a")
		got, want := strings.Split(string(mask(name, []byte(input))), "\n"), strings.Split(withSed(t, []string{sed}, name, input), "\n")
		for i, line := range strings.Split(input, "\n") {
			if got[i] != want[i] {
				t.Fatalf("%s: %q is\n%q, by sed\n%q", name, line, got[i], want[i])
			}
		}
	}
}

// withSed reduces a text as the collector's script does.
func withSed(t *testing.T, sed []string, name, text string) string {
	t.Helper()
	for _, g := range Groups() {
		if !fits(g.Files, name) {
			continue
		}
		cmd := exec.Command(sed[0], append(sed[1:], "-E", "-e", g.Sed())...)
		cmd.Env, cmd.Stdin = []string{"LC_ALL=C"}, strings.NewReader(text)
		got, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %v: %s", name, sed, err, got)
		}
		return string(got)
	}
	t.Fatalf("%s: no group is for it", name)
	return ""
}

// TestKeyMarks has private keys of each form be seen, by us and by grep.
func TestKeyMarks(t *testing.T) {
	grep := testneed.Program(t, "grep")
	const begin = "-----BEGIN "
	for text, want := range map[string]bool{
		begin + "RSA " + "PRIVATE KEY-----": true, begin + "PRIVATE " + "KEY-----": true, begin + "ENCRYPTED " + "PRIVATE KEY-----": true,
		begin + "PGP PRIVATE " + "KEY BLOCK-----": true, "PuTTY-User-" + "Key-File-3: ssh-rsa": true, "AGE-SECRET-" + "KEY-1QQ": true,
		"# b3BlbnNzaC1" + "rZXktdjEAAAA": true, "\x00\x01" + begin + "EC " + "PRIVATE KEY-----": true, begin + "PUBLIC KEY-----": false, "ssh-ed25519 AAAA": false, "": false,
	} {
		if _, err := Reduce("/etc/x", []byte(text)); (err != nil) != want {
			t.Errorf("%q: %v", text, err)
		}
		cmd := exec.Command(grep, "-q", "-E", "-e", KeyMarks)
		cmd.Env, cmd.Stdin = []string{"LC_ALL=C"}, strings.NewReader(text)
		if err := cmd.Run(); (err == nil) != want {
			t.Errorf("grep, %q: %v", text, err)
		}
	}
	for _, name := range []string{"/etc/ssh/ssh_host_rsa_key", "/home/a/.ssh/id_ed25519", "/etc/ssl/x.key", "/etc/x.p12"} {
		if _, err := Reduce(name, []byte("\x30\x82")); err == nil {
			t.Errorf("%s is taken along", name)
		}
	}
	if _, err := Reduce("/etc/ssh/ssh_host_rsa_key.pub", []byte("ssh-rsa AAAA")); err != nil {
		t.Error(err)
	}
}
