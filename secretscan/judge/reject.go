package judge

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// The shortest values that are looked at, in bytes. Passwords of three letters are rare, and some are real.
const (
	passwordLeast = 3
	tokenLeast    = 8
)

// passwordWords are parts of keys that name a password.
var passwordWords = []string{"passw", "pass", "pwd", "psw", "passphrase", "passcode", "kennwort", "senha", "contrase", "parola", "motdepasse", "securestring"}

// laneOf tells by the key which lane a claim is in.
func laneOf(c *Claim) Lane {
	switch {
	case c.Scheme != "":
		return Header
	case c.Sep == Second || c.Sep == Option:
		return Password
	}
	var memory [usualWords]sign
	switch n := namingOf(c.Key, memory[:]); {
	case n.what == keyPassword:
		return Password
	case n.at >= 0:
		return Token
	}
	if key := strings.ToLower(c.Key); containsAny(key, passwordWords) || key == "identified" {
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

// keep appends a claim to a list if its value could be a credential at all, and it may count.
func (f *finder) keep(list []Claim, c *Claim) []Claim {
	if c.long() && (f.bar == nil || f.bar.may(c)) && c.plausible() {
		return append(list, *c)
	}
	return list
}

// long reports whether the value is long enough to be looked at.
func (c *Claim) long() bool {
	if c.Lane == Password || c.Lane == URL {
		return len(c.Value) >= passwordLeast
	}
	return len(c.Value) >= tokenLeast
}

// plausible reports whether the value of a claim, which is long enough, could be a credential.
func (c *Claim) plausible() bool {
	if c.Scheme == "basic" && !c.basic() {
		return false
	}
	for i := range len(c.Value) {
		if c.Value[i] < ' ' {
			return false
		}
	}
	if c.Sep == Space && c.Scheme == "" && c.Lane <= Token && !strings.HasSuffix(c.Before, "-") && !c.named() {
		return false
	}
	if c.Lane != URL && c.describes() {
		return false
	}
	if (c.Sep == Paren || c.Sep == Second) && c.verifies() {
		return false
	}
	return !c.reference() && !c.inExpression() && !c.masked() && !c.code() && !c.joins() && !c.formats() && !c.hashed() && !c.public() && !c.number() && !c.wide() && !c.command() && (c.Lane != Token || !c.text() && !c.names() && !c.harmless()) && !c.published()
}

// verifies reports whether the key is a call that only says whether a credential fits: verifyToken, isAuthorized.
func (c *Claim) verifies() bool {
	list := words(c.Key[strings.LastIndexByte(c.Key, '.')+1:])
	return len(list) > 1 && (list[0] == "is" || list[0] == "has") || slices.ContainsFunc(list, func(w string) bool { return signs()[w]&signVerifies != 0 })
}

// named reports whether the key surely names a credential, so that nothing but a space need stand between it and the value.
func (c *Claim) named() bool {
	var memory [usualWords]sign
	return namingOf(c.Key, memory[:]).at >= 0 || containsAny(strings.ToLower(c.Key), []string{"identified", "securestring"})
}

// basic reports whether the value may be what follows Basic in a header: the base64 of a name and a password, and not of those that RFC 7617
// has as its example.
func (c *Claim) basic() bool {
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(c.Value, "="))
	if err != nil {
		return false
	}
	user, password, pair := strings.Cut(string(text), ":")
	return pair && password != "" && !strings.EqualFold(user, "aladdin")
}

// hashed reports whether the value is what a password was turned into so that it can be kept: crypt, bcrypt, argon2, scrypt, LDAP schemes.
func (c *Claim) hashed() bool {
	v := c.Value
	if strings.HasPrefix(v, "$") && strings.Count(v, "$") >= 3 {
		return true
	}
	for _, prefix := range [...]string{"{SSHA", "{SHA", "{CRYPT}", "{MD5}", "{bcrypt}", "{noop}$", "pbkdf2", "sha256$", "sha1$", "argon2", "sha512-", "sha256-", "sha384-", "sha256:", "SHA256:", "md5:", "h1:"} {
		if strings.HasPrefix(v, prefix) {
			return true
		}
	}
	return false
}

// public reports whether the value is a public key or a certificate, by its name or by how DER, SSH and age begin.
func (c *Claim) public() bool {
	for _, prefix := range [...]string{"MFwwDQ", "MFkwEw", "MIGfMA0", "MIIBIjAN", "MIICIjAN", "AAAAB3", "AAAAC3", "AAAAE2", "ssh-rsa", "ssh-ed25519", "ecdsa-sha2", "-----BEGIN PUBLIC", "-----BEGIN CERT", "age1",
		"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS", "LS0tLS1CRUdJTiBQVUJMSUMgS0VZ", "LS0tLS1CRUdJTiBUUlVTVEVEIENFUlRJ", "LS0tLS1CRUdJTiBYNTA5IENSTC"} {
		if strings.HasPrefix(c.Value, prefix) {
			return true
		}
	}
	key := squeeze(c.Key)
	if pgp := strings.TrimRight(strings.ToLower(c.Before), " -_"); isHexDigits(c.Value) && (strings.HasSuffix(pgp, "gpg") || strings.HasSuffix(pgp, "pgp") || containsAny(key, []string{"gpgkey", "pgpkey"})) {
		return true // the fingerprint of a key
	}
	return containsAny(key, []string{"publickey", "pubkey", "verifierkey", "verifykey", "fingerprint", "thumbprint", "checksum", "recvkey", "gpgkeyid"}) ||
		strings.HasPrefix(key, "key") && (strings.HasSuffix(strings.ToLower(c.Before), "public ") || c.inPublicKey())
}

// inPublicKey reports whether the key is a field of something that is called a public key: PublicKey{ID: 1, Key: "..."}.
func (c *Claim) inPublicKey() bool {
	open := strings.LastIndexAny(c.Before, "{([")
	if open < 0 || strings.ContainsAny(c.Before[open:], "})]") {
		return false
	}
	return strings.HasSuffix(squeeze(c.Before[:open]), "publickey")
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
	if _, err := strconv.ParseFloat(strings.ReplaceAll(v, "_", ""), 64); err == nil && strings.Contains(v, ".") {
		return true
	}
	return c.Quote == Bare && strings.Trim(v, "0123456789._-+%ulfmsh") == "" || strings.Trim(v, "0123456789._-+^~<>=*x|, ") == "" && strings.ContainsAny(v, ".-")
}

// reference reports whether the value is the name of what holds the credential, and not the credential: $VAR, ${VAR}, {{ .Values.x }},
// %(name)s, <your key>.
func (c *Claim) reference() bool {
	v := c.Value
	switch {
	case c.Quote == Bare && strings.Count(v, ".") >= 2 && strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.") == "": // a field of a field
		return true
	case v[0] == ':' && c.Quote == Bare && isName(v[1:]): // a symbol
		return true
	case v[0] == '$' && (c.Quote == Bare || c.Quote == Double || c.Quote == Escaped) && c.Lane != URL && isName(v[1:]):
		return true
	case strings.HasPrefix(v, "${"), strings.HasPrefix(v, "$("), strings.HasPrefix(v, "{{"), strings.HasPrefix(v, "#{"), strings.HasPrefix(v, "<%"),
		strings.HasPrefix(v, "%(") && strings.HasSuffix(v, ")s"), strings.HasPrefix(v, "@{"), strings.HasPrefix(v, "!{"), strings.HasPrefix(v, "%{"):
		return true
	case c.Lane != URL && c.composed():
		return true
	case strings.HasPrefix(v, `\&`), strings.HasPrefix(v, "[") && strings.Contains(v, "]("), isStyle(v): // of Perl, of Markdown, of CSS
		return true
	case strings.HasPrefix(v, "<") && strings.HasSuffix(v, ">"), strings.HasPrefix(v, "[") && strings.HasSuffix(v, "]"),
		strings.HasPrefix(v, "{") && strings.HasSuffix(v, "}") && isField(v[1:len(v)-1]):
		return true
	case strings.HasSuffix(v, "..."), strings.HasSuffix(v, "…"), strings.HasPrefix(v, "/dev/"), strings.HasPrefix(v, "@/"):
		return true
	case isPattern(v), c.Quote == Bare && (strings.HasPrefix(v, "/^") || strings.HasPrefix(v, "/[") || strings.HasPrefix(v, "/(")):
		return true
	case strings.Count(v, "%") >= 2 && strings.HasPrefix(v, "%") && strings.HasSuffix(v, "%"):
		return true
	}
	return false
}

// composed reports whether the value is put together of variables, which alone are between slashes, or stand between two signs as a mark; where a
// value is generated, whether there is one in it: $DIR/$NAME, $encrypted$, build/${NAME}/x.
func (c *Claim) composed() bool {
	v := c.Value
	if c.Lane == Token && c.Quote != Single && (strings.Contains(v, "${") || strings.Contains(v, "$(") || strings.Contains(v, "#{")) {
		return true
	}
	if v[0] != '$' {
		return false
	}
	if name, ok := strings.CutSuffix(v[1:], "$"); ok && isName(name) {
		return true
	}
	for part := range strings.SplitSeq(v, "/") {
		if len(part) < 2 || part[0] != '$' || !isName(part[1:]) {
			return false
		}
	}
	return c.Quote != Single
}

// isField reports whether what stands in braces is a field that is filled in: {name}, or {name:>32} with a format as Python, Rust and .NET
// have it.
func isField(s string) bool {
	name, format, formatted := strings.Cut(s, ":")
	return !formatted || isName(name) && len(format) <= 8 && strings.Trim(format, "0123456789<>=^+-#.,_%?bcdeEfFgGnosxXN") == ""
}

// isPattern reports whether a text is a regular expression between slashes, as of JavaScript, Perl and Ruby, with or without flags.
func isPattern(v string) bool {
	end := strings.LastIndexByte(v, '/')
	if end < 2 || v[0] != '/' || strings.Trim(v[end+1:], "dgimsuvxy") != "" {
		return false
	}
	return strings.ContainsAny(v[1:end], "[\\^$*+?(|{")
}

// isStyle reports whether a text is a color or another value of a style sheet.
func isStyle(v string) bool {
	name, _, ok := strings.Cut(v, "(")
	return ok && styles(name)
}

var styles = set(`rgb rgba hsl hsla var calc url color-mix`)

// isName reports whether a text is the name of a variable or a field: NAME, user.password, row['password'].
func isName(s string) bool {
	if s == "" || isDigit(s[0]) {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.[]'\">-:") == ""
}
