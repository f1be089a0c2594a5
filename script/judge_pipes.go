package script

import (
	"path"
	"slices"
	"strings"

	"keysweep/script/internal/shell"
)

// judgePipes looks for what is downloaded and run at once.
func judgePipes(p *program) {
	for _, pipe := range p.Pipelines {
		p.pipe(pipe)
	}
	for _, c := range p.Commands {
		if what := runsDownload(c); what != "" {
			p.say(pipeToShell, c.Span, "what is downloaded is run by "+what)
		}
	}
}

// pipe looks at one pipeline.
func (p *program) pipe(pipe *shell.Pipeline) {
	from := -1
	for i, stage := range pipe.Stages {
		for _, c := range stage {
			if from >= 0 && i > from {
				if readsProgram(c) {
					p.say(pipeToShell, pipe.Span, "what is downloaded is run by "+c.Name)
					return
				}
			}
		}
		for _, c := range stage {
			d, ok := downloadOf(c)
			if ok && d.file == "" && !d.local() || (c.Name == "echo" || c.Name == "printf" || c.Name == "cat") && slices.ContainsFunc(c.Args, func(w *shell.Word) bool { return w.Downloaded }) {
				from = i
			}
		}
	}
}

// interpreters other than shells run what they get on standard input if they are given nothing else.
func isInterpreter(name string) bool {
	name = strings.TrimRight(name, "0123456789.")
	return shell.IsShell(name) || slices.Contains([]string{"python", "perl", "ruby", "node", "php", "lua", "pwsh", "fish", "tclsh", "osascript", "Rscript"}, name)
}

// readsProgram reports whether a command runs what it reads from standard input.
func readsProgram(c *shell.Command) bool {
	for _, d := range c.Redirects {
		if strings.HasPrefix(d.Op, "<") {
			return false
		}
	}
	args := words(c)
	switch {
	case c.Name == "sudo" || c.Name == "doas":
		l := sorted(args, "ughpCrtUDRT")
		return l.has("s", "i", "shell", "login") && len(l.operands) == 0
	case c.Name == "su":
		return !sorted(args, "gGsw").has("c", "command")
	case c.Name == "source" || c.Name == ".":
		return len(args) > 0 && (args[0].Value == "/dev/stdin" || args[0].Value == "/proc/self/fd/0")
	case !isInterpreter(c.Name):
		return false
	}
	sh := shell.IsShell(c.Name)
	if sh && c.Wrapped("xargs") && len(args) > 0 && strings.HasPrefix(lastWord(args), "-") && strings.HasSuffix(lastWord(args), "c") {
		return true // what is read becomes the script
	}
	for i, w := range args {
		v := w.Value
		switch {
		case v == "-" || v == "/dev/stdin":
			return true
		case sh && i > 0 && (args[i-1].Value == "-o" || args[i-1].Value == "+o"):
		case strings.HasPrefix(v, "-") || sh && strings.HasPrefix(v, "+"):
			if sh && !strings.HasPrefix(v, "--") && strings.Contains(v, "c") {
				return false
			}
			if sh && !strings.HasPrefix(v, "--") && strings.Contains(v, "s") {
				return true
			}
			if !sh { // -c, -e, -m, -n, -p: it is given a program
				return false
			}
		default:
			return false
		}
	}
	return true
}

// runsDownload says by what a command runs what its words download.
func runsDownload(c *shell.Command) string {
	args := words(c)
	if len(c.Args) > 0 && c.Args[0].Downloaded && len(c.Args[0].Substs) > 0 && !c.Args[0].Substs[0].Process {
		return "the shell"
	}
	switch {
	case c.Name == "eval" && slices.ContainsFunc(args, func(w *shell.Word) bool { return w.Downloaded }):
		return "eval"
	case c.Name == "source" || c.Name == "." || isInterpreter(c.Name):
	default:
		return ""
	}
	for i, w := range args {
		if slices.ContainsFunc(w.Substs, func(s shell.Subst) bool { return s.Process && fetches(s.Commands) }) {
			return c.Name
		}
		alone := (strings.HasPrefix(w.Raw, "$") || strings.HasPrefix(w.Raw, "`")) && len(w.Vars)+len(w.Substs) == 1 // and not a part of a program that stands there
		if w.Downloaded && alone && i > 0 && strings.HasPrefix(args[i-1].Value, "-") && strings.ContainsAny(args[i-1].Value, "ce") {
			return c.Name
		}
	}
	for _, d := range c.Redirects {
		if d.Op == "<<<" && d.Target.Downloaded || d.Op == "<" && slices.ContainsFunc(d.Target.Substs, func(s shell.Subst) bool { return fetches(s.Commands) }) {
			if readsProgram(&shell.Command{Name: c.Name, Args: c.Args}) {
				return c.Name
			}
		}
	}
	return ""
}

