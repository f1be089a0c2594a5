package proof

import (
	"slices"
	"strings"
)

// isChosen reports whether a text that stands where a password has to stand may be one that somebody chose: it is no variable, no blank to
// fill in, and none of the words that stand for a password where one is shown how to write it.
func isChosen(text string) bool {
	if text == "" || strings.ContainsAny(text[:1], "$<{[(%@*`.&") || strings.Contains(text, "${") || strings.Contains(text, "{{") || strings.Contains(text, "#{") || strings.Contains(text, "...") {
		return false
	}
	if strings.Trim(text, text[:1]) == "" || upperName(text) {
		return false
	}
	bare := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(text))
	return bare == "" && len(text) >= 4 || !standIn(bare)
}

// upperName reports whether a text is the name of a variable: DB_PASSWORD.
func upperName(text string) bool {
	return strings.Contains(text, "_") && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// standIn reports whether the letters of a text are those of a word that stands for a password.
func standIn(letters string) bool {
	for _, part := range [...]string{"your", "example", "placeholder", "changeme", "replace", "insert", "redacted", "dummy"} {
		if strings.Contains(letters, part) {
			return true
		}
	}
	for _, first := range [...]string{"my", "the", "a", "some", "new", "old", "user", "db", "test", "admin", "root", "x"} {
		if rest, ok := strings.CutPrefix(letters, first); ok && slices.Contains(standIns(), rest) {
			return true
		}
	}
	return slices.Contains(standIns(), letters)
}

// standIns are such words, with their letters only.
func standIns() []string {
	return []string{"", "password", "passwd", "passphrase", "pass", "passw", "pwd", "pw", "psw", "secret", "secretkey", "privatekey", "publickey", "key", "token", "value",
		"string", "text", "user", "username", "name", "login", "admin", "root", "foo", "bar", "baz", "foobar", "foobarbaz", "abc", "test", "testing", "null", "none", "nil", "true", "false",
		"undefined", "empty", "default", "public", "private", "xxx", "xxxx", "hidden", "prompt", "stdin", "env", "file", "ask", "unknown", "invalid", "wrong", "incorrect", "bad"}
}
