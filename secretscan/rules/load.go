package rules

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"keysweep/secretscan"
)

// Load reads a configuration file in gitleaks' format and whatever it extends. The ruleset's Path is the path as given. The
// diagnostics say what a person should know although the file loads; they are there beside an error too. The error is an
// *Error, or Errors if there are several; of a file that cannot be read it wraps the operating system's.
func Load(path string, opts LoadOptions) (secretscan.Ruleset, []Diagnostic, error) {
	l := &loader{opts: opts}
	data, err := l.open(path)
	if err != nil {
		return secretscan.Ruleset{}, nil, err
	}
	return l.gitleaks(path, data)
}

// Parse is Load for a file's content that is in memory already. name stands for the file in messages, and extend.path is
// relative to its directory; it need not exist.
func Parse(data []byte, name string, opts LoadOptions) (secretscan.Ruleset, []Diagnostic, error) {
	return (&loader{opts: opts}).gitleaks(name, data)
}

// loader reads one configuration.
type loader struct {
	opts LoadOptions
	findings
	chain []string  // the files that are being read, each extended by the one before
	final *assembly // what came of it
	lints int       // expressions and keywords that lint has looked at
}

func (l *loader) open(path string) ([]byte, error) {
	data, err := l.opts.read(path)
	if err == nil {
		return data, nil
	}
	out := &Error{File: path, Msg: "read configuration: " + bare(err).Error(), err: err}
	if errors.Is(err, fs.ErrNotExist) {
		out.Hint = "is the path right?"
	}
	return nil, out
}

// gitleaks reads a file in gitleaks' format.
func (l *loader) gitleaks(name string, data []byte) (secretscan.Ruleset, []Diagnostic, error) {
	c := l.file(name, data)
	if c != nil {
		l.finish(c)
		l.final = c
	}
	notes, err := l.result()
	if err != nil {
		return secretscan.Ruleset{}, notes, err
	}
	return c.ruleset(name), notes, nil
}

// file reads a file in gitleaks' format with what it extends; nil if there is nothing in it to go on with.
func (l *loader) file(name string, data []byte) *assembly {
	root := l.tree(name, data)
	if root == nil {
		return nil
	}
	table := decoder{&l.findings}.file(root, false)
	c := l.translate(table)
	l.extendBy(c, table.extend)
	return c
}

// tree reads a file's TOML and remembers the file.
func (l *loader) tree(name string, data []byte) *node {
	l.files = append(l.files, name)
	l.chain = append(l.chain, name)
	root, err := parseDocument(name, data)
	var bad *Error
	if errors.As(err, &bad) {
		l.errors = append(l.errors, bad)
		return nil
	}
	return root
}

// extendBy does what an extend table of a file in gitleaks' format asks for.
func (l *loader) extendBy(c *assembly, e extendTable) {
	l.noteURL(e)
	if e.path.value == "" && !e.useDefault {
		l.noteNothingDisabled(e)
		return
	}
	if len(l.chain) > maxExtends {
		l.note(e.at, "", "a file that is extended through another extends nothing itself: more than %d levels are passed over", maxExtends)
		return
	}
	if e.path.value != "" && e.useDefault {
		l.fail(e.useDefaultAt, "let the file that path names extend the default configuration", "path and useDefault cannot both be set")
		return
	}
	if e.useDefault {
		l.findings.extend(c, assembled(Gitleaks()), e.disabledRules)
		return
	}
	if base := l.extended(e.path); base != nil {
		l.findings.extend(c, base, e.disabledRules)
	}
}

func (l *loader) noteURL(e extendTable) {
	if e.url.value != "" {
		l.note(e.url.at, "fetch the file and name it with extend.path", "url is not supported, in gitleaks neither; it has no effect")
	}
}

func (l *loader) noteNothingDisabled(e extendTable) {
	others := slices.DeleteFunc(slices.Clone(e.disabledRules), func(id text) bool { return l.switchOff(id.value) })
	if len(others) > 0 {
		l.note(others[0].at, "", "nothing is extended, so there are no rules to disable")
	}
}

// extended reads the file that an extend.path names.
func (l *loader) extended(path text) *assembly {
	from := l.chain[len(l.chain)-1]
	name, data, err := l.opts.find(path.value, from)
	if err != nil {
		hint := "the path is relative to the working directory, or to the directory of this file"
		if errors.Is(err, errOutside) {
			hint = "a repository's configuration can only extend files of the repository"
		}
		l.fail(path.at, hint, "cannot read the file: %v", err)
		return nil
	}
	if slices.ContainsFunc(l.chain, func(file string) bool { return sameFile(file, name) }) {
		l.fail(path.at, "", "the file extends itself, by way of %.80q", name)
		return nil
	}
	base := l.file(name, data)
	if base != nil {
		for _, t := range base.targeted {
			l.note(t.id.at, "move the allowlist into the rule, or into the file that extends this one",
				"targetRules have no effect in a file that is extended")
		}
		base.targeted = nil
	}
	return base
}

// sameFile reports whether two names are those of one file, as far as names tell.
func sameFile(a, b string) bool {
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}
