package hook

import (
	"errors"
	"path"
	"strings"
)

// lefthook fills in the line for lefthook's configuration. Formats and keys: https://lefthook.dev/configuration/.
func (m *Manager) lefthook(l *Line) {
	l.File = m.file
	l.Present = strings.Contains(m.read(m.file), "keysweep hook run "+l.Hook)
	run := "keysweep hook run " + l.Hook
	switch path.Ext(m.file) {
	case ".toml":
		l.Text = "[" + l.Hook + ".commands.keysweep]\nrun = \"" + run + "\"\n"
		if readsInput(l.Hook) {
			l.Text = "[" + l.Hook + ".commands.keysweep]\nrun = \"" + run + " {0}\"\nuse_stdin = true\n"
		}
	case ".json":
		l.Cannot = "JSON has no comments to find the lines again by"
		l.Text = `"` + l.Hook + `": { "commands": { "keysweep": { "run": "` + run + `" } } }` + "\n"
		if readsInput(l.Hook) {
			l.Text = `"` + l.Hook + `": { "commands": { "keysweep": { "run": "` + run + ` {0}", "use_stdin": true } } }` + "\n"
		}
	default:
		l.Text = l.Hook + ":\n  commands:\n" + lefthookCommand(l.Hook, "    ", "  ")
	}
}

// lefthookCommand is the entry below "commands:", with its indentation and the step of the levels below.
func lefthookCommand(hook, indent, step string) string {
	text := indent + "keysweep:\n" + indent + step + "run: keysweep hook run " + hook
	if readsInput(hook) {
		text += " {0}\n" + indent + step + "use_stdin: true"
	}
	return text + "\n"
}

// lefthookJob is the entry below "jobs:", the newer list.
func lefthookJob(hook, indent string) string {
	text := indent + "- name: keysweep\n" + indent + "  run: keysweep hook run " + hook
	if readsInput(hook) {
		text += " {0}\n" + indent + "  use_stdin: true"
	}
	return text + "\n"
}

var errByHand = errors.New("the file is written in a way that only a person should edit; add the lines by hand")

// insertLefthook puts the lines where they belong. It edits only what it is sure of: block style, no tabs, the hook's key at
// the start of a line.
func insertLefthook(l Line, text, note, ext string) (string, error) {
	if ext == ".toml" {
		for line := range strings.Lines(text) {
			trimmed := strings.ReplaceAll(strings.TrimSpace(line), " ", "")
			if strings.HasPrefix(trimmed, l.Hook+"=") || strings.HasPrefix(trimmed, l.Hook+".") ||
				strings.HasPrefix(trimmed, "commands=") || strings.HasPrefix(trimmed, "commands.keysweep") {
				return "", errByHand
			}
		}
		return text + block(l.Text, note), nil
	}
	lines := strings.SplitAfter(text, "\n")
	at, count := keyLine(lines, 0, len(lines), "", l.Hook)
	switch {
	case count == 0 && !strings.Contains(text, "\n---") && !strings.Contains(text, `"`+l.Hook+`"`) && !strings.Contains(text, "'"+l.Hook+"'"):
		return text + block(l.Text, note), nil
	case count != 1 || at < 0:
		return "", errByHand
	}
	end := at + 1
	for end < len(lines) && (blank(lines[end]) || indentOf(lines[end]) != "") {
		end++
	}
	indent := firstIndent(lines[at+1 : end])
	if indent == "" || strings.Contains(strings.Join(lines[at:end], ""), "\t") {
		return "", errByHand
	}
	entry := ""
	where, n := keyLine(lines, at+1, end, indent, "commands")
	if n == 1 && where >= 0 {
		deeper := firstIndent(lines[where+1 : end])
		if len(deeper) <= len(indent) {
			return "", errByHand
		}
		entry = block(lefthookCommand(l.Hook, deeper, indent), note)
	} else if where, n = keyLine(lines, at+1, end, indent, "jobs"); n == 1 && where >= 0 {
		item := firstIndent(lines[where+1 : end])
		if where+1 >= end || len(item) < len(indent) {
			return "", errByHand
		}
		entry = block(lefthookJob(l.Hook, item), note)
	} else {
		return "", errByHand
	}
	return strings.Join(lines[:where+1], "") + entry + strings.Join(lines[where+1:], ""), nil
}

// keyLine finds the line "KEY:" with an indentation between from and to; -1 if the key has a value in its line. count is how
// often the key stands there.
func keyLine(lines []string, from, to int, indent, key string) (at, count int) {
	for i := from; i < to; i++ {
		rest, ok := strings.CutPrefix(lines[i], indent+key+":")
		if !ok {
			continue
		}
		count++
		if at = i; !blank(rest) {
			at = -1
		}
	}
	return at, count
}

// blank reports whether a line, or the rest of one, says nothing.
func blank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

func indentOf(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }

// firstIndent returns the indentation of the first line that says something.
func firstIndent(lines []string) string {
	for _, line := range lines {
		if !blank(line) {
			return indentOf(line)
		}
	}
	return ""
}