func fetches(list []*shell.Command) bool {
	return slices.ContainsFunc(list, func(c *shell.Command) bool {
		d, ok := downloadOf(c)
		return ok && !d.local()
	})
}

// judgeDownloads looks for what is downloaded to a file and installed or run without a check, or without encryption.
func judgeDownloads(p *program) {
	for _, c := range p.Commands {
		d, ok := downloadOf(c)
		if !ok {
			p.cleartext(c)
			continue
		}
		if d.headOnly || d.local() || d.file == "/dev/null" {
			continue
		}
		checked, use := false, ""
		file := d.file
		if file == "" {
			file, use = p.piped(c)
		}
		if file != "" {
			if use == "" {
				use = p.use(c, file)
			}
			checked = p.checked(c, file)
		}
		if use != "" && !checked {
			p.say(unverifiedDownload, c.Span, "what is downloaded is "+use+" without being checked")
		}
		for _, u := range d.urls {
			if clear(u.Value) && !checked {
				p.say(httpDownload, u.Span, "")
			}
		}
	}
}

// clear reports whether a URL is one that is fetched without encryption from another machine.
func clear(address string) bool {
	lower := strings.ToLower(address)
	return (strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "ftp://")) && !isLocal(address)
}

// cleartext looks for other programs that are given an http:// address to fetch from.
func (p *program) cleartext(c *shell.Command) {
	var list []*shell.Word
	switch c.Name {
	case "git":
		if len(c.Args) > 1 && (says(c, "clone") || says(c, "remote add") || says(c, "pull") || says(c, "fetch")) {
			list = words(c)
		}
	case "pip", "pip3", "npm", "gem", "yum", "dnf", "rpm", "zypper", "yum-config-manager", "apt-key", "helm", "go", "cargo", "conda", "dpkg":
		list = words(c)
	}
	for _, w := range list {
		v := w.Value
		if i := strings.Index(v, "=http"); i >= 0 {
			v = v[i+1:]
		}
		if clear(v) {
			p.say(httpDownload, w.Span, "")
		}
	}
}

// piped follows a download in its pipeline: to the file that it is written to, or to what unpacks it.
func (p *program) piped(c *shell.Command) (file, use string) {
	if c.Pipeline == nil || c.Inside {
		return "", ""
	}
	for _, stage := range c.Pipeline.Stages[min(c.Stage+1, len(c.Pipeline.Stages)):] {
		for _, next := range stage {
			switch next.Name {
			case "tar", "bsdtar", "gtar":
				if unpacks(next) {
					return "(pipe)", "unpacked"
				}
			case "cpio", "dpkg", "rpm":
				return "(pipe)", "installed"
			case "tee":
				for _, w := range words(next) {
					if !strings.HasPrefix(w.Value, "-") && !isDevice(w.Value) {
						return w.Value, ""
					}
				}
			}
			for _, w := range output(next) {
				return w.Value, ""
			}
		}
	}
	return "", ""
}

// unpacks reports whether tar takes files out.
func unpacks(c *shell.Command) bool {
	for i, w := range words(c) {
		v := w.Value
		if v == "--extract" || v == "--get" || (i == 0 || strings.HasPrefix(v, "-") && !strings.HasPrefix(v, "--")) && strings.Contains(v, "x") && !strings.ContainsAny(v, "/.") {
			return true
		}
	}
	return false
}

// use says how a file is installed or run after a command.
func (p *program) use(by *shell.Command, file string) string {
	if installs(file) {
		return "put where programs are run from"
	}
	if !p.file.spend(20 * len(p.Commands)) {
		return ""
	}
	for _, c := range p.Commands {
		if c.Seq <= by.Seq && c.Function == by.Function || !sameScope(file, c, by) {
			continue
		}
		if how := uses(c, file); how != "" {
			return how
		}
	}
	return ""
}

// sameScope reports whether a file's name means the same for two commands: $1 is another one in each function.
func sameScope(file string, a, b *shell.Command) bool {
	i := strings.IndexByte(file, '$')
	positional := i >= 0 && i+1 < len(file) && '0' <= file[i+1] && file[i+1] <= '9'
	return a.Function == b.Function || !positional
}

