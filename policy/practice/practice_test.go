package practice

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
)

var update = flag.Bool("update", false, "write testdata/lines.txt anew")

// seeds returns the lines of the guides that are not blank.
func seeds(t *testing.T) (lines map[Line]string) {
	t.Helper()
	files, err := filepath.Glob("testdata/seeds/*.txt")
	if err != nil || len(files) != 3 {
		t.Fatalf("guides: %q, %v", files, err)
	}
	lines = map[Line]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			if strings.TrimSpace(line) != "" {
				lines[Line{filepath.Base(file)[:3], n}] = strings.TrimSpace(line)
			}
		}
	}
	return lines
}

// complete says what is missing: lines that nobody cites, lines that there are not, practices that nothing judges, and ids of
// checks that are not known.
func complete(all []Practice, others []Other, guide map[Line]string, known func(string) bool) (wrong []string) {
	covered := map[Line]string{}
	cover := func(l Line, by string) {
		if guide[l] == "" {
			wrong = append(wrong, fmt.Sprintf("%s: there is no line %s", by, l))
		}
		covered[l] = by
	}
	for _, o := range others {
		if covered[o.Line] != "" {
			wrong = append(wrong, fmt.Sprintf("%s is listed twice", o.Line))
		}
		cover(o.Line, o.Kind)
	}
	for _, p := range all {
		if len(p.Lines) == 0 {
			wrong = append(wrong, p.ID+": it comes from no line")
		}
		for _, l := range p.Lines {
			if k := covered[l]; k == "heading" || k == "prose" {
				wrong = append(wrong, fmt.Sprintf("%s: %s is listed as %s, too", p.ID, l, k))
			}
			cover(l, p.ID)
		}
		if len(p.Checks)+len(p.Commands)+p.Every == 0 {
			wrong = append(wrong, p.ID+": nothing judges it, and nobody attests it")
		}
		for _, id := range slices.Concat(p.Checks, p.Also) {
			if !known(id) {
				wrong = append(wrong, fmt.Sprintf("%s: there is no check %q", p.ID, id))
			}
		}
	}
	for l, text := range guide {
		if covered[l] == "" {
			wrong = append(wrong, fmt.Sprintf("nothing is said of %s: %s", l, text))
		}
	}
	slices.Sort(wrong)
	return wrong
}

func TestComplete(t *testing.T) {
	for _, wrong := range complete(All(), Others(), seeds(t), everyCheck(t)) {
		t.Error(wrong)
	}
}

// TestCompleteCanFail takes each line, judge and heading out of the table, one after the other: the test above must see it.
func TestCompleteCanFail(t *testing.T) {
	guide, known, all, others := seeds(t), everyCheck(t), All(), Others()
	if wrong := complete(all, others, guide, known); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	lost := func(what string, all []Practice, others []Other, want string) {
		t.Helper()
		wrong := complete(all, others, guide, known)
		if !slices.ContainsFunc(wrong, func(w string) bool { return strings.Contains(w, want) }) {
			t.Errorf("without %s: %q, want %q", what, wrong, want)
		}
	}
	for l := range guide { // out of every practice that cites it
		less := slices.Clone(all)
		for i := range less {
			less[i].Lines = slices.DeleteFunc(slices.Clone(less[i].Lines), func(x Line) bool { return x == l })
		}
		lost(l.String(), less, slices.DeleteFunc(slices.Clone(others), func(o Other) bool { return o.Line == l }), "nothing is said of "+l.String())
	}
	for i, p := range all {
		less := slices.Clone(all)
		less[i].Lines = nil
		lost("lines of "+p.ID, less, others, p.ID+": it comes from no line")
		less[i] = p
		less[i].Checks, less[i].Commands, less[i].Every = nil, nil, 0
		lost("judges of "+p.ID, less, others, p.ID+": nothing judges it")
		less[i] = p
		less[i].Checks = append(slices.Clone(p.Checks), "no-such-check")
		lost("a wrong id", less, others, p.ID+": there is no check")
		less[i].Checks, less[i].Lines = p.Checks, append(slices.Clone(p.Lines), Line{"002", 2000})
		lost("a wrong line", less, others, p.ID+": there is no line 002:2000")
	}
}

