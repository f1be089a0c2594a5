package script

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"keysweep/finding"
	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// cloudConfig looks at the keys of #cloud-config that run something, make accounts or write files
// (https://cloudinit.readthedocs.io/en/latest/reference/modules.html).
func (f *File) cloudConfig(d *document, n *yaml.Node, w where) {
	for _, key := range []string{"bootcmd", "runcmd"} {
		list, _ := get(n, key)
		for i, one := range items(list) {
			f.runcmd(d, one, w.in(fmt.Sprintf("%s[%d]", key, i), ""))
		}
	}
	files, _ := get(n, "write_files")
	for i, one := range items(files) {
		f.writeFile(d, one, w, fmt.Sprintf("write_files[%d]", i))
	}
	f.accounts(d, n, w)
	f.logins(d, n, w)
	f.aptSources(d, n, w)
	f.yumRepositories(d, n, w)
	f.moreConfig(d, n, w)
}

func first(n, _ *yaml.Node) *yaml.Node { return n }

// runcmd looks at one command: a string for the shell, or a list of words.
func (f *File) runcmd(d *document, n *yaml.Node, w where) {
	n = real(n)
	switch {
	case n == nil:
	case n.Kind == yaml.ScalarNode:
		f.script(d.scalar(n), fragment, w, "sh")
	case n.Kind == yaml.SequenceNode:
		f.script(d.words(n), fragment, w, "sh")
	case n.Kind == yaml.MappingNode:
		f.say(&hit{rule: parses, span: d.span(n), part: w.name, title: "it is no command: a colon and a space make a mapping of it; put it in quotes"})
	}
}

// words writes a list of words as a command of a shell, each in quotes.
func (d *document) words(n *yaml.Node) *text.Text {
	b := text.From(d.text)
	for i, one := range items(n) {
		one = real(one)
		if one == nil || one.Kind != yaml.ScalarNode {
			continue
		}
		t := d.scalar(one)
		if i > 0 {
			b.Put([]byte(" "), d.offset(one), d.offset(one))
		}
		quoted(b, t, d.offset(one))
	}
	return b.Text()
}

// quoted adds a text in single quotes.
func quoted(b *text.Builder, t *text.Text, at int) {
	if !bytes.ContainsAny(t.Data, " \t\n'\"$&|;<>()*?[]#~=%!{}`\\") && len(t.Data) > 0 {
		b.Add(t)
		return
	}
	b.Put([]byte("'"), at, at)
	from := 0
	for i, c := range t.Data {
		if c == '\'' {
			b.Add(text.Part(t, from, i))
			b.Put([]byte(`'\''`), at, at+1)
			from = i + 1
		}
	}
	b.Add(text.Part(t, from, len(t.Data)))
	b.Put([]byte("'"), at, at)
}

// writeFile looks at what cloud-init writes.
func (f *File) writeFile(d *document, n *yaml.Node, w where, name string) {
	content, _ := get(n, "content")
	target := value(n, "path")
	mode, _ := get(n, "permissions")
	source, _ := get(n, "source")
	if uri, _ := get(source, "uri"); uri != nil && clear(uri.Value) {
		f.say(&hit{rule: httpDownload, span: d.span(uri), part: name})
	}
	if mode != nil && everybody(mode.Value) {
		f.say(&hit{rule: worldWritable, span: d.span(mode), part: name, title: "mode " + mode.Value + " lets every user change it"})
	}
	if content == nil || content.Kind != yaml.ScalarNode {
		return
	}
	t := d.scalar(content)
	encoding := strings.ToLower(value(n, "encoding"))
	if decoded, changed := f.decodeContent(t, encoding, content.Tag); changed {
		if decoded == nil {
			return
		}
		t = decoded
	}
	if isAuthorized(target) && !strings.Contains(strings.ToLower(value(n, "append")), "true") {
		f.say(&hit{rule: authorizedKeys, span: text.Span{Text: t, From: 0, To: lineLength(t.Data)}, part: name, title: "authorized_keys is overwritten"})
	}
	f.secretContent(t, name, target, mode)
	f.guess(t, w.in(name, target))
}

