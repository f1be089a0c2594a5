package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func render(t *testing.T, format string, r namedReport, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r.make(), o); err != nil {
		t.Fatalf("%s of report %s: %v", format, r.name, err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update writes it anew); got:\n%s", name, got)
	}
}

func TestGolden(t *testing.T) {
	for _, format := range Formats() {
		for _, r := range namedReports() {
			golden(t, r.name+"."+format, render(t, format, r, Options{}))
		}
		golden(t, "suppressed-shown."+format, render(t, format, namedReport{"suppressed", suppressedReport}, Options{ShowSuppressed: true}))
	}
}

func TestGoldenTextOptions(t *testing.T) {
	many := namedReport{"many", manyReport}
	for name, o := range map[string]Options{
		"color": {Color: true}, "narrow": {Width: 50}, "verbose": {Verbose: true}, "quiet": {Quiet: true},
	} {
		golden(t, "many-"+name+".text", render(t, "text", many, o))
	}
	golden(t, "problems-quiet.text", render(t, "text", namedReport{"problems", problemsReport}, Options{Quiet: true}))
}
