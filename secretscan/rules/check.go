package rules

import (
	"errors"
	"path/filepath"
)

// Check returns everything there is to say about a configuration file: what Load or, for a .keysweep.toml, LoadKeysweep
// reports, errors as Fatal ones, and what is allowed but hardly meant:
//
//   - an expression that has to run over all content, for it has neither keywords nor fixed text to look for first;
//   - a keyword that cannot stand in a match, so that the rule depends on chance text near by;
//   - a secretGroup that is always empty;
//   - an allowlist's expression that matches everything.
func Check(path string, opts LoadOptions) []Diagnostic {
	l := &loader{opts: opts}
	data, err := l.open(path)
	if err != nil {
		return fatal(err)
	}
	if filepath.Base(path) == KeysweepFile {
		_, _, _ = l.keysweep(path, data, base{})
	} else {
		_, _, _ = l.gitleaks(path, data)
	}
	if root, err := parseDocument(path, data); err == nil {
		// What is wrong with the types is known already: this decoder's findings are dropped.
		l.lint(decoder{new(findings)}.file(root, true))
	}
	notes, err := l.result()
	return append(fatal(err), notes...)
}

// fatal returns errors as diagnostics.
func fatal(err error) []Diagnostic {
	var list Errors
	if one := (*Error)(nil); !errors.As(err, &list) && errors.As(err, &one) {
		list = Errors{one}
	}
	var out []Diagnostic
	for _, e := range list {
		out = append(out, Diagnostic{File: e.File, Line: e.Line, Column: e.Column, Key: e.Key, Msg: e.Msg, Hint: e.Hint, Fatal: true})
	}
	return out
}
