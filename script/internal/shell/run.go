package shell

import (
	"path"
	"slices"
	"strings"

	"keysweep/script/internal/text"
)

// run finds out what a command runs in the end, adds it, and reads the scripts that it is given.
func (r *reader) run(c *Command) {
	if r.unwrap(c) {
		return // it was another command altogether
	}
	r.add(c)
	r.remember(c)
	r.scripts(c)
	r.files(c)
}

// wrapper says how a program is called that runs another one.
type wrapper struct {
	valued  string // letters of options that take a value of their own
	skip    int    // operands before the command
	assigns bool   // NAME=value may stand before the command
}

func wrapperOf(name string) (w wrapper, ok bool) {
	switch name {
	case "sudo":
		return wrapper{valued: "ughpCrtUDRTa", assigns: true}, true
	case "doas":
		return wrapper{valued: "uC"}, true
	case "env":
		return wrapper{valued: "uC", assigns: true}, true
	case "exec":
		return wrapper{valued: "a"}, true
	case "nohup", "command", "builtin", "setsid", "eatmydata", "unbuffer", "pkexec", "tini", "dumb-init", "catchsegv", "noglob", "nocorrect", "busybox", "in-target", "chronic", "setpriv":
		return wrapper{}, true
	case "nice":
		return wrapper{valued: "n"}, true
	case "ionice":
		return wrapper{valued: "cnpPu"}, true
	case "stdbuf":
		return wrapper{valued: "ioe"}, true
	case "time":
		return wrapper{valued: "fo"}, true
	case "timeout":
		return wrapper{valued: "ks", skip: 1}, true
	case "chroot", "gosu", "su-exec", "setuidgid", "s6-setuidgid", "faketime", "arch-chroot":
		return wrapper{skip: 1}, true
	case "cloud-init-per": // FREQUENCY NAME COMMAND
		return wrapper{skip: 2}, true
	case "curtin": // in-target [--target DIRECTORY] -- COMMAND
		return wrapper{skip: 1}, true
	case "nsenter":
		return wrapper{valued: "tSG"}, true
	case "flock":
		return wrapper{valued: "wE", skip: 1}, true
	case "xargs":
		return wrapper{valued: "InLPsEd"}, true
	case "strace":
		return wrapper{valued: "oepsuP"}, true
	case "systemd-run":
		return wrapper{valued: "pEuHM"}, true
	}
	return wrapper{}, false
}

// unwrap takes wrappers off a command. It reports true if nothing is left to look at.
func (r *reader) unwrap(c *Command) bool {
	for {
		c.Name = path.Base(strings.TrimSpace(c.Argument(0)))
		w, ok := wrapperOf(c.Name)
		if !ok || len(c.Args) == 1 || r.script.Functions[c.Name] {
			return false
		}
		rest := c.Args[1:]
		if c.Name == "command" && strings.HasPrefix(rest[0].Value, "-") || c.Name == "flock" && hasArgument(rest, "-c") {
			return false // it asks where a command is
		}
		rest, env := afterOptions(rest, w)
		for _, e := range env {
			r.envAssign(c, e)
		}
		if w.skip >= len(rest) || len(rest) == 0 {
			return false
		}
		rest = rest[w.skip:]
		if c.Name == "curtin" {
			rest, _ = afterOptions(rest, wrapper{valued: "t"})
		}
		if len(rest) == 0 {
			return false
		}
		c.Wrappers = append(c.Wrappers, c.Name)
		c.Args = rest
	}
}

func hasArgument(words []*Word, value string) bool {
	return slices.ContainsFunc(words, func(w *Word) bool { return w.Value == value })
}

