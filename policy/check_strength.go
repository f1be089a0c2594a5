package policy

import (
	"fmt"
	"slices"
	"strings"

	"keysweep/finding"
)

func strengthChecks() []keyCheck {
	return []keyCheck{
		{Check{"key-weak-type", finding.High, "a kind of key that should not be used",
			"DSA keys have 1024 bits and OpenSSH takes none since 10.0; ECDSA gives its key away with one bad random number",
			"OpenSSH 7.0 and 10.0 release notes; NIST SP 800-131A"}, (*subject).weakType},
		{Check{"key-short-rsa", finding.Critical, "an RSA key that is too short",
			"the shorter the key, the sooner it can be computed from its public half",
			"NIST SP 800-57 part 1, table 2: 2048 bits are worth 112, 3072 bits 128; SP 800-131A: less than 2048 is disallowed"}, (*subject).shortRSA},
	}
}

// kind is the family of a key's type as people call it.
func kind(keyType string) string {
	switch plain := strings.TrimSuffix(strings.TrimPrefix(keyType, "sk-"), "-cert-v01@openssh.com"); {
	case plain == "ssh-rsa":
		return "rsa"
	case plain == "ssh-dss":
		return "dsa"
	case strings.HasPrefix(plain, "ecdsa-sha2-"):
		return "ecdsa"
	case strings.HasPrefix(plain, "ssh-ed25519"):
		return "ed25519"
	}
	return ""
}

func (s *subject) weakType() {
	k := kind(s.Type)
	switch {
	case k == "dsa":
		s.say(finding.High, "", "DSA", s.renew())
	case k == "" || slices.Contains(s.rules.Types, k) || s.HostKey:
	case strings.HasPrefix(s.Type, "sk-"): // the device's own random numbers; not every device can do ed25519
		s.say(finding.Info, "", s.Type, s.renew())
	default:
		s.say(finding.Low, "", fmt.Sprintf("%s; welcome are %s", k, strings.Join(s.rules.Types, " and ")), s.renew())
	}
}

// RSA sizes below which a key is worse than unwelcome (NIST SP 800-57 part 1, table 2, and SP 800-131A).
const (
	rsaBroken = 2048
	rsaShort  = 3072
)

func (s *subject) shortRSA() {
	if kind(s.Type) != "rsa" || s.Bits == 0 {
		return
	}
	evidence := fmt.Sprintf("%d bits", s.Bits)
	switch {
	case s.Bits < rsaBroken:
		s.say(finding.Critical, "", evidence, s.renew())
	case s.Bits < rsaShort:
		s.say(finding.High, "", evidence, s.renew())
	case s.Bits < s.rules.RSABits && !s.HostKey: // 3072 is what sshd's own setup makes
		s.say(finding.Low, "", fmt.Sprintf("%s; the rule is %d", evidence, s.rules.RSABits), s.renew())
	}
}
