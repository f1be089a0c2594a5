package proof

import (
	"encoding/base64"
	"fmt"
	"strings"

	"keysweep/finding"
	"keysweep/keys"
)

// proveBlock knows private keys in text: PEM in its kinds, OpenSSH's format, PuTTY's, and armoured OpenPGP.
func proveBlock(s *Subject, p *Proof) bool {
	if strings.Contains(s.Text, "PuTTY-User-Key-File-") {
		provePPK(s, p)
		return true
	}
	b, ok := findBlock(decodedBlock(s.Text))
	if !ok {
		return false
	}
	switch {
	case b.placeholder():
		p.missing("nothing between its first and its last line that could be a key")
	case strings.HasPrefix(b.label, "PGP "):
		provePGP(b, p)
	default:
		provePEM(s, b, p)
	}
	return true
}

// decodedBlock undoes base 64 around a whole PEM file, as kubeconfig files and Kubernetes' secrets have it.
func decodedBlock(text string) string {
	const begin = "LS0tLS1CRUdJTi" // "-----BEGIN"
	if !strings.HasPrefix(text, begin) {
		return text
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return text
	}
	return string(raw)
}

// provePEM reads a private key in PEM. The rule may have found it in a string of some language, so its lines are made anew.
func provePEM(s *Subject, b block, p *Proof) {
	for _, body := range b.bodies() {
		if f, err := keys.Parse(pemOf(b.label, b.headers, body)); err == nil {
			p.key(s, f)
			return
		}
	}
	if why := b.cutOff(); why != "" {
		p.missing(why)
		return
	}
	p.say(finding.FactDamage, "it cannot be read as what its first line says")
}

// provePPK reads a key in PuTTY's format.
func provePPK(s *Subject, p *Proof) {
	text := unescape(s.Text)
	text = text[strings.Index(text, "PuTTY-User-Key-File-"):]
	f, err := keys.Parse([]byte(text))
	if err != nil {
		p.say(finding.FactDamage, "it cannot be read as what its first line says")
		return
	}
	p.key(s, f)
}

// missing says that a key is not all there.
func (p *Proof) missing(why string) {
	p.Refuted = true
	p.say(finding.FactDamage, why)
}

// key says what a key file that was read is.
func (p *Proof) key(s *Subject, f *keys.File) {
	p.Proven = f.Damage == nil
	p.say(finding.FactKey, keyWords(f))
	if f.Damage != nil {
		p.say(finding.FactDamage, "its private half is damaged")
	}
	p.say(finding.FactPassphrase, passphraseWords(f))
	if f.Protected() {
		p.milder(finding.Medium) // it takes the passphrase, too
	}
	if f.Public != nil {
		p.public(s, *f.Public)
	}
}

// public says which key a public half is, and where else it is known.
func (p *Proof) public(s *Subject, public keys.Public) {
	p.say(finding.FactFingerprint, public.SHA256())
	if s.Known != nil {
		p.say(finding.FactKnown, strings.Join(s.Known.Key(public), ", "))
	}
}

// keyWords names kind, size and format: "RSA, 2048 bits, PKCS#8".
func keyWords(f *keys.File) string {
	words := []string{kindWords(f)}
	if f.Public != nil && f.Public.Bits > 0 {
		words = append(words, fmt.Sprintf("%d bits", f.Public.Bits))
	}
	return strings.Join(append(words, string(f.Format)), ", ")
}

func kindWords(f *keys.File) string {
	if f.Public != nil {
		return plain(f.Public.Short())
	}
	switch f.Type {
	case "":
		return "of a kind that is encrypted, too"
	case "ssh-rsa":
		return "RSA"
	case "ssh-dss":
		return "DSA"
	case "ecdsa":
		return "ECDSA"
	}
	return plain(f.Type)
}

// passphraseWords says whether a passphrase protects a key, and how well.
func passphraseWords(f *keys.File) string {
	if !f.Protected() {
		return "none"
	}
	how := plain(f.Cipher)
	if f.KDF.Name != "" {
		how += fmt.Sprintf(", %s", plain(f.KDF.Name))
	}
	if f.KDF.Rounds > 1 {
		how += fmt.Sprintf(" %d rounds", f.KDF.Rounds)
	}
	return "protects it (" + how + ")"
}
