package sshd

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// generator makes random trees of configuration files.
type generator struct {
	*rand.Rand
	dir   string
	files map[string]string
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// tree makes a main file that includes files, which include others.
func (g *generator) tree() map[string]string {
	for _, leaf := range []string{"leaf/a.conf", "leaf/b.conf", "leaf/.hidden.conf", "leaf/c.txt"} {
		g.files[leaf] = g.file(nil)
	}
	for _, inner := range []string{"d/10-x.conf", "d/50 y.conf", "d/Z.conf"} {
		g.files[inner] = g.file([]string{"leaf/*.conf", "leaf/a.conf", "leaf/none.conf", "leaf/[!a].conf", "leaf/c.???"})
	}
	g.files["sshd_config"] = g.file([]string{"d/*.conf", "d/[0-9]*", "leaf/b.conf", "d/none*", "d/10-x.conf", "l*/a.conf", "leaf"})
	return g.files
}

func (g *generator) file(includes []string) string {
	var b strings.Builder
	under := false
	for range g.IntN(14) {
		switch n := g.IntN(20); {
		case n < 3:
			b.WriteString(g.shape("Match", g.criteria()))
			under = true
		case n < 7 && includes != nil:
			list := []string{g.include(includes)}
			if g.IntN(4) == 0 {
				list = append(list, g.include(includes))
			}
			b.WriteString(g.shape("Include", strings.Join(list, " ")))
		case n == 7:
			b.WriteString(g.pick("\n", "# PermitRootLogin yes\n", "   \t\n", "UsePrivilegeSeparation yes\n#x\n", "\t#Match all\n", "\f\n"[1:]))
		default:
			b.WriteString(g.setting(under))
		}
	}
	if g.IntN(5) == 0 {
		return strings.TrimSuffix(b.String(), "\n")
	}
	return b.String()
}

func (g *generator) include(list []string) string {
	w := g.dir + "/" + g.pick(list...)
	if g.IntN(4) == 0 || strings.Contains(w, " ") {
		return `"` + w + `"`
	}
	return w
}

// shape writes a line in one of the forms that sshd takes.
func (g *generator) shape(name, rest string) string {
	switch g.IntN(8) {
	case 0:
		name = strings.ToLower(name)
	case 1:
		name = strings.ToUpper(name)
	}
	lead := g.pick("", "", "", " ", "\t", "  \t ")
	between := g.pick(" ", " ", " ", "\t", "=", " = ", "  ")
	end := g.pick("\n", "\n", "\n", "\n", " \n", "\r\n", "\t\f\n")
	if g.IntN(10) == 0 && name != "ForceCommand" && name != "Match" {
		end = " # comment " + g.pick("", "yes", "Match all") + "\n"
	}
	return lead + name + between + rest + end
}

func (g *generator) criteria() string {
	if g.IntN(6) == 0 {
		return g.pick("all", "All", "all # x")
	}
	var list []string
	for range 1 + g.IntN(2) {
		list = append(list, g.criterion())
	}
	return strings.Join(list, g.pick(" ", "  ", "\t"))
}

func (g *generator) criterion() string {
	sep := g.pick(" ", " ", "=", " = ")
	switch g.IntN(7) {
	case 0, 1:
		return g.pick("User", "user", "USER") + sep + g.pick("root", "ro*", "*", "!root,*", "daemon,root", "?oot", "nosuchuser", "Root", `"root,daemon"`)
	case 2:
		return "Group" + sep + g.pick("root", "daemon", "!root,*", "*", "nogroup,back*", "adm")
	case 3:
		return "Host" + sep + g.pick("*.example.com", "WEB.example.com", "!web.example.com,*", "192.0.2.*", "other")
	case 4:
		return "Address" + sep + g.pick("192.0.2.0/24", "10.0.0.0/8,192.0.2.7", "!192.0.2.7,192.0.2.0/24", "2001:db8::/32", "127.0.0.1", "192.0.2.*", "0.0.0.0/0", "::/0")
	case 5:
		return "LocalAddress" + sep + g.pick("127.0.0.0/8", "198.51.100.1", "::1")
	}
	return g.pick("LocalPort"+sep+g.pick("22", "2222"), "RDomain"+sep+g.pick("blue", "*", "red,bl?e"))
}

// values are arguments for keywords that may stand under Match.
var values = map[string][]string{
	"PermitRootLogin":        {"yes", "no", "NO", "prohibit-password", "without-password", "forced-commands-only", `"no"`, "'yes'"},
	"PasswordAuthentication": {"yes", "no", "No"}, "KbdInteractiveAuthentication": {"yes", "no"}, "ChallengeResponseAuthentication": {"yes", "no"},
	"PubkeyAuthentication": {"yes", "no"}, "PermitEmptyPasswords": {"yes", "no"}, "HostbasedAuthentication": {"yes", "no"},
	"HostbasedUsesNameFromPacketOnly": {"yes", "no"}, "KerberosAuthentication": {"yes", "no"}, "GSSAPIAuthentication": {"yes", "no"},
	"X11Forwarding": {"yes", "no"}, "X11UseLocalhost": {"yes", "no"}, "PermitTTY": {"yes", "no"}, "PermitUserRC": {"yes", "no"},
	"AllowAgentForwarding": {"yes", "no"}, "DisableForwarding": {"yes", "no"}, "StreamLocalBindUnlink": {"yes", "no"}, "ExposeAuthInfo": {"yes", "no"},
	"IgnoreRhosts": {"yes", "no", "shosts-only"}, "GatewayPorts": {"yes", "no", "clientspecified"}, "AllowTcpForwarding": {"yes", "all", "no", "local", "remote"},
	"AllowStreamLocalForwarding": {"yes", "all", "no", "local", "remote"}, "PermitTunnel": {"yes", "no", "point-to-point", "ethernet"},
	"LogLevel": {"INFO", "verbose", "DEBUG1", "debug3", "QUIET"}, "ClientAliveInterval": {"0", "5m", "1h30m", "90"}, "UnusedConnectionTimeout": {"none", "5m", "0"},
	"X11DisplayOffset": {"10", "20"}, "MaxAuthTries": {"1", "3", " 4"}, "MaxSessions": {"0", "2"}, "ClientAliveCountMax": {"3", "0"}, "RequiredRSASize": {"2048", "3072"},
	"RekeyLimit": {"default", "1G", "512K 1h", "default none", "64m 30m", "100"}, "StreamLocalBindMask": {"0177", "0007", "777"},
	"IPQoS": {"af21 cs1", "lowdelay throughput", "none", "ef", "0x48", "16 le", "reliability", "1"}, "Banner": {"none", "/etc/issue", "None", "issue"},
	"TrustedUserCAKeys": {"/etc/ssh/ca.pub", "none", "ca.pub"}, "RevokedKeys": {"/etc/ssh/krl", "none"}, "AuthorizedPrincipalsFile": {"/etc/ssh/p/%u", "none"},
	"ChrootDirectory": {"/srv/%u", "none"}, "AuthorizedKeysCommandUser": {"nobody", "root"}, "AuthorizedPrincipalsCommandUser": {"nobody"},
	"AuthorizedKeysCommand": {"/usr/bin/keys %u", "none", "/usr/bin/other"}, "AuthorizedPrincipalsCommand": {"/usr/bin/p %u", "none", "/usr/bin/q"},
	"ForceCommand": {"internal-sftp", "/bin/echo \"a b\" # not a comment", "none"}, "AllowUsers": {"root", "a b", "alice@192.0.2.0/24 bob", "*"},
	"DenyUsers": {"mallory", "eve@10.*"}, "AllowGroups": {"ssh adm", "root"}, "DenyGroups": {"nogroup"}, "AcceptEnv": {"LANG LC_*", "GIT_PROTOCOL", "A? B"},
	"SetEnv": {"A=1 B=2", `A=x "C=a b" A=3`, "D='q r'"}, "AuthorizedKeysFile": {".ssh/authorized_keys", "/etc/keys/%u .ssh/k", "none", "~/k"},
	"AuthenticationMethods": {"publickey", "publickey,password publickey,keyboard-interactive", "keyboard-interactive:pam publickey"},
	"LogVerbose":            {"a.c:f():1", "none", "x y"}, "ChannelTimeout": {"session=5m", "x11-connection=1h session:*=30", "none"},
	"PermitOpen": {"any", "none", "127.0.0.1:80 host:*", "[::1]:22"}, "PermitListen": {"any", "none", "8080 localhost:*", "ssh"},
	"PubkeyAuthOptions": {"none", "touch-required", "verify-required touch-required"}, "CASignatureAlgorithms": {"ssh-ed25519", "-rsa*", "+ssh-rsa", "^rsa-sha2-256"},
	"PubkeyAcceptedAlgorithms": {"+ssh-rsa", "-ecdsa*", "ssh-ed25519,rsa-sha2-*", "^rsa-sha2-512", "*ed25519*"}, "PubkeyAcceptedKeyTypes": {"+ssh-rsa", "ssh-ed25519"},
	"HostbasedAcceptedAlgorithms": {"-*cert*", "ssh-ed25519"}, "HostbasedAcceptedKeyTypes": {"+ssh-dss"},
}

// globals are arguments for keywords that may not.
var globals = map[string][]string{
	"UsePAM": {"yes", "no"}, "IgnoreUserKnownHosts": {"yes", "no"}, "PrintMotd": {"yes", "no"}, "PrintLastLog": {"yes", "no"}, "StrictModes": {"yes", "no"},
	"TCPKeepAlive": {"yes", "no"}, "KeepAlive": {"no"}, "UseDNS": {"yes", "no"}, "KerberosOrLocalPasswd": {"yes", "no"}, "KerberosTicketCleanup": {"no"},
	"GSSAPICleanupCredentials": {"no"}, "GSSAPIKeyExchange": {"yes"}, "GSSAPIStrictAcceptorCheck": {"no"}, "GSSAPIStoreCredentialsOnRekey": {"yes"},
	"GSSAPIKexAlgorithms": {"gss-gex-sha1-", "gss-group14-sha256-,gss-group16-sha512-"}, "AddressFamily": {"any", "INET", "inet6"},
	"Compression": {"yes", "delayed", "no"}, "FingerprintHash": {"md5", "SHA256", "sha512"}, "SyslogFacility": {"AUTH", "authpriv", "LOCAL3"},
	"LoginGraceTime": {"30", "2m", "0"}, "PerSourceMaxStartups": {"none", "5"}, "PerSourceNetBlockSize": {"24:64", "32:128"}, "MaxStartups": {"5", "10:50:60", "100"},
	"PidFile": {"/run/x.pid", "none", "x.pid"}, "ModuliFile": {"/etc/m"}, "XAuthLocation": {"/usr/bin/xa", "none"}, "HostKeyAgent": {"SSH_AUTH_SOCK", "/run/a", "none"},
	"SecurityKeyProvider": {"internal", "/usr/lib/sk.so", "none"}, "VersionAddendum": {"none", "hello world # x", "a"}, "PermitUserEnvironment": {"yes", "no", "LANG,LC_*"},
	"Ciphers": {"+3des-cbc", "-aes*", "^aes256-ctr", "aes128-ctr,aes256-ctr", "-*"}, "MACs": {"-*etm*", "hmac-sha2-256", "+hmac-md5,hmac-sha1"},
	"KexAlgorithms": {"curve25519-sha256", "-diffie*", "^ecdh-sha2-nistp521", "+diffie-hellman-group14-sha1"}, "HostKeyAlgorithms": {"+ssh-rsa,ssh-dss", "-rsa*", "ssh-ed25519"},
	"Port": {"22", "2222", "ssh", "443"}, "ListenAddress": {"127.0.0.1", "127.0.0.2:2200", "[::1]:2022", "::1", "0.0.0.0"}, "HostKey": {"/etc/ssh/k1", "k2", "none"},
	"HostCertificate": {"/etc/ssh/k1-cert.pub"}, "Subsystem": {"sftp internal-sftp", "sftp /usr/lib/sftp -f AUTH", "other /bin/x"}, "DSAAuthentication": {"no"},
	"HostDSAKey": {"/etc/ssh/dsa"}, "Protocol": {"2"}, "UseLogin": {"no"}, "DebianBanner": {"no", "yes"},
}

// wrong are lines that sshd does not start with.
var wrong = []string{"NoSuchKeyword yes\n", "PermitRootLogin\n", "PermitRootLogin yes no\n", "PermitRootLogin maybe\n", "Match\n", "Match user\n",
	"Match tagged x\n", "Match all user root\n", "Match address 10.0.0.1/8\n", "MaxAuthTries -1\n", "Port 0\n", "Banner \"x\n", "AllowUsers \"\"\n", "LoginGraceTime 1x\n",
	"Ciphers nonsense\n", "AllowUsers a@10.0.0.1/8\n", "AcceptEnv A=B\n", "RDomain x\n"}

func (g *generator) setting(under bool) string {
	if g.IntN(700) == 0 {
		return g.pick(wrong...)
	}
	list := values
	if !under && g.IntN(3) == 0 || under && g.IntN(150) == 0 {
		list = globals
	}
	name := g.pick(slices.Sorted(maps.Keys(list))...)
	if g.IntN(3) == 0 { // often the same few, so that lines compete
		name = g.pick("PermitRootLogin", "PasswordAuthentication", "AllowUsers", "MaxAuthTries", "AcceptEnv", "X11Forwarding", "RekeyLimit")
	}
	if v, ok := values[name]; ok {
		return g.shape(name, g.pick(v...))
	}
	return g.shape(name, g.pick(globals[name]...))
}

// connection gives all that a Match line may ask for, because sshd -T does not go on without.
func (g *generator) connection(groups map[string][]string) Connection {
	name := g.pick(slices.Sorted(maps.Keys(groups))...)
	return Connection{User: name, Groups: groups[name],
		Addr: g.pick("192.0.2.7", "10.1.2.3", "127.0.0.1", "2001:db8::5", "203.0.113.9"),
		Host: g.pick("web.example.com", "Mail.Example.com", "192.0.2.7"), LocalAddr: g.pick("127.0.0.1", "198.51.100.1", "::1"),
		LocalPort: []int{22, 2222, 443}[g.IntN(3)], RDomain: g.pick("blue", "red", "other")}
}

func (g *generator) show() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(g.files)) {
		fmt.Fprintf(&b, "== %s\n%s\n", name, g.files[name])
	}
	return b.String()
}
