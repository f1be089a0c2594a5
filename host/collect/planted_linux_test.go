package collect_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/host/collect"
	"keysweep/host/hosttest"
	"keysweep/host/plan"
)

// mark is in each secret that is planted, behind the place of an "@@" in what follows.
const mark = "Pl4nted"

// planted is a machine with secrets in each kind of file that is collected, as people write them there.
func planted() map[string]string {
	const unit = "[Unit]\nDescription=@@\n# @@\n[Service]\nEnvironment=A_PASSWORD=@@ \"B=@@ @@\" C=1\nEnvironment=PLAIN=@@\nSetCredential=db:@@\nSetCredentialEncrypted=db: \\\n  @@@@ \\\n  @@\n" +
		"LoadCredential=a:/@@\nPassEnvironment=@@\nExecStartPre=/bin/sh -c 'echo @@ | x'\nExecStart=/usr/bin/app --password @@ -p@@ --token=@@ @@ \\\n  -u user:@@ \\\n# @@\n  --rpc-external\n" +
		"ExecStart=/usr/bin/env X=@@ /usr/sbin/sshd -D\nStandardInputText=@@\nStandardInputData=@@\nUser=app\n@@\n"
	const hashed = "a:$y$j9T$@@$@@:19000:::\nb:$1$@@$@@:1\nc:!$6$@@$@@:1\nd:{SSHA}@@@@==\n"
	const conf = "# password: @@\npassword = @@ @@\nPASSWD=@@\nmy_api_key: x\napikey=@@\nx = [token=@@, secret=\"@@ @@\"]\naction = curl -H \"Authorization: Bearer @@\" --access-token @@ https://a:@@@b.example/ https://@@:@c/ https://@@@d/\n"
	const node = "rpcuser=@@\nrpcpassword=@@\n#rpcpassword=@@\nrpcauth=a:@@$@@\nzelnodeprivkey=@@\nrpcallowip=127.0.0.1\n"
	const apt = "# deb https://a:@@@b/ x\ndeb [signed-by=/a] https://user:@@@apt.example/debian x main\ndeb https://@@@apt.example/debian x main\ndeb https://@@:@apt.example/ x\n"
	const aptConf = "Acquire::http::Proxy \"http://a:@@@b:3128/\";\nAcquire::https::x { Password \"@@\"; }\nacquire::token=\"@@\";\n// x\n# @@\n"
	const yum = "[r]\nname=r\nbaseurl=https://a:@@@b/c\npassword=@@\nproxy=http://p/\nproxy_password=@@\n# @@\ngpgcheck=1\n"
	const syslog = "# @@\n*.* :ommysql:db.example,logs,user,@@\n*.* >db,logs,user,@@\naction(type=\"ommysql\" server=\"x\" uid=\"y\" pwd=\"@@ @@\")\naction(type=\"omhttp\" httpheadervalue=\"Splunk @@\")\n" +
		"template(name=\"l\" string=\"<%pri%>1 [@@@41058] %msg%\")\n"
	const ssh = "# @@\nSetEnv A=@@ B=@@\nMatch User x\n  ForceCommand /bin/a --token @@ @@\nMatch all\n  AuthorizedKeysCommand \"/bin/a @@\"\n  AuthorizedKeysCommand /bin/a @@\nProxyCommand x -p @@\n"
	files := map[string]string{
		"/etc/os-release": "ID=debian\n# @@\nAPI_TOKEN=@@\n", "/usr/lib/os-release": "ID=debian\nSECRET=\"@@ @@\"\n", "/etc/hostname": "a\n# @@\n", "/etc/debian_version": "12\n# @@\n",
		"/etc/fstab": "//s/x /m cifs username=a,password=@@,vers=3 0 0\nhttps://a:@@@dav/ /n davfs x 0 0\n# @@\n", "/etc/crypttab": "a /dev/b none luks # x\n# @@\n",
		"/run/cloud-init/cloud-id": "aws\n# @@\n", "/run/cloud-init/instance-data.json": "{\n \"ds\": {\"meta_data\": {\"user-data\": \"#!/bin/sh\\nX=@@\", \"pw\": \"@@ \\\" @@\", \"l\": [\"@@\", \"@@\"]}},\n \"v1\": {\"region\": \"eu\"}\n}\n",
		"/run/reboot-required": "# @@\n", "/run/reboot-required.pkgs": "linux\n# @@\n",
		"/etc/passwd": "root:x:0:0::/root:/bin/sh\na:$6$@@$@@:1:1::/home/a:/bin/sh\nb:@@:2:2::/:/bin/sh\n", "/etc/group": "a:$6$@@$@@:1:\nb:@@:1:\n",
		"/etc/shadow": hashed + "e:ab@@:1\nf:!@@:1\n", "/etc/login.defs": "# @@\nX_PASSWORD=@@\n", "/etc/services": "# @@\n", "/etc/nsswitch.conf": "passwd: files\n# @@\n", "/etc/shells": "/bin/sh\n# @@\n",
		"/etc/sudoers": "# @@\na ALL=(ALL) NOPASSWD: /usr/bin/mysql -u x -p@@ @@, /bin/ls @@\n", "/etc/sudoers.d/a": "Cmnd_Alias A = /bin/curl -H @@ https\\://x, /bin/b\n",
		"/etc/pam.d/sshd": "auth required pam_mysql.so user=a passwd=@@ db=x\n# @@\n", "/etc/pam.d/common-auth": "auth required pam_x.so secret=\"@@ @@\"\n",
		"/root/.ssh/authorized_keys": "# @@\ncommand=\"/bin/a --p @@ \\\"@@\\\"\",environment=\"A=@@\" ssh-ed25519 AAAA a@b\n", "/root/.ssh/authorized_keys2": "environment=\"TOKEN=@@\" ssh-ed25519 AAAA a@b\n",
		"/etc/ssh/sshd_config": ssh, "/etc/ssh/sshd_config.d/a.conf": ssh, "/etc/conf.d/sshd": "X_PASS=@@\n", "/run/sshd.pid": "7\n# @@\n", "/etc/sysconfig/sshd": "OPTIONS=\"-o SetEnv=A=@@\"\n", "/etc/crypto-policies/back-ends/opensshserver.config": "# @@\n",
		"/etc/default/ssh":  "SSHD_OPTS=\"-o SetEnv=A=@@\"\n# @@\nX_TOKEN='@@ @@'\n",
		"/etc/ufw/ufw.conf": "ENABLED=yes\n# @@\n", "/etc/nftables/a.nft": "# @@\ndefine password = @@\n", "/etc/firewalld/zones/a.xml": "<zone>\n<x password=\"@@ @@\"/>\n</zone>\n", "/etc/iptables/rules.v4": "# @@\n-A INPUT -m comment --comment \"token=@@\"\n",
		"/usr/lib/firewalld/policies/a.xml": "<x token=\"@@\"/>\n", "/usr/lib/firewalld/zones/a.xml": "<x token=\"@@\"/>\n", "/usr/lib/firewalld/services/a.xml": "<x token=\"@@\"/>\n", "/etc/default/ufw": "# @@\nA_SECRET=@@\n", "/etc/nftables.conf": "# @@\n", "/etc/sysconfig/iptables": "# @@\n", "/etc/sysconfig/ip6tables": "# @@\n",
		"/etc/sysconfig/nftables.conf": "# @@\n", "/etc/docker/daemon.json": "{\"log-opts\": {\"splunk-token\": \"@@\", \"splunk-url\": \"https://a:@@@b\"}, \"proxies\": {\"http-proxy\": \"http://a:@@@b:1\"}}\n",
		"/etc/fail2ban/jail.d/a.conf": conf, "/etc/fail2ban/jail.local": conf, "/etc/fail2ban/jail.conf": conf, "/etc/fail2ban/filter.d/sshd.conf": conf, "/etc/fail2ban/filter.d/common.conf": conf,
		"/etc/bitcoin/bitcoin.conf": node, "/root/.bitcoin/bitcoin.conf": node, "/root/.zelcash/zelcash.conf": node, "/root/.flux/flux.conf": node, "/root/.litecoin/litecoin.conf": node, "/root/.zcash/zcash.conf": node,
		"/etc/apt/apt.conf": aptConf, "/etc/apt/apt.conf.d/a": aptConf, "/etc/apt/sources.list": apt, "/etc/apt/sources.list.d/a.list": apt, "/etc/apt/sources.list.d/a.sources": "Types: deb\nURIs: https://a:@@@b/c\n# @@\n",
		"/etc/dnf/automatic.conf": "[email]\nemail_password = @@ @@\n", "/etc/dnf/dnf.conf": yum, "/etc/dnf/dnf5-plugins/automatic.conf": yum, "/usr/share/dnf5/dnf5-plugins/automatic.conf": yum, "/etc/yum.repos.d/a.repo": yum,
		"/etc/systemd/system/a.service": unit, "/etc/systemd/system/a.service.d/x.conf": unit, "/etc/systemd/network/a.netdev": "[WireGuard]\nPrivateKey=@@\n", "/usr/lib/systemd/system/b.service": unit, "/usr/local/lib/systemd/system/c.service": unit,
		"/lib/systemd/system/d.service": unit, "/run/systemd/system/e.service": unit, "/run/systemd/system.control/f.service": unit, "/run/systemd/system.attached/g.service": unit, "/run/systemd/transient/h.service": unit,
		"/run/systemd/generator/i.mount": unit, "/run/systemd/generator.early/i.mount": unit, "/run/systemd/generator.late/i.mount": unit, "/run/systemd/journald.conf": unit, "/usr/lib/systemd/journald.conf": unit,
		"/run/systemd/journald.conf.d/a.conf": unit, "/usr/lib/systemd/journald.conf.d/a.conf": unit, "/opt/app/linked.service": unit,
		"/etc/rsyslog.conf": syslog, "/etc/rsyslog.d/a.conf": syslog, "/etc/syslog-ng/syslog-ng.conf": "# @@\nd { http(url(\"https://x/@@\") user(\"a\") password(\"@@\") headers(\"X: @@\")); sql(password(@@)); };\n", "/etc/syslog-ng/conf.d/a.conf": "d { t(token(@@)); };\n",
		"/etc/NetworkManager/system-connections/a.nmconnection": "[wifi-security]\npsk=@@ @@\n[802-1x]\npassword=@@\n[wireguard]\nprivate-key=@@\n[vpn-secrets]\npassword=@@\nIPSec secret=@@\n",
		"/etc/wpa_supplicant/w.conf":                            "network={\n\tpsk=\"@@ @@\"\n\tpassword=hash:@@\n\twep_key0=@@\n\tpin=\"@@\"\n}\n",
		"/etc/group-":                                           hashed,
	}
	for name, text := range files {
		for n := 0; strings.Contains(text, "@@"); n++ {
			text = strings.Replace(text, "@@", fmt.Sprintf("%sx%d", mark, n), 1)
		}
		files[name] = text
	}
	return files
}

