package shell

import (
	"path"
	"strings"
)

// SecretName says why a variable's name tells that it holds a secret; "" if it does not. Names of what is about a secret and none
// itself (PASSWORD_FILE, TOKEN_URL, KEY_ID) do not.
func SecretName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(camelParted(name)), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	if len(words) == 0 {
		return ""
	}
	for len(words) > 1 && isNumber(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	last := words[len(words)-1]
	if stem := strings.TrimRight(last, "0123456789"); stem != "" {
		last = stem
	}
	before := ""
	if len(words) > 1 {
		before = words[len(words)-2]
	}
	const why = "its name says so"
	switch last {
	case "password", "passwd", "passphrase", "secret", "secrets", "token", "apikey", "pass", "pwd", "pw", "pat", "credentials", "credential", "dbpass",
		"dbpassword", "authtoken", "accesstoken", "privatekey", "secretkey", "mysqlpassword", "pgpassword", "psk":
		if (last == "pwd" || last == "pass" || last == "pw" || last == "pat") && before == "" && name != "PASS" && last != "pw" {
			return "" // PWD is a directory, and pass a word
		}
		return why
	case "key":
		switch before {
		case "api", "secret", "access", "private", "encryption", "master", "signing", "auth", "account", "license", "ssh", "deploy":
			if before == "access" && !strings.Contains(strings.ToLower(name), "secret") {
				return ""
			}
			return why
		}
	}
	return ""
}

// camelParted puts underscores between the words of dbPassword.
func camelParted(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// harmless reports whether a value that a variable with a secret's name is given is none: a switch, a number of seconds, a path.
func harmless(value string) bool {
	switch strings.ToLower(value) {
	case "true", "false", "yes", "no", "none", "null", "0", "1", "on", "off":
		return true
	}
	return strings.HasPrefix(value, "/") && strings.Count(value, "/") > 1 && !strings.ContainsAny(value, "+= ")
}

// secretSource says why the output of commands is a secret.
func secretSource(list []*Command) string {
	for _, c := range list {
		if c.Pipeline != nil && c.Stage+1 < len(c.Pipeline.Stages) && digests(c.Pipeline) {
			continue
		}
		if why := SecretSource(c); why != "" {
			return why
		}
	}
	return ""
}

// digests reports whether a pipeline ends in a program that gives only a digest, a count or a decision.
func digests(p *Pipeline) bool {
	if len(p.Stages) == 0 || len(p.Stages[len(p.Stages)-1]) == 0 {
		return false
	}
	switch last := p.Stages[len(p.Stages)-1]; last[len(last)-1].Name {
	case "sha256sum", "sha512sum", "sha1sum", "md5sum", "shasum", "wc", "grep":
		return true
	}
	return false
}

// SecretSource says why what a command prints is a secret: it asks a secret manager, decrypts, or prints a file of secrets.
func SecretSource(c *Command) string {
	all := " " + joined(c.Args) + " "
	has := func(words string) bool { return strings.Contains(all, " "+words+" ") }
	said := ""
	switch c.Name {
	case "aws":
		said = first(has("secretsmanager get-secret-value") || has("ssm get-parameter") && has("--with-decryption") ||
			has("ssm get-parameters") && has("--with-decryption") || has("kms decrypt"), "AWS")
	case "gcloud":
		said = first(has("secrets versions access") || has("auth print-access-token"), "Google Cloud")
	case "az":
		said = first(has("keyvault secret show") || has("account get-access-token"), "Azure")
	case "vault", "bao":
		said = first(has("kv get") || has("read") || has("token create"), c.Name)
	case "op":
		said = first(has("read") || has("item get"), "1Password")
	case "pass", "gopass", "bw", "doppler", "infisical", "chamber", "secret-tool", "lpass", "keyring", "berglas", "security", "pwgen", "sops", "systemd-creds", "keysweep":
		said = first(c.Name != "pass" || len(c.Args) > 1, c.Name)
		if c.Name == "systemd-creds" && !has("cat") && !has("decrypt") || c.Name == "sops" && !has("-d") && !has("decrypt") && !has("--decrypt") || c.Name == "keysweep" && !has("cred show") ||
			c.Name == "security" && !strings.Contains(all, "-password") {
			said = ""
		}
	case "age", "rage":
		said = first(has("-d") || has("--decrypt"), c.Name)
	case "gpg", "gpg2":
		said = first(has("-d") || has("--decrypt"), c.Name)
	case "openssl":
		said = first(has("rand"), "openssl rand")
	case "kubectl", "oc":
		said = first(has("get secret") || has("get secrets") || has("create token"), "Kubernetes")
	case "gh":
		said = first(has("auth token"), "gh")
	case "cat", "head", "tail", "base64", "tr", "":
		return secretFile(c)
	}
	if said == "" {
		return ""
	}
	return "it comes from " + said
}

func first(ok bool, text string) string {
	if ok {
		return text
	}
	return ""
}

func joined(words []*Word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.Value)
	}
	return b.String()
}

