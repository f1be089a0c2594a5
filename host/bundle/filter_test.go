package bundle

import (
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
		{"/etc/systemd/system/a.service", "[Service]\nUser=x\nEnvironment=A=b API_KEY=hunter2\nEnvironment=\"DB_PASSWORD=hunter2\"\nEnvironment=LANG=C\n", "[Service]\nUser=x\nEnvironment=A=b API_KEY=withheld\nEnvironment=\"DB_PASSWORD=withheld\nEnvironment=LANG=C\n"},
		{"/etc/apt/sources.list", "deb http://u:p@a.example/ x # http://v:q@b/ y\ndeb http://a.example:80/ x\nmail u:p@b\n", "deb http://u:withheld@a.example/ x # http://v:withheld@b/ y\ndeb http://a.example:80/ x\nmail u:p@b\n"},
		{"/root/.zelcash/zelcash.conf", "rpcuser=me\nrpcpassword=hunter2=\n#rpcpassword=hunter3\n rpcallowip = 0.0.0.0/0\nrpcbind=127.0.0.1\nzelnodeprivkey=hunter2\nserver=1\nx?=y\n",
			"rpcuser=withheld\nrpcpassword=withheld\n#rpcpassword=withheld\nrpcallowip= 0.0.0.0/0\nrpcbind=127.0.0.1\nzelnodeprivkey=withheld\nserver=withheld\nx?=y\n"},
		{"/etc/other", "a:$6$x$y:1\nb:!$y$j9T$x$y:2\nEnvironment=API_KEY=x\na:$HOME:$x\n", "a:withheld:1\nb:!withheld:2\nEnvironment=API_KEY=x\na:$HOME:$x\n"},
		{"/etc/shadow-", "a:abJnggxhB/yWI:1\nc:!:3\n", "a:withheld:1\nc:!:3\n"},
		{"/etc/gshadow", "a:abJnggxhB/yWI::\n", "a:withheld::\n"},
		{"/etc/NetworkManager/system-connections/vpn.nmconnection", "[wireguard-peer.x]\npreshared-key=abc=\n[vpn-secrets]\nIPSec secret=x\nXauth password=x\ncert-pass=x\nphase2-private-key-password=x\n[802-1x]\npassword-raw=x\nprivate-key=x\npsk-flags=0\n",
			"[wireguard-peer.x]\npreshared-key=withheld\n[vpn-secrets]\nIPSec secret=withheld\nXauth password=withheld\ncert-pass=withheld\nphase2-private-key-password=withheld\n[802-1x]\npassword-raw=withheld\nprivate-key=withheld\npsk-flags=0\n"},
		{"/etc/wpa_supplicant/e.conf", "\tsae_password=\"x\"\n\tprivate_key_passwd=\"x\"\n\tpassword=hash:x\n\twep_key0=x\n\tpin=1\n", "\tsae_password=withheld\n\tprivate_key_passwd=withheld\n\tpassword=withheld\n\twep_key0=withheld\n\tpin=withheld\n"},
		{"/etc/pam.d/sshd", "password [success=1 default=ignore] pam_unix.so yescrypt\n", "password [success=1 default=ignore] pam_unix.so yescrypt\n"},
	}
}

func TestReduce(t *testing.T) {
	for _, c := range reduced() {
		if got, err := Reduce(c[0], []byte(c[1])); err != nil || string(got) != c[2] {
			t.Errorf("%s: %v\n%swant\n%s", c[0], err, got, c[2])
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
		var args []string
		for _, f := range Filters() {
			if f.covers(c[0]) {
				args = append(args, "-e", f.Sed)
			}
		}
		for _, sed := range seds {
			cmd := exec.Command(sed[0], append(sed[1:], args...)...)
			cmd.Env, cmd.Stdin = []string{"LC_ALL=C"}, strings.NewReader(c[1])
			if got, err := cmd.CombinedOutput(); err != nil || string(got) != c[2] {
				t.Errorf("%s: %v: %v\n%swant\n%s", c[0], sed, err, got, c[2])
			}
		}
	}
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
