package policy

import (
	"fmt"
	"strings"

	"keysweep/finding"
	"keysweep/keys"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

func protectionChecks() []keyCheck {
	return []keyCheck{
		{Check{"key-no-passphrase", finding.High, "private key without a passphrase",
			"whoever gets the file, from a backup, a stolen disk or a careless copy, has the key",
			"NIST SP 800-57 part 1, 8.1.5: private keys are kept encrypted"}, (*subject).noPassphrase},
		{Check{"key-weak-kdf", finding.Medium, "the passphrase can be guessed too fast",
			"the file turns the passphrase into a key with so little work that guesses cost next to nothing",
			"OWASP Password Storage Cheat Sheet; ssh-keygen(1), -a"}, (*subject).weakKDF},
		{Check{"key-weak-cipher", finding.High, "encrypted with a cipher that is broken",
			"the cipher's own keys are so short that the file opens without the passphrase",
			"NIST SP 800-131A: DES, two-key triple DES and RC2 are disallowed"}, (*subject).weakCipher},
		{Check{"key-old-format", finding.Low, "private key file in an outdated format",
			"the format has no modern protection for the passphrase; OpenSSH's own has been the default since 2018",
			"OpenSSH 7.8 release notes; PuTTY 0.75 change log"}, (*subject).oldFormat},
		{Check{"key-unreadable-by-ssh", finding.Low, "a whole key in a file that ssh cannot read",
			"an editor or a copy by hand changed the text around it; ssh says only that the format is invalid",
			"sshkey.c of OpenSSH: the first and the last line are taken exactly as it writes them"}, (*subject).quirks},
	}
}

func (s *subject) quirks() {
	for _, f := range s.Files {
		if f.Quirk != "" {
			fix := "write it anew: keysweep key passphrase " + quote(f.Path)
			if f.Protected {
				fix += " --keep-passphrase"
			}
			s.say(finding.Low, f.Path, f.Quirk, fix)
		}
	}
}

func (s *subject) noPassphrase() {
	if s.HostKey { // a server starts without anybody to ask
		return
	}
	for _, f := range s.Files {
		fix := "keysweep key passphrase " + quote(f.Path)
		switch {
		case f.Protected:
		case strings.HasPrefix(s.Type, "sk-"):
			s.say(finding.Info, f.Path, "but of no use without the security device", fix)
		case s.rec != nil && s.rec.Unprotected != nil && s.rec.Unprotected.Reason != rotation.FoundUnprotected:
			s.say(finding.Low, f.Path, fmt.Sprintf("on purpose since %s: %s", date(s.rec.Unprotected.At), s.rec.Unprotected.Reason), fix)
		default:
			s.say(finding.High, f.Path, "anybody who can read the file can use the key", fix)
		}
	}
}

func (s *subject) weakKDF() {
	for _, f := range s.Files {
		if f.Protected {
			if severity, evidence := judgeKDF(f.KDF); evidence != "" {
				s.say(severity, f.Path, evidence, "keysweep key passphrase "+quote(f.Path))
			}
		}
	}
}

// The least work that a KDF must ask for. OWASP's figures are those of its Password Storage Cheat Sheet, for a guess that
// takes an attacker's graphics card about as long with each.
const (
	bcryptRounds     = 16        // the default of ssh-keygen until 9.x; its newer one is 24
	pbkdf2SHA1       = 1_300_000 // OWASP
	pbkdf2SHA256     = 600_000   // OWASP; also for hashes that it does not name
	pbkdf2SHA512     = 210_000   // OWASP
	scryptMemoryKiB  = 128 << 10 // OWASP: N=2^17, r=8, p=1, and less memory with more p
	scryptLeastKiB   = 8 << 10   // OWASP: N=2^13, r=8, p=10
	scryptPassMemory = 80 << 10  // memory times p at that end of the list
)

// argon2Pairs are OWASP's equals: so many passes with at least so much memory.
var argon2Pairs = []struct{ passes, memoryKiB int }{
	{1, 46 << 10}, {2, 19 << 10}, {3, 12 << 10}, {4, 9 << 10}, {5, 7 << 10},
}

// judgeKDF says what is too little about a KDF, "" if nothing is.
func judgeKDF(k keys.KDF) (finding.Severity, string) {
	switch {
	case k.Name == "MD5", k.Name == "SHA-1", strings.HasPrefix(k.Name, "PBKDF1-"):
		return finding.Medium, fmt.Sprintf("%s with %s: a graphics card tries billions of passphrases a second", k.Name, rounds(k.Rounds))
	case k.Name == "bcrypt" && k.Rounds < bcryptRounds:
		return finding.Info, fmt.Sprintf("bcrypt with %s; %d are the least that ssh-keygen takes by itself", rounds(k.Rounds), bcryptRounds)
	case strings.HasPrefix(k.Name, "PBKDF2"), strings.HasPrefix(k.Name, "PKCS#12"):
		if least := pbkdf2Least(k.Name); k.Rounds < least {
			return finding.Low, fmt.Sprintf("%s with %s; OWASP asks for %d", k.Name, rounds(k.Rounds), least)
		}
	case k.Name == "scrypt" && !scryptEnough(k):
		return finding.Low, fmt.Sprintf("scrypt with N=%d and %d MiB; OWASP asks for %d MiB", k.Rounds, k.MemoryKiB>>10, scryptMemoryKiB>>10)
	case strings.HasPrefix(k.Name, "Argon2") && !argon2Enough(k):
		return finding.Low, fmt.Sprintf("%s with %d KiB and %d passes; OWASP asks for 19 MiB and 2 passes, or as much work", k.Name, k.MemoryKiB, k.Rounds)
	}
	return finding.Info, ""
}

func rounds(n int) string {
	if n == 1 {
		return "1 round"
	}
	return fmt.Sprintf("%d rounds", n)
}

func pbkdf2Least(name string) int {
	switch {
	case strings.HasSuffix(name, "SHA512"), strings.HasSuffix(name, "SHA-512"):
		return pbkdf2SHA512
	case strings.HasSuffix(name, "SHA1"), strings.HasSuffix(name, "SHA-1"):
		return pbkdf2SHA1
	}
	return pbkdf2SHA256
}

// scryptEnough follows OWASP's list from 128 MiB with p=1 down to 8 MiB with p=10: less memory, more passes over it.
func scryptEnough(k keys.KDF) bool {
	if k.MemoryKiB >= scryptMemoryKiB {
		return true
	}
	return k.MemoryKiB >= scryptLeastKiB && k.MemoryKiB*max(k.Parallelism, 1) >= scryptPassMemory
}

func argon2Enough(k keys.KDF) bool {
	for _, pair := range argon2Pairs {
		if k.Rounds >= pair.passes && k.MemoryKiB >= pair.memoryKiB {
			return true
		}
	}
	return false
}

func (s *subject) weakCipher() {
	for _, f := range s.Files {
		fix := "keysweep key passphrase " + quote(f.Path)
		switch f.Cipher {
		case "DES-CBC", "RC2-40-CBC":
			s.say(finding.High, f.Path, f.Cipher+": keys of 56 bits or less", fix)
		case "DES-EDE-CBC", "DES-EDE3-CBC", "3des-cbc", "RC2-CBC", "RC2-128-CBC":
			s.say(finding.Low, f.Path, f.Cipher+" is no longer approved", fix)
		}
	}
}

func (s *subject) oldFormat() {
	for _, f := range s.Files {
		if old := oldFormat(f); old != "" && !s.HostKey {
			s.say(finding.Low, f.Path, old, "keysweep key passphrase "+quote(f.Path))
		}
	}
}

func oldFormat(f inventory.File) string {
	switch f.Format {
	case keys.FormatPEM:
		return "the traditional PEM form of OpenSSL"
	case keys.FormatPPK2:
		return "PuTTY's format up to 0.74"
	}
	return ""
}
