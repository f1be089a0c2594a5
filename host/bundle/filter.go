package bundle

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"

	"keysweep/host"
)

// ErrWithheld is the answer where a private key was found: it never leaves its machine.
var ErrWithheld = fmt.Errorf("it holds a private key, which is never taken along: %w", host.ErrNotCollected)

// KeyMarks is what a private key has in it, as an extended regular expression that Go and grep -E read alike: PEM and OpenPGP's armour,
// PuTTY's files, age's identities, and OpenSSH's format without its frame.
const KeyMarks = `-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-|b3BlbnNzaC1rZXktdjE`

// keyNames are the names of files that hold a private key in a form that has no marks, as patterns of path.Match and of a shell's case.
const keyNames = `*.key *.p12 *.pfx *.jks *.der ssh_host_*_key id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk`

// KeyNames returns the patterns of names whose files are never taken along.
func KeyNames() []string { return strings.Fields(keyNames) }

// Filter takes values out of files that must not leave their machine.
type Filter struct {
	Files string // the files it is for: patterns of a shell's case, where * stands for slashes, too
	Sed   string // for sed, a basic regular expression
	find  string // the same for Go
	with  string
}

const nodeFiles = "*/bitcoin.conf | */zelcash.conf | */flux.conf | */litecoin.conf | */zcash.conf"

// Filters returns what is taken out, in the order in which it is done. The form for sed and the form for Go do the same.
func Filters() []Filter {
	return []Filter{
		// shadow(5): a locked password stays locked, none stays none, any other is only said to be there.
		{"*/shadow | */shadow- | */gshadow | */gshadow-", `s/^\([^:]*:[!*][!*]*\)[^:]*/\1/`, `(?m)^([^:\n]*:[!*]+)[^:\n]*`, "${1}"},
		{"*/shadow | */shadow- | */gshadow | */gshadow-", `s/^\([^:]*:\)[^:!*][^:]*/\1withheld/`, `(?m)^([^:\n]*:)[^:!*\n][^:\n]*`, "${1}withheld"},
		// The same of the files beside shadow(5), and a hash of crypt(5) anywhere: a link that a user made may lead to any of them.
		{"*", `s/^\([^:]*:[!*]*\)$[0-9a-z][0-9a-z-]*$[^:]*/\1withheld/`, `(?m)^([^:\n]*:[!*]*)\$[0-9a-z][0-9a-z-]*\$[^:\n]*`, "${1}withheld"},
		// NetworkManager's keyfiles, wpa_supplicant.conf(5), systemd.netdev(5): keys and passwords of networks.
		{"*", `s/^\([[:space:]]*\(pin\|PrivateKey\|PresharedKey\|PreSharedKey\|preshared-key\|wep[-_]key[0-3]\|password-raw\|[A-Za-z0-9_ -]*\(psk\|secret\|[Pp]assword\|passwd\|pass\|[Pp]assphrase\|private-key\)\)[[:space:]]*=\).*/\1withheld/`,
			`(?m)^([\t\v\f\r ]*(?:pin|PrivateKey|PresharedKey|PreSharedKey|preshared-key|wep[-_]key[0-3]|password-raw|[A-Za-z0-9_ -]*(?:psk|secret|[Pp]assword|passwd|pass|[Pp]assphrase|private-key))[\t\v\f\r ]*=)[^\n]*`, "${1}withheld"},
		// Nodes of Bitcoin's kind: of their settings, those that say who may ask stay. All others lose their values: passwords, keys of identities.
		{nodeFiles, `s/^[[:space:]]*\(rpcallowip\|rpcbind\|rpcport\)[[:space:]]*=/\1?=/`, `(?m)^[\t\v\f\r ]*(rpcallowip|rpcbind|rpcport)[\t\v\f\r ]*=`, "${1}?="},
		{nodeFiles, `s/^\([^?=]*=\).*/\1withheld/`, `(?m)^([^?=\n]*=)[^\n]*`, "${1}withheld"},
		{nodeFiles, `s/^\(rpcallowip\|rpcbind\|rpcport\)?=/\1=/`, `(?m)^(rpcallowip|rpcbind|rpcport)\?=`, "${1}="},
		// Units: which variables are set stays, their values go if the name says secret.
		{"*/systemd/*", `s/^\([[:space:]]*Environment[[:space:]]*=.*\(PASS\|SECRET\|TOKEN\|KEY\|CREDENTIAL\)[A-Z0-9_]*=\).*/\1withheld/`,
			`(?m)^([\t\v\f\r ]*Environment[\t\v\f\r ]*=[^\n]*(?:PASS|SECRET|TOKEN|KEY|CREDENTIAL)[A-Z0-9_]*=)[^\n]*`, "${1}withheld"},
		// Passwords in URLs: of package sources, proxies, log hosts.
		{"*", `s#\(://[^/@:[:space:]]*\):[^/@[:space:]]*@#\1:withheld@#g`, `(://[^/@:\s]*):[^/@\s]*@`, "${1}:withheld@"},
	}
}

var keyMarks = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(KeyMarks) })

var compiled = sync.OnceValue(func() (list []*regexp.Regexp) {
	for _, f := range Filters() {
		list = append(list, regexp.MustCompile(f.find))
	}
	return list
})

// Reduce returns what may be taken along of a file, or ErrWithheld.
func Reduce(name string, data []byte) ([]byte, error) {
	for _, pattern := range KeyNames() {
		if ok, _ := path.Match(pattern, path.Base(name)); ok {
			return nil, ErrWithheld
		}
	}
	if keyMarks().Match(data) {
		return nil, ErrWithheld
	}
	for i, f := range Filters() {
		if f.covers(name) {
			data = compiled()[i].ReplaceAll(data, []byte(f.with))
		}
	}
	return data, nil
}

// covers reports whether the filter is for a file.
func (f Filter) covers(name string) bool {
	for pattern := range strings.SplitSeq(f.Files, " | ") {
		first, last, _ := strings.Cut(strings.Trim(pattern, "*"), "*")
		at := strings.Index(name, first)
		if at >= 0 && strings.Contains(name[at:], last) && (strings.HasSuffix(pattern, "*") || strings.HasSuffix(name, first+last)) {
			return true
		}
	}
	return false
}

// cut returns what may be taken along of what a program said: all before a private key. The error says that something was cut.
func cut(said []byte) ([]byte, error) {
	if at := keyMarks().FindIndex(said); at != nil {
		return said[:bytes.LastIndexByte(said[:at[0]], '\n')+1], ErrWithheld
	}
	return said, nil
}
