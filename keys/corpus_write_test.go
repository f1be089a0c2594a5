package keys

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// all fills the corpus. In a short one only a few keys have every form.
func (c *corpus) all(short bool) {
	every := c.base()
	if short {
		every = c.base("ed25519-256", "ecdsa-256", "rsa-1024", "dsa-1024")
	}
	c.addOpenSSH(every)
	c.addPEM(every)
	c.addPKCS8(every)
	c.addPPK(every)
}

// opensslPass are openssl's arguments for the passphrase and for what its default provider no longer has.
func (c *corpus) opensslPass() []string {
	return []string{"-passout", "file:" + c.passphraseFileName, "-provider", "legacy", "-provider", "default"}
}

// ---- OpenSSH's format

func (c *corpus) addOpenSSH(every []*baseKey) {
	for _, k := range every {
		c.add(sample{name: "OpenSSH", base: k, format: FormatOpenSSH, cipher: "none", comment: "comment of " + k.name,
			write: func(_ *corpus, to string) { writeFile(c.t, to, readFile(c.t, k.file)) }})
		for _, cipher := range []string{"aes256-ctr", "aes256-cbc", "aes256-gcm@openssh.com"} {
			c.addOpenSSHCipher(k, cipher, 1)
		}
	}
	for _, k := range c.base("ed25519-256", "ecdsa-384") {
		for _, cipher := range []string{"3des-cbc", "aes128-cbc", "aes192-cbc", "aes128-ctr", "aes192-ctr", "aes128-gcm@openssh.com",
			"chacha20-poly1305@openssh.com"} {
			c.addOpenSSHCipher(k, cipher, 2)
		}
	}
	for _, k := range c.base("ed25519-256") {
		c.addOpenSSHCipher(k, "chacha20-poly1305@openssh.com", 16)
		c.addOpenSSHCipher(k, "aes256-ctr", 100)
		if os.Getenv("KEYSWEEP_CORPUS") == "full" { // ssh-keygen takes half a minute
			c.addOpenSSHCipher(k, "aes256-gcm@openssh.com", 3000)
		}
		c.add(sample{name: "OpenSSH rounds set to 3000", base: k, format: FormatOpenSSH, cipher: "aes256-ctr", onlyLooked: true,
			kdf: KDF{Name: "bcrypt", Rounds: 3000}, write: writeManyRounds(k)})
	}
}

func (c *corpus) addOpenSSHCipher(k *baseKey, cipher string, rounds int) {
	c.add(sample{
		name: fmt.Sprintf("OpenSSH %s %d", cipher, rounds), base: k, format: FormatOpenSSH, cipher: cipher,
		kdf: KDF{Name: "bcrypt", Rounds: rounds}, onlyLooked: rounds > 1000,
		write: func(c *corpus, to string) {
			writeFile(c.t, to, readFile(c.t, k.file))
			c.run(c.sshKeygen, "-q", "-p", "-a", strconv.Itoa(rounds), "-Z", cipher, "-P", "", "-N", c.passphrase, "-f", to)
		},
	})
}

// writeManyRounds writes a file whose rounds field says 3000, which costs ssh-keygen half a minute to do in earnest. Whoever
// looks without the passphrase cannot tell.
func writeManyRounds(k *baseKey) func(c *corpus, to string) {
	return func(c *corpus, to string) {
		writeFile(c.t, to, readFile(c.t, k.file))
		c.run(c.sshKeygen, "-q", "-p", "-a", "17", "-P", "", "-N", c.passphrase, "-f", to)
		block, _ := pem.Decode(readFile(c.t, to))
		at := bytes.Index(block.Bytes[:100], []byte{0, 0, 0, 17}) // the salt before it has 16 bytes
		copy(block.Bytes[at:], []byte{0, 0, 3000 >> 8, 3000 & 0xff})
		writePEM(c.t, to, block.Type, block.Bytes)
	}
}

// ---- traditional PEM

func traditionalTool(k *baseKey) string {
	return map[string]string{"ecdsa": "ec"}[k.kind] + strings.TrimPrefix(k.kind, "ecdsa")
}

