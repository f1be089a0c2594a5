package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"keysweep/rotation"
)

// check refuses what cannot be the value of a credential, and warns of what hardly is. No message holds any of it.
func (o *credValueOptions) check(env *Env, ref string, value []byte) error {
	_, name, _ := strings.Cut(ref, "/")
	if err := wrongValue(value, o.multiline); err != nil {
		return usagef(hintOf(err), "the value of %s: %w", ref, err)
	}
	if what := mistaken(name, value); what != "" && !o.force {
		return usagef("give the value itself; if this is it: --force", "the value of %s looks like %s", ref, what)
	}
	for _, warning := range oddities(value) {
		if _, err := fmt.Fprintf(env.Stderr, "warning: the value of %s %s\n", ref, warning); err != nil {
			return err
		}
	}
	return nil
}

// wrongValue says why the ledger or an environment variable cannot hold a value.
func wrongValue(value []byte, multiline bool) error {
	switch lines := bytes.Count(value, []byte{'\n'}); {
	case len(value) == 0:
		return usagef("is the variable or the file that it comes from empty?", "it is empty")
	case len(value) > rotation.MaxSecret:
		return usagef("keep long things in an encrypted file, and its passphrase in the ledger", "it is longer than %d bytes", rotation.MaxSecret)
	case lines > 0 && !multiline:
		return usagef("if that is meant, as for a private key: --multiline", "it has %d lines", lines+1)
	}
	allowed := "\t"
	if multiline {
		allowed = "\t\r\n"
	}
	odd := func(c rune) bool { return (c < ' ' || c == 0x7f) && !strings.ContainsRune(allowed, c) }
	if bytes.ContainsFunc(value, odd) {
		return usagef("copy it again; arrow keys and some terminals leave such characters", "it has control characters in it")
	}
	return nil
}

// reserved reports whether a variable means something to shells, loaders and interpreters, or to keysweep itself: a program that gets
// a secret there breaks, shows it, or runs what the value names.
func reserved(name string) bool {
	names := []string{"PATH", "HOME", "SHELL", "USER", "LOGNAME", "PWD", "OLDPWD", "TERM", "IFS", "ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "CDPATH", "PS1", "PS4",
		"PROMPT_COMMAND", "TMPDIR", "LANG", "EDITOR", "VISUAL", "PAGER", "BROWSER", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PERL5LIB", "PERL5OPT", "RUBYLIB", "RUBYOPT",
		"NODE_OPTIONS", "NODE_PATH", "JAVA_TOOL_OPTIONS", "CLASSPATH", "GCONV_PATH", "GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF"}
	prefixes := []string{"LD_", "DYLD_", "KEYSWEEP_", "LC_", "XDG_"}
	return slices.Contains(names, name) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// mistaken says what a value looks like that was not meant as one; "" if it looks like nothing else.
func mistaken(name string, value []byte) string {
	text := strings.TrimSpace(string(value))
	switch {
	case referenceLike(text):
		return "a reference to a value that is kept elsewhere"
	case name != "" && strings.HasPrefix(text, name+"="):
		return "a whole line of a .env file"
	case placeholder(text):
		return "a placeholder"
	}
	return ""
}

// referenceLike reports whether a text names a place where a value is kept, in keysweep's words or those of other tools.
func referenceLike(text string) bool {
	scheme, rest, found := strings.Cut(text, "://")
	schemes := []string{"keysweep", "op", "vault", "awssm", "awsps", "gcpsm", "azurekv", "bws", "doppler", "infisical"}
	switch {
	case found && rest != "" && (slices.Contains(schemes, scheme) || strings.HasPrefix(scheme, "ref+")):
		return true
	case strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}") || strings.HasPrefix(text, "$(") && strings.HasSuffix(text, ")"):
		return true
	}
	variable, dollar := strings.CutPrefix(text, "$")
	return dollar && rotation.CheckVariable(variable) == nil
}

// placeholder reports whether a text stands for a value that somebody was to fill in.
func placeholder(text string) bool {
	for _, marks := range []string{"<>", "[]", "{}", "%%"} {
		if len(text) >= 2 && text[0] == marks[0] && text[len(text)-1] == marks[1] && !strings.ContainsAny(text, `":`) {
			return true
		}
	}
	word := strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(text))
	if word == "" || strings.Trim(word, word[:1]) == "" { // all the same: xxxx, ****, 0000
		return true
	}
	whole := []string{"none", "null", "nil", "undefined", "empty", "todo", "tbd", "fixme", "secret", "password", "token", "key", "test", "foo", "bar", "foobar", "dummy", "fake", "redacted"}
	if slices.Contains(whole, word) {
		return true
	}
	for _, part := range []string{"changeme", "changethis", "replaceme", "replacethis", "placeholder", "insertyour", "xxxxxx"} {
		if strings.Contains(word, part) {
			return true
		}
	}
	example := strings.HasSuffix(word, "example") || strings.HasPrefix(word, "example") || strings.HasPrefix(word, "your")
	return example && !strings.Contains(text, "://")
}

// oddities are what is probably not meant, but may be.
func oddities(value []byte) (list []string) {
	const short = 8
	trimmed := bytes.TrimSpace(value)
	if len(trimmed) != len(value) {
		list = append(list, "has space around it, which is kept")
	}
	if n := len(trimmed); n >= 2 && trimmed[0] == trimmed[n-1] && strings.IndexByte("'\"`", trimmed[0]) >= 0 {
		list = append(list, "has quotes around it, which are kept")
	}
	if len(trimmed) < short {
		list = append(list, fmt.Sprintf("is shorter than %d characters: it can be guessed", short))
	}
	return list
}
