package shell

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"keysweep/script/internal/text"
)

// Options say how a text is read.
type Options struct {
	Shell string          // the language: "sh", "bash", "mksh", "zsh"; "": the first line says, or bash
	Known map[string]*Var // variables that are set elsewhere
}

// Var is what is known of a variable.
type Var struct {
	Value      string
	Literal    bool // Value is all there is to it
	Secret     string
	Downloaded bool
}

// maxNested is how many scripts in scripts are followed.
const maxNested = 6

// Parse reads a text.
func Parse(t *text.Text, o Options) *Script {
	s := &Script{Text: t, Functions: map[string]bool{}}
	r := &reader{script: s, text: t, vars: map[string]*Var{}}
	for name, v := range o.Known {
		r.vars[name] = v
	}
	s.Shell = r.program(t, o.Shell)
	return s
}

// reader reads one text into a script; scripts inside of it are read by readers of their own into the same script.
type reader struct {
	script  *Script
	text    *text.Text
	vars    map[string]*Var
	depth   int // how many scripts around
	context context
}

// context is where in a script the reader is.
type context struct {
	wrappers    []string
	function    string
	conditional bool
	negated     bool
	inside      bool
	pipeline    *Pipeline
	stage       int
	redirects   []*Redirect // of compound commands around
}

// languages are tried in this order if the one that is named does not fit.
var languages = []struct {
	name    string
	variant syntax.LangVariant
}{{"bash", syntax.LangBash}, {"sh", syntax.LangPOSIX}, {"mksh", syntax.LangMirBSDKorn}, {"zsh", syntax.LangZsh}, {"bats", syntax.LangBats}}

// program parses the reader's text and reads it, and returns the language.
func (r *reader) program(t *text.Text, shell string) string {
	if shell == "" {
		shell = Interpreter(t.Data)
	}
	data := Blank(t.Data)
	var first error
	for _, name := range order(shell) {
		file, err := parse(data, name)
		if err == nil {
			r.stmts(file.Stmts)
			return name
		}
		if first == nil {
			first = err
		}
	}
	r.broken(data, first)
	return order(shell)[0]
}

// order returns the languages to try.
func order(shell string) []string {
	first := "bash"
	switch shell {
	case "sh", "dash", "ash", "posix", "busybox":
		first = "sh"
	case "ksh", "mksh", "pdksh", "lksh", "ksh93":
		first = "mksh"
	case "zsh", "bats":
		first = shell
	}
	list := []string{first}
	for _, l := range languages {
		if l.name != first {
			list = append(list, l.name)
		}
	}
	return list
}

// errTooDeep and errTooLong are why a text is not parsed as a whole.
var (
	errTooDeep = fmt.Errorf("it is nested more than %d levels deep", maxDepth)
	errTooLong = fmt.Errorf("it has more than %d KB", MaxText>>10)
)

// parse parses a text in a language.
func parse(data []byte, name string) (file *syntax.File, err error) {
	switch {
	case len(data) > MaxText:
		return nil, errTooLong
	case tooDeep(data):
		return nil, errTooDeep
	}
	defer func() {
		if p := recover(); p != nil { // what others wrote may hold what its authors never met
			err = errors.New("the parser gave up")
		}
	}()
	variant := syntax.LangBash
	for _, l := range languages {
		if l.name == name {
			variant = l.variant
		}
	}
	return syntax.NewParser(syntax.Variant(variant)).Parse(bytes.NewReader(data), "")
}

// Interpreter returns the name of the program that a #! line starts, without its directory; "" if there is no such line.
func Interpreter(data []byte) string {
	line, _, _ := bytes.Cut(data[:min(len(data), 512)], []byte("\n"))
	rest, ok := bytes.CutPrefix(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")), []byte("#!"))
	if !ok {
		return ""
	}
	words := strings.Fields(string(rest))
	for i, w := range words {
		name := path.Base(w)
		if name == "env" || i > 0 && (strings.HasPrefix(w, "-") || strings.Contains(w, "=")) {
			continue
		}
		return strings.TrimRight(name, "0123456789.")
	}
	return ""
}

// IsShell reports whether an interpreter's name is one of a shell that is read here.
func IsShell(name string) bool {
	switch name {
	case "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "pdksh", "lksh", "rbash", "bats":
		return true
	}
	return false
}

// offsets returns where a node stands in the text.
func (r *reader) offsets(n syntax.Node) (from, to int) {
	from, to = int(n.Pos().Offset()), int(n.End().Offset())
	from = max(0, min(from, len(r.text.Data)))
	return from, max(from, min(to, len(r.text.Data)))
}

func (r *reader) span(n syntax.Node) text.Span {
	from, to := r.offsets(n)
	for to > from && (r.text.Data[to-1] == '\n' || r.text.Data[to-1] == '\r') {
		to--
	}
	return text.Span{Text: r.text, From: from, To: to}
}

// source returns a node as it is written.
func (r *reader) source(n syntax.Node) string {
	from, to := r.offsets(n)
	return string(r.text.Data[from:to])
}
