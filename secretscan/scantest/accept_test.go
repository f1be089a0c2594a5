package scantest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules"
	"keysweep/secretscan/rules/catalog"
)

// hit is a secret that stands in a content, with the rules that claim it.
type hit struct {
	secret string
	rules  []string
}

// texts is a source of contents. None of their names is one that a rule leaves out.
type texts []string

func (all texts) Walk(_ context.Context, sink secretscan.Sink) error {
	for i, text := range all {
		err := sink.Blob(secretscan.Blob{Kind: finding.KindFile, Path: pathOf(i), Size: int64(len(text)), Data: []byte(text)})
		if err != nil {
			return err
		}
	}
	return nil
}

func pathOf(i int) string { return "src/" + strconv.Itoa(i) + ".conf" }

// scan returns what stands in each of the texts.
func scan(t testing.TB, all texts) [][]hit {
	t.Helper()
	e, err := secretscan.Compile(rules.Default())
	if err != nil {
		t.Fatal(err)
	}
	result, err := secretscan.Run(t.Context(), e, all, secretscan.Options{IgnoreAllow: true, DecodeDepth: -1})
	if err != nil {
		t.Fatal(err)
	}
	number := map[string]int{}
	for i := range all {
		number[pathOf(i)] = i
	}
	out := make([][]hit, len(all))
	for _, f := range result.Findings {
		if f.MorePlaces > 0 {
			t.Fatalf("%v: %d places are not told", f.Rules, f.MorePlaces)
		}
		for _, p := range f.Places {
			i := number[p.Path]
			out[i] = append(out[i], hit{f.Secret.Reveal(), f.Rules})
		}
	}
	return out
}

// by returns the secrets that a rule claims.
func by(hits []hit, id string) (secrets []string) {
	for _, h := range hits {
		if slices.Contains(h.rules, id) {
			secrets = append(secrets, h.secret)
		}
	}
	return secrets
}

func kinds(t testing.TB) []catalog.Kind {
	t.Helper()
	all, err := catalog.Read(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// expand fills in a kind's template.
func expand(t testing.TB, k *catalog.Kind, template string, n int) string {
	t.Helper()
	text, err := catalog.Expand(template, k.ID+strconv.Itoa(n))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// asked is a content and what is asked of it.
type asked struct {
	kind *catalog.Kind
	what string // template and place
	text string
	want int    // how often the kind's credential is to be found
	full string // the credential; "": it is some part of the text
}

// ask scans contents and compares.
func ask(t *testing.T, all []asked) {
	t.Helper()
	var list texts
	for _, a := range all {
		list = append(list, a.text)
	}
	for i, hits := range scan(t, list) {
		a := all[i]
		got := by(hits, a.kind.ID)
		if a.want == 0 && a.full != "" { // a part of it may be a credential by itself
			got = slices.DeleteFunc(got, func(secret string) bool { return secret != a.full })
		}
		wrong := func(secret string) bool {
			return !strings.Contains(secret, a.full) || !strings.Contains(a.text, secret)
		}
		if len(got) != a.want || slices.ContainsFunc(got, wrong) {
			t.Errorf("%s:%d: %s: %s: found %d of %d", a.kind.File, a.kind.Line, a.kind.ID, a.what, len(got), a.want)
		}
	}
}

// TestExamplesAreFound puts every example of the catalog into contents of all sorts.
func TestExamplesAreFound(t *testing.T) {
	var all []asked
	for _, k := range kinds(t) {
		for n, template := range k.Examples {
			example := expand(t, &k, template, n)
			places, full := LinePlaces(example), ""
			if k.Token != "" {
				places, full = TokenPlaces(example), example
			}
			for _, place := range places {
				all = append(all, asked{&k, template + " " + place.Name, place.Text, place.Count, full})
			}
		}
	}
	ask(t, all)
}

// TestNearMissesAreNot checks that what only resembles a credential, and what is part of a longer word, is passed over by the rule
// that it resembles.
func TestNearMissesAreNot(t *testing.T) {
	var all []asked
	for _, k := range kinds(t) {
		for n, template := range k.Near {
			near := expand(t, &k, template, n)
			for _, place := range append(LinePlaces(near), TokenPlaces(near)...) {
				all = append(all, asked{&k, template + " " + place.Name, place.Text, 0, ""})
			}
		}
		for n, template := range k.Examples {
			if k.Token == "" {
				break
			}
			example := expand(t, &k, template, n)
			first, last := word(example[0]), word(example[len(example)-1])
			if first {
				all = append(all, asked{&k, template + " behind a letter", "x" + example, 0, example})
			}
			if last {
				all = append(all, asked{&k, template + " before a letter", example + "_", 0, example})
			}
		}
	}
	ask(t, all)
}

func word(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}
