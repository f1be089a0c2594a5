package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"keysweep/finding"
)

// Read returns the kinds of all files of a directory that end in .toml, in the order of their ids. The error tells all that is
// wrong with them, each with file and line: keys that mean nothing, fields that are missing or twice there, expressions without
// a bound, pages that are not https, ids that are not in order or taken, templates that cannot be expanded.
func Read(dir fs.FS) ([]Kind, error) {
	names, err := fs.Glob(dir, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	var all []Kind
	var wrong []error
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("read the catalog: %w", err)
		}
		kinds, errs := parse(name, data)
		all, wrong = append(all, kinds...), append(wrong, errs...)
	}
	slices.SortStableFunc(all, func(a, b Kind) int { return strings.Compare(a.ID, b.ID) })
	for i := 1; i < len(all); i++ {
		if a, b := &all[i-1], &all[i]; a.ID == b.ID && a.ID != "" {
			wrong = append(wrong, b.errorf("stands in %s:%d already", a.File, a.Line))
		}
	}
	return all, errors.Join(wrong...)
}

// errorf returns an error that names the kind and its place.
func (k *Kind) errorf(format string, args ...any) error {
	return errorAt(k.File, k.Line, "kind "+strconv.Quote(k.ID)+": "+fmt.Sprintf(format, args...))
}

func errorAt(file string, line int, msg string) error {
	return fmt.Errorf("%s:%d: %s", file, line, msg)
}

// reader reads one file.
type reader struct {
	file  string
	p     unstable.Parser
	kinds []Kind
	seen  map[string]bool // keys of the last kind
	wrong []error
}

func parse(file string, data []byte) ([]Kind, []error) {
	r := &reader{file: file}
	r.p.Reset(data)
	for r.p.NextExpression() {
		r.expression(r.p.Expression())
	}
	if err := r.p.Error(); err != nil {
		line := 0
		if bad := (*unstable.ParserError)(nil); errors.As(err, &bad) {
			line = r.p.Shape(r.p.Range(bad.Highlight)).Start.Line
		}
		return nil, append(r.wrong, errorAt(file, line, err.Error()))
	}
	for i := range r.kinds {
		r.wrong = append(r.wrong, r.kinds[i].check()...)
		if i > 0 && strings.Compare(r.kinds[i-1].ID, r.kinds[i].ID) > 0 {
			r.wrong = append(r.wrong, r.kinds[i].errorf("is out of order, it belongs before %q", r.kinds[i-1].ID))
		}
	}
	return r.kinds, r.wrong
}

func (r *reader) fail(at unstable.Range, format string, args ...any) {
	r.wrong = append(r.wrong, errorAt(r.file, r.p.Shape(at).Start.Line, fmt.Sprintf(format, args...)))
}

func (r *reader) expression(e *unstable.Node) {
	it := e.Key()
	if !it.Next() {
		return
	}
	key := it.Node()
	name, at := string(key.Data), key.Raw
	switch {
	case it.Next(), e.Kind == unstable.Table, e.Kind == unstable.ArrayTable && name != "kind":
		r.fail(at, "only tables [[kind]] may stand here")
	case e.Kind == unstable.ArrayTable:
		r.kinds = append(r.kinds, Kind{File: r.file, Line: r.p.Shape(at).Start.Line})
		r.seen = map[string]bool{}
	case len(r.kinds) == 0:
		r.fail(at, "the key %q stands before the first [[kind]]", name)
	case r.seen[name]:
		r.fail(at, "the key %q stands twice in one kind", name)
	default:
		r.seen[name] = true
		r.value(&r.kinds[len(r.kinds)-1], name, at, e.Value())
	}
}

// value sets a field of a kind.
func (r *reader) value(k *Kind, name string, at unstable.Range, v *unstable.Node) {
	texts := map[string]*string{
		"id": &k.ID, "title": &k.Title, "provider": &k.Provider, "why": &k.Why, "rotate": &k.Rotate, "source": &k.Source,
		"token": &k.Token, "value": &k.Value, "severity": new(string),
	}
	lists := map[string]*[]string{"names": &k.Names, "keys": &k.Keys, "examples": &k.Examples, "near": &k.Near}
	switch {
	case texts[name] != nil:
		if *texts[name] = string(v.Data); v.Kind != unstable.String || len(v.Data) == 0 {
			r.fail(at, "%s: a string that is not empty is expected", name)
		} else if name == "severity" && (k.Severity.UnmarshalText(v.Data) != nil || k.Severity < finding.Low) {
			r.fail(at, "severity: one of critical, high, medium, low is expected")
		}
	case lists[name] != nil:
		if *lists[name] = stringsOf(v); len(*lists[name]) == 0 {
			r.fail(at, "%s: an array of strings that are not empty is expected", name)
		}
	case name == "entropy":
		n, err := strconv.ParseFloat(string(v.Data), 64)
		if k.Entropy = n; err != nil || n <= 0 || n > 8 {
			r.fail(at, "entropy: a number of bits from 0 to 8 is expected")
		}
	default:
		r.fail(at, "there is no key %q", name)
	}
}

// stringsOf returns the strings of an array; nil if it is none, or if one of its values is no string or empty.
func stringsOf(v *unstable.Node) (out []string) {
	if v.Kind != unstable.Array {
		return nil
	}
	for it := v.Children(); it.Next(); {
		item := it.Node()
		if item.Kind == unstable.Comment {
			continue
		}
		if item.Kind != unstable.String || len(item.Data) == 0 {
			return nil
		}
		out = append(out, string(item.Data))
	}
	return out
}
