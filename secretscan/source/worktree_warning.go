package source

import (
	"errors"
	"path"
	"path/filepath"
	"strings"

	"keysweep/internal/git"
)

// warningsLimit is how much of what git says is kept.
const warningsLimit = 64 << 10

// warningShown is how many bytes of one warning are shown.
const warningShown = 300

// warnings is what git says on its standard error.
type warnings struct {
	text []byte
	more bool // some was not kept
}

// Write keeps the beginning and never fails: git must not stop because it has much to say.
func (s *warnings) Write(p []byte) (int, error) {
	kept := min(len(p), warningsLimit-len(s.text))
	s.text = append(s.text, p[:kept]...)
	s.more = s.more || kept < len(p)
	return len(p), nil
}

// failure says why git failed.
func (s *warnings) failure(err error) string {
	lines := strings.Split(strings.TrimSpace(string(s.text)), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return "git ls-files: " + git.Printable(strings.TrimPrefix(last, "fatal: "))
	}
	return "git ls-files: " + err.Error()
}

// warned deals with what git says although it goes on. A directory that it could not open is walked: that succeeds, or says
// why not.
func (l *listing) warned(said *warnings) {
	for line := range strings.Lines(string(said.text)) {
		line = strings.TrimSpace(line)
		rel, ok := l.unopened(line)
		switch {
		case line == "":
		case ok:
			l.queue.push(task{tree: l.tree, rel: rel, top: true})
		default:
			l.problem(gitListing, l.tree.show(""), warning(line))
		}
	}
	if said.more {
		l.problem(gitListing, l.tree.show(""), errors.New("git has more to say than is shown"))
	}
}

// warning makes an error of what git says. Git cuts its lines at 4,096 bytes, and says little about names longer than that.
func warning(line string) error {
	if len(line) > warningShown {
		line = line[:warningShown] + "..."
	}
	return errors.New(git.Printable(line) + "\nhint: list files without git: --no-ignore")
}

// unopened returns the directory that a warning says could not be opened: "warning: could not open directory 'a/b/': why".
func (l *listing) unopened(line string) (rel string, ok bool) {
	line, ok = strings.CutPrefix(line, "warning: could not open directory '")
	end := strings.LastIndex(line, "/': ")
	if !ok || end < 0 {
		return "", false
	}
	dir := line[:end]
	if !filepath.IsLocal(filepath.FromSlash(dir)) || dir == "." || path.Clean(dir) != dir {
		return "", false
	}
	rel, ok = l.below(dir)
	if !ok || l.parents(prefix(rel)) != nil {
		return "", false
	}
	return prefix(rel), true
}