// afterOptions returns what follows a wrapper's options, and the NAME=value before the command.
func afterOptions(words []*Word, w wrapper) (rest, env []*Word) {
	for len(words) > 0 {
		v := words[0].Value
		switch {
		case v == "--":
			return words[1:], env
		case len(v) > 1 && v[0] == '-' && v[1] != '-':
			n := 1
			if strings.IndexByte(w.valued, v[len(v)-1]) >= 0 {
				n = 2
			}
			words = words[min(n, len(words)):]
		case strings.HasPrefix(v, "--"):
			words = words[1:]
		case w.assigns && isAssignment(v):
			env = append(env, words[0])
			words = words[1:]
		default:
			return words, env
		}
	}
	return nil, env
}

func isAssignment(v string) bool {
	name, _, ok := strings.Cut(v, "=")
	return ok && isName(name)
}

func isName(name string) bool {
	for i := range len(name) {
		b := name[i]
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '_' || i > 0 && '0' <= b && b <= '9') {
			return false
		}
	}
	return name != ""
}

// envAssign records NAME=value that a wrapper is given for its command.
func (r *reader) envAssign(c *Command, w *Word) {
	name, value, _ := strings.Cut(w.Value, "=")
	word := *w
	word.Value = value
	_, word.Raw, _ = strings.Cut(w.Raw, "=")
	r.script.Assigns = append(r.script.Assigns, &Assign{Span: w.Span, Name: name, Value: &word, Exported: true, For: c, Seq: len(r.script.Commands), Function: c.Function})
}

// remember notes what a command does to variables.
func (r *reader) remember(c *Command) {
	if c.Name != "read" {
		return
	}
	hidden := false
	for _, w := range c.Args[1:] {
		v := w.Value
		if strings.HasPrefix(v, "-") {
			hidden = hidden || strings.Contains(v, "s") && !strings.HasPrefix(v, "--")
		} else if isName(v) {
			secret := SecretName(v)
			if hidden {
				secret = "it is read without being shown"
			}
			r.vars[v] = &Var{Secret: secret}
		}
	}
}

// scripts reads the scripts that a command is given: after -c, as words, in a here-document.
func (r *reader) scripts(c *Command) {
	args := c.Args[1:]
	switch {
	case IsShell(c.Name):
		r.shellCall(c, args)
	case c.Name == "su" || c.Name == "runuser" || c.Name == "script" || c.Name == "flock":
		if i := slices.IndexFunc(args, func(w *Word) bool { return w.Value == "-c" || w.Value == "--command" }); i >= 0 && i+1 < len(args) {
			r.nested(args[i+1].Flat(), c, true)
		} else {
			r.stdin(c)
		}
	case c.Name == "sudo" || c.Name == "doas":
		r.stdin(c)
	case c.Name == "eval" || c.Name == "watch":
		r.nested(r.join(args), c, false)
	case c.Name == "trap" && len(args) > 1 && !strings.HasPrefix(args[0].Value, "-"):
		r.nested(args[0].Flat(), c, false)
	case c.Name == "ssh" || c.Name == "autossh" || c.Name == "mosh":
		r.ssh(c, args)
	case c.Name == "find":
		r.find(c, args)
	case runsInside(c.Name):
		r.inside(c, args)
	}
}

// shellCall reads what a shell is told to run.
func (r *reader) shellCall(c *Command, args []*Word) {
	for i, w := range args {
		v := w.Value
		if len(v) > 1 && (v[0] == '-' || v[0] == '+') && v[1] != '-' {
			if v[0] == '-' && strings.Contains(v, "c") && i+1 < len(args) {
				r.nested(args[i+1].Flat(), c, true)
				return
			}
			continue
		}
		if !strings.HasPrefix(v, "--") && !(i > 0 && strings.HasSuffix(args[i-1].Value, "o") && args[i-1].Value[0] == '-') {
			return // a file
		}
	}
	r.stdin(c)
}

// stdin reads what a shell gets in a here-document or as a string.
func (r *reader) stdin(c *Command) {
	for _, d := range c.Redirects {
		if (d.Op == "<<" || d.Op == "<<<") && d.Target != nil {
			r.nested(d.Target.Flat(), c, true)
		}
	}
}