// decodeContent takes the encoding of write_files off: b64, gzip, and both.
func (f *File) decodeContent(t *text.Text, encoding, tag string) (out *text.Text, changed bool) {
	b64 := encoding == "b64" || encoding == "base64" || strings.Contains(encoding, "+b64") || strings.Contains(encoding, "+base64") || tag == "!!binary"
	gz := strings.HasPrefix(encoding, "gz")
	if !b64 && !gz {
		return t, false
	}
	data := t.Data
	if b64 {
		decoded, ok := decodeBase64(data)
		if !ok {
			return nil, true
		}
		data = decoded
	}
	if gz {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, true
		}
		if data, err = io.ReadAll(io.LimitReader(z, int64(max(0, f.budget))+1)); err != nil {
			return nil, true
		}
	}
	out = text.Decoded(t, 0, len(t.Data), data)
	if !f.keep(out) {
		return nil, true
	}
	return out, true
}

// secretContent looks for NAME=secret in a file that every user may read: 0644 is cloud-init's default.
func (f *File) secretContent(t *text.Text, name, target string, mode *yaml.Node) {
	if mode != nil && strings.HasSuffix(strings.Trim(mode.Value, "'\""), "0") {
		return
	}
	for at := 0; at < len(t.Data); {
		end := at + lineLength(t.Data[at:])
		line := strings.TrimSpace(string(t.Data[at:end]))
		key, v, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(key), "export "))
		v = strings.Trim(strings.TrimSpace(v), `"'`)
		if ok && isIdentifier(key) && shell.SecretName(key) != "" && v != "" && !harmlessValue(v) {
			span := within(text.Span{Text: t, From: at, To: end}, line)
			f.say(&hit{rule: secretToFile, span: span, part: name, title: "a secret is written to " + shown(target) + ", which others may read", secrets: []text.Span{within(span, v)}})
			return
		}
		at = end + 1
	}
}

func isIdentifier(s string) bool {
	for i := range len(s) {
		b := s[i]
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '_' || i > 0 && ('0' <= b && b <= '9' || b == '.' || b == '-')) {
			return false
		}
	}
	return s != ""
}

// accounts looks at passwords and rights of the accounts that are made.
func (f *File) accounts(d *document, n *yaml.Node, w where) {
	users, _ := get(n, "users")
	user, _ := get(n, "user")
	system, _ := get(n, "system_info")
	fallback, _ := get(system, "default_user")
	for _, u := range append(items(users), user, fallback) {
		u = real(u)
		if u == nil || u.Kind != yaml.MappingNode {
			continue
		}
		for _, key := range []string{"plain_text_passwd", "hashed_passwd", "passwd"} {
			v, _ := get(u, key)
			if v == nil || v.Kind != yaml.ScalarNode || strings.Trim(v.Value, "!*x") == "" || strings.HasPrefix(v.Value, "$") && strings.HasSuffix(v.Value, "}") || isPlaceholder(v.Value) {
				continue
			}
			h := &hit{rule: passwordLiteral, span: d.span(v), part: w.name, title: "an account gets a password that stands in the user data", secrets: []text.Span{d.span(v)}}
			if key != "plain_text_passwd" {
				h.severity, h.title = finding.High, "an account gets a password whose hash stands in the user data"
			}
			f.say(h)
		}
		sudo, _ := get(u, "sudo")
		for _, rule := range items(sudo) {
			if rule = real(rule); rule != nil && allCommands(rule.Value) {
				f.say(&hit{rule: sudoNopasswd, span: d.span(rule), part: w.name, title: "NOPASSWD: ALL"})
			}
		}
	}
	if v, _ := get(n, "password"); v != nil && v.Kind == yaml.ScalarNode && !isPlaceholder(v.Value) && !strings.HasPrefix(v.Value, "$") && !isRandom(v.Value) {
		f.say(&hit{rule: passwordLiteral, span: d.span(v), part: w.name, secrets: []text.Span{d.span(v)}})
	}
	f.chpasswdKey(d, n, w)
}

func isRandom(v string) bool { return v == "R" || v == "RANDOM" }

// chpasswdKey looks at chpasswd: users, and the older list.
func (f *File) chpasswdKey(d *document, n *yaml.Node, w where) {
	c, _ := get(n, "chpasswd")
	users, _ := get(c, "users")
	for _, u := range items(users) {
		v, _ := get(u, "password")
		if v == nil || strings.EqualFold(value(u, "type"), "RANDOM") || isRandom(v.Value) || isPlaceholder(v.Value) || strings.HasPrefix(v.Value, "${") || strings.Trim(v.Value, "!*") == "" {
			continue
		}
		f.say(&hit{rule: passwordLiteral, span: d.span(v), part: w.name, secrets: []text.Span{d.span(v)}})
	}
	list, _ := get(c, "list")
	for _, one := range items(list) {
		if one = real(one); one == nil || one.Kind != yaml.ScalarNode {
			continue
		}
		t := d.scalar(one)
		for at := 0; at < len(t.Data); {
			end := at + lineLength(t.Data[at:])
			line := string(t.Data[at:end])
			if i := strings.IndexByte(line, ':'); i > 0 {
				v := strings.TrimSpace(line[i+1:])
				if v != "" && !isRandom(v) && !isPlaceholder(v) && !strings.HasPrefix(v, "${") {
					f.say(&hit{rule: passwordLiteral, span: text.Span{Text: t, From: at, To: end}, part: w.name, secrets: []text.Span{{Text: t, From: at + i + 1, To: end}}})
				}
			}
			at = end + 1
		}
	}
}

