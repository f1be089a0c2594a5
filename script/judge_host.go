package script

import (
	"slices"
	"strings"

	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// judgeSSHD looks at everything that is written to configuration files.
func judgeSSHD(p *program) {
	for _, c := range p.Commands {
		for _, w := range writings(c) {
			p.config(w.path, w.text)
		}
		if c.Name == "sshd" {
			for _, o := range sorted(words(c), "bCcEfghkopu").options {
				if o.name == "o" {
					if cl, ok := sshdLine(strings.FieldsFunc(strings.ToLower(o.value), func(r rune) bool { return r == ' ' || r == '=' })); ok {
						p.say(cl.rule, o.word.Span, cl.title)
					}
				}
			}
		}
	}
}

// judgeFirewall looks for firewalls and guards that are switched off and stay so.
func judgeFirewall(p *program) {
	if p.part.undoes {
		return
	}
	for _, c := range p.Commands {
		what := switchesOff(c)
		if what == "" || p.switchedOn(c) {
			continue
		}
		p.say(firewallOff, c.Span, what)
	}
}

func switchesOff(c *shell.Command) string {
	if strings.HasPrefix(c.Argument(0), "/etc/init.d/") && c.Argument(1) == "stop" {
		return guard(c.Name)
	}
	switch c.Name {
	case "ufw":
		if says(c, "disable") || says(c, "reset") {
			return "ufw is switched off"
		}
		if says(c, "allow from any to any") && !says(c, "port") {
			return "ufw lets everything in"
		}
		if says(c, "default allow incoming") || says(c, "default allow") && !says(c, "outgoing") && !says(c, "routed") {
			return "ufw lets everything in"
		}
	case "systemctl", "service", "chkconfig", "rc-service", "update-rc.d", "rc-update":
		return stopsService(c)
	case "iptables", "ip6tables":
		return flushes(c)
	case "nft":
		return ifTrue(says(c, "flush ruleset"), "all rules of nftables are removed")
	case "setenforce":
		return ifTrue(c.Argument(1) == "0" || strings.EqualFold(c.Argument(1), "permissive"), "SELinux is switched off")
	case "aa-teardown":
		return "AppArmor is switched off"
	case "aa-disable":
		return "a profile of AppArmor is switched off"
	case "firewall-cmd":
		return ifTrue(says(c, "--set-default-zone=trusted"), "firewalld lets everything in")
	case "netsh":
		return ifTrue(says(c, "state off"), "the firewall is switched off")
	}
	return ""
}

// stopsService says which guard a command stops for good. Without -f, update-rc.d removes only links that are left of what is gone
// (update-rc.d(8)): so packages take their own away.
func stopsService(c *shell.Command) string {
	if c.Name == "update-rc.d" && says(c, "remove") && !says(c, "-f") {
		return ""
	}
	stops := says(c, "stop") || says(c, "disable") || says(c, "mask") || says(c, "off") || says(c, "remove") || says(c, "del") || says(c, "delete")
	if !stops {
		return ""
	}
	for _, w := range words(c) {
		if what := guard(strings.TrimSuffix(w.Value, ".service")); what != "" {
			return what
		}
	}
	return ""
}

// guard says that a service is switched off, if it is one that protects the machine.
func guard(name string) string {
	switch name {
	case "firewalld", "ufw", "nftables", "iptables", "ip6tables", "netfilter-persistent", "apparmor", "fail2ban", "auditd":
		return name + " is switched off"
	}
	return ""
}

func flushes(c *shell.Command) string {
	l := sorted(words(c), "tjspdimPNXAIDo", "policy", "table", "jump", "append", "insert")
	if o, ok := l.get("P", "policy"); ok && (o.value == "INPUT" || o.value == "FORWARD") && slices.ContainsFunc(l.operands, func(w *shell.Word) bool { return w.Value == "ACCEPT" }) {
		return c.Name + " lets everything in"
	}
	if o, ok := l.get("t", "table"); ok && o.value != "filter" {
		return ""
	}
	if l.has("F", "flush") && (len(l.operands) == 0 || l.operands[0].Value == "INPUT") {
		return "all rules of " + c.Name + " are removed"
	}
	return ""
}

// switchedOn reports whether what a command switched off is set anew afterwards.
func (p *program) switchedOn(off *shell.Command) bool {
	return p.each(func(c *shell.Command) bool {
		if c.Seq <= off.Seq && !off.Conditional {
			return false
		}
		if script := off.Argument(0); strings.HasPrefix(script, "/etc/init.d/") {
			return c.Argument(0) == script && (c.Argument(1) == "start" || c.Argument(1) == "restart")
		}
		switch off.Name {
		case "ufw":
			return c.Name == "ufw" && says(c, "enable")
		case "iptables", "ip6tables":
			return c.Name == off.Name && (says(c, "-P INPUT DROP") || says(c, "-P INPUT REJECT") || strings.Contains(all(c), " INPUT ") && (says(c, "-j DROP") || says(c, "-j REJECT"))) ||
				c.Name == off.Name+"-restore"
		case "nft":
			return c.Name == "nft" && (says(c, "-f") || strings.Contains(all(c), " add ")) || c.Name == "systemctl" && strings.Contains(all(c), "nftables")
		case "systemctl", "service":
			return c.Name == off.Name && (says(c, "start") || says(c, "restart") || says(c, "enable") || says(c, "unmask")) && sameService(off, c) ||
				c.Name == "ufw" && says(c, "enable") || c.Name == "systemctl" && (says(c, "start") || says(c, "enable")) && mentionsAny(c, "nftables", "ufw", "firewalld") && !sameService(off, c)
		case "setenforce":
			return c.Name == "setenforce" && (c.Argument(1) == "1" || strings.EqualFold(c.Argument(1), "enforcing"))
		}
		return false
	})
}

func sameService(a, b *shell.Command) bool {
	return slices.ContainsFunc(words(a), func(w *shell.Word) bool {
		return len(w.Value) > 2 && strings.TrimSuffix(w.Value, ".service") != "stop" && says(b, w.Value)
	})
}

// judgeSudo looks for visudo and sudoers that were given in other ways than as a file's content.
func judgeSudo(p *program) {
	for _, c := range p.Commands {
		if c.Name != "echo" && c.Name != "printf" || len(targets(c)) > 0 || c.Pipeline == nil {
			continue
		}
		for _, w := range words(c) {
			if allCommands(w.Value) {
				p.say(sudoNopasswd, w.Span, "NOPASSWD: ALL")
			}
		}
	}
}

// judgeHostKeys looks for SSH that does not check host keys.
func judgeHostKeys(p *program) {
	for _, c := range p.Commands {
		if p.builtin(c) && c.Name != "export" {
			continue
		}
		for _, w := range words(c) {
			if off, ok := skipsHostKey(w.Value); ok {
				p.say(hostKeyCheckOff, within(w.Span, off), off)
				break
			}
		}
	}
	for _, a := range p.Assigns {
		if a.Value == nil {
			continue
		}
		if off, ok := skipsHostKey(a.Value.Value); ok {
			p.say(hostKeyCheckOff, within(a.Span, off), off)
		}
		if a.Name == "ANSIBLE_HOST_KEY_CHECKING" && strings.EqualFold(a.Value.Value, "false") {
			p.say(hostKeyCheckOff, a.Span, "Ansible does not check host keys")
		}
	}
}

// skipsHostKey returns the option in a text that switches the check off.
func skipsHostKey(v string) (string, bool) {
	lower := strings.ToLower(v)
	for _, off := range []string{"stricthostkeychecking=no", "stricthostkeychecking no", "stricthostkeychecking=off", "userknownhostsfile=/dev/null", "userknownhostsfile /dev/null"} {
		if i := strings.Index(lower, off); i >= 0 && len(lower) == len(v) {
			return v[i : i+len(off)], true
		}
	}
	return "", false
}

// judgeAuthorized looks for keys that may log in: replaced, fetched, or written into the script.
func judgeAuthorized(p *program) {
	for _, c := range p.Commands {
		for _, d := range c.Redirects {
			if d.Op != ">" && d.Op != ">>" || !isAuthorized(d.Target.Value) || c.Name == "" {
				continue
			}
			if d.Op == ">" && !p.makesAccount(c) && c.Name != "touch" && c.Name != ":" && c.Name != "awk" && c.Name != "grep" {
				p.say(authorizedKeys, c.Span, "authorized_keys is overwritten")
			} else {
				p.foreignKey(c)
			}
		}
		if c.Name == "tee" && slices.ContainsFunc(words(c), func(w *shell.Word) bool { return isAuthorized(w.Value) }) {
			if !says(c, "-a") && !p.makesAccount(c) {
				p.say(authorizedKeys, c.Span, "authorized_keys is overwritten")
			} else {
				p.foreignKey(c)
			}
		}
		if d, ok := downloadOf(c); ok && isAuthorized(d.file) && len(output(c)) == 0 {
			p.say(authorizedKeys, c.Span, "keys that may log in come from the net")
		}
		if c.Name == "ssh-import-id" || c.Name == "ssh-import-id-gh" {
			p.say(authorizedKeys, c.Span, "keys that may log in come from the net")
		}
	}
}

func isAuthorized(file string) bool {
	return base(file) == "authorized_keys" || base(file) == "authorized_keys2"
}

// foreignKey looks for a key that is fetched or stands in the script.
func (p *program) foreignKey(c *shell.Command) {
	list := []*shell.Command{c}
	if c.Pipeline != nil && !c.Inside {
		list = slices.Concat(c.Pipeline.Stages...)
	}
	for _, one := range list {
		if shell.Fetches(one) || slices.ContainsFunc(one.Args, func(w *shell.Word) bool { return w.Downloaded }) {
			p.say(authorizedKeys, c.Span, "keys that may log in come from the net")
			return
		}
		for _, w := range one.Args {
			if isPublicKey(w.Value) {
				p.say(authorizedKeys, w.Span, "a key that may log in stands in the script")
				return
			}
		}
		for _, d := range one.Redirects {
			if strings.HasPrefix(d.Op, "<<") && isPublicKey(d.Target.Value) {
				p.say(authorizedKeys, d.Target.Span, "a key that may log in stands in the script")
				return
			}
		}
	}
}

// isPublicKey reports whether a text starts with a line of authorized_keys that holds a whole key.
func isPublicKey(v string) bool {
	const least = 60 // of an Ed25519 key, in base64
	for line := range strings.Lines(v) {
		for _, t := range []string{"ssh-ed25519 ", "ssh-rsa ", "ssh-dss ", "ecdsa-sha2-", "sk-ssh-ed25519@openssh.com ", "sk-ecdsa-sha2-"} {
			if i := strings.Index(line, t); i >= 0 {
				for _, f := range strings.Fields(line[i:]) {
					if strings.HasPrefix(f, "AAAA") && len(f) >= least {
						return true
					}
				}
			}
		}
	}
	return false
}

// makesAccount reports whether the script makes the account, or its .ssh directory, before a command.
func (p *program) makesAccount(by *shell.Command) bool {
	return p.each(func(c *shell.Command) bool {
		if c.Seq >= by.Seq {
			return false
		}
		switch c.Name {
		case "useradd", "adduser", "sysadminctl":
			return true
		}
		return false
	})
}

// judgePasswords looks for passwords of accounts that stand in the script.
func judgePasswords(p *program) {
	for _, c := range p.Commands {
		switch c.Name {
		case "chpasswd":
			p.chpasswd(c)
		case "passwd":
			p.passwd(c)
		case "useradd", "usermod", "adduser":
			l := sorted(words(c), "pbcdefgGkKlrRsuZ", "password", "comment", "shell", "home", "groups", "gid", "uid")
			if o, ok := l.get("p", "password"); ok && o.word.Literal && o.value != "" && strings.Trim(o.value, "!*x") != "" {
				p.say(passwordLiteral, o.word.Span, "an account gets a password that stands in the script", o.valueSpan())
			} else if ok && slices.ContainsFunc(o.word.Substs, digestsLiteral) {
				p.say(passwordLiteral, o.word.Span, "an account gets a password that stands in the script", literalsOf(o.word)...)
			}
		case "mysql", "mariadb", "psql", "sqlcmd":
			p.sql(c)
		case "debconf-set-selections":
			p.debconf(c)
		}
	}
}

// digestsLiteral reports whether a substitution makes a hash of a password that stands there.
func digestsLiteral(s shell.Subst) bool {
	return slices.ContainsFunc(s.Commands, func(c *shell.Command) bool {
		return (c.Name == "openssl" && says(c, "passwd") || c.Name == "mkpasswd") && len(c.Args) > 2 && c.Args[len(c.Args)-1].Literal &&
			!strings.HasPrefix(lastWord(words(c)), "-")
	})
}

func literalsOf(w *shell.Word) (list []text.Span) {
	for _, s := range w.Substs {
		for _, c := range s.Commands {
			if len(c.Args) > 1 {
				list = append(list, c.Args[len(c.Args)-1].Span)
			}
		}
	}
	return list
}

// fed returns the words that a command gets on its standard input: what echo prints before it, or a text.
func fed(c *shell.Command) (list []*shell.Word) {
	for _, d := range c.Redirects {
		if strings.HasPrefix(d.Op, "<<") {
			list = append(list, d.Target)
		}
	}
	if c.Pipeline != nil && c.Stage > 0 && c.Stage <= len(c.Pipeline.Stages) {
		for _, before := range c.Pipeline.Stages[c.Stage-1] {
			if before.Name == "echo" || before.Name == "printf" || before.Name == "yes" {
				list = append(list, words(before)...)
			}
			for _, d := range before.Redirects {
				if before.Name == "cat" && strings.HasPrefix(d.Op, "<<") {
					list = append(list, d.Target)
				}
			}
		}
	}
	return list
}

// chpasswd looks for user:password.
func (p *program) chpasswd(c *shell.Command) {
	for _, w := range fed(c) {
		s := w.Span.String()
		for at := 0; at < len(s); {
			end := at + strings.IndexByte(s[at:]+"\n", '\n')
			line := s[at:end]
			if n := strings.Index(line, `\n`); n >= 0 {
				line = line[:n]
			}
			line = strings.TrimRight(line, "\"' \t\r")
			if i := strings.IndexByte(line, ':'); i > 0 && i+1 < len(line) {
				if password := line[i+1:]; !strings.ContainsAny(password, "$`") || strings.HasPrefix(password, "$6$") || strings.HasPrefix(password, "$1$") || strings.HasPrefix(password, "$y$") {
					if !isPlaceholder(password) {
						from := w.From + at
						p.say(passwordLiteral, text.Span{Text: w.Text, From: from, To: from + len(line)}, "", text.Span{Text: w.Text, From: from + i + 1, To: from + len(line)})
					}
				}
			}
			at = end + 1
		}
	}
}

// passwd looks for a password that is fed to passwd.
func (p *program) passwd(c *shell.Command) {
	for _, w := range fed(c) {
		v := strings.TrimSpace(strings.ReplaceAll(w.Value, `\n`, ""))
		if w.Literal && v != "" && !strings.HasPrefix(v, "-") && !strings.HasPrefix(v, "%") && !isPlaceholder(v) {
			p.say(passwordLiteral, c.Span, "", w.Span)
			return
		}
	}
}

// sql looks for the password of a database's account.
func (p *program) sql(c *shell.Command) {
	for _, w := range append(fed(c), words(c)...) {
		s := w.Span.String()
		lower := strings.ToLower(s)
		for _, mark := range []string{"identified by ", "identified with mysql_native_password by ", "password "} {
			i := strings.Index(lower, mark)
			if i < 0 || mark == "password " && !strings.Contains(lower, "alter ") && !strings.Contains(lower, "create ") {
				continue
			}
			rest := strings.TrimLeft(s[i+len(mark):], ` \`)
			if rest == "" || rest[0] != '\'' && rest[0] != '"' {
				continue
			}
			end := strings.IndexByte(rest[1:], rest[0])
			if end <= 0 || strings.Contains(rest[1:1+end], "$") || isPlaceholder(strings.TrimRight(rest[1:1+end], `\`)) {
				continue
			}
			from := w.From + len(s) - len(rest) + 1
			p.say(passwordLiteral, text.Span{Text: w.Text, From: w.From + i, To: from + end}, "an account of the database gets a password that stands in the script",
				text.Span{Text: w.Text, From: from, To: from + end})
			break
		}
	}
}

// debconf looks for the password of a package's question.
func (p *program) debconf(c *shell.Command) {
	for _, w := range fed(c) {
		fields := strings.Fields(w.Value)
		if len(fields) > 3 && fields[2] == "password" && w.Literal && !isPlaceholder(fields[3]) {
			p.say(passwordLiteral, w.Span, "", within(w.Span, fields[3]))
		}
	}
}
