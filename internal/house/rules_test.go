package house

import (
	"go/token"
	"strings"
	"testing"
)

// example makes a tree of files from their text, each file headed by "-- NAME --".
func example(t *testing.T, text string) *tree {
	t.Helper()
	r := &tree{}
	fset := token.NewFileSet()
	for part := range strings.SplitSeq(text, "-- ") {
		name, src, ok := strings.Cut(part, " --\n")
		if !ok {
			continue
		}
		f, err := parse(fset, name, src)
		if err != nil {
			t.Fatal(err)
		}
		r.names = append(r.names, name)
		r.code = append(r.code, f)
	}
	return r
}

// TestRulesCanFail shows each rule something that breaks it, and something close to it that does not.
func TestRulesCanFail(t *testing.T) {
	long := "package finding\n" + strings.Repeat("var _ = 0\n", maxFile)
	tall := "package finding\nfunc f() {\n" + strings.Repeat("\t_ = 0\n", maxFunction) + "}\n"
	tests := []struct {
		name, src string
		check     func(*tree) []string
		want      []string // in the violations, in order; none: no violation
	}{
		{"arrow against the direction", "-- report/x.go --\npackage report\nimport \"keysweep/secretscan\"\n", checkArrows, []string{"report/x.go:2: report must not import secretscan"}},
		{"arrow in the direction", "-- report/x.go --\npackage report\nimport \"keysweep/finding\"\n", checkArrows, nil},
		{"arrow from the edge", "-- cmd/keysweep/internal/cli/x.go --\npackage cli\nimport \"keysweep/report\"\n", checkArrows, nil},
		{"arrow in a test", "-- report/x_test.go --\npackage report\nimport \"keysweep/secretscan\"\n", checkArrows, nil},
		{"arrow in a generator", "-- report/gen.go --\n//go:build ignore\n\npackage main\nimport \"keysweep/secretscan\"\n", checkArrows, nil},
		{"arrow to an own internal package", "-- report/x.go --\npackage report\nimport \"keysweep/report/internal/y\"\n-- report/internal/y/y.go --\npackage y\nimport \"keysweep/finding\"\n", checkArrows, nil},
		{"arrow from an internal package", "-- report/internal/y/y.go --\npackage y\nimport \"keysweep/secretscan\"\n", checkArrows, []string{"report/internal/y must not import secretscan"}},
		{"unknown package", "-- util/x.go --\npackage util\n", checkArrows, []string{"package util is not in the table"}},
		{"cobra outside the command line", "-- report/x.go --\npackage report\nimport \"github.com/spf13/cobra\"\n", checkImporters, []string{"must not import github.com/spf13/cobra"}},
		{"cobra where it belongs", "-- cmd/keysweep/internal/cli/x.go --\npackage cli\nimport \"github.com/spf13/cobra\"\n", checkImporters, nil},
		{"gitleaks in the product", "-- secretscan/rules/x.go --\npackage rules\nimport \"github.com/zricethezav/gitleaks/v8/config\"\n", checkImporters, []string{"must not import github.com/zricethezav/gitleaks/v8/config"}},
		{"unsafe", "-- secretscan/x.go --\npackage secretscan\nimport \"unsafe\"\n", checkImporters, []string{"must not import unsafe"}},
		{"net by its longer name", "-- secretscan/x.go --\npackage secretscan\nimport \"net/url\"\n", checkImporters, nil},
		{"environment", "-- host/x.go --\npackage host\nimport \"os\"\nvar home = os.Getenv(\"HOME\")\n", checkCalls, []string{"host/x.go:3: os.Getenv"}},
		{"environment by another name", "-- host/x.go --\npackage host\nimport sys \"os\"\nvar home = sys.Getenv\n", checkCalls, []string{"os.Getenv"}},
		{"environment at the edge", "-- cmd/keysweep/internal/cli/x.go --\npackage cli\nimport \"os\"\nvar home = os.Getenv(\"HOME\")\n", checkCalls, nil},
		{"exit outside main", "-- cmd/keysweep/internal/cli/x.go --\npackage cli\nimport \"os\"\nfunc f() { os.Exit(1) }\n", checkCalls, []string{"os.Exit"}},
		{"clock", "-- secretscan/x.go --\npackage secretscan\nimport \"time\"\nvar now = time.Now\n", checkCalls, []string{"time.Now"}},
		{"duration", "-- secretscan/x.go --\npackage secretscan\nimport \"time\"\nvar wait = time.Second\n", checkCalls, nil},
		{"print", "-- secretscan/x.go --\npackage secretscan\nimport \"fmt\"\nfunc f() { fmt.Println() }\n", checkCalls, []string{"fmt.Println"}},
		{"print in a test", "-- secretscan/x_test.go --\npackage secretscan\nimport \"fmt\"\nfunc f() { fmt.Println() }\n", checkCalls, nil},
		{"log", "-- secretscan/x.go --\npackage secretscan\nimport \"log\"\nfunc f() { log.Print() }\n", checkCalls, []string{"log.Print"}},
		{"panic", "-- secretscan/x.go --\npackage secretscan\nfunc f() { panic(0) }\n", checkCalls, []string{"x.go:2: panic"}},
		{"a program started", "-- secretscan/x.go --\npackage secretscan\nimport \"os/exec\"\nvar c = exec.Command(\"git\")\n", checkCalls, []string{"exec.Command"}},
		{"init", "-- keys/x.go --\npackage keys\nfunc init() {}\n", checkStart, []string{"keys/x.go:2: init function"}},
		{"method called init", "-- keys/x.go --\npackage keys\nfunc (x T) init() {}\n", checkStart, nil},
		{"regexp before main", "-- keys/x.go --\npackage keys\nimport \"regexp\"\nvar e = regexp.MustCompile(`x`)\n", checkStart, []string{"at every start"}},
		{"regexp later", "-- keys/x.go --\npackage keys\nimport \"regexp\"\nvar e = sync.OnceValue(func() any { return regexp.MustCompile(`x`) })\n", checkStart, nil},
		{"variable of a package changed", "-- keys/x.go --\npackage keys\nvar n int\nfunc f() { n++ }\n", checkState, []string{"keys/x.go:3: changes n"}},
		{"map of a package changed elsewhere", "-- keys/x.go --\npackage keys\nvar m = map[int]int{}\n-- keys/y.go --\npackage keys\nfunc f() { m[1] = 2 }\n", checkState, []string{"keys/y.go:2: changes m"}},
		{"variable of its own that hides one", "-- keys/x.go --\npackage keys\nvar n int\nfunc f() { n := 1; n++; _ = n }\n", checkState, nil},
		{"long file", "-- finding/x.go --\n" + long, sizes, []string{"finding/x.go has 451 lines, more than 450"}},
		{"long test", "-- finding/x_test.go --\n" + long, sizes, nil},
		{"long generated file", "-- finding/x.go --\n// Code generated by x; DO NOT EDIT.\n\n" + long, sizes, nil},
		{"long function", "-- finding/x.go --\n" + tall, sizes, []string{"x.go:f has 82 lines, more than 80"}},
		{"no comments", "-- keys/x.go --\npackage keys\nfunc F() {}\ntype T int\nfunc (T) M() {}\nconst C = 1\n", checkComments, []string{":2: F has", ":3: T has", ":4: M has", ":5: C has", "package keys has no comment"}},
		{"comments where they must be", "-- keys/x.go --\n// Package keys is.\npackage keys\n\n// F is.\nfunc F() {}\n\n// The group.\nconst (\n\tC = 1\n\tD = 2\n)\n\nfunc f() {}\n\ntype t int\n\nfunc (*t) M() {}\n", checkComments, nil},
		{"generated without a way", "-- keys/x.go --\n// Code generated by y; DO NOT EDIT.\n\npackage keys\n", checkGenerated, []string{"no go:generate line in keys"}},
		{"generated with a way", "-- keys/x.go --\n// Code generated by y; DO NOT EDIT.\n\npackage keys\n-- keys/y.go --\npackage keys\n\n" + generate + "go run y\n", checkGenerated, nil},
		{"name of a generated file", "-- keys/zz_x.go --\npackage keys\n", checkGenerated, []string{"named like a generated file"}},
		{"secret shown", "-- report/x.go --\npackage report\nvar x = s.Reveal()\n", reveals, []string{"report/x.go:2: shows a secret", "report/ok.go is among the revealers"}},
		{"secret shown where it may be", "-- report/ok.go --\npackage report\nvar x = s.Reveal()\n", reveals, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expect(t, test.check(example(t, test.src)), test.want) })
	}
}