// installs reports whether a file at a path is run sooner or later.
func installs(file string) bool {
	dir := path.Dir(file)
	if strings.HasPrefix(file, "/etc/init.d/") || strings.HasPrefix(file, "/etc/cron.") || strings.HasPrefix(file, "/etc/profile.d/") ||
		strings.HasPrefix(file, "/etc/sudoers") || strings.HasSuffix(dir, "/systemd/system") && strings.HasSuffix(file, ".service") {
		return true
	}
	return isProgramDir(dir)
}

func isProgramDir(dir string) bool {
	switch dir = strings.TrimRight(dir, "/"); dir {
	case "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin":
		return true
	}
	return strings.HasSuffix(dir, "/bin") && strings.HasPrefix(dir, "/opt/") || strings.HasSuffix(dir, "$HOME/bin") || strings.HasSuffix(dir, "/.local/bin")
}

// same reports whether a word names a file.
func same(word, file string) bool {
	word, file = strings.TrimPrefix(word, "./"), strings.TrimPrefix(file, "./")
	if word == file {
		return true
	}
	const least = 5 // the base of a name says something
	one := !strings.Contains(word, "/") || !strings.Contains(file, "/")
	return one && len(base(file)) >= least && base(word) == base(file) && !strings.HasPrefix(base(file), "$")
}

// uses says how a command installs or runs a file; "" if it does not.
func uses(c *shell.Command, file string) string {
	args := words(c)
	names := func() bool {
		return slices.ContainsFunc(args, func(w *shell.Word) bool { return same(w.Value, file) })
	}
	if len(c.Args) > 0 && (c.Args[0].Value == file || c.Args[0].Value == "./"+file) {
		return "run"
	}
	switch name := c.Name; {
	case isInterpreter(name) || name == "source" || name == ".":
		for _, w := range args {
			if !strings.HasPrefix(w.Value, "-") {
				return ifTrue(same(w.Value, file), "run")
			}
		}
	case name == "chmod":
		return ifTrue(names() && makesProgram(args), "made a program")
	case name == "install":
		return ifTrue(names() && (installsProgram(args) || isProgramDir(dirOf(lastWord(args)))), "installed")
	case name == "mv" || name == "cp" || name == "ln":
		return ifTrue(names() && isProgramDir(dirOf(lastWord(args))), "installed")
	case name == "dpkg" || name == "rpm" || name == "installer" || name == "gdebi" || name == "snap" || name == "pip" || name == "pip3":
		return ifTrue(names(), "installed")
	case name == "apt" || name == "apt-get" || name == "yum" || name == "dnf" || name == "zypper" || name == "apk" || name == "pacman":
		return ifTrue(names() && !says(c, "clean"), "installed")
	case name == "tar" || name == "bsdtar":
		return ifTrue(names() && unpacks(c), "unpacked")
	case name == "unzip" || name == "7z" || name == "gunzip" || name == "bunzip2" || name == "unxz" || name == "xz":
		return ifTrue(names(), "unpacked")
	case name == "insmod" || name == "kexec":
		return ifTrue(names(), "loaded")
	}
	return ""
}

func ifTrue(ok bool, text string) string {
	if ok {
		return text
	}
	return ""
}

func lastWord(args []*shell.Word) string {
	if len(args) == 0 {
		return ""
	}
	return args[len(args)-1].Value
}

// dirOf returns the directory that something is put into.
func dirOf(target string) string {
	if isProgramDir(target) {
		return target
	}
	return path.Dir(target)
}

// makesProgram reports whether chmod's words set a bit to run.
func makesProgram(args []*shell.Word) bool {
	for _, w := range args {
		v := w.Value
		if strings.HasPrefix(v, "-") && !strings.Contains(v, "x") {
			continue
		}
		if strings.Trim(v, "01234567") == "" && len(v) >= 3 {
			return strings.ContainsAny(v[len(v)-3:], "1357")
		}
		return strings.Contains(v, "+") && strings.Contains(v, "x") || strings.Contains(v, "=") && strings.Contains(v, "x")
	}
	return false
}

func installsProgram(args []*shell.Word) bool {
	o, ok := sorted(args, "mogtT", "mode", "owner", "group").get("m", "mode")
	return !ok || strings.ContainsAny(o.value, "1357x")
}