// secretFile says whether a command prints a file that, by its name, holds a secret.
func secretFile(c *Command) string {
	files := []string{}
	if len(c.Args) > 0 {
		for _, w := range c.Args[1:] {
			files = append(files, w.Value)
		}
	}
	for _, d := range c.Redirects {
		if d.Op == "<" && d.Target != nil {
			files = append(files, d.Target.Value)
		}
	}
	for _, f := range files {
		if IsSecretFile(f) {
			return "it comes from a file of secrets"
		}
		if strings.HasSuffix(f, "/urandom") || strings.HasSuffix(f, "/random") {
			return "it is made of random bytes"
		}
	}
	return ""
}

// IsSecretFile reports whether a file, by its name, holds a secret.
func IsSecretFile(name string) bool {
	base := strings.ToLower(path.Base(name))
	if strings.HasPrefix(name, "/run/secrets/") || strings.HasPrefix(name, "/var/run/secrets/") || strings.HasPrefix(name, "$CREDENTIALS_DIRECTORY/") {
		return true
	}
	if strings.HasSuffix(base, ".pub") || strings.HasPrefix(name, "-") || strings.Contains(base, "public") || strings.Contains(base, "keyring") {
		return false
	}
	if strings.HasPrefix(name, "/etc/passwd") { // and its copies: it holds no secret since there is shadow(5)
		return false
	}
	stem, ext, _ := strings.Cut(strings.TrimPrefix(base, "."), ".")
	if IsPrivateKey(name) || ext == "key" || ext == "token" || ext == "secret" || ext == "password" || ext == "passwd" && stem != "" {
		return true
	}
	return SecretName(strings.ReplaceAll(stem, "-", "_")) != "" && ext != "sh" && ext != "go" && ext != "py"
}

// IsPrivateKey reports whether a file, by its name, holds a private key.
func IsPrivateKey(name string) bool {
	base := strings.ToLower(path.Base(name))
	for _, n := range []string{"id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", "id_ed25519_sk", "id_ecdsa_sk", "identity"} {
		if base == n {
			return base != "identity" || strings.Contains(name, ".ssh/")
		}
	}
	ext := path.Ext(base)
	switch ext {
	case ".ppk", ".p12", ".pfx", ".jks":
		return true
	case ".key":
		return true
	case ".pem":
		for _, open := range []string{"cert", "chain", "ca", "bundle", "crt", "public", "root", "dh"} {
			if strings.Contains(base, open) {
				return false
			}
		}
		return true
	}
	return false
}

// Fetches reports whether a command is a program that gets something from the net.
func Fetches(c *Command) bool {
	switch c.Name {
	case "curl", "wget", "fetch", "aria2c", "lynx", "http", "https", "xh", "axel", "wget2", "curlie", "ftp":
		return true
	}
	return false
}

// fetched reports whether the output of commands is what one of them fetched.
func fetched(list []*Command) bool {
	for _, c := range list {
		if Fetches(c) && !(c.Pipeline != nil && digests(c.Pipeline)) {
			return true
		}
	}
	return false
}
