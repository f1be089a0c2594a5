package hook

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"keysweep/internal/atomicfile"
)

// The comments around what keysweep writes into a tracked file. What begins with blockBegin and ends with blockEnd is taken
// out again whole; the words after blockBegin say what else has to be undone.
const (
	blockBegin = "# keysweep hook begin"
	blockEnd   = "# keysweep hook end"
	newFile    = " (the file was made for it)"
	noNewline  = " (the line before had no end)"
)

// Write puts a line into its file. It reports whether the file changed; a line that is present changes nothing.
func (m *Manager) Write(l Line) (changed bool, err error) {
	if l.Present || l.Cannot != "" {
		return false, nil
	}
	name := filepath.Join(m.root, filepath.FromSlash(l.File))
	perm := os.FileMode(0o644)
	if m.dir != "" {
		perm = 0o755
	}
	text, old := "", false
	if info, err := os.Lstat(name); err == nil {
		if !info.Mode().IsRegular() {
			return false, fmt.Errorf("edit %s: it is not a regular file", l.File)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return false, fmt.Errorf("edit %s: %w", l.File, err)
		}
		text, old, perm = string(data), true, info.Mode().Perm()
	}
	edited, err := m.insert(l, text, old)
	if err != nil {
		return false, fmt.Errorf("edit %s: %w", l.File, err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return false, fmt.Errorf("edit %s: %w", l.File, err)
	}
	return true, atomicfile.Write(name, []byte(edited), perm)
}

// Unwrite takes out of the manager's files what Write has put there, and returns the files it changed.
func (m *Manager) Unwrite() (changed []string, err error) {
	files := []string{m.file}
	if m.dir != "" {
		files = nil
		for _, t := range Types() {
			files = append(files, path.Join(m.dir, t))
		}
	}
	for _, file := range files {
		name := filepath.Join(m.root, filepath.FromSlash(file))
		info, err := os.Lstat(name)
		if err != nil || !info.Mode().IsRegular() {
			continue // nothing of ours is there
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return changed, fmt.Errorf("edit %s: %w", file, err)
		}
		text, made, found := cut(string(data))
		switch {
		case !found:
			continue
		case made && (text == "" || text == firstLine):
			err = os.Remove(name)
		default:
			err = atomicfile.Write(name, []byte(text), info.Mode().Perm())
		}
		if err != nil {
			return changed, fmt.Errorf("edit %s: %w", file, err)
		}
		changed = append(changed, file)
	}
	return changed, nil
}

// block puts the comments around lines, indented as the first of them.
func block(lines, note string) string {
	indent := indentOf(lines)
	return indent + blockBegin + note + "\n" + lines + indent + blockEnd + "\n"
}

// cut takes all blocks out of a text.
func cut(text string) (rest string, made, found bool) {
	var b strings.Builder
	inside, open := false, false
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		switch {
		case !inside && strings.HasPrefix(trimmed, blockBegin):
			inside, found = true, true
			made = made || strings.HasSuffix(trimmed, newFile)
			open = open || strings.HasSuffix(trimmed, noNewline)
		case inside && trimmed == blockEnd:
			inside = false
		case !inside:
			b.WriteString(line)
		}
	}
	if inside {
		return text, false, false // someone has edited it: leave it
	}
	rest = b.String()
	if open {
		rest = strings.TrimSuffix(rest, "\n")
	}
	return rest, made, found
}

var errHalf = errors.New(`it has "` + blockBegin + `" without its end; take that out by hand`)

// insert puts a line of a manager into the text of its file.
func (m *Manager) insert(l Line, text string, old bool) (string, error) {
	note := ""
	if _, _, found := cut(text); !found && strings.Contains(text, blockBegin) {
		return "", errHalf
	}
	switch {
	case !old:
		note = newFile
	case text != "" && !strings.HasSuffix(text, "\n"):
		note, text = noNewline, text+"\n"
	}
	if m.dir != "" {
		return insertShell(l, text, note, m.Name == "husky"), nil
	}
	return insertLefthook(l, text, note, path.Ext(m.file))
}
