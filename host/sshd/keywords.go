package sshd

import "sync"

import "strings"

// keyword is a setting of sshd_config and what sshd does with it.
type keyword struct {
	name  string     // in small letters, as sshd -T prints it
	match matchScope // may stand under Match
	since release    // the first version that knows it
	named release    // the first version that knows it by this name, where it had another one before
	read  reader     // checks and normalises the arguments of one line
	merge merge      // which of several lines count
	// standard is the value without any line; nil: none is printed.
	standard func(v Version) []string
}

// release is a version as 100*major + minor; 0 is older than all that are known here.
type release int

func (r release) in(v Version) bool { return !v.before(int(r)/100, int(r)%100) }

// matchScope is the first version that allows a keyword under Match.
type matchScope int

const (
	global  matchScope = -1 // never
	matched matchScope = 0  // always
)

func (m matchScope) allows(v Version) bool { return m >= 0 && release(m).in(v) }

// merge says which of several lines count.
type merge int

const (
	first       merge = iota // the first one
	last                     // the last one
	accumulate               // all of them
	partly                   // each part of the value by itself, the first line that sets it
	lastPartly               // each part of the value by itself, the last line that sets it
	firstLine                // the words of the first one; sshd -T prints one line a word
	noneFirst                // the first one that is none, else the first one
	firstOfBoth              // the first one of this keyword or of AuthorizedKeysCommand: so until 9.2
)

// flags is a table of keywords that are yes or no, with their defaults.
var flags = []struct {
	name     string
	match    matchScope
	standard string
	since    release
}{
	{"usepam", global, "no", 0},
	{"ignoreuserknownhosts", global, "no", 0},
	{"hostbasedauthentication", matched, "no", 0},
	{"hostbasedusesnamefrompacketonly", matched, "no", 0},
	{"pubkeyauthentication", matched, "yes", 0},
	{"kerberosauthentication", matched, "no", 0},
	{"kerberosorlocalpasswd", global, "yes", 0},
	{"kerberosticketcleanup", global, "yes", 0},
	{"gssapiauthentication", matched, "no", 0},
	{"gssapicleanupcredentials", global, "yes", 0},
	{"gssapikeyexchange", global, "no", 0},
	{"gssapistrictacceptorcheck", global, "yes", 0},
	{"gssapistorecredentialsonrekey", global, "no", 0},
	{"gssapidelegatecredentials", global, "yes", 1003},
	{"passwordauthentication", matched, "yes", 0},
	{"printmotd", global, "yes", 0},
	{"printlastlog", global, "yes", 0},
	{"x11forwarding", matched, "no", 0},
	{"x11uselocalhost", matched, "yes", 0},
	{"permittty", matched, "yes", 0},
	{"permituserrc", matched, "yes", 0},
	{"strictmodes", global, "yes", 0},
	{"tcpkeepalive", global, "yes", 0},
	{"permitemptypasswords", matched, "no", 0},
	{"usedns", global, "no", 0},
	{"allowagentforwarding", matched, "yes", 0},
	{"disableforwarding", matched, "no", 0},
	{"streamlocalbindunlink", matched, "no", 0},
	{"exposeauthinfo", matched, "no", 706},
	{"refuseconnection", matched, "no", 909},
	{"debianbanner", global, "yes", 0}, // a patch of Debian
}

// table returns every keyword by its name.
func table() map[string]*keyword {
	all := make(map[string]*keyword, 150)
	add := func(k keyword) { all[k.name] = &k }
	for _, f := range flags {
		add(keyword{name: f.name, match: f.match, since: f.since, read: choice("yes", "no"), standard: always(f.standard)})
	}
	for _, k := range numbers() {
		add(k)
	}
	for _, k := range texts() {
		add(k)
	}
	for _, k := range lists() {
		add(k)
	}
	return all
}

