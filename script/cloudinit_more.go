package script

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"keysweep/finding"
	"keysweep/script/internal/text"
)

// moreConfig looks at keys of #cloud-config that fewer people use: commands of snap, keys that come from the net, Ubuntu's autoinstall.
func (f *File) moreConfig(d *document, n *yaml.Node, w where) {
	snap, _ := get(n, "snap")
	commands, _ := get(snap, "commands")
	for i, one := range valuesOf(commands) {
		f.runcmd(d, one, w.in(fmt.Sprintf("snap.commands[%d]", i), ""))
	}
	users, _ := get(n, "users")
	for _, u := range append([]*yaml.Node{n}, items(users)...) {
		ids, _ := get(u, "ssh_import_id")
		for _, id := range items(ids) {
			if id = real(id); id != nil && id.Kind == yaml.ScalarNode && id.Value != "" {
				f.say(&hit{rule: authorizedKeys, span: d.span(id), part: w.name, title: "keys that may log in come from the net"})
			}
		}
	}
	if auto, _ := get(n, "autoinstall"); auto != nil {
		f.autoinstall(d, auto, w)
	}
}

// valuesOf returns the elements of a list, or the values of a mapping in its order.
func valuesOf(n *yaml.Node) (list []*yaml.Node) {
	if n = real(n); n == nil || n.Kind != yaml.MappingNode {
		return items(n)
	}
	for i := 1; i < len(n.Content); i += 2 {
		list = append(list, n.Content[i])
	}
	return list
}

// autoinstall looks at what Ubuntu's installer is told (https://canonical-subiquity.readthedocs-hosted.com/en/latest/reference/autoinstall-reference.html).
func (f *File) autoinstall(d *document, n *yaml.Node, w where) {
	for _, key := range []string{"early-commands", "late-commands", "error-commands"} {
		list, _ := get(n, key)
		for i, one := range items(list) {
			f.runcmd(d, one, w.in(fmt.Sprintf("%s[%d]", key, i), ""))
		}
	}
	ssh, _ := get(n, "ssh")
	if v, key := get(ssh, "allow-pw"); isYes(v) {
		f.say(&hit{rule: sshdWeakened, span: keyValue(d, key, v), part: w.name, title: "sshd accepts passwords"})
	}
	identity, _ := get(n, "identity")
	if v, _ := get(identity, "password"); v != nil && v.Kind == yaml.ScalarNode && strings.Trim(v.Value, "!*x") != "" && !isPlaceholder(v.Value) && !strings.HasPrefix(v.Value, "${") {
		f.say(&hit{rule: passwordLiteral, severity: finding.High, span: d.span(v), part: w.name, title: "an account gets a password whose hash stands in the user data", secrets: []text.Span{d.span(v)}})
	}
	if inner, _ := get(n, "user-data"); inner != nil {
		f.cloudConfig(d, inner, w)
	}
}

// jsonPatch looks at #cloud-config-jsonp: what operations of RFC 6902 add to the configuration, as if it stood there.
func (f *File) jsonPatch(d *document, n *yaml.Node, w where) {
	const deepest = 8
	for i, one := range items(n) {
		op, at := value(one, "op"), value(one, "path")
		v, _ := get(one, "value")
		names := strings.Split(strings.TrimPrefix(at, "/"), "/")
		if op != "add" && op != "replace" || v == nil || !strings.HasPrefix(at, "/") || len(names) > deepest {
			continue
		}
		_, place := get(one, "value")
		for k := len(names) - 1; k >= 0; k-- {
			name := strings.NewReplacer("~1", "/", "~0", "~").Replace(names[k])
			if k > 0 && (name == "-" || strings.Trim(name, "0123456789") == "") {
				v = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{v}, Line: v.Line, Column: v.Column}
				continue
			}
			key := *place
			key.Value = name
			v = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{&key, v}, Line: v.Line, Column: v.Column}
		}
		f.cloudConfig(d, v, w.in(fmt.Sprintf("[%d]", i), ""))
	}
}
