//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	got, err := split(strings.Fields("-- a true -- b sh -c x"))
	if err != nil || len(got) != 2 || got[0].name != "a" || strings.Join(got[1].argv, " ") != "sh -c x" {
		t.Fatalf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "--", "a", "a true -- b", "a true -- -- b true"} {
		if got, err := split(strings.Fields(bad)); err == nil {
			t.Errorf("%q: %v, want an error", bad, got)
		}
	}
}

// TestRows has a program that takes twice, then four times what the first one takes.
func TestRows(t *testing.T) {
	rounds := [][]sample{
		{{1, 0.5, 10}, {2, 0.5, 30}},
		{{0.02, 0.05, 10}, {0.08, 0.05, 30}},
	}
	var out strings.Builder
	p := plan{title: "tree", commands: []command{{name: "ours"}, {name: "other"}}}
	if err := printRows(&out, p, rounds); err != nil {
		t.Fatal(err)
	}
	want := `| tree; 2 rounds | ours | 510 ms | 275 ms | 10 MiB |  |  |  |
|  | other | 1.04 s | 275 ms | 30 MiB | 3.00x (2.00x to 4.00x) | 1.00x | 3.00x |
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}

// TestGoesOn interrupts a measurement after its first round, cuts the record in the middle of a line, and wants the rest
// measured and nothing twice.
func TestGoesOn(t *testing.T) {
	dir := t.TempDir()
	count := filepath.Join(dir, "count")
	p := plan{rounds: 1, dir: dir, keep: filepath.Join(dir, "kept"), before: "echo round >>" + count}
	args := strings.Fields("-- one false -- two true")
	if err := run(&strings.Builder{}, p, args); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(p.keep)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.keep, append(kept, `[{"wall":1`...), 0o600); err != nil {
		t.Fatal(err)
	}
	p.rounds = 3
	var out strings.Builder
	if err := run(&out, p, args); err != nil {
		t.Fatal(err)
	}
	if rounds, err := os.ReadFile(count); err != nil || strings.Count(string(rounds), "round") != 3 {
		t.Errorf("rounds that were run: %q, %v; want 3", rounds, err)
	}
	if after, err := os.ReadFile(p.keep); err != nil || !strings.HasPrefix(string(after), string(kept)) || strings.Count(string(after), "\n") != 4 {
		t.Errorf("the record is now\n%s%v", after, err)
	}
	if strings.Count(out.String(), "\n") != 2 {
		t.Errorf("the rows are\n%s", &out)
	}
	if err := run(&out, p, strings.Fields("-- one true -- two true")); err != nil {
		t.Fatal(err)
	}
	if rounds, err := os.ReadFile(count); err != nil || strings.Count(string(rounds), "round") != 6 {
		t.Errorf("another command was not measured anew: %q, %v", rounds, err)
	}
}

// TestFailures has a program end in a way that makes its figures worthless.
func TestFailures(t *testing.T) {
	for _, args := range []string{"-- a true -- b false", "-- a sh -c exit+3", "-- a no-such-program-anywhere"} {
		fields := strings.Fields(args)
		for i := range fields {
			fields[i] = strings.ReplaceAll(fields[i], "+", " ")
		}
		if err := run(&strings.Builder{}, plan{rounds: 1}, fields); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
