package keys

import (
	"bytes"
	"strings"
)

// Stranger is a kind of file that is often taken for an SSH key file, and what to do with it.
type Stranger struct {
	What string // "an OpenPGP private key"
	Hint string // what to do instead
}

// stranger tells a kind of file by how it begins, or by a line that it holds.
type stranger struct {
	begins string // the first bytes; "" if a line tells it
	line   string // the start of a line, anywhere; "" if the first bytes tell it
	Stranger
}

func strangers() []stranger {
	const (
		gpg  = "look at it with: gpg --show-keys FILE"
		x509 = "look at it with: openssl x509 -noout -text -in FILE"
		conv = "convert it with the program that made it, into OpenSSH's format"
		age  = "age keys are no SSH keys; they are looked at with: age-keygen -y FILE"
	)
	pem := func(label, what, hint string) stranger {
		return stranger{line: "-----BEGIN " + label, Stranger: Stranger{what, hint}}
	}
	return []stranger{
		{begins: "SSHKRL\n\x00", Stranger: Stranger{"a key revocation list (KRL)", "look at it with: ssh-keygen -Q -l -f FILE"}},
		{begins: "SSH PRIVATE KEY FILE FORMAT 1.1\n", Stranger: Stranger{"a private key of SSH protocol 1", "the protocol is dead: make a new key with keysweep key generate"}},
		{line: "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", Stranger: Stranger{"a private key in the format of ssh.com (Tectia)", "convert it: ssh-keygen -i -f FILE if it has no passphrase, else take the passphrase off with ssh-keygen-g3 first"}},
		pem("SSH SIGNATURE-----", "an SSH signature", "check it with: ssh-keygen -Y verify"),
		pem("AGE ENCRYPTED FILE-----", "a file encrypted with age", "decrypt it with: age -d FILE"),
		{begins: "age-encryption.org/v1\n", Stranger: Stranger{"a file encrypted with age", "decrypt it with: age -d FILE"}},
		{line: "AGE-SECRET-KEY-1", Stranger: Stranger{"an age identity, which is a private key", age}},
		{line: "AGE-PLUGIN-", Stranger: Stranger{"an age identity of a plugin", age}},
		pem("PGP PRIVATE KEY BLOCK-----", "an OpenPGP private key", gpg),
		pem("PGP PUBLIC KEY BLOCK-----", "an OpenPGP public key", gpg),
		pem("PGP MESSAGE-----", "an OpenPGP message", "decrypt it with: gpg -d FILE"),
		pem("PGP SIGN", "something signed with OpenPGP", "check it with: gpg --verify FILE"),
		pem("CERTIFICATE-----", "an X.509 certificate", x509),
		pem("TRUSTED CERTIFICATE-----", "an X.509 certificate", x509),
		pem("CERTIFICATE REQUEST-----", "an X.509 certificate request", "look at it with: openssl req -noout -text -in FILE"),
		pem("NEW CERTIFICATE REQUEST-----", "an X.509 certificate request", "look at it with: openssl req -noout -text -in FILE"),
		pem("X509 CRL-----", "an X.509 revocation list", "look at it with: openssl crl -noout -text -in FILE"),
		pem("PKCS7-----", "a PKCS#7 bundle", "look at it with: openssl pkcs7 -print_certs -in FILE"),
		pem("CMS-----", "a CMS message", "look at it with: openssl cms -cmsout -print -in FILE"),
		pem("DH PARAMETERS-----", "Diffie-Hellman parameters, which are public", "they hold no key"),
		pem("EC PARAMETERS-----", "parameters of an elliptic curve, which are public", "they hold no key"),
		pem("TSS2 PRIVATE KEY-----", "a key that only a TPM can use", "ssh-agent programs for TPMs read it"),
		{begins: "untrusted comment:", Stranger: Stranger{"a file of signify or minisign", "its keys are no SSH keys"}},
		{begins: "\xfe\xed\xfe\xed", Stranger: Stranger{"a Java keystore", "look at it with: keytool -list -keystore FILE"}},
		{begins: "PuTTY-User-Key-File-1:", Stranger: Stranger{"a key in PuTTY's format of the year 2000", conv}},
		{begins: "\x30\x82", Stranger: Stranger{"binary ASN.1 (DER), which may be a key, a certificate or a PKCS#12 bundle", "turn it into PEM: openssl pkey -inform DER -in FILE, or openssl x509 -inform DER -in FILE"}},
	}
}

// Recognise names files that hold no SSH key, or one in a form that is not read here, by how they begin. It is for messages:
// ask it after Parse and ParsePublicFile have failed.
func Recognise(data []byte) (Stranger, bool) {
	data = data[:min(len(data), MaxFile)]
	text := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, s := range strangers() {
		if s.begins != "" && strings.HasPrefix(string(text[:min(len(text), len(s.begins))]), s.begins) || s.line != "" && startsLine(text, s.line) {
			return s.Stranger, true
		}
	}
	return Stranger{}, false
}

// startsLine reports whether a line of text starts so.
func startsLine(text []byte, start string) bool {
	return bytes.HasPrefix(text, []byte(start)) || bytes.Contains(text, []byte("\n"+start)) || bytes.Contains(text, []byte("\r"+start))
}
