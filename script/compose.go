package script

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"keysweep/script/internal/text"
)

// compose looks at the services of a compose file (https://github.com/compose-spec/compose-spec).
func (f *File) compose(d *document, n *yaml.Node, w where) {
	services, _ := get(n, "services")
	if services == nil || services.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(services.Content); i += 2 {
		s := real(services.Content[i+1])
		if s == nil || s.Kind != yaml.MappingNode {
			continue
		}
		f.service(d, s, w.in(services.Content[i].Value, ""))
	}
	configs, _ := get(n, "configs")
	if configs == nil || configs.Kind != yaml.MappingNode {
		return
	}
	for i := 1; i < len(configs.Content); i += 2 {
		if v, _ := get(configs.Content[i], "content"); v != nil && v.Kind == yaml.ScalarNode {
			name := "configs." + configs.Content[i-1].Value
			f.secretContent(doubled(d.scalar(v)), name, name, nil)
		}
	}
}

func (f *File) service(d *document, s *yaml.Node, w where) {
	env, _ := get(s, "environment")
	f.environmentNode(d, env, w)
	build, _ := get(s, "build")
	args, _ := get(build, "args")
	f.environmentNode(d, args, w)
	if v, key := get(s, "privileged"); isYes(v) {
		f.say(&hit{rule: privilegedBox, span: keyValue(d, key, v), part: w.name, title: "the container is privileged"})
	}
	volumes, _ := get(s, "volumes")
	for _, v := range items(volumes) {
		v = real(v)
		source := v
		if v != nil && v.Kind == yaml.MappingNode {
			if source, _ = get(v, "source"); isYes(first(get(v, "read_only"))) {
				continue
			}
		}
		if source != nil && source.Kind == yaml.ScalarNode {
			f.right(d, "volume", source, w)
		}
	}
	for _, key := range []string{"cap_add", "security_opt"} {
		list, _ := get(s, key)
		for _, v := range items(list) {
			if v = real(v); v != nil {
				f.right(d, strings.ReplaceAll(key, "_", "-"), v, w)
			}
		}
	}
	for _, key := range []string{"pid", "ipc", "userns_mode", "network_mode"} {
		if v, _ := get(s, key); v != nil {
			f.right(d, strings.TrimSuffix(key, "_mode"), v, w)
		}
	}
	f.ports(d, s, w)
	for _, key := range []string{"command", "entrypoint"} {
		if v, _ := get(s, key); v != nil {
			f.command(d, v, w.in(key, ""))
		}
	}
	health, _ := get(s, "healthcheck")
	if test, _ := get(health, "test"); test != nil && test.Kind == yaml.ScalarNode {
		f.command(d, test, w.in("healthcheck", ""))
	}
}

func (f *File) right(d *document, name string, v *yaml.Node, w where) {
	if what := rights(name, v.Value); what != "" {
		f.say(&hit{rule: privilegedBox, span: d.span(v), part: w.name, title: what, severity: severityOf(name)})
	}
}

// keyValue returns the span from a key to the end of its value.
func keyValue(d *document, key, v *yaml.Node) text.Span {
	from := d.offset(key)
	_, span := d.align(v)
	end := max(from, span.To)
	if v.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && end < len(d.data) && (d.data[end] == '"' || d.data[end] == '\'') {
		end++
	}
	return text.Span{Text: d.text, From: from, To: end}
}

// command looks at a command: a line, or a list of words.
func (f *File) command(d *document, v *yaml.Node, w where) {
	if v.Kind == yaml.ScalarNode {
		f.script(doubled(d.scalar(v)), fragment, w, "sh")
	} else if v.Kind == yaml.SequenceNode {
		f.script(doubled(d.words(v)), fragment, w, "sh")
	}
}

// doubled takes one of two dollar signs away: compose writes $$ for the one that the program sees.
func doubled(t *text.Text) *text.Text {
	if !strings.Contains(string(t.Data), "$$") {
		return t
	}
	b := text.From(t)
	from := 0
	for i := 0; i+1 < len(t.Data); i++ {
		if t.Data[i] == '$' && t.Data[i+1] == '$' {
			b.Copy(from, i)
			from = i + 1
			i++
		}
	}
	b.Copy(from, len(t.Data))
	return b.Text()
}

