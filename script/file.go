package script

import (
	"bytes"
	"fmt"
	"strings"

	"keysweep/finding"
	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// Bounds of what is read of one file. Startup scripts are small: the largest installers of well-known projects have 250 KB.
const (
	// MaxFile is the largest file that is read, in bytes.
	MaxFile = 2 << 20
	// maxDecoded is the most that may come out of everything that is decoded in one file.
	maxDecoded = 4 << 20
	// maxWork bounds what it takes to judge one file, in steps of about 10 ns: half a second. The largest installers take a third of it.
	maxWork = 50_000_000
	// maxParts is how many scripts in one file are looked at.
	maxParts = 2000
	// maxDepth is how deep scripts in scripts are followed.
	maxDepth = 6
)

// File is a file that was taken apart and judged.
type File struct {
	Name  string // slash-separated
	outer *text.Text
	hits  []*hit
	more  int // claims that were not kept
	parts []*part
	// decoded are the texts that do not stand in the file as they are: the scanner sees them only if it is handed them.
	decoded []*text.Text
	budget  int
	work    int
	cut     string // why not everything was looked at; "" if it was
	foreign bool   // it is nothing that is read here
}

// Read takes a file apart and judges what is in it. It returns nil if there is no script in it. sure: the user named the file, so what looks like
// none is taken for a script.
func Read(name string, data []byte, sure bool) *File {
	f := &File{Name: name, outer: text.Whole(data), budget: maxDecoded}
	if len(data) > MaxFile {
		return nil
	}
	form := recognise(name, data)
	switch {
	case form == nothing && !sure:
		return nil
	case form == nothing && (!plain(data) || otherLanguage(name)):
		f.foreign = true
		return f
	case form == nothing:
		form = script
	}
	f.take(f.outer, form, where{path: name})
	return f
}

// otherLanguage reports whether a file's name says that it is no script of a shell: a program in another language, or data.
func otherLanguage(name string) bool {
	switch strings.ToLower(base2(base(name))) {
	case ".py", ".rb", ".pl", ".js", ".ts", ".go", ".c", ".h", ".cc", ".cpp", ".rs", ".java", ".php", ".lua", ".ps1", ".psm1", ".bat", ".cmd", ".md", ".html", ".xml",
		".json", ".yaml", ".yml", ".toml", ".ini", ".csv", ".pem", ".template":
		return true
	}
	return false
}

// plain reports whether data looks like text.
func plain(data []byte) bool { return bytes.IndexByte(data[:min(len(data), 8000)], 0) < 0 }

// where says what a part of a file is.
type where struct {
	path   string // of the file that it is, or becomes
	name   string // of the part in the outer file
	depth  int
	setup  bool
	ci     bool
	undoes bool // it takes back what the same unit started
	vars   map[string]*shell.Var
}

// in is where a part of a part is.
func (w where) in(name, path string) where {
	w.depth++
	w.path = path
	if w.name != "" && name != "" {
		name = w.name + " " + name
	} else if name == "" {
		name = w.name
	}
	w.name = name
	return w
}

// take looks at a text that has a form.
func (f *File) take(t *text.Text, form form, w where) {
	if w.depth > maxDepth {
		f.limit("it is wrapped more than %d times", maxDepth)
		return
	}
	switch form {
	case script, bootHook:
		f.script(t, whole, w, shellOfName(w.path))
	case history:
		f.script(t, remembered, w, "")
	case startup:
		f.script(t, profile, w, shellOfProfile(w.path))
	case unit:
		f.unit(t, w)
	case crontab:
		f.crontab(t, w)
	case dockerfile:
		f.dockerfile(t, w)
	case terraform:
		f.terraform(t, w)
	case compressed, encoded, mimeForm:
		f.unwrap(t, form, w)
	case include:
		f.include(t, w)
	case partHandler: // as with other programs in Python: only the scanner's engine looks at it
		f.parts = append(f.parts, &part{text: t, name: w.name, kind: whole, setup: true})
	default:
		f.yaml(t, form, w)
	}
}

// guess looks at a text whose form its name and its beginning say, and judges its lines as those of a configuration file.
func (f *File) guess(t *text.Text, w where) {
	if form := recognise(w.path, t.Data); form != nothing {
		f.take(t, form, w)
		return
	}
	configLines(f, w.name, w.path, t)
}

func (f *File) limit(format string, args ...any) { f.cut = fmt.Sprintf(format, args...) }

// spend takes steps off what may still be done for the file. It reports false if nothing is left.
func (f *File) spend(steps int) bool {
	if f.work += steps; f.work > maxWork {
		f.limit("it takes too long to judge all of it")
		return false
	}
	return true
}

// script looks at a text of a shell.
func (f *File) script(t *text.Text, k kind, w where, language string) {
	if !f.spend(40 * len(t.Data)) {
		return
	}
	if len(f.parts) >= maxParts {
		f.limit("it holds more than %d scripts", maxParts)
		return
	}
	p := &part{text: t, name: w.name, shell: language, kind: k, setup: w.setup, ci: w.ci, undoes: w.undoes}
	f.parts = append(f.parts, p)
	if by := shell.Interpreter(t.Data); by != "" && !shell.IsShell(by) && k == whole {
		return // python and others: only the scanner's engine looks at them
	}
	if by := shell.Interpreter(t.Data); by != "" {
		language = by
	}
	s := shell.Parse(t, shell.Options{Shell: language, Known: w.vars})
	prog := &program{Script: s, part: p, file: f}
	if s.Problem != nil && k != remembered {
		h := prog.say(parses, s.Problem.Span, "it cannot be parsed: "+s.Problem.Text)
		h.mild = s.Shell == "zsh" // more is right in zsh than the parser knows
	}
	for _, judge := range judges() {
		judge(prog)
	}
	for _, file := range s.Files {
		name := file.Path
		f.guess(file.Content, w.in(name, name))
	}
}

// keep notes a text that was decoded, for the scanner's engine, and takes its size off what is left. It reports false if it is too much.
func (f *File) keep(t *text.Text) bool {
	if f.budget -= len(t.Data); f.budget < 0 {
		f.limit("more than %d MB come out of it", maxDecoded>>20)
		return false
	}
	f.decoded = append(f.decoded, t)
	return true
}

// Problems returns why not everything in the file was looked at.
func (f *File) Problems() (list []finding.Problem) {
	if f.cut != "" {
		list = append(list, finding.Problem{Where: f.Name, Op: "read", Err: f.cut})
	}
	if f.more > 0 {
		list = append(list, finding.Problem{Where: f.Name, Op: "judge", Err: fmt.Sprintf("%d further results were not kept", f.more)})
	}
	return list
}

// shellOfName returns the language that a script's extension says; "" if it says none.
func shellOfName(name string) string {
	switch b := base(name); {
	case strings.HasSuffix(b, ".zsh") || strings.HasSuffix(b, ".zsh-theme"):
		return "zsh"
	case strings.HasSuffix(b, ".mksh") || strings.HasSuffix(b, ".ksh"):
		return "mksh"
	}
	return ""
}

// shellOfProfile returns the language of a shell's startup file.
func shellOfProfile(name string) string {
	b := base(name)
	if strings.HasPrefix(strings.TrimPrefix(b, "."), "z") {
		return "zsh"
	}
	return ""
}
