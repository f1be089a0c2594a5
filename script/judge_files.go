package script

import (
	"slices"
	"strings"

	"keysweep/script/internal/shell"
)

// judgeModes looks for files that every user may change.
func judgeModes(p *program) {
	for _, c := range p.Commands {
		switch c.Name {
		case "chmod":
			for _, w := range words(c) {
				if everybody(w.Value) && !onDevices(c) {
					p.say(worldWritable, c.Span, "chmod "+w.Value+" lets every user change it")
					break
				}
			}
		case "install", "mkdir":
			if o, ok := sorted(words(c), "mogtS", "mode", "owner", "group").get("m", "mode"); ok && everybody(o.value) {
				p.say(worldWritable, c.Span, "mode "+o.value+" lets every user change it")
			}
		case "umask":
			if v := c.Argument(1); v != "" && strings.Trim(v, "0") == "" && len(v) < 5 {
				p.say(worldWritable, c.Span, "umask "+v+": every user may change new files")
			}
		}
	}
}

// everybody reports whether a mode lets every user write, and is none of a shared directory with the sticky bit.
func everybody(mode string) bool {
	if strings.Trim(mode, "01234567") == "" && (len(mode) == 3 || len(mode) == 4) {
		sticky := len(mode) == 4 && mode[0]&1 == 1
		return mode[len(mode)-1]&2 == 2 && !sticky
	}
	for _, one := range strings.Split(mode, ",") {
		i := strings.IndexAny(one, "+=")
		if i < 0 || strings.HasPrefix(one, "-") {
			continue
		}
		who, what := one[:i], one[i+1:]
		if strings.Trim(who, "ugoa") == "" && strings.ContainsAny(who, "oa") && strings.Contains(what, "w") && strings.Trim(what, "rwxXst") == "" && !strings.Contains(mode, "t") {
			return true
		}
	}
	return false
}

// onDevices reports whether all operands of chmod are devices.
func onDevices(c *shell.Command) bool {
	operands := sorted(words(c), "").operands
	return len(operands) > 1 && !slices.ContainsFunc(operands[1:], func(w *shell.Word) bool { return !isDevice(w.Value) })
}

// judgeRemove looks for rm -r that starts at a variable which may be empty.
func judgeRemove(p *program) {
	for _, c := range p.Commands {
		if c.Name != "rm" {
			continue
		}
		l := sorted(words(c), "")
		if !l.has("r", "R", "recursive") {
			continue
		}
		for _, w := range l.operands {
			if name, ok := rootedAt(w); ok && (strings.HasPrefix(w.Raw, "${"+name+":-}") || !p.isSet(name, c)) {
				p.say(rmVariable, w.Span, "rm -r starts at $"+name+", which may be empty")
				break
			}
		}
	}
}

// rootedAt returns the variable that a path starts with, if the path is a directory of the root when the variable is empty.
func rootedAt(w *shell.Word) (name string, ok bool) {
	raw := w.Raw
	if len(w.Vars) == 0 || !strings.HasPrefix(raw, "$") {
		return "", false
	}
	name = w.Vars[0]
	rest, plain := strings.CutPrefix(raw, "$"+name)
	if !plain {
		if rest, plain = strings.CutPrefix(raw, "${"+name+"}"); !plain {
			if rest, plain = strings.CutPrefix(raw, "${"+name+":-}"); !plain { // which set -u lets pass
				return "", false
			}
		}
	}
	return name, rest == "/" || strings.HasPrefix(rest, "/*") || strings.HasPrefix(rest, "/.") || strings.HasPrefix(rest, "/$")
}

// isSet reports whether a variable has a value before a command: one that is given in the script, or that is tested.
func (p *program) isSet(name string, by *shell.Command) bool {
	switch name {
	case "HOME", "PWD", "TMPDIR", "OLDPWD", "RUNNER_TEMP", "GITHUB_WORKSPACE", "CI_PROJECT_DIR", "0":
		return name != "TMPDIR"
	}
	if !p.file.spend(20 * (len(p.Commands) + len(p.Assigns))) {
		return true
	}
	for _, a := range p.Assigns {
		if a.Name == name && a.Seq <= by.Seq && a.Value != nil && a.Value.Value != "" && !strings.HasPrefix(a.Value.Value, "$") {
			return true
		}
		if a.Name == name && a.Seq <= by.Seq && a.Value != nil && slices.ContainsFunc(a.Value.Substs, func(s shell.Subst) bool {
			return slices.ContainsFunc(s.Commands, func(c *shell.Command) bool { return c.Name == "mktemp" || c.Name == "pwd" || c.Name == "dirname" })
		}) {
			return true
		}
	}
	for _, c := range p.Commands {
		if c.Seq >= by.Seq {
			break
		}
		if c.Name == "set" && strings.Contains(all(c), "-") && (strings.Contains(c.Argument(1), "u") || says(c, "nounset")) {
			return true
		}
		if (c.Name == "[" || c.Name == "[[" || c.Name == "test" || c.Name == ":") && slices.ContainsFunc(c.Args, func(w *shell.Word) bool { return slices.Contains(w.Vars, name) }) {
			return true
		}
	}
	return false
}

