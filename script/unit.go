package script

import (
	"strings"

	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// unit looks at a unit of systemd: what it runs, and what it puts into the environment (systemd.service(5), systemd.exec(5)).
func (f *File) unit(t *text.Text, w where) {
	vars := map[string]*shell.Var{}
	w.vars = vars
	list := settings(t)
	starts := map[string]bool{}
	for _, s := range list {
		if strings.HasPrefix(s.key, "ExecStart") {
			starts[programOf(s)] = true
		}
	}
	for _, s := range list {
		switch {
		case s.key == "Environment":
			f.environment(s.value, w, vars)
		case strings.HasPrefix(s.key, "Exec") && s.section != "Unit":
			line := w
			line.undoes = strings.HasPrefix(s.key, "ExecStop") && starts[programOf(s)]
			f.execLine(s, line)
		}
	}
}

// programOf returns the program that a line starts.
func programOf(s setting) string {
	program, _, _ := strings.Cut(strings.TrimLeft(string(s.value.Data), "-+!@:| "), " ")
	return base(program)
}

// setting is KEY=value of an INI file, with lines that are continued.
type setting struct {
	section, key string
	value        *text.Text
}

// settings reads the settings of a unit.
func settings(t *text.Text) (list []setting) {
	section := ""
	for at := 0; at < len(t.Data); {
		end := at + lineLength(t.Data[at:])
		line := strings.TrimSpace(string(t.Data[at:end]))
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			key, _, ok := strings.Cut(line, "=")
			if !ok {
				break
			}
			from := at + strings.IndexByte(string(t.Data[at:end]), '=') + 1
			for from < end && (t.Data[from] == ' ' || t.Data[from] == '\t') {
				from++
			}
			b := text.From(t)
			for end > from && t.Data[end-1] == '\\' && end+1 < len(t.Data) {
				b.Copy(from, end-1)
				b.Put([]byte(" "), end-1, end)
				from, end = end+1, end+1+lineLength(t.Data[end+1:])
			}
			b.Copy(from, end)
			list = append(list, setting{section, strings.TrimSpace(key), b.Text()})
		}
		at = end + 1
	}
	return list
}

// environment looks at the assignments of an Environment= line.
func (f *File) environment(t *text.Text, w where, vars map[string]*shell.Var) {
	for _, one := range quotedWords(t) {
		name, value, ok := strings.Cut(one.String(), "=")
		name = strings.Trim(name, `"'`)
		value = strings.Trim(value, `"'`)
		if !ok {
			continue
		}
		vars[name] = &shell.Var{Value: value, Literal: !strings.Contains(value, "%"), Secret: secretOf(name, value)}
		f.literal(w, name, value, one)
	}
}

// secretOf says why a variable with a value holds a secret.
func secretOf(name, value string) string {
	if harmlessValue(value) {
		return ""
	}
	return shell.SecretName(name)
}

// literal claims a secret that is given in an environment as it is.
func (f *File) literal(w where, name, value string, span text.Span) {
	if !f.spend(100) || shell.SecretName(name) == "" || harmlessValue(value) {
		return
	}
	f.say(&hit{rule: secretLiteral, span: span, part: w.name, title: name + " is given as a literal", secrets: []text.Span{within(span, value)}})
}

// quotedWords splits a text at white space outside of quotes.
func quotedWords(t *text.Text) (list []text.Span) {
	s := t.Data
	for at := 0; at < len(s); {
		for at < len(s) && strings.IndexByte(" \t\r\n", s[at]) >= 0 {
			at++
		}
		start, quote := at, byte(0)
		for at < len(s) && (quote != 0 || strings.IndexByte(" \t\r\n", s[at]) < 0) {
			switch {
			case s[at] == '\\':
				at++
			case quote != 0 && s[at] == quote:
				quote = 0
			case quote == 0 && (s[at] == '"' || s[at] == '\''):
				quote = s[at]
			}
			at++
		}
		if at = min(at, len(s)); at > start {
			list = append(list, text.Span{Text: t, From: start, To: at})
		}
	}
	return list
}

// execLine looks at a command of a unit. systemd is no shell: it knows quotes, $NAME and %, and neither pipes nor redirections, which are
// plain words. Signs that the shell would act on are put in quotes.
func (f *File) execLine(s setting, w where) {
	b := text.From(s.value)
	data := s.value.Data
	from := 0
	for from < len(data) && strings.IndexByte("-+!@:| ", data[from]) >= 0 {
		from++
	}
	quote := byte(0)
	for i := from; i < len(data); i++ {
		c := data[i]
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && strings.IndexByte("|&<>()`#*?~", c) >= 0:
			b.Copy(from, i)
			b.Put([]byte{'\\', c}, i, i+1)
			from = i + 1
		case c == '$' && i+1 < len(data) && data[i+1] == '$': // a $ for the program, such as sh -c
			b.Copy(from, i)
			from = i + 1
			i++
		}
	}
	b.Copy(from, len(data))
	f.script(b.Text(), fragment, w.in(s.key, ""), "sh")
}

// crontab looks at the commands of a crontab; in those of the system a user stands before them (crontab(5)).
func (f *File) crontab(t *text.Text, w where) {
	slash := "/" + w.path
	system := strings.HasSuffix(slash, "/etc/crontab") || strings.Contains(slash, "/cron.d/") || base(w.path) == "crontab" && strings.Contains(slash, "etc/")
	vars := map[string]*shell.Var{}
	w.vars = vars
	for at := 0; at < len(t.Data); {
		end := at + lineLength(t.Data[at:])
		f.cronLine(t, at, end, system, w)
		at = end + 1
	}
}

func (f *File) cronLine(t *text.Text, at, end int, system bool, w where) {
	line := string(t.Data[at:end])
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == '#' {
		return
	}
	if name, value, ok := strings.Cut(trimmed, "="); ok && isIdentifier(strings.TrimSpace(name)) {
		name, value = strings.TrimSpace(name), strings.Trim(strings.TrimSpace(value), `"'`)
		w.vars[name] = &shell.Var{Value: value, Literal: true, Secret: secretOf(name, value)}
		f.literal(w, name, value, within(text.Span{Text: t, From: at, To: end}, trimmed))
		return
	}
	fields := 5
	if trimmed[0] == '@' {
		fields = 1
	} else if strings.IndexByte("0123456789*", trimmed[0]) < 0 {
		return
	}
	if system {
		fields++
	}
	from := at
	for i := 0; i <= fields; i++ {
		for from < end && (t.Data[from] == ' ' || t.Data[from] == '\t') {
			from++
		}
		if i == fields {
			break
		}
		for from < end && t.Data[from] != ' ' && t.Data[from] != '\t' {
			from++
		}
	}
	b := text.From(t)
	for i := from; i < end; i++ {
		if t.Data[i] == '\\' && i+1 < end && t.Data[i+1] == '%' {
			b.Copy(from, i)
			from = i + 1
			i++
		} else if t.Data[i] == '%' { // the rest is standard input
			end = i
		}
	}
	b.Copy(from, end)
	f.script(b.Text(), fragment, w, "sh")
}