// numbers are keywords with one word out of a few, or with a number or a time.
func numbers() []keyword {
	tcp := choice("yes", "all=yes", "no", "remote", "local")
	return []keyword{
		{name: "permitrootlogin", standard: always("without-password"),
			read: choice("without-password", "prohibit-password=without-password", "forced-commands-only", "yes", "no")},
		{name: "ignorerhosts", match: 803, standard: always("yes"), read: choice("yes", "no", "shosts-only")},
		{name: "kbdinteractiveauthentication", standard: since(807, "yes", "no"), read: choice("yes", "no")},
		{name: "challengeresponseauthentication", match: global, standard: always("yes"), read: choice("yes", "no")}, // an alias since 8.7
		{name: "addressfamily", match: global, standard: always("any"), read: choice("any", "inet", "inet6")},
		{name: "compression", match: global, standard: always("yes"), read: choice("yes", "delayed=yes", "no")},
		{name: "gatewayports", standard: always("no"), read: choice("yes", "no", "clientspecified")},
		{name: "allowtcpforwarding", standard: always("yes"), read: tcp},
		{name: "allowstreamlocalforwarding", standard: always("yes"), read: tcp},
		{name: "permittunnel", standard: always("no"), read: choice("yes", "no", "point-to-point", "ethernet")},
		{name: "fingerprinthash", match: global, merge: last, standard: always("SHA256"), read: choice("MD5", "SHA1", "SHA256", "SHA384", "SHA512")},
		{name: "loglevel", match: 706, standard: always("INFO"), read: logLevel},
		{name: "syslogfacility", match: global, standard: always("AUTH"), read: choice("DAEMON", "USER", "AUTH", "AUTHPRIV",
			"LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7")},
		{name: "logingracetime", match: global, standard: always("120"), read: duration},
		{name: "clientaliveinterval", standard: always("0"), read: duration},
		{name: "unusedconnectiontimeout", merge: noneFirst, since: 902, standard: always("none"), read: durationOrNone},
		{name: "x11displayoffset", standard: always("10"), read: integer},
		{name: "maxauthtries", standard: always("6"), read: integer},
		{name: "maxsessions", standard: always("10"), read: integer},
		{name: "clientalivecountmax", standard: always("3"), read: integer},
		{name: "requiredrsasize", since: 901, standard: always("1024"), read: integer},
		{name: "persourcemaxstartups", match: global, merge: last, since: 805, standard: always("none"), read: integerOrNone},
		{name: "persourcenetblocksize", match: global, merge: last, since: 805, standard: always("32:128"), read: blockSize},
		{name: "maxstartups", match: global, merge: lastPartly, standard: always("10", "30", "100"), read: startups},
		{name: "rekeylimit", merge: partly, standard: always("0", "0"), read: rekey},
		{name: "streamlocalbindmask", merge: last, standard: always("0177"), read: octal},
		{name: "ipqos", merge: last, standard: standardQoS, read: qos},
	}
}

// texts are keywords with one text.
func texts() []keyword {
	none := always("none")
	return []keyword{
		{name: "pidfile", match: global, read: file, standard: standardPID},
		{name: "modulifile", match: global, since: 806, read: file, standard: always("/etc/ssh/moduli")},
		{name: "xauthlocation", match: global, read: file, standard: standardXauth},
		{name: "banner", read: file, standard: none},
		{name: "trustedusercakeys", read: file, standard: none},
		{name: "revokedkeys", read: file, standard: none},
		{name: "hostkeyagent", match: global, read: agentSocket, standard: none},
		{name: "securitykeyprovider", match: global, since: 802, read: provider, standard: always("internal")},
		{name: "authorizedprincipalsfile", read: text, standard: none},
		{name: "chrootdirectory", read: text, standard: none},
		{name: "pamservicename", since: 908, read: text, standard: always("sshd")},
		{name: "sshdsessionpath", match: global, since: 908, read: text},
		{name: "sshdauthpath", match: global, since: 1000, read: text},
		{name: "persourcepenalties", match: global, since: 908, read: words},
		{name: "persourcepenaltyexemptlist", match: global, since: 908, read: text, standard: none},
		{name: "authorizedkeyscommanduser", read: text, standard: none},
		{name: "authorizedprincipalscommanduser", read: text, standard: none},
		{name: "authorizedkeyscommand", read: command, standard: none},
		{name: "authorizedprincipalscommand", merge: firstOfBoth, read: command, standard: none},
		{name: "forcecommand", read: rest, standard: none},
		{name: "versionaddendum", match: global, read: addendum, standard: none},
		{name: "permituserenvironment", match: global, read: userEnvironment, standard: always("no")},
		{name: "rdomain", since: 707, read: unsupported},
		{name: "ciphers", match: global, read: algorithms},
		{name: "macs", match: global, read: algorithms},
		{name: "kexalgorithms", match: global, read: algorithms},
		{name: "hostkeyalgorithms", match: global, read: algorithms},
		{name: "gssapikexalgorithms", match: global, read: text, standard: standardGSS},
		{name: "casignaturealgorithms", since: 709, read: algorithms},
		{name: "hostbasedacceptedalgorithms", named: 805, read: algorithms},
		{name: "pubkeyacceptedalgorithms", named: 805, read: algorithms},
	}
}

