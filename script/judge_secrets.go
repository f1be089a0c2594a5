package script

import (
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// judgeXtrace looks for secrets that are used while every command is printed.
func judgeXtrace(p *program) {
	var on *shell.Command
	said := false
	if line, _, _ := strings.Cut(string(p.Text.Data[:min(len(p.Text.Data), 200)]), "\n"); strings.HasPrefix(line, "#!") && p.part.kind == whole {
		for _, f := range strings.Fields(line)[1:] {
			if strings.HasPrefix(f, "-") && !strings.HasPrefix(f, "--") && strings.Contains(f, "x") {
				on = &shell.Command{Span: text.Span{Text: p.Text, From: 0, To: len(line)}}
			}
		}
	}
	assigns := p.Assigns
	use := func(span text.Span) {
		if on != nil && !said {
			said = true
			h := p.say(xtraceSecret, span, "")
			h.related = append(h.related, related{on.Span, "from here on every command is printed"})
		}
	}
	for _, c := range p.Commands {
		for len(assigns) > 0 && assigns[0].Seq <= c.Seq {
			a := assigns[0]
			assigns = assigns[1:]
			if a.Value != nil && a.Value.Secret != "" || a.Value != nil && shell.SecretName(a.Name) != "" && a.Value.Value != "" && !harmlessValue(a.Value.Value) {
				use(a.Span)
			}
		}
		if c.Name == "set" && len(c.Wrappers) == 0 {
			switch state := tracing(c); {
			case state == "+" && !c.Conditional:
				on, said = c, false
			case state == "-":
				on = nil
			}
			continue
		}
		for _, w := range c.Args {
			if w.Secret != "" && len(w.Vars)+len(w.Substs) > 0 {
				use(c.Span)
			}
		}
	}
	for _, a := range assigns {
		if a.Value != nil && a.Value.Secret != "" {
			use(a.Span)
		}
	}
}

// tracing says what a set command does about tracing: "+" on, "-" off, "" nothing.
func tracing(c *shell.Command) string {
	for i, w := range words(c) {
		v := w.Value
		if len(v) < 2 || v[0] != '-' && v[0] != '+' {
			continue
		}
		if strings.Contains(v, "x") && !strings.HasPrefix(v, "--") || strings.HasSuffix(v, "o") && c.Argument(i+2) == "xtrace" {
			if v[0] == '-' {
				return "+"
			}
			return "-"
		}
	}
	return ""
}

// harmlessValue reports whether a value of a variable with a secret's name is none.
func harmlessValue(v string) bool {
	switch strings.ToLower(v) {
	case "", "true", "false", "yes", "no", "none", "null", "0", "1", "on", "off", "file", "auto", "prompt", "random", "disabled", "enabled":
		return true
	}
	if strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "~/") || strings.HasPrefix(v, "$") || strings.HasPrefix(v, "%") || strings.Contains(v, "://") && !strings.Contains(v, "@") {
		return true
	}
	return isPlaceholder(v) || strings.Trim(v, "0123456789") == "" && len(v) < 4
}

// judgeSecretFiles looks for secrets that are written to files which others may read.
func judgeSecretFiles(p *program) {
	for _, c := range p.Commands {
		why := writesSecret(c)
		if why == "" {
			continue
		}
		for _, target := range targets(c) {
			name := target.Value
			if name == "" || isDevice(name) || strings.HasPrefix(name, "&") || p.protected(c, name, target) {
				continue
			}
			p.say(secretToFile, c.Span, "a secret is written to "+shown(name)+", which others may read")
		}
	}
}

// shown is a file's name in a title.
func shown(name string) string {
	if len(name) > 60 || strings.ContainsAny(name, "\n\r") {
		return "a file"
	}
	return name
}

// targets returns the files that a command's output ends in: its own, or those of tee and the last stage of its pipeline.
func targets(c *shell.Command) []*shell.Word {
	list := output(c)
	if len(list) > 0 || c.Pipeline == nil || c.Inside {
		if c.Name == "tee" {
			for _, w := range words(c) {
				if !strings.HasPrefix(w.Value, "-") {
					list = append(list, w)
				}
			}
		}
		return list
	}
	for _, stage := range c.Pipeline.Stages[min(c.Stage+1, len(c.Pipeline.Stages)):] {
		for _, next := range stage {
			switch next.Name {
			case "tee":
				for _, w := range words(next) {
					if !strings.HasPrefix(w.Value, "-") {
						list = append(list, w)
					}
				}
				return append(list, output(next)...)
			case "base64", "jq", "tr", "sed", "head", "tail", "cut", "yq", "awk", "envsubst":
				list = append(list, output(next)...)
			default:
				return list // a program that does something else with it
			}
		}
	}
	return list
}

