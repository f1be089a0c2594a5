package rules

import (
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/narrow"
	"keysweep/secretscan/rules/internal/proven"
	"keysweep/secretscan/rules/internal/readers"
)

func TestHash(t *testing.T) {
	want := Hash(Default())
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(want) || Hash(Default()) != want {
		t.Fatalf("%q is not a stable hash", want)
	}
	moved := Default()
	moved.Path = "/somewhere/x.toml"
	moved.Rules[0].Origin = "/somewhere/x.toml"
	if Hash(moved) != want {
		t.Error("the place of the file changes the hash")
	}
	changes := map[string]func(*secretscan.Ruleset){
		"rule left out":   func(s *secretscan.Ruleset) { s.Rules = s.Rules[1:] },
		"regex":           func(s *secretscan.Ruleset) { s.Rules[3].Regex += "x" },
		"entropy":         func(s *secretscan.Ruleset) { s.Rules[3].Entropy += 0.1 },
		"reader":          func(s *secretscan.Ruleset) { s.Rules[3].Reader = secretscan.ReadToken },
		"judged":          func(s *secretscan.Ruleset) { s.Rules[3].Judged = true },
		"skipReport":      func(s *secretscan.Ruleset) { s.Rules[3].SkipReport = true },
		"keyword":         func(s *secretscan.Ruleset) { s.Rules[3].Keywords = []string{"a", "b"} },
		"border of lists": func(s *secretscan.Ruleset) { s.Rules[3].Keywords, s.Rules[3].Tags = []string{"a"}, []string{"b"} },
		"required": func(s *secretscan.Ruleset) {
			s.Rules[3].Required = []secretscan.Required{{RuleID: "a", WithinLines: new(0)}}
		},
		"no distance": func(s *secretscan.Ruleset) { s.Rules[3].Required = []secretscan.Required{{RuleID: "a"}} },
		"severity":    func(s *secretscan.Ruleset) { s.Rules[3].Severity = finding.Info },
		"allowlist": func(s *secretscan.Ruleset) {
			s.Allowlists = append(s.Allowlists, secretscan.Allowlist{Paths: []string{"x"}})
		},
		"other list": func(s *secretscan.Ruleset) {
			s.Allowlists = append(s.Allowlists, secretscan.Allowlist{Regexes: []string{"x"}})
		},
		"condition": func(s *secretscan.Ruleset) { s.Allowlists[0].And = true },
		"target":    func(s *secretscan.Ruleset) { s.Allowlists[0].Target = secretscan.TargetLine },
	}
	seen := map[string]string{want: "the default"}
	for name, change := range changes {
		set := Default()
		change(&set)
		h := Hash(set)
		if other, ok := seen[h]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[h] = name
	}
}

// TestDefaultsAreDescribed checks that people are told something about every default rule.
func TestDefaultsAreDescribed(t *testing.T) {
	for _, r := range Default().Rules {
		if r.Title == "" || r.Why == "" || r.Severity == finding.Info || r.Origin != GitleaksOrigin && r.Origin != KeysweepOrigin {
			t.Errorf("%s: %+v", r.ID, r)
		}
		for _, expr := range []string{r.Regex, r.Path} {
			if _, err := syntax.Parse(expr, syntax.Perl); err != nil {
				t.Errorf("%s: %v", r.ID, err)
			}
		}
	}
}

func TestDescribeUnknownRules(t *testing.T) {
	for id, title := range map[string]string{"acme-api_key": "Acme api key", "Über--x": "Über x", "élan": "Élan", "--": "--", "": ""} {
		r := secretscan.Rule{ID: id}
		Describe(&r)
		if r.Title != title || r.Severity != finding.High || r.Provider != "" {
			t.Errorf("%q: %+v", id, r)
		}
	}
	r := secretscan.Rule{ID: "github-pat", Title: "ours"}
	Describe(&r)
	if r.Title != "ours" || r.Provider != "GitHub" {
		t.Errorf("a title that is there must stay: %+v", r)
	}
}

func TestSuggest(t *testing.T) {
	names := []string{"secretGroup", "keywords", "regex", "regexTarget", "useDefault", "max-size", "id"}
	for word, want := range map[string]string{
		"secret_group": "secretGroup", "keyword": "keywords", "kewyords": "keywords", "regexp": "regex", "target": "", "use-default": "useDefault",
		"maxsize": "max-size", "colour": "", "di": "id", strings.Repeat("x", 1000): "", "": "",
	} {
		if got := suggest(word, names); got != want {
			t.Errorf("suggest(%.20q) = %q, want %q", word, got, want)
		}
	}
}

// TestDefaultCostsNoStart checks that the compiler lays out all tables: the runtime lists the packages that do something when
// the program starts, and this one must not be among them.
func TestDefaultCostsNoStart(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "init os @") {
		t.Fatalf("no trace of what happens at start: %v\n%s", err, out)
	}
	if strings.Contains(string(out), "init keysweep/secretscan/rules @") {
		t.Error("the package does something when the program starts")
	}
}

// TestRulesInForce compares the table of the default rules with what they are made of.
func TestRulesInForce(t *testing.T) {
	want := Gitleaks().Rules
	narrow.Rules(want, GitleaksOrigin)
	for _, r := range append(readers.Rules(), proven.Rules()...) {
		r.Origin = KeysweepOrigin
		want = append(want, r)
	}
	if len(want) != otherRules || len(allRules) != otherRules+len(catalogRules()) {
		t.Fatalf("%d of %d rules are not of the catalog, not %d\nhint: go generate ./secretscan/rules", otherRules, len(allRules), len(want))
	}
	for i := range want {
		if got := allRules[i]; !reflect.DeepEqual(got, want[i]) {
			t.Errorf("rule %d is %+v, not %+v\nhint: go generate ./secretscan/rules", i, got, want[i])
		}
	}
}
