package scantest

import (
	"context"
	"encoding/base64"
	weak "math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// written is a file with credentials in the places where its format has them.
type written struct {
	path, text string
	want       []wanted
}

// wanted is a credential that stands in a line of a file.
type wanted struct {
	line         int
	spec         string // the line as it is in the table
	value, plain string // as it is written, and decoded
	not          bool
}

var placeholder = regexp.MustCompile(`<<([^<>]+)>>`)

// readWritten reads a table of files and fills in their credentials.
func readWritten(t testing.TB, name string, seed uint64) (all []written) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	m, line := &maker{t, weak.New(weak.NewPCG(seed, 7))}, 0
	for spec := range strings.Lines(string(data)) {
		if path, ok := strings.CutPrefix(strings.TrimSuffix(spec, " --\n"), "-- "); ok {
			all, line = append(all, written{path: path}), 0
			continue
		}
		if len(all) == 0 {
			continue // what the table is
		}
		f := &all[len(all)-1]
		line++
		f.text += placeholder.ReplaceAllStringFunc(spec, func(what string) string {
			w := m.fill(what[2 : len(what)-2])
			w.line, w.spec = line, strings.TrimSpace(spec)
			f.want = append(f.want, w)
			return w.value
		})
	}
	return all
}

// fill makes what a placeholder stands for: [no] [b64 [USER:]] KIND.
func (m *maker) fill(what string) (w wanted) {
	what, w.not = strings.CutPrefix(what, "no ")
	what, encoded := strings.CutPrefix(what, "b64 ")
	user, kind, ok := strings.Cut(what, ":")
	if !ok {
		user, kind = "", what
	}
	w.plain = m.make(kind)
	if kind == "pem" { // the key is told from its base64
		raw, err := base64.StdEncoding.DecodeString(w.plain)
		if err != nil {
			m.t.Fatal(err)
		}
		w.value, w.plain = w.plain, strings.TrimSpace(string(raw))
		return w
	}
	if w.value = w.plain; encoded {
		if user != "" {
			user += ":"
		}
		w.value = base64.StdEncoding.EncodeToString([]byte(user + w.plain))
	}
	return w
}

// Walk hands the files on.
func (f *written) Walk(_ context.Context, sink secretscan.Sink) error {
	return sink.Blob(secretscan.Blob{Kind: finding.KindFile, Path: f.path, Size: int64(len(f.text)), Data: []byte(f.text)})
}

// found says whether a finding is about a credential.
func (w wanted) found(all []finding.Finding) bool {
	for _, f := range all {
		secret := f.Secret.Reveal()
		for _, p := range f.Places {
			near := p.Span.Start.Line <= w.line && w.line <= p.Span.End.Line
			if near && (strings.Contains(secret, w.plain) || strings.Contains(secret, w.value) || len(secret) > 5 && strings.Contains(w.value, secret)) {
				return true
			}
		}
	}
	return false
}

// TestStructuredFiles writes each format that credentials stand in, and looks for them. The judge is surer of some values than of others, so
// that not every one has to be found by a scan that nobody configured; but one that lists what is less sure finds them all.
func TestStructuredFiles(t *testing.T) {
	const tries, most = 4, 0.95
	e, err := secretscan.Compile(rules.Default())
	if err != nil {
		t.Fatal(err)
	}
	find := func(f *written, least finding.Confidence) []finding.Finding {
		result, err := secretscan.Run(t.Context(), e, f, secretscan.Options{MinConfidence: least})
		if err != nil {
			t.Fatal(err)
		}
		return result.Findings
	}
	all, sure := 0, 0
	for _, name := range []string{"structured.txt", "languages.txt", "keys.txt"} {
		for seed := range uint64(tries) {
			for _, f := range readWritten(t, name, seed) {
				any, best := find(&f, finding.LowConfidence), find(&f, finding.MediumConfidence)
				for _, w := range f.want {
					if w.found(any) == w.not {
						t.Errorf("%s:%d: %s: found is %v", f.path, w.line, w.spec, w.not)
					}
					if all++; w.found(best) != w.not {
						sure++
					} else {
						t.Logf("not by default: %s:%d: %s", f.path, w.line, w.spec)
					}
				}
			}
		}
	}
	if all < tries*250 || float64(sure) < most*float64(all) {
		t.Errorf("%d of %d are right by default", sure, all)
	}
}