// TestPlanted has secrets in files of every item that is collected with its content, and looks for them in what is saved and in what the script prints.
func TestPlanted(t *testing.T) {
	files := planted()
	for _, item := range plan.Files() {
		whole := item.Kind == plan.Content || item.Kind == plan.All || item.Kind == plan.Deep
		if whole && !strings.HasPrefix(item.Path, "/proc/") && !strings.HasPrefix(item.Path, "/sys/") && !holds(files, item) {
			t.Errorf("nothing is planted for %s %s", item.Kind, item.Path)
		}
	}
	m := hosttest.New(files).Link("/etc/systemd/system/linked.service", "/opt/app/linked.service")
	for _, command := range plan.Commands() {
		m.Program(strings.Join(command.Argv, " "), "setenv A="+mark+"\nx --password "+mark+" https://a:"+mark+"@b \"token\": \""+mark+"\" passwd='"+mark+" "+mark+"'\n")
	}
	saved, err := collect.Local(t.Context(), m, "test", 0)
	must(t, err)
	zip, err := gzip.NewReader(bytes.NewReader(saved))
	must(t, err)
	text, err := io.ReadAll(zip)
	must(t, err)
	clean(t, "the bundle", text)
	for name, shell := range shells(t) {
		clean(t, name, scripted(t, shell, files))
	}
}