// logins looks at how one may log in.
func (f *File) logins(d *document, n *yaml.Node, w where) {
	if v, key := get(n, "ssh_pwauth"); isYes(v) {
		f.say(&hit{rule: sshdWeakened, span: keyValue(d, key, v), part: w.name, title: "sshd accepts passwords"})
	}
	if v, key := get(n, "disable_root"); v != nil && v.Kind == yaml.ScalarNode {
		switch strings.ToLower(v.Value) {
		case "false", "no", "off", "0":
			f.say(&hit{rule: sshdWeakened, span: keyValue(d, key, v), part: w.name, title: "root may log in"})
		}
	}
}

// aptSources looks for repositories without a key.
func (f *File) aptSources(d *document, n *yaml.Node, w where) {
	apt, _ := get(n, "apt")
	if conf, _ := get(apt, "conf"); conf != nil && conf.Kind == yaml.ScalarNode {
		configLines(f, w.name, "/etc/apt/apt.conf", d.scalar(conf))
	}
	sources, _ := get(apt, "sources")
	if sources == nil || sources.Kind != yaml.MappingNode {
		return
	}
	for i := 1; i < len(sources.Content); i += 2 {
		one := real(sources.Content[i])
		source, _ := get(one, "source")
		if source == nil || source.Kind != yaml.ScalarNode || strings.HasPrefix(source.Value, "ppa:") || strings.Contains(source.Value, "$MIRROR") || strings.Contains(source.Value, "signed-by=") {
			continue
		}
		if strings.Contains(source.Value, "trusted=yes") {
			f.say(&hit{rule: unsignedPackages, span: d.span(source), part: w.name, title: "a repository is trusted without a signature (trusted=yes)"})
			continue
		}
		known := false
		for _, key := range []string{"key", "keyid", "keyserver"} {
			known = known || value(one, key) != ""
		}
		if !known {
			f.say(&hit{rule: unsignedPackages, span: d.span(source), part: w.name, title: "a repository is added without its key"})
		}
	}
}

// yumRepositories looks for repositories whose packages' signatures are not checked.
func (f *File) yumRepositories(d *document, n *yaml.Node, w where) {
	repositories, _ := get(n, "yum_repos")
	if repositories == nil || repositories.Kind != yaml.MappingNode {
		return
	}
	for i := 1; i < len(repositories.Content); i += 2 {
		check, key := get(repositories.Content[i], "gpgcheck")
		if check == nil || check.Kind != yaml.ScalarNode {
			continue
		}
		switch strings.ToLower(check.Value) {
		case "false", "0", "no", "off":
			f.say(&hit{rule: unsignedPackages, span: keyValue(d, key, check), part: w.name, title: "signatures of packages are not checked"})
		}
	}
}

// archive looks at the parts of #cloud-config-archive.
func (f *File) archive(d *document, n *yaml.Node, w where) {
	for i, one := range items(n) {
		one = real(one)
		if one == nil {
			continue
		}
		content := one
		kind := ""
		if one.Kind == yaml.MappingNode {
			content, _ = get(one, "content")
			kind = value(one, "type")
		}
		if content == nil || content.Kind != yaml.ScalarNode {
			continue
		}
		t := d.scalar(content)
		inner := w.in(fmt.Sprintf("[%d]", i), value(one, "filename"))
		inner.setup = true
		form := byContent(t.Data)
		if form == nothing {
			switch kind {
			case "text/x-shellscript":
				form = script
			case "text/cloud-config":
				form = cloudConfig
			case "text/cloud-boothook":
				form = bootHook
			case "text/cloud-config-jsonp":
				form = jsonPatch
			case "text/part-handler":
				form = partHandler
			}
		}
		if form != nothing {
			f.take(t, form, inner)
		}
	}
}