// environmentNode looks at NAME: value, or a list of NAME=value.
func (f *File) environmentNode(d *document, n *yaml.Node, w where) {
	n = real(n)
	switch {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if v := real(n.Content[i+1]); v != nil && v.Kind == yaml.ScalarNode {
				f.literal(w, n.Content[i].Value, v.Value, keyValue(d, n.Content[i], v))
			}
		}
	case n.Kind == yaml.SequenceNode:
		for _, v := range n.Content {
			if v = real(v); v == nil {
				continue
			}
			if name, value, ok := strings.Cut(v.Value, "="); ok && v.Kind == yaml.ScalarNode {
				f.literal(w, name, value, d.span(v))
			}
		}
	}
}

// ports looks at the ports that a service publishes.
func (f *File) ports(d *document, s *yaml.Node, w where) {
	list, _ := get(s, "ports")
	for _, v := range items(list) {
		v = real(v)
		if v == nil {
			continue
		}
		short, at := v.Value, v
		if v.Kind == yaml.MappingNode {
			if at, _ = get(v, "published"); at == nil {
				continue
			}
			short = value(v, "host_ip") + ":" + at.Value + ":" + value(v, "target")
			short = strings.TrimPrefix(short, ":")
		}
		if port, severity, open := openPort(short); open {
			f.say(&hit{rule: publicPort, span: d.span(at), part: w.name, title: "port " + port + " is open to everybody", severity: severity})
		}
	}
}

// kubernetes looks at the containers of an object of Kubernetes, and of the objects in a list.
func (f *File) kubernetes(d *document, n *yaml.Node, w where) {
	visited := 0
	var visit func(n *yaml.Node, depth int)
	visit = func(n *yaml.Node, depth int) {
		if n = real(n); n == nil || depth > 20 || visited > maxNodes {
			return
		}
		visited++
		if n.Kind == yaml.MappingNode {
			for _, key := range []string{"containers", "initContainers", "ephemeralContainers"} {
				list, _ := get(n, key)
				for _, c := range items(list) {
					f.container(d, real(c), w)
				}
			}
			if host, _ := get(n, "hostPath"); host != nil {
				if v, _ := get(host, "path"); v != nil {
					f.right(d, "volume", v, w)
				}
			}
			f.shared(d, n, w)
		}
		for _, c := range n.Content {
			visit(c, depth+1)
		}
	}
	visit(n, 0)
}

// shared looks for what the containers of a pod share with the machine.
func (f *File) shared(d *document, n *yaml.Node, w where) {
	for _, s := range []struct{ key, right string }{{"hostPID", "pid"}, {"hostIPC", "ipc"}, {"hostNetwork", "net"}} {
		if v, at := get(n, s.key); isYes(v) {
			f.say(&hit{rule: privilegedBox, span: keyValue(d, at, v), part: w.name, title: rights(s.right, "host"), severity: severityOf(s.right)})
		}
	}
}

func (f *File) container(d *document, c *yaml.Node, w where) {
	if c == nil || c.Kind != yaml.MappingNode {
		return
	}
	w = w.in(value(c, "name"), "")
	env, _ := get(c, "env")
	for _, e := range items(env) {
		name, v := value(e, "name"), first(get(e, "value"))
		if v != nil && v.Kind == yaml.ScalarNode {
			f.literal(w, name, v.Value, d.span(v))
		}
	}
	context, _ := get(c, "securityContext")
	if v, key := get(context, "privileged"); isYes(v) {
		f.say(&hit{rule: privilegedBox, span: keyValue(d, key, v), part: w.name, title: "the container is privileged"})
	}
	caps, _ := get(context, "capabilities")
	added, _ := get(caps, "add")
	for _, v := range items(added) {
		if v = real(v); v != nil {
			f.right(d, "cap-add", v, w)
		}
	}
	b := text.From(d.text)
	for _, key := range []string{"command", "args"} {
		if v, _ := get(c, key); v != nil && v.Kind == yaml.SequenceNode {
			if b.Len() > 0 {
				b.Put([]byte(" "), d.offset(v), d.offset(v))
			}
			b.Add(d.words(v))
		}
	}
	if b.Len() > 0 {
		f.script(b.Text(), fragment, w.in("command", ""), "sh")
	}
}

// workflow looks at the steps of GitHub Actions, and at the scripts of GitLab CI.
func (f *File) workflow(d *document, n *yaml.Node, w where) {
	w.ci = true
	jobs, _ := get(n, "jobs")
	if jobs != nil && jobs.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(jobs.Content); i += 2 {
			f.steps(d, jobs.Content[i+1], w.in(jobs.Content[i].Value, ""))
		}
		return
	}
	if runs, _ := get(n, "runs"); runs != nil {
		f.steps(d, runs, w)
		return
	}
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	f.gitlab(d, n, w)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if job := real(n.Content[i+1]); job != nil && job.Kind == yaml.MappingNode {
			f.gitlab(d, job, w.in(n.Content[i].Value, ""))
			variables, _ := get(job, "variables")
			f.environmentNode(d, variables, w)
		}
	}
}