// TestLines holds the table to testdata/lines.txt, in which every citation stands by itself: a line may lose none of several either.
func TestLines(t *testing.T) {
	const file = "testdata/lines.txt"
	got := linesFile(All(), Others(), seeds(t))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Fatal("the practices' lines are others than those of testdata/lines.txt: look at them, then go test ./policy/practice -run TestLines -update")
	}
	for i, p := range All() {
		for n := range p.Lines {
			less := All()
			less[i].Lines = slices.Delete(slices.Clone(p.Lines), n, n+1)
			if linesFile(less, Others(), seeds(t)) == got {
				t.Errorf("%s can lose %s unseen", p.ID, p.Lines[n])
			}
		}
	}
}

func linesFile(all []Practice, others []Other, guide map[Line]string) string {
	var list []string
	for l := range guide {
		line := fmt.Sprintf("%s:%03d", l.Seed, l.Line)
		for _, o := range others {
			if o.Line == l {
				line += " (" + o.Kind + ": " + o.Text + ")"
			}
		}
		for _, p := range all {
			if slices.Contains(p.Lines, l) {
				line += " " + p.ID
			}
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return strings.Join(list, "\n") + "\n"
}

// TestPractices wants every practice to be whole and in line with its kind.
func TestPractices(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+\.[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, p := range All() {
		person, machine := p.Every > 0, len(p.Checks)+len(p.Commands) > 0
		var fits bool
		switch p.Kind {
		case Check, Repo, Inventory:
			fits = machine && !person
		case Partly:
			fits = machine && person
		case Attested:
			fits = person && !machine
		case Incident:
			fits = person
		}
		switch {
		case !form.MatchString(p.ID) || seen[p.ID]:
			t.Errorf("%s: its id is wrong, or there twice", p.ID)
		case !fits:
			t.Errorf("%s: it is of kind %q, with checks %q, commands %q and attestations for %d days", p.ID, p.Kind, p.Checks, p.Commands, p.Every)
		case person != (p.Evidence != ""):
			t.Errorf("%s: what is asked of an attestation: %q", p.ID, p.Evidence)
		case p.Title == "" || strings.HasSuffix(p.Title, ".") || p.Title[:1] != strings.ToUpper(p.Title[:1]):
			t.Errorf("%s: title %q", p.ID, p.Title)
		case p.Scope == "" || p.Area == "" || !slices.ContainsFunc(Areas(), func(a Area) bool { return a.ID == p.Area }):
			t.Errorf("%s: scope %q, area %q", p.ID, p.Scope, p.Area)
		case !slices.IsSortedFunc(p.Lines, func(a, b Line) int {
			return strings.Compare(fmt.Sprintf("%s%4d", a.Seed, a.Line), fmt.Sprintf("%s%4d", b.Seed, b.Line))
		}):
			t.Errorf("%s: lines %v are not in order", p.ID, p.Lines)
		}
		seen[p.ID] = true
	}
	if len(seen) < 100 {
		t.Errorf("only %d practices", len(seen))
	}
}

// TestWords holds the titles to our own words: none repeats seven words of a guide in a row.
func TestWords(t *testing.T) {
	const most = 7
	plain := func(s string) string {
		return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !('a' <= r && r <= 'z') && !('0' <= r && r <= '9') }), " ") + " "
	}
	var text strings.Builder
	for _, line := range seeds(t) {
		text.WriteString(plain(line))
	}
	for _, p := range All() {
		words := strings.Fields(plain(p.Title))
		for i := 0; i+most <= len(words); i++ {
			if run := " " + strings.Join(words[i:i+most], " ") + " "; strings.Contains(text.String(), run) {
				t.Errorf("%s: %q is a guide's", p.ID, run)
			}
		}
	}
}

func TestFor(t *testing.T) {
	want := []finding.Cite{{Seed: "001", Line: 42}, {Seed: "001", Line: 44}, {Seed: "001", Line: 60}}
	got := For("ssh.root-login")
	for i := range got {
		if got[i].Text == "" {
			t.Error("no words")
		}
		got[i].Text = ""
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := For("updates.auto"); len(got) != 5 { // 000:66, 001:98, 106, 107, 110
		t.Errorf("%v", got)
	}
	if got := For("no-such-check"); got != nil {
		t.Errorf("%v", got)
	}
	if p, ok := Find("wallet.hardware"); !ok || p.Area != "wallets" {
		t.Errorf("%v %v", p, ok)
	}
	if _, ok := Find("no.such"); ok {
		t.Error("found")
	}
}

func TestHash(t *testing.T) {
	if a, b := Hash(), Hash(); a != b || len(a) != 64 {
		t.Errorf("%s, %s", a, b)
	}
}
