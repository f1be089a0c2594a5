package sshconfig

import (
	"path/filepath"
	"strings"
)

// Identity is a key file, or a certificate's, that a block names.
type Identity struct {
	Value       string // as it stands there, with "~" and tokens
	Certificate bool   // named by CertificateFile
	Line        int
	Block       *Block
}

// Identities returns the files that IdentityFile and CertificateFile name, in order. "none" is no file.
func (c *Config) Identities() (all []Identity) {
	for _, b := range c.Blocks {
		for _, s := range b.Settings {
			certificate := s.Keyword == "certificatefile"
			if (certificate || s.Keyword == "identityfile") && len(s.Args) > 0 && !strings.EqualFold(s.Args[0], "none") {
				all = append(all, Identity{Value: s.Args[0], Certificate: certificate, Line: s.Line, Block: b})
			}
		}
	}
	return all
}

// Tokens are the values of percent tokens (ssh_config(5), TOKENS): 'd' the home directory, 'u' the local user, 'h' the host.
// What depends on the connection and is not known is left out.
type Tokens map[byte]string

// Expand makes a path of the value of IdentityFile: "~/" and "%d" become the home directory, other tokens what they stand for.
// False says that something in it is not known here: another user's home directory, a token without a value, an environment
// variable.
func Expand(value, home string, tokens Tokens) (path string, ok bool) {
	if strings.Contains(value, "${") {
		return "", false
	}
	if rest, tilde := strings.CutPrefix(value, "~/"); tilde && home != "" {
		value = escapeTokens(home) + "/" + rest
	}
	if strings.HasPrefix(value, "~") {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '%' {
			b.WriteByte(value[i])
			continue
		}
		i++
		if i == len(value) {
			return "", false
		}
		text, known := tokens[value[i]]
		switch {
		case value[i] == '%':
			text, known = "%", true
		case value[i] == 'd' && !known:
			text, known = home, home != ""
		}
		if !known {
			return "", false
		}
		b.WriteString(text)
	}
	return filepath.Clean(b.String()), true
}

func escapeTokens(path string) string { return strings.ReplaceAll(path, "%", "%%") }