func (f *File) steps(d *document, job *yaml.Node, w where) {
	env, _ := get(job, "env")
	f.environmentNode(d, env, w)
	list, _ := get(job, "steps")
	for i, s := range items(list) {
		env, _ := get(s, "env")
		f.environmentNode(d, env, w)
		if run, _ := get(s, "run"); run != nil && run.Kind == yaml.ScalarNode {
			shell := value(s, "shell")
			if shell == "pwsh" || shell == "powershell" || shell == "python" || shell == "cmd" {
				continue
			}
			f.script(d.scalar(run), fragment, w.in(fmt.Sprintf("steps[%d]", i), ""), "bash")
		}
	}
}

func (f *File) gitlab(d *document, job *yaml.Node, w where) {
	for _, key := range []string{"before_script", "script", "after_script"} {
		list, _ := get(job, key)
		for i, one := range items(list) {
			if one = real(one); one != nil && one.Kind == yaml.ScalarNode {
				f.script(d.scalar(one), fragment, w.in(fmt.Sprintf("%s[%d]", key, i), ""), "bash")
			}
		}
	}
}

// cloudFormation looks for user data in a template: as it is, in Fn::Base64, with Fn::Sub or Fn::Join.
func (f *File) cloudFormation(d *document, n *yaml.Node, w where) {
	visited := 0
	var visit func(n *yaml.Node, depth int)
	visit = func(n *yaml.Node, depth int) {
		if n = real(n); n == nil || depth > 40 || visited > maxNodes {
			return
		}
		visited++
		if n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == "UserData" {
					f.userData(d, n.Content[i+1], w.in("UserData", "user-data"), 0)
				}
				if n.Content[i].Value == "AWS::CloudFormation::Init" {
					f.init(d, real(n.Content[i+1]), w.in("cfn-init", ""))
				}
			}
		}
		for _, c := range n.Content {
			visit(c, depth+1)
		}
	}
	visit(n, 0)
}

// userData takes the functions of CloudFormation off.
func (f *File) userData(d *document, n *yaml.Node, w where, depth int) {
	w.setup = true
	if n = real(n); n == nil || depth > 6 {
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		f.guessUserData(d.scalar(n), w)
	case yaml.MappingNode:
		for _, key := range []string{"Fn::Base64", "Fn::Sub", "Fn::Join"} {
			if v, _ := get(n, key); v != nil {
				f.userData(d, v, w, depth+1)
			}
		}
	case yaml.SequenceNode:
		if len(n.Content) == 2 && real(n.Content[1]) != nil && real(n.Content[1]).Kind == yaml.SequenceNode {
			f.guessUserData(d.joined(n.Content[0].Value, real(n.Content[1])), w)
		} else if len(n.Content) > 0 { // Fn::Sub with a map of variables
			f.userData(d, n.Content[0], w, depth+1)
		}
	}
}

// joined puts the texts of Fn::Join together; what is no text becomes a variable.
func (d *document) joined(with string, list *yaml.Node) *text.Text {
	b := text.From(d.text)
	for i, one := range list.Content {
		at := d.offset(one)
		if i > 0 {
			b.Put([]byte(with), at, at)
		}
		if one = real(one); one != nil && one.Kind == yaml.ScalarNode {
			b.Add(d.scalar(one))
			continue
		}
		name := "value"
		if ref := value(one, "Ref"); isIdentifier(ref) {
			name = ref
		}
		b.Put([]byte("${"+name+"}"), at, at)
	}
	return b.Text()
}

// guessUserData looks at user data: what it starts with says what it is, and what starts with nothing known is not run.
func (f *File) guessUserData(t *text.Text, w where) {
	if isBase64(t.Data) {
		f.base64(t, w)
		return
	}
	if form := byContent(t.Data); form != nothing {
		f.take(t, form, w)
	}
}

// init looks at the commands and files of AWS::CloudFormation::Init.
func (f *File) init(d *document, n *yaml.Node, w where) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 1; i < len(n.Content); i += 2 {
		commands, _ := get(n.Content[i], "commands")
		if commands == nil || commands.Kind != yaml.MappingNode {
			continue
		}
		for k := 1; k < len(commands.Content); k += 2 {
			if v, _ := get(commands.Content[k], "command"); v != nil {
				f.runcmd(d, v, w)
			}
		}
	}
}
