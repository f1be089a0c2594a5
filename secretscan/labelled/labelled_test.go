package labelled_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"keysweep/secretscan/labelled"
)

const heading = "repo,scope,ext,truth,category,value_start,value_end,line\n"

// value is what the lines of these tests hold.
var value = "hunter" + "2000"

func lines(records ...string) string {
	return heading + strings.ReplaceAll(strings.Join(records, "\n"), "VALUE", value) + "\n"
}

func TestRead(t *testing.T) {
	text := lines(
		`a,src,.py,T,Password:Auth,5,15,"pw = VALUE, x"`,
		`a,src,.py,F,UUID,-1,-1,id`,
		`b,src,.md,X,Token,2,12,é:VALUE`,
	)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	for _, in := range []string{text, zipped.String(), "\ufeff" + text} {
		rows, err := labelled.Read(strings.NewReader(in))
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if r := rows[0]; r.Line[r.Start:r.End] != value || r.Truth != labelled.Credential || !r.Core() || len(r.Categories()) != 2 || r.Number != 1 {
			t.Errorf("first row: %+v", r)
		}
		if r := rows[1]; r.Start != 0 || r.End != 2 || r.Core() {
			t.Errorf("a row without a value: %+v", r)
		}
		if r := rows[2]; r.Line[r.Start:r.End] != value {
			t.Errorf("offsets are in characters: %+v", r)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "heading",
		"repo,ext\n":                            `no column "truth"`,
		lines(`a,src,.py,Q,Password,1,2,VALUE`): "record 1: truth",
		lines(`a,src,.py,T,Password,x,2,VALUE`): "record 1: value_start",
		lines(`a,src,.py,T,Password,1,,VALUE`):  "record 1: value_end",
		lines(`a,src,.py,T,"VALUE" VALUE,1,2`):  "record 1: line 2",
		"\x1f\x8bVALUE":                         "read labelled lines",
	} {
		_, err := labelled.Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), value) {
			t.Errorf("%q: error %v, want one about %q", text, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(lines(`a,src,.py,T,Password,5,15,pw = VALUE`))
	f.Add(lines(`a,src,.py,F,UUID,-1,99999999,é`))
	f.Fuzz(func(t *testing.T, text string) {
		rows, _ := labelled.Read(strings.NewReader(text))
		for _, r := range rows {
			if r.Start < 0 || r.Start > r.End || r.End > len(r.Line) {
				t.Fatalf("%+v", r)
			}
		}
	})
}

// row returns a row about text[start:end].
func row(truth labelled.Truth, category, text string, start, end int) labelled.Row {
	return labelled.Row{Repo: "r", Ext: ".py", Truth: truth, Category: category, Line: text, Start: start, End: end}
}

func TestEvaluate(t *testing.T) {
	line := strings.Repeat("x", 40)
	rows := []labelled.Row{
		row(labelled.Credential, "A:B", line, 0, 10),
		row(labelled.Credential, "A", line, 20, 30),
		row(labelled.Other, "B", line, 0, 40),         // a hit on the credentials of its line is none on this
		row(labelled.Other, "B", line+"y", 0, 10),     // hit
		row(labelled.Other, "B", line+"z", 0, 10),     // not hit: too little of it
		row(labelled.Undecided, "B", line+"u", 0, 10), // hit, and no matter
		row(labelled.Credential, "UUID", line+"v", 0, 10),
	}
	hit := func(start, end int, score float64) []labelled.Hit {
		return []labelled.Hit{{Start: start, End: end, Score: score}}
	}
	result := labelled.Evaluate(rows, [][]labelled.Hit{hit(2, 10, 1), hit(2, 10, 1), hit(2, 10, 1), hit(0, 6, 2), hit(8, 18, 1), hit(0, 10, 1), nil})
	want := labelled.Score{Credentials: 2, Found: 1, False: 1, Unlabelled: 1}
	if result.Overall != want {
		t.Errorf("overall %+v, want %+v", result.Overall, want)
	}
	if p, r, f := want.Precision(), want.Recall(), want.F1(); p != 0.5 || r != 0.5 || f != 0.5 {
		t.Errorf("precision %g, recall %g, F1 %g", p, r, f)
	}
	if len(result.Categories) != 2 || result.Categories[0] != (labelled.Category{Name: "A", Score: labelled.Score{Credentials: 2, Found: 1}}) {
		t.Errorf("categories %+v", result.Categories)
	}
	if len(result.False) != 1 || result.False[0].Row != &rows[3] || result.False[0].Hit.Score != 2 || len(result.Missed) != 1 || result.Missed[0].Row != &rows[1] {
		t.Errorf("mistakes %+v, %+v", result.False, result.Missed)
	}
	if none := labelled.Evaluate(nil, nil).Overall; none.Precision() != 1 || none.Recall() != 1 {
		t.Error("nothing called and nothing to find is no mistake")
	}
}