func (c *corpus) addPEM(every []*baseKey) {
	for _, k := range every {
		if k.kind == "ed25519" { // has no such form
			continue
		}
		c.add(sample{name: "PEM", base: k, format: FormatPEM, cipher: "none",
			write: func(_ *corpus, to string) { writeFile(c.t, to, readFile(c.t, k.pem)) }})
		c.add(sample{name: "PEM by ssh-keygen", base: k, format: FormatPEM, cipher: "AES-128-CBC", hidden: true,
			kdf: KDF{Name: "MD5", Rounds: 1}, keyType: hiddenType(k),
			write: func(_ *corpus, to string) {
				writeFile(c.t, to, readFile(c.t, k.file))
				c.run(c.sshKeygen, "-q", "-p", "-m", "PEM", "-P", "", "-N", c.passphrase, "-f", to)
			}})
		for _, cipher := range []string{"DES-CBC", "DES-EDE3-CBC", "AES-128-CBC", "AES-192-CBC", "AES-256-CBC"} {
			c.addDEK(k, cipher, false)
		}
	}
	for _, k := range c.base("rsa-1024") {
		c.addDEK(k, "CAMELLIA-256-CBC", true)
		c.addDEK(k, "BF-CBC", true)
	}
}

func hiddenType(k *baseKey) string {
	return map[string]string{"rsa": "ssh-rsa", "dsa": "ssh-dss", "ecdsa": "ecdsa"}[k.kind]
}

func (c *corpus) addDEK(k *baseKey, cipher string, sealed bool) {
	flag := map[string]string{"DES-EDE3-CBC": "-des3"}[cipher]
	if flag == "" {
		flag = "-" + strings.ToLower(cipher)
	}
	c.add(sample{
		name: "PEM " + cipher, base: k, format: FormatPEM, cipher: cipher, hidden: true, keyType: hiddenType(k), sealed: sealed,
		kdf: KDF{Name: "MD5", Rounds: 1},
		write: func(c *corpus, to string) {
			args := append([]string{traditionalTool(k), "-in", k.pem, "-out", to, flag}, c.opensslPass()...)
			if k.kind == "rsa" {
				args = append(args, "-traditional")
			}
			c.run(c.openssl, args...)
		},
	})
}

// ---- PKCS#8

func (c *corpus) addPKCS8(every []*baseKey) {
	for _, k := range every {
		c.add(sample{name: "PKCS#8", base: k, format: FormatPKCS8, cipher: "none", write: func(c *corpus, to string) {
			c.run(c.openssl, "pkcs8", "-topk8", "-nocrypt", "-in", k.pem, "-out", to)
		}})
		c.addTopk8(k, "AES-256-CBC", KDF{Name: "PBKDF2-HMAC-SHA256", Rounds: 2048})
		c.addTopk8(k, "AES-128-CBC", KDF{Name: "PBKDF2-HMAC-SHA256", Rounds: 2048}, "-v2", "aes-128-cbc")
	}
	for _, k := range c.base("rsa-2048", "ecdsa-256", "dsa-1024") {
		c.add(sample{name: "PKCS#8 by ssh-keygen", base: k, format: FormatPKCS8, cipher: "AES-128-CBC", hidden: true,
			kdf: KDF{Name: "PBKDF2-HMAC-SHA256", Rounds: 2048}, write: func(_ *corpus, to string) {
				writeFile(c.t, to, readFile(c.t, k.file))
				c.run(c.sshKeygen, "-q", "-p", "-m", "PKCS8", "-P", "", "-N", c.passphrase, "-f", to)
			}})
	}
	for _, k := range c.base("ed25519-256", "ecdsa-521") {
		c.addPBES2(k)
		c.addPBES1(k)
	}
}

func (c *corpus) addPBES2(k *baseKey) {
	for cipher, flag := range map[string]string{"AES-192-CBC": "aes-192-cbc", "DES-EDE3-CBC": "des3", "DES-CBC": "des"} {
		c.addTopk8(k, cipher, KDF{Name: "PBKDF2-HMAC-SHA256", Rounds: 2048}, "-v2", flag)
	}
	for _, hash := range []string{"SHA1", "SHA224", "SHA384", "SHA512"} {
		c.addTopk8(k, "AES-256-CBC", KDF{Name: "PBKDF2-HMAC-" + hash, Rounds: 2048}, "-v2prf", "hmacWith"+hash)
	}
	for _, iterations := range []int{1, 1000, 20000} {
		c.addTopk8(k, "AES-256-CBC", KDF{Name: "PBKDF2-HMAC-SHA256", Rounds: iterations}, "-iter", strconv.Itoa(iterations))
	}
	c.addTopk8(k, "AES-256-CBC", KDF{Name: "scrypt", Rounds: 16384, MemoryKiB: 16384, Parallelism: 1}, "-scrypt")
	c.addTopk8(k, "AES-256-CBC", KDF{Name: "scrypt", Rounds: 1024, MemoryKiB: 512, Parallelism: 3},
		"-scrypt", "-scrypt_N", "1024", "-scrypt_r", "4", "-scrypt_p", "3")
}

