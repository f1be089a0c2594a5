package script

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"keysweep/finding"
)

var update = flag.Bool("update", false, "write golden files and docs/reference/script-checks.md anew")

// fakes are put together here, so that no file of the repository holds anything that looks like a secret.
func fakes() *strings.Replacer {
	word := "q7" + "Zt" + "0LmVx" + "9Rk2" + "WnB5" + "sYdP"
	return strings.NewReplacer(
		"@WORD@", word, "@PASSWORD@", "Tr0ub4"+"dor.3x", "@HASH@", "$6$"+"rounds=4096$"+"saltsalt$"+strings.Repeat("aB3.", 21),
		"@TOKEN@", "tok_"+word, "@PUBLIC@", "ssh-ed25519 AAAA"+"C3NzaC1lZDI1NTE5"+strings.Repeat("AbCd", 12)+" ann@laptop",
	)
}

// cases returns the scripts in the archives of a directory, by archive and name.
func cases(t *testing.T, dir string) map[string][]txtar.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatal("no test data", err)
	}
	all := map[string][]txtar.File{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range archive.Files {
			archive.Files[i].Data = []byte(fakes().Replace(string(archive.Files[i].Data)))
		}
		all[name] = archive.Files
	}
	return all
}

// audit returns what the rules say of a file: only what fails.
func audit(t *testing.T, name string, data []byte) (out []finding.Result) {
	t.Helper()
	f := Read(name, data, true)
	if f == nil {
		t.Fatalf("%s is not read", name)
	}
	results, _ := f.Results(nil)
	broken := false // what cannot be parsed leaves something out
	for _, r := range results {
		if r.State == finding.Fail {
			out = append(out, r)
		}
		broken = broken || r.Check == parses
	}
	for _, p := range f.Problems() {
		if !broken {
			t.Errorf("%s: %s", name, p.Err)
		}
	}
	return out
}

// told writes a result as golden files do.
func told(r finding.Result) string {
	s := r.Where.Span
	line := fmt.Sprintf("%s %d:%d-%d:%d %s | %s", strings.TrimPrefix(r.Check, "script."), s.Start.Line, s.Start.Column, s.End.Line, s.End.Column, r.Severity, r.Found)
	if r.Subject != "" {
		line += " | in " + r.Subject
	}
	return line
}

// TestBad holds what is found in bad scripts, and where, to golden files.
func TestBad(t *testing.T) {
	scripts := 0
	seen := map[string]bool{}
	for archive, files := range cases(t, "bad") {
		var b strings.Builder
		for _, file := range files {
			scripts++
			found := audit(t, file.Name, file.Data)
			if len(found) == 0 {
				t.Errorf("%s: %s: nothing is found", archive, file.Name)
			}
			fmt.Fprintf(&b, "-- %s --\n", file.Name)
			for _, r := range found {
				fmt.Fprintln(&b, told(r))
				seen[r.Check] = true
			}
		}
		compareGolden(t, strings.TrimSuffix(archive, ".txtar")+".golden", b.String())
	}
	if scripts < 40 {
		t.Errorf("%d bad scripts, want 40", scripts)
	}
	for _, r := range Rules() {
		if !seen[r.ID] && r.ID != hardcodedSecret {
			t.Errorf("no bad script shows %s", r.ID)
		}
	}
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// TestGood wants no claim on scripts that do what is right.
func TestGood(t *testing.T) {
	scripts := 0
	for archive, files := range cases(t, "good") {
		for _, file := range files {
			scripts++
			for _, r := range audit(t, file.Name, file.Data) {
				t.Errorf("%s: %s: %s", archive, file.Name, told(r))
			}
		}
	}
	if scripts < 40 {
		t.Errorf("%d good scripts, want 40", scripts)
	}
}

// fuzzCases returns the contents of the test data.
func fuzzCases(f *testing.F, dir string) (list [][]byte) {
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			list = append(list, file.Data)
		}
	}
	return list
}