// writesSecret says why what a command prints is a secret.
func writesSecret(c *shell.Command) string {
	switch c.Name {
	case "echo", "printf", "print":
		for _, w := range words(c) {
			if w.Secret != "" {
				return w.Secret
			}
		}
		return ""
	case "cat", "tee", "envsubst":
		for _, d := range c.Redirects {
			if strings.HasPrefix(d.Op, "<<") && d.Target.Secret != "" {
				return d.Target.Secret
			}
		}
	}
	if why := shell.SecretSource(c); why != "" && !strings.Contains(why, "random") && !c.Inside {
		return why
	}
	return ""
}

// protected reports whether a file is out of others' reach when a command writes to it.
func (p *program) protected(by *shell.Command, name string, target *shell.Word) bool {
	if strings.HasPrefix(name, "$GITHUB_") || strings.HasPrefix(name, "/run/secrets") || strings.HasPrefix(name, "$CREDENTIALS_DIRECTORY") || strings.HasPrefix(name, "$RUNTIME_DIRECTORY") || base(name) == "authorized_keys" || strings.HasSuffix(name, "_history") || strings.HasPrefix(name, "/proc") {
		return true
	}
	if p.temporary(target, 0) {
		return true
	}
	if !p.file.spend(20 * (len(p.Commands) + len(p.Assigns))) {
		return true
	}
	private := false
	for _, c := range p.Commands {
		if c.Seq >= by.Seq {
			break
		}
		switch c.Name {
		case "umask":
			if mask := c.Argument(1); mask != "" && (c.Function == by.Function || c.Function == "") {
				private = len(mask) > 1 && strings.HasSuffix(mask, "77") || mask == "u=rwx,go=" || mask == "go=" || mask == "go-rwx" || mask == "0066" || mask == "066" || mask == "0007"
			}
		case "chmod", "install", "mkdir":
			if closes(c) && namesOrHolds(c, name) {
				return true
			}
		}
	}
	return private
}

// temporary reports whether a path begins with what mktemp made, or with a variable that does: below such a directory nobody else looks.
func (p *program) temporary(path *shell.Word, depth int) bool {
	if depth > 3 || !p.file.spend(10*len(p.Assigns)) {
		return false
	}
	for _, v := range path.Vars {
		for _, a := range p.Assigns {
			if a.Name != v || a.Value == nil {
				continue
			}
			if slices.ContainsFunc(a.Value.Substs, func(s shell.Subst) bool {
				return slices.ContainsFunc(s.Commands, func(c *shell.Command) bool { return c.Name == "mktemp" })
			}) || p.temporary(a.Value, depth+1) {
				return true
			}
		}
	}
	return false
}

// closes reports whether chmod, install or mkdir gives a mode that others have no part in.
func closes(c *shell.Command) bool {
	if c.Name == "chmod" {
		for _, w := range words(c) {
			v := w.Value
			if strings.Trim(v, "01234567") == "" && len(v) >= 3 {
				return v[len(v)-1] == '0'
			}
			if v == "go=" || v == "u=rw,go=" || v == "og-rwx" || v == "go-rwx" || v == "o=" || v == "u=rw,g=r,o=" || v == "o-rwx" || v == "u=rwx,go=" {
				return true
			}
		}
		return false
	}
	o, ok := sorted(words(c), "mogtS", "mode", "owner", "group").get("m", "mode")
	return ok && (strings.HasSuffix(o.value, "00") || strings.HasSuffix(o.value, "0") && len(o.value) >= 3 || strings.HasSuffix(o.value, "go="))
}

// namesOrHolds reports whether a command is about a file, or about a directory that it lies in.
func namesOrHolds(c *shell.Command, file string) bool {
	return slices.ContainsFunc(words(c), func(w *shell.Word) bool {
		return same(w.Value, file) || w.Value != "" && w.Value != "/" && strings.HasPrefix(file, strings.TrimRight(w.Value, "/")+"/")
	})
}