// lists are keywords with several words.
func lists() []keyword {
	return []keyword{
		{name: "port", match: global, merge: accumulate, read: port, standard: always("22")},
		{name: "listenaddress", match: global, merge: accumulate, read: listenAddress},
		{name: "hostkey", match: global, merge: accumulate, read: file, standard: always("/etc/ssh/ssh_host_rsa_key",
			"/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key")},
		{name: "hostcertificate", match: global, merge: accumulate, read: file},
		{name: "allowusers", merge: accumulate, read: users},
		{name: "denyusers", merge: accumulate, read: users},
		{name: "allowgroups", merge: accumulate, read: filled},
		{name: "denygroups", merge: accumulate, read: filled},
		{name: "acceptenv", merge: accumulate, read: environmentNames},
		{name: "setenv", merge: firstLine, since: 708, read: assignments},
		{name: "subsystem", match: matchSubsystem, merge: accumulate, read: subsystem},
		{name: "authorizedkeysfile", read: files, standard: always(".ssh/authorized_keys", ".ssh/authorized_keys2")},
		{name: "authenticationmethods", read: methods, standard: always("any")},
		{name: "logverbose", since: 805, read: wordsOrNone},
		{name: "channeltimeout", since: 902, read: channelTimeouts},
		{name: "permitopen", read: permitOpen, standard: always("any")},
		{name: "permitlisten", since: 708, read: permitListen, standard: always("any")},
		{name: "pubkeyauthoptions", since: 802, read: pubkeyOptions, standard: always("none")},
	}
}

// matchSubsystem is the version that allows Subsystem under Match.
const matchSubsystem matchScope = 905

// aliases are other names of keywords, and the version that they hold since.
var aliases = sync.OnceValue(func() map[string]alias {
	return map[string]alias{
		"hostdsakey":                      {"hostkey", 0, global},
		"hostbasedacceptedkeytypes":       {"hostbasedacceptedalgorithms", 0, matched},
		"pubkeyacceptedkeytypes":          {"pubkeyacceptedalgorithms", 0, matched},
		"dsaauthentication":               {"pubkeyauthentication", 0, global},
		"challengeresponseauthentication": {"kbdinteractiveauthentication", 807, matched},
		"skeyauthentication":              {"kbdinteractiveauthentication", 807, matched},
		"keepalive":                       {"tcpkeepalive", 0, global},
	}
})

// alias is another name of a keyword.
type alias struct {
	name  string
	since release
	match matchScope
}

// ignored are keywords that sshd takes and does nothing with, and whether they may stand under Match.
var ignored = sync.OnceValue(func() map[string]matchScope {
	return map[string]matchScope{
		"pamauthenticationviakbdint": global, "serverkeybits": global, "keyregenerationinterval": global, "rhostsauthentication": global,
		"rhostsrsaauthentication": matched, "rsaauthentication": matched, "kerberosgetafstoken": global, "kerberostgtpassing": global,
		"afstokenpassing": global, "checkmail": global, "uselogin": global, "protocol": global, "verifyreversemapping": global,
		"reversemappingcheck": global, "authorizedkeysfile2": matched, "useprivilegeseparation": global, "skeyauthentication": global,
		"gssusesessioncredcache": global, "gssapiusesessioncredcache": global,
		// Patches of Fedora and Red Hat, whose values are not looked at here.
		"gssapienablek5users": matched, "kerberosuniqueccache": global, "kerberosusekuserok": matched, "rsaminsize": matched,
	}
})

// always is a default that every version has.
func always(words ...string) func(Version) []string {
	return func(Version) []string { return words }
}

// since is a default that changed with a version.
func since(r release, now, before string) func(Version) []string {
	return func(v Version) []string {
		if r.in(v) {
			return []string{now}
		}
		return []string{before}
	}
}

// patched reports whether the build carries Debian's patches, which move some defaults.
func patched(v Version) bool {
	return strings.Contains(v.Text, "Debian") || strings.Contains(v.Text, "Ubuntu")
}

func standardPID(v Version) []string {
	if patched(v) {
		return []string{"/run/sshd.pid"}
	}
	return []string{"/var/run/sshd.pid"}
}

func standardXauth(v Version) []string {
	if patched(v) {
		return []string{"/usr/bin/xauth"}
	}
	return []string{"/usr/X11R6/bin/xauth"}
}

func standardQoS(v Version) []string {
	switch {
	case patched(v) || v.before(7, 8):
		return []string{"lowdelay", "throughput"}
	case v.before(10, 1):
		return []string{"af21", "cs1"}
	}
	return []string{"ef", "cs0"}
}
