package hook

import (
	"path"
	"strings"
)

// shell fills in the line for a hook that is a tracked shell script.
func (m *Manager) shell(l *Line) {
	l.File = path.Join(m.dir, l.Hook)
	text := m.read(l.File)
	l.Present = strings.Contains(text, "keysweep hook run "+l.Hook)
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "#!") && !strings.Contains(first, "sh") {
		l.Cannot = "it is not a shell script"
	}
	l.Text = "keysweep hook run " + l.Hook
	if readsInput(l.Hook) {
		l.Text += ` "$@"`
	}
	if m.Name != "husky" { // husky runs its scripts with sh -e
		l.Text += " || exit"
	}
	l.Text += "\n"
	if readsInput(l.Hook) && commands(text) {
		l.Text = `input=$(cat)
printf '%s\n' "$input" | keysweep hook run ` + l.Hook + ` "$@" || exit
exec <<keysweep
$input
keysweep
`
	}
}

// commands reports whether a script does anything, so that something else may want the standard input.
func commands(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return true
		}
	}
	return false
}

// firstLine is what a hook needs that git runs itself.
const firstLine = "#!/bin/sh\n"

// insertShell puts the block before the first command, but after what sources a helper: older versions of husky start the
// script again from there.
func insertShell(l Line, text, note string, husky bool) string {
	if note == newFile && !husky {
		return firstLine + block(l.Text, note)
	}
	var before strings.Builder
	rest := text
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed != "" && !strings.HasPrefix(trimmed, "#") && !strings.HasPrefix(trimmed, ". ") {
			break
		}
		before.WriteString(line)
		rest = rest[len(line):]
	}
	return before.String() + block(l.Text, note) + rest
}