// judgeExports looks for secrets that are exported as literals, or that shells have remembered.
func judgeExports(p *program) {
	for _, a := range p.Assigns {
		w := a.Value
		if w == nil || !w.Literal || shell.SecretName(a.Name) == "" || harmlessValue(w.Value) {
			continue
		}
		if a.For != nil && p.part.kind != remembered {
			p.say(secretLiteral, a.Span, a.Name+" is given as a literal", within(a.Span, w.Raw))
			continue
		}
		if a.Exported || p.part.kind == remembered || p.part.kind == profile {
			value := within(a.Span, "=")
			hide := text.Span{Text: a.Text, From: min(value.From+1, a.To), To: a.To}
			title := a.Name + " is exported as a literal"
			if p.part.kind == remembered {
				title = a.Name + " stands in the shell's history"
			}
			p.say(secretExport, a.Span, title, hide)
		}
	}
}

// judgeURLs looks for user names with passwords in URLs.
func judgeURLs(p *program) {
	for _, c := range p.Commands {
		for _, w := range c.Args {
			p.urls(w.Span, w.Secret != "" && !p.builtin(c))
			if !strings.Contains(w.Span.String(), "://") && w.Secret != "" && !p.builtin(c) && secretURL(w.Value) {
				p.say(secretInArgv, w.Span, "a URL with a secret is an argument of "+c.Name)
			}
		}
		for _, d := range c.Redirects {
			if d.Target != nil && strings.HasPrefix(d.Op, "<<") {
				p.urls(d.Target.Span, false)
			}
		}
	}
	for _, a := range p.Assigns {
		if a.Value != nil {
			p.urls(a.Value.Span, false)
		}
	}
}

// secretURL reports whether the value of a word is a URL with a variable as its password.
func secretURL(v string) bool {
	_, rest, ok := strings.Cut(v, "://")
	login, _, at := strings.Cut(rest, "@")
	return ok && at && strings.Contains(login, "$") && !strings.ContainsAny(login, "/ ")
}

// urls looks for URLs in a span.
func (p *program) urls(span text.Span, secret bool) {
	s := string(shell.Blank([]byte(span.String())))
	for at := 0; ; {
		i := strings.Index(s[at:], "://")
		if i < 0 {
			return
		}
		i += at
		at = i + 3
		start := i
		for start > 0 && isSchemeByte(s[start-1]) {
			start--
		}
		end := at
		for end < len(s) && strings.IndexByte("/?# \t\n\"'`<>|;,)", s[end]) < 0 {
			end++
		}
		sign := strings.LastIndexByte(s[at:end], '@')
		if sign < 0 || start == i {
			continue
		}
		user, password, both := strings.Cut(s[at:at+sign], ":")
		sub := func(from, to int) text.Span {
			return text.Span{Text: span.Text, From: span.From + from, To: span.From + to}
		}
		switch {
		case strings.Contains(s[at:at+sign], "$"):
			if secret && shell.SecretName(strings.Trim(password, "${}")) != "" || secret && password == "" && shell.SecretName(strings.Trim(user, "${}")) != "" {
				p.say(secretInArgv, sub(start, end), "a URL with a secret is an argument of a program")
			}
		case both && password != "" && !isPlaceholder(password) && !exampleLogin(user, password, s[at+sign+1:end]):
			p.say(credentialsInURL, sub(start, end), "", sub(at+len(user)+1, at+sign))
		}
	}
}

func isSchemeByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '+' || b == '-' || b == '.' || '0' <= b && b <= '9'
}

// exampleLogin reports whether a login is one that documentation shows.
func exampleLogin(user, password, host string) bool {
	host, _, _ = strings.Cut(host, ":")
	if host == "example.com" || strings.HasSuffix(host, ".example.com") || strings.HasSuffix(host, ".example") || host == "example.org" || host == "host" || host == "hostname" {
		return true
	}
	if strings.Contains(strings.ToLower(user), "user") && strings.Contains(strings.ToLower(password), "pass") {
		return true
	}
	return (password == "password" || password == "pass" || password == "pw") && (user == "user" || user == "username" || user == "login")
}

// judgeManagers says where secrets come from a secret manager, as they should.
func judgeManagers(p *program) {
	for _, a := range p.Assigns {
		if a.Value == nil || !strings.HasPrefix(a.Value.Secret, "it comes from") || len(a.Value.Substs) == 0 {
			continue
		}
		h := p.say(secretLiteral, a.Span, a.Name+": "+a.Value.Secret)
		h.pass, h.severity = true, finding.Medium
	}
}
