package script

import (
	"path"
	"strings"

	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// writing is text that a command puts into a file.
type writing struct {
	path string // "" if it is not known
	text *text.Text
	by   *shell.Command
}

// writings returns what a command writes to files, and what sed puts there.
func writings(c *shell.Command) (list []writing) {
	switch c.Name {
	case "echo", "printf", "print":
		for _, t := range targets(c) {
			list = append(list, writing{t.Value, printed(c), c})
		}
	case "cat", "tee":
		for _, d := range c.Redirects {
			if strings.HasPrefix(d.Op, "<<") {
				for _, t := range targets(c) {
					list = append(list, writing{t.Value, d.Target.Flat(), c})
				}
			}
		}
	case "sed", "gsed", "perl":
		list = append(list, edits(c)...)
	}
	return list
}

// printed returns what echo and its kin print: their words with spaces between.
func printed(c *shell.Command) *text.Text {
	b := text.From(c.Text)
	for i, w := range words(c) {
		if i == 0 && len(w.Value) == 2 && w.Value[0] == '-' {
			continue
		}
		if b.Len() > 0 {
			b.Put([]byte(" "), w.From, w.From)
		}
		b.Add(w.Flat())
	}
	return b.Text()
}

// edits returns what sed puts into files in place of something else.
func edits(c *shell.Command) (list []writing) {
	l := sorted(words(c), "efl", "expression", "file")
	var scripts []*shell.Word
	for _, o := range l.options {
		if o.name == "e" || o.name == "expression" {
			scripts = append(scripts, o.word)
		}
	}
	files := l.operands
	if len(scripts) == 0 && len(files) > 0 {
		scripts, files = files[:1], files[1:]
	}
	name := ""
	if len(files) > 0 {
		name = files[len(files)-1].Value
	}
	for _, w := range scripts {
		t := w.Flat()
		for _, r := range replacements(string(t.Data)) {
			list = append(list, writing{name, text.Part(t, r[0], r[1]), c})
		}
	}
	return list
}

// replacements returns where in a script of sed the text stands that is put in: the second part of s, and what follows a, i and c.
func replacements(s string) (list [][2]int) {
	for at := 0; at < len(s); at++ {
		b := s[at]
		fresh := at == 0 || strings.IndexByte("; \n{/$0123456789", s[at-1]) >= 0
		switch {
		case fresh && b == 's' && at+1 < len(s) && strings.IndexByte("/|#,@!:%~+_", s[at+1]) >= 0:
			mid := delimited(s, at+2, s[at+1])
			if mid < 0 {
				return list
			}
			end := delimited(s, mid+1, s[at+1])
			if end < 0 {
				return list
			}
			list = append(list, [2]int{mid + 1, end})
			at = end
		case fresh && strings.IndexByte("aic", b) >= 0 && at > 0 && at+1 < len(s) && (s[at+1] == '\\' || s[at+1] == ' ') || at == 0 && len(s) > 2 && strings.HasPrefix(s[1:], "\\"):
			start := at + 1
			for start < len(s) && (s[start] == '\\' || s[start] == ' ' || s[start] == '\n') {
				start++
			}
			return append(list, [2]int{start, len(s)})
		case fresh && b == '/':
			if end := delimited(s, at+1, '/'); end > 0 {
				at = end
			}
		}
	}
	return list
}

// delimited returns where a sign stands next that is not escaped; -1 if it does not.
func delimited(s string, at int, sign byte) int {
	for ; at < len(s); at++ {
		if s[at] == '\\' {
			at++
		} else if s[at] == sign {
			return at
		}
	}
	return -1
}

// claim is what a line of a configuration file says that it should not.
type claim struct{ rule, title string }

// configured judges a line of a configuration file.
func configured(file, line string) (claim, bool) {
	trimmed := strings.TrimSpace(strings.Trim(line, `\"'&`))
	if trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';' && !strings.Contains(file, "sshd") {
		return claim{}, false
	}
	lower := strings.ToLower(trimmed)
	fields := strings.FieldsFunc(lower, func(r rune) bool { return r == ' ' || r == '\t' || r == '=' })
	name := strings.ToLower(file)
	switch {
	case strings.Contains(name, "sshd"):
		return sshdLine(fields)
	case strings.Contains(name, "ssh"):
		if fields[0] == "stricthostkeychecking" && len(fields) > 1 && (fields[1] == "no" || fields[1] == "off") {
			return claim{hostKeyCheckOff, "StrictHostKeyChecking no"}, true
		}
		if fields[0] == "userknownhostsfile" && len(fields) > 1 && fields[1] == "/dev/null" {
			return claim{hostKeyCheckOff, "UserKnownHostsFile /dev/null"}, true
		}
	case strings.Contains(name, "sudoers") || name == "":
		if allCommands(trimmed) {
			return claim{sudoNopasswd, "NOPASSWD: ALL"}, true
		}
	case strings.Contains(name, "selinux"):
		if fields[0] == "selinux" && len(fields) > 1 && (fields[1] == "disabled" || fields[1] == "permissive") {
			return claim{firewallOff, "SELinux is switched off"}, true
		}
	}
	return packageLine(name, lower)
}

func packageLine(name, lower string) (claim, bool) {
	switch {
	case strings.Contains(lower, "trusted=yes") && strings.Contains(lower, "deb"):
		return claim{unsignedPackages, "a repository is trusted without a signature (trusted=yes)"}, true
	case strings.HasPrefix(strings.ReplaceAll(lower, " ", ""), "gpgcheck=0") || strings.HasPrefix(strings.ReplaceAll(lower, " ", ""), "trusted:yes"):
		return claim{unsignedPackages, "signatures of packages are not checked"}, true
	case strings.HasPrefix(strings.ReplaceAll(lower, " ", ""), "siglevel=never"):
		return claim{unsignedPackages, "signatures of packages are not checked"}, true
	case strings.Contains(lower, "allowunauthenticated") && (strings.Contains(lower, "true") || strings.Contains(lower, "1")),
		strings.Contains(lower, "allowinsecurerepositories") && strings.Contains(lower, "true"):
		return claim{unsignedPackages, "apt accepts packages without a signature"}, true
	case strings.Contains(name, "apt") && strings.Contains(lower, "verify-peer") && strings.Contains(lower, "false"):
		return claim{tlsVerifyOff, "apt does not check certificates"}, true
	case strings.Contains(name, "curlrc") && (lower == "insecure" || lower == "-k"), strings.Contains(name, "wgetrc") && strings.Contains(lower, "check_certificate") && strings.Contains(lower, "off"):
		return claim{tlsVerifyOff, path.Base(name) + " switches the check of certificates off"}, true
	}
	return claim{}, false
}

// sshdLine judges a line of sshd_config, in lower case.
func sshdLine(fields []string) (claim, bool) {
	if len(fields) < 2 {
		return claim{}, false
	}
	value := strings.Trim(fields[1], `"'\/`)
	bad := ""
	switch fields[0] {
	case "permitrootlogin", "passwordauthentication", "permitemptypasswords", "challengeresponseauthentication", "kbdinteractiveauthentication", "permituserenvironment", "hostbasedauthentication":
		bad = "yes"
	case "strictmodes", "pubkeyauthentication":
		bad = "no"
	}
	if bad == "" || value != bad {
		return claim{}, false
	}
	return claim{sshdWeakened, sshdName(fields[0]) + " " + value}, true
}

// sshdName writes a keyword as its manual page does.
func sshdName(lower string) string {
	for _, n := range []string{"PermitRootLogin", "PasswordAuthentication", "PermitEmptyPasswords", "ChallengeResponseAuthentication", "KbdInteractiveAuthentication",
		"PermitUserEnvironment", "HostbasedAuthentication", "StrictModes", "PubkeyAuthentication"} {
		if strings.EqualFold(n, lower) {
			return n
		}
	}
	return lower
}

// allCommands reports whether a rule of sudo lets somebody run everything without a password.
func allCommands(line string) bool {
	_, rest, ok := strings.Cut(line, "NOPASSWD:")
	if !ok {
		return false
	}
	rest = strings.TrimSpace(rest)
	for _, tag := range []string{"SETENV:", "NOEXEC:"} {
		rest = strings.TrimSpace(strings.TrimPrefix(rest, tag))
	}
	return strings.HasPrefix(rest, "ALL") && (len(rest) == 3 || strings.IndexByte(" ,\t\\\"'/\r\n", rest[3]) >= 0)
}

// config judges every line of what is written to a file.
func (p *program) config(file string, t *text.Text) {
	configLines(p.file, p.part.name, file, t)
}

// configLines judges the lines of a text; in one of printf or sed, \n ends a line, too.
func configLines(f *File, part, file string, t *text.Text) {
	s := string(t.Data)
	for at := 0; at < len(s); {
		end, next := len(s), len(s)
		if n := strings.IndexByte(s[at:], '\n'); n >= 0 {
			end, next = at+n, at+n+1
		}
		if n := strings.Index(s[at:end], `\n`); n >= 0 {
			end, next = at+n, at+n+2
		}
		if c, ok := configured(file, s[at:end]); ok {
			from := at + len(s[at:end]) - len(strings.TrimLeft(s[at:end], " \t"))
			f.say(&hit{rule: c.rule, span: text.Span{Text: t, From: from, To: end}, title: c.title, part: part})
		}
		at = next
	}
}
