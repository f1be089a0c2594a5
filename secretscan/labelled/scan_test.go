package labelled_test

import (
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/labelled"
)

func TestScan(t *testing.T) {
	engine, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{
		{ID: "number", Regex: `num-([0-9]{8})`},
		{ID: "python", Regex: `pyt-([0-9]{8})`, Path: `\.py$`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	text := "é num-12345678 pyt-87654321"
	rows := []labelled.Row{{Ext: ".py", Line: text}, {Ext: ".md", Line: text}, {Line: "nothing"}}
	hits, err := labelled.Scan(t.Context(), engine, rows, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{"number 12345678", "python 87654321"}, {"number 12345678"}, nil} {
		var got []string
		for _, h := range hits[i] {
			got = append(got, h.Rule+" "+text[h.Start:h.End])
		}
		if len(got) != len(want) {
			t.Fatalf("row %d: %q, want %q", i, got, want)
		}
		for j := range got {
			if got[j] != want[j] {
				t.Errorf("row %d: %q, want %q", i, got, want)
			}
		}
	}
}