// judgePackages looks for packages without a proof of where they come from.
func judgePackages(p *program) {
	for _, c := range p.Commands {
		if w, what := unsigned(c); w != nil {
			p.say(unsignedPackages, w.Span, what)
		}
	}
}

func unsigned(c *shell.Command) (*shell.Word, string) {
	switch c.Name {
	case "apt-key":
		if says(c, "add") || says(c, "adv") || says(c, "--recv-keys") {
			return c.Args[0], "apt-key trusts a key for every repository"
		}
	case "apt", "apt-get", "aptitude":
		return wordOf(c, "apt accepts packages without a signature", func(v string) bool {
			return v == "--allow-unauthenticated" || v == "--allow-insecure-repositories" || strings.Contains(v, "AllowUnauthenticated=true") || strings.Contains(v, "AllowUnauthenticated=1") || strings.Contains(v, "AllowInsecureRepositories=true") || v == "--force-yes"
		}, nil)
	case "add-apt-repository", "apt-add-repository":
		return wordOf(c, "a repository is trusted without a signature (trusted=yes)", func(v string) bool { return strings.Contains(v, "trusted=yes") }, nil)
	case "yum", "dnf", "microdnf", "rpm", "zypper", "tdnf":
		return wordOf(c, "signatures of packages are not checked", func(v string) bool {
			return v == "--nogpgcheck" || v == "--no-gpg-checks" || v == "--nosignature" || v == "--nodigest" || strings.Contains(v, "gpgcheck=0") || strings.Contains(v, "gpgcheck=false")
		}, nil)
	case "apk":
		return wordOf(c, "apk accepts packages without a signature", func(v string) bool { return v == "--allow-untrusted" }, nil)
	case "dpkg":
		return wordOf(c, "dpkg accepts packages with a bad signature", func(v string) bool { return v == "--force-bad-verify" || v == "--no-debsig" }, nil)
	case "gem":
		return wordOf(c, "gem accepts gems without a signature", func(v string) bool { return v == "NoSecurity" }, nil)
	}
	return nil, ""
}

// judgeStrict looks for scripts that set a machine up and go on after mistakes.
func judgeStrict(p *program) {
	if p.part.kind != whole || !p.part.setup && shell.Interpreter(p.Text.Data) == "" {
		return
	}
	steps := 0
	var at *shell.Command
	for _, c := range p.Commands {
		if c.Name == "set" && len(c.Wrappers) == 0 && setsErrexit(c) || c.Name == "trap" && says(c, "ERR") {
			return
		}
		if step(c) {
			if steps++; at == nil {
				at = c
			}
		}
	}
	line, _, _ := strings.Cut(string(p.Text.Data[:min(len(p.Text.Data), 200)]), "\n")
	for _, f := range strings.Fields(line) {
		if strings.HasPrefix(line, "#!") && len(f) > 1 && f[0] == '-' && f[1] != '-' && strings.Contains(f, "e") {
			return
		}
	}
	if steps < 2 {
		return
	}
	span := at.Span
	if strings.HasPrefix(line, "#!") {
		span.Text, span.From, span.To = p.Text, 0, len(line)
	}
	p.say(noStrictMode, span, "")
}

func setsErrexit(c *shell.Command) bool {
	for i, w := range words(c) {
		v := w.Value
		if len(v) > 1 && v[0] == '-' && v[1] != '-' && strings.Contains(v, "e") || v == "errexit" && strings.HasSuffix(c.Argument(i), "o") {
			return true
		}
	}
	return false
}

// step reports whether a command is one that sets a machine up, and whose failure nobody asks for.
func step(c *shell.Command) bool {
	if c.Negated || c.Inside {
		return false
	}
	switch c.Name {
	case "apt-get", "apt", "yum", "dnf", "apk", "zypper", "pacman", "microdnf", "brew":
		return says(c, "install") || says(c, "add") || says(c, "-S") || says(c, "update") || says(c, "upgrade")
	case "useradd", "adduser", "usermod", "ufw", "mkfs", "mkfs.ext4", "hostnamectl", "chpasswd":
		return true
	case "mount":
		return len(c.Args) > 2
	case "sysctl":
		return says(c, "-w") || says(c, "-p") || says(c, "--system") || strings.Contains(all(c), "=")
	case "dpkg", "rpm": // they are asked more often than they install
		l := sorted(words(c), "")
		return l.has("i", "install") && !l.has("q", "query") || l.has("U", "upgrade") || l.has("F", "freshen")
	case "systemctl":
		return says(c, "enable") || says(c, "restart") || says(c, "start")
	}
	return false
}