// holds reports whether a file is planted that the item brings home.
func holds(files map[string]string, item plan.Item) bool {
	pattern := strings.Replace(item.Path, "~", "/root", 1)
	for name := range files {
		for at := name; at != "/"; at = path.Dir(at) {
			if ok, _ := path.Match(pattern, at); ok && (at == name || item.Kind != plan.Content) {
				return true
			}
		}
	}
	return false
}

// scripted is what the collector's script prints of the files in a directory.
func scripted(t *testing.T, shell []string, files map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		must(t, os.MkdirAll(filepath.Join(dir, path.Dir(name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	start, _, _ := strings.Cut(string(collect.Script(nonce, false)), "i dir '/'")
	cmd := exec.CommandContext(t.Context(), shell[0], append(shell[1:], "-s")...)
	cmd.Stdin = strings.NewReader(start + "t '" + dir + "' 9\nwithin=''\nuname() { cat '" + dir + "/etc/apt/sources.list'; }\np 9 uname -r\nprintf 'Z %s\\n' \"$nonce\"\nKEYSWEEP-END\n")
	said, err := cmd.Output()
	must(t, err)
	b, err := collect.Parse(said, nonce, "test")
	must(t, err)
	for name := range files {
		if _, err := b.Read(dir + name); err != nil {
			t.Errorf("%s was not collected: %v", name, err)
		}
	}
	return said
}

// clean looks for what was planted.
func clean(t *testing.T, what string, text []byte) {
	t.Helper()
	for line := range bytes.Lines(text) {
		if bytes.Contains(line, []byte(mark)) {
			t.Errorf("%s: %s", what, bytes.Trim(line, "\x00\n"))
		}
	}
	if len(text) < 10_000 {
		t.Errorf("%s is only %d bytes", what, len(text))
	}
}
