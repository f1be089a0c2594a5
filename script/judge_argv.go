package script

import (
	"slices"
	"strings"

	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// judgeArguments looks for secrets among the arguments of programs.
func judgeArguments(p *program) {
	for _, c := range p.Commands {
		if p.builtin(c) {
			continue
		}
		for _, a := range secretArguments(c) {
			p.say(secretInArgv, a.span, "a secret is an argument of "+c.Name, a.hide...)
		}
	}
	for _, a := range p.Assigns { // sudo NAME=value COMMAND
		if a.For != nil && !slices.Contains(a.For.Env, a) && a.For.Wrapped("sudo") && a.Value.Secret != "" {
			p.say(secretInArgv, a.Span, "a secret is an argument of sudo")
		}
	}
}

// builtin reports whether a command has no process of its own.
func (p *program) builtin(c *shell.Command) bool {
	if p.Functions[c.Name] && len(c.Wrappers) == 0 {
		return true
	}
	switch c.Name {
	case "echo", "printf", "export", "local", "declare", "readonly", "typeset", "read", "test", "[", "[[", "set", "eval", "return", "exit", "unset", ":", "true", "false",
		"source", ".", "trap", "cd", "shift", "alias", "print", "":
		return len(c.Wrappers) == 0
	}
	return false
}

// argument is a secret in a command's words.
type argument struct {
	span text.Span
	hide []text.Span
}

// argumentOf makes an argument of an option whose value is a secret.
func argumentOf(o option) argument {
	a := argument{span: o.word.Span}
	if o.word.Literal {
		a.hide = []text.Span{o.valueSpan()}
	}
	return a
}

// given reports whether an option's value is there and is no placeholder, no file and no empty string.
func (o option) given() bool {
	v := o.value
	return v != "" && !isPlaceholder(v) && !strings.HasPrefix(v, "@") && !strings.HasPrefix(v, "<(")
}

// secretArguments returns the secrets among a command's words.
func secretArguments(c *shell.Command) (list []argument) {
	args := words(c)
	add := func(o option, ok bool) {
		if ok && o.given() {
			list = append(list, argumentOf(o))
		}
	}
	switch c.Name {
	case "mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "mariadb-admin", "mysqlimport", "xtrabackup", "mycli":
		for _, w := range args {
			if v, ok := strings.CutPrefix(w.Value, "--password="); ok {
				add(option{value: v, word: w, raw: strings.TrimPrefix(w.Raw, "--password=")}, true)
			} else if v, ok := strings.CutPrefix(w.Value, "-p"); ok && !strings.HasPrefix(v, "-") && v != "" {
				add(option{value: v, word: w, raw: strings.TrimPrefix(w.Raw, "-p")}, true)
			}
		}
	case "curl":
		list = append(list, curlArguments(c)...)
	case "wget":
		l := sorted(args, wgetShort, wgetLong()...)
		for _, name := range []string{"password", "http-password", "ftp-password", "proxy-password"} {
			add(l.get(name))
		}
		list = append(list, headers(l, "header")...)
	case "docker", "podman", "nerdctl", "helm", "skopeo", "buildah", "oc", "az", "cf":
		if slices.ContainsFunc(args, func(w *shell.Word) bool { return w.Value == "login" }) {
			add(sorted(args, "pu", "password", "username", "token", "client-secret").get("p", "password", "token"))
		}
	case "sshpass":
		add(sorted(args[:min(2, len(args))], "pfdP").get("p"))
	case "openssl":
		for i, w := range args {
			if v, ok := strings.CutPrefix(w.Value, "pass:"); ok {
				add(option{value: v, word: w, raw: strings.TrimPrefix(w.Raw, "pass:")}, true)
			} else if w.Value == "-k" || w.Value == "-K" {
				if i+1 < len(args) {
					add(option{value: args[i+1].Value, word: args[i+1], raw: args[i+1].Raw}, says(c, "enc"))
				}
			}
		}
	case "redis-cli":
		add(sorted(args, "ahpnu", "pass").get("a", "pass"))
	case "htpasswd":
		l := sorted(args, "C")
		if l.has("b") && len(l.operands) > 1 {
			w := l.operands[len(l.operands)-1]
			add(option{value: w.Value, word: w, raw: w.Raw}, true)
		}
	case "zip", "unzip":
		add(sorted(args, "P").get("P"))
	case "7z", "7za":
		add(sorted(args, "p").get("p"))
	case "ldapsearch", "ldapadd", "ldapmodify", "ldappasswd":
		add(sorted(args, "wDHbxsf").get("w"))
	case "aws":
		if n := len(args); says(c, "configure set") && n > 1 && shell.SecretName(args[n-2].Value) != "" {
			add(option{value: args[n-1].Value, word: args[n-1], raw: args[n-1].Raw}, true)
		}
	case "mongo", "mongosh", "mongodump":
		add(sorted(args, "pu", "password", "username").get("p", "password"))
	case "jq", "yq", "npm", "yarn", "pnpm", "composer":
		if c.Name[1] == 'q' || says(c, "config") || says(c, "set") {
			for _, w := range args {
				if w.Secret != "" && !strings.HasPrefix(w.Value, "-") {
					list = append(list, argument{span: w.Span})
				}
			}
		}
	case "vault":
		if n := len(args); n > 1 && args[0].Value == "login" && args[n-1].Secret != "" {
			add(option{value: args[n-1].Value, word: args[n-1], raw: args[n-1].Raw}, true)
		}
	}
	return append(list, general(c, list)...)
}

// curlArguments returns the secrets among curl's words.
func curlArguments(c *shell.Command) (list []argument) {
	l := sorted(words(c), curlShort, curlLong()...)
	for _, o := range l.options {
		switch o.name {
		case "u", "user", "U", "proxy-user":
			if _, password, ok := strings.Cut(o.value, ":"); ok && password != "" && !isPlaceholder(password) || o.word.Secret != "" {
				list = append(list, argumentOf(o))
			}
		case "oauth2-bearer", "pass":
			if o.given() {
				list = append(list, argumentOf(o))
			}
		case "d", "data", "data-raw", "json", "data-binary", "data-urlencode", "F", "form", "form-string":
			if o.word.Secret != "" && !strings.HasPrefix(o.value, "@") {
				list = append(list, argument{span: o.word.Span})
			}
		}
	}
	return append(list, headers(l, "H", "header")...)
}

// headers returns the headers that hold a secret: one for authentication with a value that is a secret or stands there.
func headers(l line, names ...string) (list []argument) {
	for _, o := range l.options {
		if !slices.Contains(names, o.name) {
			continue
		}
		name, value, _ := strings.Cut(o.value, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if strings.Contains(name, "metadata-token") {
			continue // a session token that the metadata service gives to each program
		}
		scheme, rest, two := strings.Cut(value, " ")
		if two && (strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "basic") || strings.EqualFold(scheme, "token")) {
			value = strings.TrimSpace(rest)
		}
		auth := name == "authorization" || name == "private-token" || name == "proxy-authorization" || strings.HasPrefix(name, "x-") && (strings.HasSuffix(name, "token") || strings.HasSuffix(name, "key")) || name == "api-key" || name == "apikey" || name == "cookie" && o.word.Secret != ""
		switch {
		case o.word.Secret != "":
			list = append(list, argument{span: o.word.Span})
		case auth && value != "" && o.word.Literal && !isPlaceholder(value):
			list = append(list, argument{span: o.word.Span, hide: []text.Span{within(o.word.Span, value)}})
		}
	}
	return list
}

// general returns options of any program that are named for secrets and have one.
func general(c *shell.Command, known []argument) (list []argument) {
	args := words(c)
	for i, w := range args {
		name, value, has := strings.Cut(w.Value, "=")
		word := w
		if !strings.HasPrefix(name, "-") || len(name) < 4 {
			if !has || !(c.Name == "docker" || c.Name == "podman" || c.Name == "kubectl") || w.Secret == "" {
				continue
			}
			if i == 0 || !slices.Contains([]string{"-e", "--env", "--build-arg"}, args[i-1].Value) {
				continue
			}
		} else if !has && i+1 < len(args) {
			word, value = args[i+1], args[i+1].Value
		}
		if strings.HasPrefix(name, "--from-literal") {
			name, value = "--secret", value[strings.IndexByte(value, '=')+1:]
		}
		if word.Secret == "" || value == "" || strings.HasPrefix(value, "-") {
			continue
		}
		if strings.HasPrefix(name, "-") && shell.SecretName(strings.TrimLeft(name, "-")) == "" && name != "--passphrase" {
			continue
		}
		if !slices.ContainsFunc(known, func(k argument) bool { return k.span == word.Span }) {
			list = append(list, argument{span: word.Span})
		}
	}
	return list
}

// isPlaceholder reports whether a value stands for one that somebody is to put in.
func isPlaceholder(v string) bool {
	lower := strings.ToLower(strings.Trim(v, `"'`))
	if lower == "" || strings.Trim(lower, "*x.-_") == "" {
		return true
	}
	if strings.HasPrefix(lower, "<") && strings.HasSuffix(lower, ">") || strings.HasPrefix(lower, "[") && strings.HasSuffix(lower, "]") ||
		strings.HasPrefix(lower, "${") && strings.HasSuffix(lower, "}") || strings.HasPrefix(lower, "__") || strings.HasPrefix(lower, "{{") {
		return true
	}
	for _, word := range []string{"changeme", "change_me", "change-me", "replace", "your", "example", "placeholder", "redacted", "dummy", "insert"} {
		if strings.HasPrefix(lower, word) || strings.Contains(lower, "your_") || strings.Contains(lower, "your-") {
			return true
		}
	}
	return false
}
