package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"

	"keysweep/secretscan"
)

// configs makes random configurations, as gitleaks has them and as keysweep has them.
type configs struct{ rnd *rand.Rand }

func (g configs) some(list ...string) (out []string) {
	for _, s := range list {
		if g.rnd.IntN(4) == 0 {
			out = append(out, s)
		}
	}
	return out
}

func (g configs) allowlist() (secretscan.Allowlist, bool) {
	a := secretscan.Allowlist{
		And: g.rnd.IntN(2) == 0, Commits: g.some("AAAA1111", " bbbb2222 "), Paths: g.some(`\.txt$`, `(?i)^TEST/`, `b`),
		Regexes: g.some(`^k1`, `(?i)EXAMPLE`, `line`, `x$`), StopWords: g.some("Stop", "7", "two words"),
		Target: secretscan.Target(g.rnd.IntN(3)),
	}
	return a, len(a.Commits)+len(a.Paths)+len(a.Regexes)+len(a.StopWords) > 0
}

func (g configs) allowlists() (out []secretscan.Allowlist) {
	for range g.rnd.IntN(3) {
		if a, ok := g.allowlist(); ok {
			out = append(out, a)
		}
	}
	return out
}

func (g configs) set() secretscan.Ruleset {
	set := secretscan.Ruleset{Allowlists: g.allowlists()}
	exprs := []string{`key=(\w+)`, `(?:key|tok)=(?:(\w*x)|(\w+))`, `(tok)(=)(\w+)`, `\w+=\w{3,}`, `id:\d+`, `\n?id:(\d*)`}
	for i, id := range []string{"one", "two", "my-Generic-rule", "generic", "helper"} {
		r := secretscan.Rule{ID: id, Regex: exprs[g.rnd.IntN(len(exprs))], Allowlists: g.allowlists(), Tags: g.some("a")}
		r.Entropy = []float64{0, 0, 1.5, 2.5}[g.rnd.IntN(4)]
		if n := regexp.MustCompile(r.Regex).NumSubexp(); n > 0 && g.rnd.IntN(2) == 0 {
			r.SecretGroup = 1 + g.rnd.IntN(n)
		}
		if g.rnd.IntN(4) == 0 {
			r.Path = []string{`^test/`, `\.txt$`, `.`}[g.rnd.IntN(3)]
		}
		if i < 4 && g.rnd.IntN(2) == 0 {
			r.Keywords = g.some("KEY", "tok", "id:", "nothing")
		}
		if i == 4 {
			r.SkipReport = g.rnd.IntN(2) == 0
		} else if g.rnd.IntN(3) == 0 {
			need := secretscan.Required{RuleID: "helper"}
			if g.rnd.IntN(2) == 0 {
				n := g.rnd.IntN(3)
				need.WithinLines = &n
			}
			if g.rnd.IntN(3) == 0 {
				n := g.rnd.IntN(30)
				need.WithinColumns = &n
			}
			r.Required = []secretscan.Required{need}
		}
		set.Rules = append(set.Rules, r)
	}
	if g.rnd.IntN(2) == 0 {
		set.Rules = append(set.Rules, secretscan.Rule{ID: "name", Path: `b\.txt$`, Allowlists: g.allowlists()})
	}
	return set
}

