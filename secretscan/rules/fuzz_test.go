package rules

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/zricethezav/gitleaks/v8/config"

	"keysweep/secretscan"
)

// FuzzParse feeds the loader any text. It must not panic, it must say where an error is, what it accepts must be usable, and it
// must take for TOML what the TOML library does.
func FuzzParse(f *testing.F) {
	for _, c := range likeGitleaks() {
		f.Add([]byte(c.files))
	}
	f.Add([]byte(config.DefaultConfig))
	f.Add([]byte("a.b.c = {x = [1, {y = 2020-01-01T00:00:00Z}]}\n[d.e]\n[[d.f]]\n[d]\nx.y = +0b1"))
	f.Add([]byte("[scan]\nexclude = ['a/**']\nmax-size = '10MB'\nfail-on = 'high'\ngitleaks-rules = false"))
	opts := LoadOptions{ReadFile: func(name string) ([]byte, error) { return nil, fs.ErrNotExist }}
	few := secretscan.Ruleset{Rules: Default().Rules[:3]}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, _, err := Parse(data, "x.toml", opts)
		l := &loader{opts: opts}
		_, _, _ = l.keysweep("x.toml", data, base{gitleaks: &few})
		checkTOML(t, data)
		if err != nil {
			var one *Error
			if !errors.As(err, &one) || one.Line == 0 || one.Column == 0 || one.Msg == "" {
				t.Errorf("no place in %#v", err)
			}
			return
		}
		for _, r := range set.Rules {
			re, err := syntax.Parse(r.Regex, syntax.Perl)
			if err != nil || r.SecretGroup < 0 || r.Regex != "" && r.SecretGroup > re.MaxCap() || r.ID == "" || r.Regex+r.Path == "" {
				t.Errorf("accepted an unusable rule: %+v", r)
			}
		}
		Hash(set)
	})
}

// checkTOML compares what is accepted with the TOML library.
func checkTOML(t *testing.T, data []byte) {
	_, err := parseDocument("x.toml", data)
	if err != nil && strings.Contains(err.Error(), "key has more than") {
		return // our own limit
	}
	var ignored map[string]any
	theirs := toml.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &ignored)
	if (err == nil) != (theirs == nil) {
		t.Errorf("TOML: we say %v, the library says %v", err, theirs)
	}
}
