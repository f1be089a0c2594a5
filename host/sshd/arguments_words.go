package sshd

import (
	"errors"
	"strings"
)

var errQuote = errors.New("a quotation mark of its command is not closed")

// commandWord is a word of a command.
type commandWord struct {
	text   string
	quoted bool // some of it stood in quotation marks
}

// splitCommand splits a command at white space that is neither quoted nor behind a backslash.
func splitCommand(text string) ([]commandWord, error) {
	var list []commandWord
	var b strings.Builder
	var w commandWord
	within, quote := false, byte(0)
	end := func() {
		if within {
			w.text = b.String()
			list = append(list, w)
		}
		b.Reset()
		w, within = commandWord{}, false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == 0 && strings.IndexByte(" \t\n\r\v\f", c) >= 0:
			end()
			continue
		case c == '\\' && i+1 < len(text) && quote != '\'':
			i++
			b.WriteByte(text[i])
		case quote == 0 && (c == '"' || c == '\''):
			quote, w.quoted = c, true
		case c == quote && quote != 0:
			quote = 0
		default:
			b.WriteByte(c)
		}
		within = true
	}
	if quote != 0 {
		return nil, errQuote
	}
	end()
	return list, nil
}

// expand puts variables in as systemd does: a word that is one becomes the words of its value, ${NAME} within others its value as it is.
// Of specifiers, %% alone is known here.
func (w commandWord) expand(variables map[string]string) ([]string, error) {
	if name, ok := strings.CutPrefix(w.text, "$"); ok && !w.quoted && variable(name) {
		words, err := splitCommand(variables[name])
		var list []string
		for _, w := range words {
			list = append(list, w.text)
		}
		return list, err
	}
	if strings.Contains(strings.ReplaceAll(w.text, "%%", ""), "%") {
		return nil, errVariable
	}
	var b strings.Builder
	text := strings.ReplaceAll(w.text, "%%", "%")
	for {
		before, rest, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return []string{b.String()}, nil
		}
		name, after, closed := strings.Cut(strings.TrimPrefix(rest, "{"), "}")
		switch {
		case strings.HasPrefix(rest, "$"):
			b.WriteByte('$')
			text = rest[1:]
		case strings.HasPrefix(rest, "{") && closed && variable(name):
			b.WriteString(variables[name])
			text = after
		default:
			b.WriteByte('$')
			text = rest
		}
	}
}

// variable reports whether a text is a variable's name.
func variable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_'
	})
}

// variablesOf reads NAME=VALUE lines of a file of EnvironmentFile= (systemd.exec(5)), which most scripts' are, too.
func variablesOf(text string, all map[string]string) {
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if name = strings.TrimSpace(name); !ok || !variable(name) || line[0] == '#' || line[0] == ';' {
			continue
		}
		value = strings.TrimSpace(value)
		for _, quote := range []string{`"`, "'"} {
			if rest, quoted := strings.CutPrefix(value, quote); quoted {
				value, _, _ = strings.Cut(rest, quote)
				break
			}
		}
		all[name] = value
	}
}