func (c *corpus) addPBES1(k *baseKey) {
	for _, s := range []struct{ scheme, cipher, kdf string }{
		{"PBE-MD5-DES", "DES-CBC", "PBKDF1-MD5"}, {"PBE-SHA1-DES", "DES-CBC", "PBKDF1-SHA1"},
		{"PBE-SHA1-3DES", "DES-EDE3-CBC", "PKCS#12-SHA1"}, {"PBE-SHA1-2DES", "DES-EDE-CBC", "PKCS#12-SHA1"},
		{"PBE-SHA1-RC2-40", "RC2-40-CBC", "PKCS#12-SHA1"}, {"PBE-SHA1-RC4-128", "RC4-128", "PKCS#12-SHA1"},
		{"PBE-MD5-RC2-64", "RC2-CBC", "PBKDF1-MD5"},
	} {
		c.addTopk8(k, s.cipher, KDF{Name: s.kdf, Rounds: 2048}, "-v1", s.scheme)
	}
}

func (c *corpus) addTopk8(k *baseKey, cipher string, kdf KDF, flags ...string) {
	c.add(sample{
		name: strings.Join(append([]string{"PKCS#8"}, flags...), " "), base: k, format: FormatPKCS8, cipher: cipher, kdf: kdf,
		hidden: true, sealed: strings.HasPrefix(cipher, "RC"),
		write: func(c *corpus, to string) {
			args := append([]string{"pkcs8", "-topk8", "-in", k.pem, "-out", to}, flags...)
			c.run(c.openssl, append(args, c.opensslPass()...)...)
		},
	})
}

// ---- PuTTY's format

func (c *corpus) addPPK(every []*baseKey) {
	for _, k := range every {
		c.addPuTTY(k, "version=2", false, KDF{})
		c.addPuTTY(k, "version=2", true, KDF{Name: "SHA-1", Rounds: 1})
		c.addPuTTY(k, "version=3", false, KDF{})
		c.addPuTTY(k, "kdf=argon2id,memory=64,passes=3", true, KDF{Name: "Argon2id", Rounds: 3, MemoryKiB: 64, Parallelism: 1})
	}
	for _, k := range c.base("ed25519-256", "rsa-2048") {
		c.addPuTTY(k, "kdf=argon2i,memory=128,passes=2", true, KDF{Name: "Argon2i", Rounds: 2, MemoryKiB: 128, Parallelism: 1})
		c.addPuTTY(k, "kdf=argon2d,memory=128,passes=2", true, KDF{Name: "Argon2d", Rounds: 2, MemoryKiB: 128, Parallelism: 1})
		c.addPuTTY(k, "kdf=argon2id,memory=8192,passes=13", true, KDF{Name: "Argon2id", Rounds: 13, MemoryKiB: 8192, Parallelism: 1})
		c.addPuTTY(k, "kdf=argon2id,memory=1024,passes=1,parallelism=4", true,
			KDF{Name: "Argon2id", Rounds: 1, MemoryKiB: 1024, Parallelism: 4})
	}
}

func (c *corpus) addPuTTY(k *baseKey, parameters string, protected bool, kdf KDF) {
	s := sample{name: "PPK " + parameters, base: k, format: FormatPPK3, cipher: "none", kdf: kdf, comment: "comment of " + k.name,
		sealed: kdf.Name == "Argon2d"}
	if strings.Contains(parameters, "version=2") {
		s.format = FormatPPK2
	}
	passphrase := os.DevNull
	if protected {
		s.name, s.cipher, passphrase = s.name+" protected", "aes256-cbc", c.passphraseFileName
	}
	s.write = func(c *corpus, to string) {
		c.run(c.puttygen, k.file, "-O", "private", "-o", filepath.Clean(to), "--new-passphrase", passphrase, "--ppk-param", parameters)
	}
	c.add(s)
}
