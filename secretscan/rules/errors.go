package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is something in a configuration file that makes it unusable.
type Error struct {
	File         string // as the caller named it, or as extend.path resolved
	Line, Column int    // from 1; 0 if the whole file is meant. Column counts code points
	Key          string // "rules.regex"; "" if no key is meant
	Msg          string
	Hint         string // what to do; "" if Msg says it all

	err error // what the operating system said, if that was it
}

// Unwrap returns the operating system's error, or nil.
func (e *Error) Unwrap() error { return e.err }

// Error returns "file:line: key: message", and the hint on a line of its own.
func (e *Error) Error() string { return describe(e.File, e.Line, e.Key, e.Msg, e.Hint) }

// Diagnostic is something that a person should know about a configuration file. Unless it is Fatal the file still loads.
type Diagnostic struct {
	File         string
	Line, Column int
	Key          string
	Msg          string
	Hint         string
	Fatal        bool // the file cannot be used
}

// String returns the same text as an Error's.
func (d Diagnostic) String() string { return describe(d.File, d.Line, d.Key, d.Msg, d.Hint) }

func describe(file string, line int, key, msg, hint string) string {
	var b strings.Builder
	b.WriteString(file)
	if line > 0 {
		fmt.Fprintf(&b, ":%d", line)
	}
	if key != "" {
		b.WriteString(": " + key)
	}
	b.WriteString(": " + msg)
	if hint != "" {
		b.WriteString("\nhint: " + hint)
	}
	return b.String()
}

// Errors are all errors of a configuration, at least two, file by file in the order of lines. errors.As finds the first Error.
type Errors []*Error

// Error returns the errors' texts, a line or two each, and of very many only the first.
func (e Errors) Error() string {
	const shown = 20
	var lines []string
	for _, one := range e[:min(len(e), shown)] {
		lines = append(lines, one.Error())
	}
	if more := len(e) - shown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more errors", more))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors one by one.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, one := range e {
		list[i] = one
	}
	return list
}

// place is a spot in a configuration file, and the key that stands there. Line and column are only worked out for what is
// reported: it takes time to find them in a long line.
type place struct {
	doc    *document // nil: no file was read, as for a rule of the default configuration
	offset int
	key    string
}

func (p place) known() bool { return p.doc != nil }

func (p place) file() string {
	if p.doc == nil {
		return ""
	}
	return p.doc.file
}

// position returns line and column, both from 1, or 0 if there is no file.
func (p place) position() (line, column int) {
	if p.doc == nil {
		return 0, 0
	}
	return p.doc.position(p.offset)
}

// maxReported is how many errors, and how many diagnostics, of a configuration are reported: nobody reads more.
const maxReported = 200

// findings collects what is wrong with a configuration: errors and mere diagnostics.
type findings struct {
	errors      []*Error
	diagnostics []Diagnostic
	files       []string // in the order of reading
	off         []string // rules of ours that a file disables which does not extend them, as a .gitleaks.toml
}

func (f *findings) fail(at place, hint, format string, args ...any) {
	if len(f.errors) == maxReported {
		return
	}
	line, column := at.position()
	f.errors = append(f.errors, &Error{
		File: at.file(), Line: line, Column: column, Key: at.key, Msg: fmt.Sprintf(format, args...), Hint: hint,
	})
}

func (f *findings) note(at place, hint, format string, args ...any) {
	if len(f.diagnostics) == maxReported {
		return
	}
	line, column := at.position()
	f.diagnostics = append(f.diagnostics, Diagnostic{
		File: at.file(), Line: line, Column: column, Key: at.key, Msg: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// full reports whether nothing more is reported, so that a hint need not be thought of.
func (f *findings) full() bool {
	return len(f.errors) == maxReported || len(f.diagnostics) == maxReported
}

// result returns the diagnostics in order and one error for all errors, or nil.
func (f *findings) result() ([]Diagnostic, error) {
	slices.SortStableFunc(f.diagnostics, func(a, b Diagnostic) int {
		return f.order(a.File, a.Line, a.Column, b.File, b.Line, b.Column)
	})
	slices.SortStableFunc(f.errors, func(a, b *Error) int {
		return f.order(a.File, a.Line, a.Column, b.File, b.Line, b.Column)
	})
	switch len(f.errors) {
	case 0:
		return f.diagnostics, nil
	case 1:
		return f.diagnostics, f.errors[0]
	}
	return f.diagnostics, Errors(f.errors)
}

func (f *findings) order(fileA string, lineA, columnA int, fileB string, lineB, columnB int) int {
	a, b := slices.Index(f.files, fileA), slices.Index(f.files, fileB)
	return cmp.Or(cmp.Compare(a, b), cmp.Compare(lineA, lineB), cmp.Compare(columnA, columnB))
}
