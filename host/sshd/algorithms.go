package sshd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// suite is what a build of OpenSSH offers of one kind: what it knows, in its own order, and what it does without a setting.
type suite struct{ all, standard []string }

// errSuite says that the lists of this build are not in the tables.
var errSuite = errors.New("which algorithms this build of OpenSSH offers by itself is not known here")

// algorithms reads a list of algorithms as it stands; Values.Get makes the whole list out of it.
var algorithms = one(func(w string, a arguments) (string, error) {
	s, known := suites(a.v)[a.name]
	if !known || w[0] == '-' {
		return w, nil
	}
	names := strings.TrimPrefix(strings.TrimPrefix(w, "+"), "^")
	wild := !slices.Contains([]string{"ciphers", "macs", "kexalgorithms"}, a.name)
	if wild {
		s.all = signatures()
	}
	for n := range strings.SplitSeq(names, ",") {
		if !slices.ContainsFunc(s.all, func(k string) bool { return k == n || wild && matchList(k, n) != 0 }) {
			return "", fmt.Errorf("%q is not an algorithm of %s", n, a.v)
		}
	}
	return w, nil
})

// assemble makes the whole list out of what a line says: +, - and ^ change the standard list, * and ? stand for names.
func assemble(s suite, line string) (string, error) {
	rest, base := line, []string(nil)
	switch {
	case line == "":
		return strings.Join(s.standard, ","), nil
	case line[0] == '-':
		left := slices.DeleteFunc(slices.Clone(s.standard), func(n string) bool { return matchList(n, line[1:]) == 1 })
		if len(left) == 0 { // sshd takes an empty list for none
			left = s.standard
		}
		return strings.Join(left, ","), nil
	case line[0] == '+':
		base, rest = s.standard, line[1:]
	case line[0] == '^':
		rest = line[1:] + "," + strings.Join(s.standard, ",")
	}
	patterns := append(slices.Clone(base), splitList(rest)...)
	var list []string
	for _, p := range patterns {
		if strings.HasPrefix(p, "!") {
			return "", fmt.Errorf("%q: sshd takes no exclamation mark here", line)
		}
		for _, n := range s.all {
			if matchList(n, p) == 1 && !slices.Contains(list, n) {
				list = append(list, n)
			}
		}
	}
	if len(list) == 0 {
		return "", fmt.Errorf("%q names no algorithm", line)
	}
	return strings.Join(list, ","), nil
}

// suites returns the lists of a build, by keyword; nil if they are not known. They are those that "ssh -Q" and "sshd -T" print.
func suites(v Version) map[string]suite {
	if v.Major != 9 || v.Minor != 2 || !patched(v) {
		return nil
	}
	keys := suite{signatures(), strings.Fields("ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256-cert-v01@openssh.com " +
		"ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ssh-ed25519-cert-v01@openssh.com " +
		"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com rsa-sha2-512-cert-v01@openssh.com rsa-sha2-256-cert-v01@openssh.com ssh-ed25519 " +
		"ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com " +
		"rsa-sha2-512 rsa-sha2-256")}
	plain := slices.DeleteFunc(signatures(), func(n string) bool { return strings.Contains(n, "-cert-") })
	return map[string]suite{
		"ciphers": {strings.Fields("3des-cbc aes128-cbc aes192-cbc aes256-cbc aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com " +
			"aes256-gcm@openssh.com chacha20-poly1305@openssh.com"),
			strings.Fields("chacha20-poly1305@openssh.com aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com aes256-gcm@openssh.com")},
		"macs": {strings.Fields("hmac-sha1 hmac-sha1-96 hmac-sha2-256 hmac-sha2-512 hmac-md5 hmac-md5-96 umac-64@openssh.com " +
			"umac-128@openssh.com hmac-sha1-etm@openssh.com hmac-sha1-96-etm@openssh.com hmac-sha2-256-etm@openssh.com " +
			"hmac-sha2-512-etm@openssh.com hmac-md5-etm@openssh.com hmac-md5-96-etm@openssh.com umac-64-etm@openssh.com umac-128-etm@openssh.com"),
			strings.Fields("umac-64-etm@openssh.com umac-128-etm@openssh.com hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com " +
				"hmac-sha1-etm@openssh.com umac-64@openssh.com umac-128@openssh.com hmac-sha2-256 hmac-sha2-512 hmac-sha1")},
		"kexalgorithms": {strings.Fields("diffie-hellman-group1-sha1 diffie-hellman-group14-sha1 diffie-hellman-group14-sha256 " +
			"diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 diffie-hellman-group-exchange-sha1 " +
			"diffie-hellman-group-exchange-sha256 ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 curve25519-sha256 " +
			"curve25519-sha256@libssh.org sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com"),
			strings.Fields("sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com curve25519-sha256 curve25519-sha256@libssh.org " +
				"ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 diffie-hellman-group-exchange-sha256 " +
				"diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 diffie-hellman-group14-sha256")},
		"hostkeyalgorithms": keys, "hostbasedacceptedalgorithms": keys, "pubkeyacceptedalgorithms": keys,
		"casignaturealgorithms": {plain, strings.Fields("ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 " +
			"sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512 rsa-sha2-256")},
	}
}

// signatures returns the algorithms of signatures, certificates included, in the order of "ssh -Q HostKeyAlgorithms".
func signatures() []string {
	return strings.Fields("ssh-ed25519 ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519@openssh.com sk-ssh-ed25519-cert-v01@openssh.com " +
		"ecdsa-sha2-nistp256 ecdsa-sha2-nistp256-cert-v01@openssh.com ecdsa-sha2-nistp384 ecdsa-sha2-nistp384-cert-v01@openssh.com " +
		"ecdsa-sha2-nistp521 ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ecdsa-sha2-nistp256@openssh.com " +
		"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com ssh-dss ssh-dss-cert-v01@openssh.com ssh-rsa " +
		"ssh-rsa-cert-v01@openssh.com rsa-sha2-256 rsa-sha2-256-cert-v01@openssh.com rsa-sha2-512 rsa-sha2-512-cert-v01@openssh.com")
}

// standardGSS is the default of a keyword that Debian's patches bring.
func standardGSS(v Version) []string {
	if !patched(v) {
		return nil
	}
	return []string{"gss-group14-sha256-,gss-group16-sha512-,gss-nistp256-sha256-,gss-curve25519-sha256-,gss-group14-sha1-,gss-gex-sha1-"}
}
