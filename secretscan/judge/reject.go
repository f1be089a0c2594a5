package judge

import "strings"

// passwordWords are parts of keys that name a password.
var passwordWords = []string{"passw", "pass", "pwd", "psw", "passphrase", "passcode", "kennwort", "senha", "contrase", "parola", "motdepasse"}

// laneOf tells by the key which lane a claim is in.
func laneOf(c *Claim) Lane {
	key := strings.ToLower(c.Key)
	switch {
	case c.Scheme != "":
		return Header
	case containsAny(key, passwordWords) || key == "identified":
		return Password
	}
	return Token
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// plausible appends a claim to a list if its value could be a credential at all.
func plausible(list []Claim, c Claim) []Claim {
	if c.plausible() {
		return append(list, c)
	}
	return list
}

func (c *Claim) plausible() bool {
	least := 8
	if c.Lane == Password || c.Lane == URL {
		least = 3
	}
	if len(c.Value) < least {
		return false
	}
	for i := range len(c.Value) {
		if c.Value[i] < ' ' {
			return false
		}
	}
	return !reference(c.Value) && !c.hashed() && !c.public() && !c.number()
}

// hashed reports whether the value is what a password was turned into so that it can be kept: crypt, bcrypt, argon2, scrypt, LDAP schemes.
func (c *Claim) hashed() bool {
	v := c.Value
	if strings.HasPrefix(v, "$") && strings.Count(v, "$") >= 3 {
		return true
	}
	for _, prefix := range [...]string{"{SSHA", "{SHA", "{CRYPT}", "{MD5}", "{bcrypt}", "{noop}$", "pbkdf2", "sha256$", "sha1$", "argon2", "sha512-", "sha256-", "sha384-", "sha256:", "md5:"} {
		if strings.HasPrefix(v, prefix) {
			return true
		}
	}
	return false
}

// public reports whether the value is a public key or a certificate, by its name or by how DER and SSH begin in base64.
func (c *Claim) public() bool {
	for _, prefix := range [...]string{"MFww", "MFkw", "MIGf", "MIIBI", "MIICI", "MIIEI", "AAAAB3", "AAAAC3", "AAAAE2", "ssh-rsa", "ssh-ed25519", "ecdsa-sha2", "-----BEGIN PUBLIC", "-----BEGIN CERT"} {
		if strings.HasPrefix(c.Value, prefix) {
			return true
		}
	}
	return strings.Contains(squeeze(c.Key), "publickey") || strings.Contains(squeeze(c.Key), "pubkey")
}

// number reports whether the value of something that is no password is a number: 3221226597, 0x1F, -0.5, 1_000.
func (c *Claim) number() bool {
	if c.Lane != Token || len(c.Value) > 20 {
		return false
	}
	v := strings.ToLower(c.Value)
	if hex, ok := strings.CutPrefix(v, "0x"); ok {
		return len(hex) <= 16
	}
	return c.Quote == Bare && strings.Trim(v, "0123456789._-+%ulfmsh") == "" || strings.Trim(v, "0123456789._-+") == "" && strings.ContainsAny(v, ".-")
}

// reference reports whether a value is the name of what holds the credential, and not the credential: ${VAR}, {{ .Values.x }}, %(name)s, <your key>.
func reference(v string) bool {
	switch {
	case strings.HasPrefix(v, "${"), strings.HasPrefix(v, "$("), strings.HasPrefix(v, "{{"), strings.HasPrefix(v, "#{"), strings.HasPrefix(v, "<%"),
		strings.HasPrefix(v, "%(") && strings.HasSuffix(v, ")s"), strings.HasPrefix(v, "@{"), strings.HasPrefix(v, "!{"):
		return true
	case strings.HasPrefix(v, "<") && strings.HasSuffix(v, ">"), strings.HasPrefix(v, "[") && strings.HasSuffix(v, "]"),
		strings.HasPrefix(v, "{") && strings.HasSuffix(v, "}") && !strings.Contains(v, ":"):
		return true
	case strings.HasSuffix(v, "..."), strings.HasSuffix(v, "…"), strings.HasPrefix(v, "/dev/"), strings.HasPrefix(v, "@/"):
		return true
	case strings.Count(v, "%") >= 2 && strings.HasPrefix(v, "%") && strings.HasSuffix(v, "%"):
		return true
	}
	return false
}