func sizes(r *tree) []string { return checkSizes(r, nil) }
func reveals(r *tree) []string {
	return checkReveal(r, map[string]string{"report/ok.go": "shown on request"})
}

// expect wants one violation for each of want, in order, with its text in it.
func expect(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d violations, want %d: %q", len(got), len(want), got)
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("violation %q lacks %q", got[i], want[i])
		}
	}
}

func TestModulesCanFail(t *testing.T) {
	r := example(t, "-- keys/x.go --\npackage keys\nimport \"a.org/a/sub\"\n")
	reason := reasons("| module | for | why |\n|---|---|---|\n| `a.org/a` | all | it is good |\n")
	expect(t, checkModules(r, map[string]bool{"a.org/a": false}, reason), nil)
	expect(t, checkModules(r, map[string]bool{"a.org/a": true}, reason), []string{"marked indirect"})
	expect(t, checkModules(r, map[string]bool{"a.org/a": false}, nil), []string{"no reason for a.org/a"})
	expect(t, checkModules(&tree{}, map[string]bool{"a.org/a": false}, nil), []string{"nothing imports it"})
	expect(t, checkModules(&tree{}, nil, reason), []string{"which nothing imports"})
}

func TestLinksCanFail(t *testing.T) {
	names := []string{"README.md", "docs/a.md"}
	page := map[string]string{"docs/a.md": "# Big `news`, here\n", "README.md": ""}
	for link, want := range map[string][]string{
		"[x](docs/a.md)":                 nil,
		"[x](docs/)":                     nil,
		"[x](docs/a.md#big-news-here)":   nil,
		"[x](https://example.org/a.md)":  nil,
		"`[x](docs/b.md)`":               nil,
		"```\n[x](docs/b.md)\n```":       nil,
		"[x](docs/b.md)":                 {"leads nowhere"},
		"![x](a.png \"with a title\")":   {"leads nowhere"},
		"[x](docs/a.md#small-news-here)": {"without that heading"},
		"[x](#here)":                     {"without that heading"},
	} {
		page["README.md"] = link
		expect(t, checkLinks(names, page), want)
	}
}

func TestWordsCanFail(t *testing.T) {
	for text, want := range map[string][]string{
		"x := 1 // TO" + "DO: two":          {"x:1: says"},
		"one\ncd /wor" + "k/main":           {"x:2: says"},
		"GOROOT=/roo" + "t/go":              {"x:1: says"},
		"https://proxy.golan" + "g.org/x":   {"x:1: says"},
		"a/work/tree, /root/.ssh, go.org/x": nil,
	} {
		expect(t, checkWords(map[string]string{"x": text}), want)
	}
}
