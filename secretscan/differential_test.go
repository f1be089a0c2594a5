package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// hit is what the two scanners must agree on.
type hit struct {
	rule, secret string
	line         int
}

func (h hit) String() string { return fmt.Sprintf("%s line %d %q", h.rule, h.line, h.secret) }

// gitleaksDetector returns gitleaks' own detector with its library's defaults: no decoding, no archives.
func gitleaksDetector(t testing.TB) *detect.Detector {
	t.Helper()
	logging.Logger = zerolog.Nop()
	d, err := detect.NewDetectorDefaultConfig()
	if err != nil {
		t.Fatal(err)
	}
	d.IgnoreGitleaksAllow = true
	return d
}

func gitleaksHits(d *detect.Detector, content, path string) []hit {
	var out []hit
	//lint:ignore SA1019 Detect takes this name of the type
	for _, f := range d.Detect(detect.Fragment{Raw: content, FilePath: path}) {
		out = append(out, hit{f.RuleID, f.Secret, f.StartLine + 1})
	}
	return sorted(out)
}

func keysweepHits(e *secretscan.Engine, content []byte, path string) []hit {
	return hitsOf(e.Keep(e.Scan(content), path, ""))
}

func hitsOf(candidates []secretscan.Candidate) []hit {
	var out []hit
	for _, c := range candidates {
		out = append(out, hit{c.Rule, c.Secret.Reveal(), c.Span.Start.Line})
	}
	return sorted(out)
}

func sorted(hits []hit) []hit {
	slices.SortFunc(hits, func(a, b hit) int {
		return strings.Compare(fmt.Sprintf("%09d %s %s", a.line, a.rule, a.secret), fmt.Sprintf("%09d %s %s", b.line, b.rule, b.secret))
	})
	return hits
}

// without returns the hits of a that are not in b, as multisets.
func without(a, b []hit) (missing []hit) {
	left := make(map[hit]int)
	for _, h := range b {
		left[h]++
	}
	for _, h := range a {
		if left[h]--; left[h] < 0 {
			missing = append(missing, h)
		}
	}
	return missing
}

func defaultEngine(t testing.TB) *secretscan.Engine {
	t.Helper()
	e, err := secretscan.Compile(rules.Default())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// gitleaksEngine returns an engine with gitleaks' rules alone, whose matches are not judged.
func gitleaksEngine(t testing.TB) *secretscan.Engine {
	t.Helper()
	set := rules.Gitleaks()
	for i := range set.Rules {
		set.Rules[i].Judged = false
	}
	e, err := secretscan.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// sampler writes random strings that an expression matches, most of the time: \b and $ are not seen to.
type sampler struct{ rnd *rand.Rand }

func (s *sampler) write(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && s.rnd.IntN(3) == 0 {
				r = []rune(strings.ToUpper(string(r)))[0]
			}
			b.WriteRune(r)
		}
	case syntax.OpCharClass:
		if len(re.Rune) > 0 {
			b.WriteRune(s.member(re.Rune))
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(" abcXYZ09=:-_\t"[s.rnd.IntN(14)])
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			s.write(b, sub)
		}
	case syntax.OpAlternate:
		s.write(b, re.Sub[s.rnd.IntN(len(re.Sub))])
	case syntax.OpStar:
		s.times(b, re.Sub[0], 0, 4)
	case syntax.OpPlus:
		s.times(b, re.Sub[0], 1, 5)
	case syntax.OpQuest:
		s.times(b, re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		most := re.Max
		if most < 0 || most > re.Min+8 {
			most = re.Min + 8
		}
		s.times(b, re.Sub[0], re.Min, most)
	}
}

func (s *sampler) times(b *strings.Builder, re *syntax.Regexp, least, most int) {
	for range least + s.rnd.IntN(most-least+1) {
		s.write(b, re)
	}
}

// member returns a rune of a class: ASCII if there is one, mostly.
func (s *sampler) member(class []rune) rune {
	var ascii []rune
	for i := 0; i < len(class); i += 2 {
		for r := class[i]; r <= min(class[i+1], 126); r++ {
			ascii = append(ascii, r)
		}
	}
	if len(ascii) > 0 && s.rnd.IntN(40) > 0 {
		return ascii[s.rnd.IntN(len(ascii))]
	}
	i := 2 * s.rnd.IntN(len(class)/2)
	return class[i] + rune(s.rnd.IntN(int(min(class[i+1]-class[i], 1000))+1))
}

// samples returns contents made of matches of a rule in various surroundings.
func samples(rnd *rand.Rand, rule secretscan.Rule, n int) []string {
	tree, err := syntax.Parse(rule.Regex, syntax.Perl)
	if err != nil {
		panic(err)
	}
	s := &sampler{rnd}
	one := func() string {
		var b strings.Builder
		s.write(&b, tree)
		return b.String()
	}
	around := []string{"", " ", "\n", "x", "\"", "'", "\r\n", "key = ", "=", "\u00e9", "\xff", ";", "token: '", "--- ", "/", "\t"}
	pick := func() string { return around[rnd.IntN(len(around))] }
	var out []string
	for range n {
		var b strings.Builder
		for range 1 + rnd.IntN(3) {
			b.WriteString(pick() + one() + pick())
			if rnd.IntN(2) == 0 {
				b.WriteString("\n")
			}
		}
		if rnd.IntN(3) == 0 && len(rule.Keywords) > 0 {
			b.WriteString(rule.Keywords[rnd.IntN(len(rule.Keywords))])
		}
		out = append(out, b.String())
	}
	return out
}

// pathFor returns a path that a rule with a path expression accepts.
func pathFor(rule secretscan.Rule) string {
	switch rule.ID {
	case "freemius-secret-key":
		return "src/config.php"
	case "hashicorp-tf-password":
		return "main.tf"
	case "kubernetes-secret-yaml":
		return "deploy/secret.yaml"
	case "nuget-config-password":
		return "nuget.config"
	}
	return "src/app.conf"
}

// TestSamplesOfEveryRule holds the engine against gitleaks' own detector on generated matches of each of its rules.
func TestSamplesOfEveryRule(t *testing.T) {
	detector, engine := gitleaksDetector(t), gitleaksEngine(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	found := make(map[string]int)
	set := rules.Gitleaks()
	for _, rule := range set.Rules {
		if rule.Regex == "" {
			continue
		}
		path := pathFor(rule)
		for _, content := range samples(rnd, rule, 25) {
			want, got := gitleaksHits(detector, content, path), keysweepHits(engine, []byte(content), path)
			if missing := without(want, got); missing != nil {
				t.Errorf("%s: missing %v\nin %q", rule.ID, missing, content)
			}
			if extra := without(got, want); extra != nil {
				t.Errorf("%s: gitleaks does not have %v\nin %q", rule.ID, extra, content)
			}
			if ref := hitsOf(engine.Keep(engine.Reference([]byte(content)), path, "")); len(without(ref, got))+len(without(got, ref)) > 0 {
				t.Errorf("%s: by windows %v, by the whole %v\nin %q", rule.ID, got, ref, content)
			}
			for _, h := range want {
				found[h.rule]++
			}
		}
	}
	for _, rule := range set.Rules {
		if rule.Regex != "" && found[rule.ID] == 0 {
			t.Errorf("%s: no generated sample was a finding; the comparison says nothing about this rule", rule.ID)
		}
	}
}