// theirs translates a ruleset into gitleaks' own types.
func theirs(t *testing.T, set secretscan.Ruleset) *detect.Detector {
	t.Helper()
	logging.Logger = zerolog.Nop()
	lists := func(in []secretscan.Allowlist) (out []*config.Allowlist) {
		for _, a := range in {
			b := &config.Allowlist{Commits: a.Commits, StopWords: a.StopWords, RegexTarget: [...]string{"", "match", "line"}[a.Target]}
			if a.And {
				b.MatchCondition = config.AllowlistMatchAnd
			}
			for _, expr := range a.Paths {
				b.Paths = append(b.Paths, regexp.MustCompile(expr))
			}
			for _, expr := range a.Regexes {
				b.Regexes = append(b.Regexes, regexp.MustCompile(expr))
			}
			if err := b.Validate(); err != nil {
				t.Fatal(err)
			}
			out = append(out, b)
		}
		return out
	}
	c := config.Config{Rules: map[string]config.Rule{}, Keywords: map[string]struct{}{}, Allowlists: lists(set.Allowlists)}
	for _, r := range set.Rules {
		rule := config.Rule{RuleID: r.ID, Entropy: r.Entropy, SecretGroup: r.SecretGroup, Tags: r.Tags, Keywords: r.Keywords,
			Allowlists: lists(r.Allowlists), SkipReport: r.SkipReport}
		if r.Regex != "" {
			rule.Regex = regexp.MustCompile(r.Regex)
		}
		if r.Path != "" {
			rule.Path = regexp.MustCompile(r.Path)
		}
		for _, k := range r.Keywords {
			c.Keywords[strings.ToLower(k)] = struct{}{}
		}
		for _, n := range r.Required {
			rule.RequiredRules = append(rule.RequiredRules, &config.Required{RuleID: n.RuleID, WithinLines: n.WithinLines, WithinColumns: n.WithinColumns})
		}
		c.Rules[r.ID] = rule
		c.OrderedRules = append(c.OrderedRules, r.ID)
	}
	return detect.NewDetector(c)
}

// TestConfigurations holds what decides about matches against gitleaks, on random configurations and contents.
func TestConfigurations(t *testing.T) {
	hits := 0
	for seed := range uint64(1000) {
		g := configs{rand.New(rand.NewPCG(seed, 31))}
		set := g.set()
		e, err := secretscan.Compile(set)
		if err != nil {
			t.Fatal(err)
		}
		d := theirs(t, set)
		d.IgnoreGitleaksAllow = true
		for range 3 {
			var b strings.Builder
			b.WriteString("\n") // gitleaks counts the columns of the first line differently
			for range 1 + g.rnd.IntN(6) {
				for range g.rnd.IntN(4) {
					b.WriteString([]string{"key=k1example ", "tok=stopx", " KEY=abc7 ", "tok=zzzz", " id:12 ", "id:987654 ", "key=aXample", " line ", "tok="}[g.rnd.IntN(9)])
				}
				b.WriteString("\n")
			}
			content := b.String()
			path := []string{"a.go", "test/b.txt", "", "TEST/x"}[g.rnd.IntN(4)]
			commit := []string{"", "aaaa1111", "BBBB2222", "cccc"}[g.rnd.IntN(4)]
			var want []hit
			//lint:ignore SA1019 Detect takes this name of the type
			for _, f := range d.Detect(detect.Fragment{Raw: content, FilePath: path, CommitSHA: commit}) {
				if f.RuleID == "name" {
					continue // of names of files; see TestNames
				}
				want = append(want, hit{f.RuleID, f.Secret, f.StartLine + 1})
			}
			hits += len(want)
			got := hitsOf(e.Keep(e.Scan([]byte(content)), path, commit))
			if missing, extra := without(want, got), without(got, want); len(missing)+len(extra) > 0 {
				t.Fatalf("seed %d, %q at %q, commit %q: missing %v, extra %v\n%s", seed, content, path, commit, missing, extra, shownRules(set))
			}
		}
	}
	if hits < 1500 {
		t.Errorf("only %d hits", hits)
	}
}

func shownRules(set secretscan.Ruleset) string {
	var b strings.Builder
	fmt.Fprintf(&b, "all: %+v\n", set.Allowlists)
	for _, r := range set.Rules {
		fmt.Fprintf(&b, "%s: %q group %d entropy %v path %q keywords %q skip %v required %+v allow %+v\n",
			r.ID, r.Regex, r.SecretGroup, r.Entropy, r.Path, r.Keywords, r.SkipReport, r.Required, r.Allowlists)
	}
	return b.String()
}
