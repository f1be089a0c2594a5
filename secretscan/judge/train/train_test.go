package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/secretscan/judge"
	"keysweep/secretscan/labelled"
)

// file writes labelled lines of ten repositories that a child could tell apart, and returns its path.
func file(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("repo,ext,truth,category,value_start,value_end,line\n")
	for repo := range 10 {
		for i := range 6 {
			secret := fmt.Sprintf("%c%dwQ7x%dLm", 'a'+i, repo, i)
			fmt.Fprintf(&b, "r%d,.yml,T,Password,10,%d,password: %s\n", repo, 10+len(secret), secret)
			fmt.Fprintf(&b, "r%d,.yml,F,Password,15,24,password_hint: something%d\n", repo, i)
		}
	}
	path := filepath.Join(t.TempDir(), "lines.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	path := file(t)
	weights := filepath.Join(t.TempDir(), "weights.csv")
	var first string
	for range 2 {
		var out, errs bytes.Buffer
		if err := run(t.Context(), []string{"-claims", "-mistakes", "3", "-write", weights, path}, &out, &errs); err != nil {
			t.Fatal(err, errs.String())
		}
		for _, want := range []string{"mean of 5 folds: precision 1.000, recall 1.000", "| **all** | 60 | 60 | 0 |", "| Password | 60 |"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("there is no %q in:\n%s", want, out.String())
			}
		}
		data, err := os.ReadFile(weights)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), "# lines.csv sha256 ") || first != "" && first != string(data) {
			t.Errorf("the weights do not say what they come from, or are others the second time:\n%s", data)
		}
		first = string(data)
	}
	for _, args := range [][]string{nil, {"-nope"}, {filepath.Join(t.TempDir(), "none.csv")}} {
		if err := run(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

// TestWritesWeightsOnly names the labelled lines after -write, as somebody does who takes it for a switch.
func TestWritesWeightsOnly(t *testing.T) {
	path := file(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if err := run(t.Context(), []string{"-write", path, path}, &out, &errs); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the lines were overwritten (%v)", err)
	}
}

func TestFolds(t *testing.T) {
	s, err := readSet(file(t))
	if err != nil {
		t.Fatal(err)
	}
	fold := folds(s.rows)
	repos, size := map[string]int{}, [foldCount]int{}
	for i := range s.rows {
		r := &s.rows[i]
		if k, known := repos[r.Repo]; known && k != fold(r) {
			t.Fatalf("%s is in two folds", r.Repo)
		}
		repos[r.Repo] = fold(r)
		size[fold(r)]++
	}
	for k, n := range size {
		if n != len(s.rows)/foldCount {
			t.Errorf("fold %d has %d of %d rows", k, n, len(s.rows))
		}
	}
}

// TestLighten wants copies within a repository to count less each, and nothing else to.
func TestLighten(t *testing.T) {
	one, two := &labelled.Row{Repo: "a"}, &labelled.Row{Repo: "b"}
	claim := judge.Claim{Key: "k", Value: "v"}
	all := []*example{{row: one, claim: claim, weight: 1}, {row: one, claim: claim, weight: 1}, {row: two, claim: claim, weight: 1},
		{row: one, claim: claim, weight: 1, label: 1}, {row: one, claim: claim, weight: 1}, {row: one, claim: claim, weight: 1}}
	lighten(all)
	for i, want := range []float64{0.5, 0.5, 1, 1, 0.5, 0.5} {
		if all[i].weight != want {
			t.Errorf("example %d counts %g, want %g", i, all[i].weight, want)
		}
	}
}