// ssh reads what is run on another machine.
func (r *reader) ssh(c *Command, args []*Word) {
	rest, _ := afterOptions(args, wrapper{valued: "bcDEeFIiJLlmOopQRSWw"})
	if len(rest) > 1 {
		if t := r.join(rest[1:]); len(t.Data) > 0 {
			r.nested(t, c, false)
		}
		return
	}
	r.stdin(c)
}

// find reads the commands after -exec.
func (r *reader) find(c *Command, args []*Word) {
	for i := 0; i < len(args); i++ {
		if v := args[i].Value; v != "-exec" && v != "-execdir" && v != "-ok" {
			continue
		}
		end := i + 1
		for end < len(args) && args[end].Value != ";" && args[end].Value != "+" {
			end++
		}
		if end > i+1 && r.nestedOK() {
			one := *c
			one.Args, one.Wrappers = args[i+1:end], append(slices.Clone(c.Wrappers), "find")
			r.nestedRun(func() { r.run(&one) })
		}
		i = end
	}
}

// runsInside reports whether a program runs another one in a container or on another machine.
func runsInside(name string) bool {
	switch name {
	case "docker", "podman", "nerdctl", "kubectl", "lxc", "incus", "oc", "nsenter", "systemd-nspawn", "unshare", "multipass", "vagrant", "docker-compose":
		return true
	}
	return false
}

// inside reads SHELL -c SCRIPT among a command's words.
func (r *reader) inside(c *Command, args []*Word) {
	for i := 0; i+2 < len(args); i++ {
		flag := args[i+1].Value
		if IsShell(path.Base(args[i].Value)) && len(flag) > 1 && flag[0] == '-' && flag[1] != '-' && strings.HasSuffix(flag, "c") {
			r.nested(args[i+2].Flat(), c, true)
			return
		}
	}
}

// join puts words together as eval and ssh do.
func (r *reader) join(words []*Word) *text.Text {
	b := text.From(r.text)
	for i, w := range words {
		if i > 0 {
			b.Put([]byte(" "), w.From, w.From)
		}
		b.Add(w.Flat())
	}
	return b.Text()
}

func (r *reader) nestedOK() bool { return r.depth < maxNested }

func (r *reader) nestedRun(read func()) {
	r.depth++
	read()
	r.depth--
}

// nested reads a script inside of this one. loud: that it cannot be parsed is worth telling.
func (r *reader) nested(t *text.Text, c *Command, loud bool) {
	if !r.nestedOK() || len(t.Data) == 0 || len(t.Data) > MaxText {
		return
	}
	inner := &reader{script: r.script, text: t, vars: r.vars, depth: r.depth + 1, context: context{
		wrappers: append(slices.Clone(c.Wrappers), c.Name), function: c.Function, conditional: c.Conditional, inside: c.Inside,
		pipeline: c.Pipeline, stage: c.Stage,
	}}
	for _, d := range c.Redirects {
		if d.Op == ">" || d.Op == ">>" {
			inner.context.redirects = append(inner.context.redirects, d)
		}
	}
	before := r.script.Problem
	shell := r.script.Shell
	if IsShell(c.Name) {
		shell = c.Name
	}
	inner.program(t, shell)
	if !loud {
		r.script.Problem = before
	}
}

// files notes here-documents that are written to files.
func (r *reader) files(c *Command) {
	var doc *Word
	for _, d := range c.Redirects {
		if d.Op == "<<" {
			doc = d.Target
		}
	}
	if doc == nil {
		return
	}
	add := func(name string) {
		r.script.Files = append(r.script.Files, &File{Path: name, Content: doc.Flat(), By: c})
	}
	switch c.Name {
	case "cat":
		for _, d := range c.Redirects {
			if d.Op == ">" || d.Op == ">>" {
				add(d.Target.Value)
			}
		}
	case "tee":
		for _, w := range c.Args[1:] {
			if !strings.HasPrefix(w.Value, "-") {
				add(w.Value)
			}
		}
	case "crontab":
		add("crontab")
	}
}
