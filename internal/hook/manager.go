package hook

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Manager is a program, or a habit, that is in charge of a repository's hooks: they are made from a file that is tracked, so
// that a script beside it would be overwritten or would reach no one else.
type Manager struct {
	Name string // "husky", "lefthook", "pre-commit", "overcommit", "core.hooksPath"
	Why  string // how it was noticed: ".husky is there"
	root string
	dir  string // husky and core.hooksPath: the directory of the tracked hooks, relative to root
	file string // the others: the configuration, relative to root

	asleep bool // husky: it has not put its hooks in place in this clone
}

// Line is what has to be in a tracked file for one hook.
type Line struct {
	Hook    string
	File    string // relative to the work tree, with slashes
	Text    string // one line or more, each with its line feed
	Present bool   // the file calls keysweep for this hook already
	Cannot  string // why keysweep does not edit the file itself; "" if it can
}

// lefthookNames are the names under which lefthook looks for its configuration.
func lefthookNames() (names []string) {
	for _, base := range []string{"lefthook", ".lefthook", ".config/lefthook"} {
		for _, ext := range []string{".yml", ".yaml", ".toml", ".json"} {
			names = append(names, base+ext)
		}
	}
	return names
}

// Detect finds who manages a repository's hooks; nil is nobody.
func Detect(ctx context.Context, g Git, l Layout) *Manager {
	if l.Root == "" {
		return nil
	}
	m := &Manager{root: l.Root}
	rel, tracked := l.inWorkTree()
	local := l.Scope == "local" || l.Scope == "worktree"
	switch {
	case local && tracked && (rel == ".husky/_" || rel == ".husky"):
		m.Name, m.Why, m.dir = "husky", "core.hooksPath is "+l.HooksPath, ".husky"
		return m
	case local && tracked && strings.HasSuffix(rel, "/.husky/_"): // a project below the top
		m.Name, m.Why, m.dir = "husky", "core.hooksPath is "+l.HooksPath, path.Dir(rel)
		return m
	case local && tracked && !g.ignores(ctx, l.Root, rel):
		m.Name, m.Why, m.dir = "core.hooksPath", "core.hooksPath is "+l.HooksPath+", in the work tree", rel
		return m
	}
	for _, known := range []struct {
		name  string
		files []string
	}{
		{"lefthook", lefthookNames()},
		{"pre-commit", []string{".pre-commit-config.yaml"}},
		{"overcommit", []string{".overcommit.yml"}},
	} {
		i := slices.IndexFunc(known.files, func(f string) bool { return isFile(filepath.Join(l.Root, f)) })
		if i >= 0 {
			m.Name, m.file = known.name, known.files[i]
			m.Why = m.file + " is there"
			return m
		}
	}
	if info, err := os.Stat(filepath.Join(l.Root, ".husky")); err == nil && info.IsDir() {
		m.Name, m.Why, m.dir, m.asleep = "husky", ".husky is there, but core.hooksPath is not set", ".husky", true
		return m
	}
	return nil
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// ignores reports whether git leaves a directory of the work tree alone, be it there or not.
func (g Git) ignores(ctx context.Context, root, rel string) bool {
	_, err := g.output(ctx, root, "check-ignore", "-q", "--", rel+"/")
	return err == nil
}

// Lines returns what the tracked files need for the hooks called names.
func (m *Manager) Lines(names []string) []Line {
	var lines []Line
	for _, name := range names {
		line := Line{Hook: name}
		switch m.Name {
		case "husky", "core.hooksPath":
			m.shell(&line)
		case "lefthook":
			m.lefthook(&line)
		case "pre-commit":
			m.preCommit(&line)
		default:
			m.overcommit(&line)
		}
		lines = append(lines, line)
	}
	return lines
}

// Next says what to do so that the lines count; "" is nothing.
func (m *Manager) Next() string {
	switch m.Name {
	case "husky":
		if m.asleep {
			return "npx husky"
		}
	case "lefthook":
		return "lefthook install"
	case "pre-commit":
		return "pre-commit install --hook-type pre-commit --hook-type pre-push"
	case "overcommit":
		return "overcommit --install && overcommit --sign"
	}
	return ""
}

func (m *Manager) read(rel string) string {
	data, err := os.ReadFile(filepath.Join(m.root, filepath.FromSlash(rel)))
	if err != nil {
		return ""
	}
	return string(data)
}

func (m *Manager) preCommit(l *Line) {
	l.File, l.Cannot = m.file, "its order and its comments are yours"
	text := m.read(m.file)
	for word := range strings.FieldsSeq(text) {
		word = strings.Trim(word, `"',[]{}`)
		l.Present = l.Present || word == "keysweep"
	}
	l.Text = `  - repo: local
    hooks:
      - id: keysweep
        name: keysweep
        entry: keysweep hook run pre-commit-framework
        language: system
        pass_filenames: false
        always_run: true
`
}

func (m *Manager) overcommit(l *Line) {
	l.File, l.Cannot = m.file, "its order and its comments are yours"
	l.Present = strings.Contains(m.read(m.file), "'"+l.Hook+"'") && strings.Contains(m.read(m.file), "keysweep")
	section := "PreCommit"
	if l.Hook == "pre-push" {
		section = "PrePush"
	}
	l.Text = section + `:
  Keysweep:
    enabled: true
    required_executable: 'keysweep'
    command: ['keysweep', 'hook', 'run', '` + l.Hook + `']
`
}
