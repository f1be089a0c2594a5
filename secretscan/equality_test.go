package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// described returns candidates with everything about them that a report could show.
func described(candidates []secretscan.Candidate) []string {
	out := make([]string, len(candidates))
	for i, c := range candidates {
		out[i] = fmt.Sprintf("%s at %d %v %q allow %v line %v match %v", c.Rule, c.Offset, c.Span, c.Secret.Reveal(), c.Allow, c.Line, c.Match)
	}
	slices.Sort(out)
	return out
}

// difference returns what is wrong with got, or "".
func difference(want, got []secretscan.Candidate) string {
	w, g := described(want), described(got)
	if slices.Equal(w, g) {
		return ""
	}
	w, g = onlyIn(w, g), onlyIn(g, w)
	return fmt.Sprintf("want:\n\t%s\ngot:\n\t%s", strings.Join(w, "\n\t"), strings.Join(g, "\n\t"))
}

// checkRule holds one random rule against the regexp package.
func checkRule(t *testing.T, g expressions) {
	t.Helper()
	rule, tree := g.rule()
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{rule}})
	if err != nil {
		t.Fatalf("%q: %v", rule.Regex, err)
	}
	for range 4 {
		content := []byte(g.content(tree))
		if d := difference(e.Reference(content), e.Scan(content)); d != "" {
			t.Errorf("%q, keywords %q, anchors %q, content %q\n%s", rule.Regex, rule.Keywords, e.Anchors("rule"), content, d)
		}
	}
}

// TestRandomRules holds the engine against the regexp package on expressions that nobody would write.
func TestRandomRules(t *testing.T) {
	for seed := range uint64(2_000) {
		if checkRule(t, expressions{rand.New(rand.NewPCG(seed, 7))}); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzRules(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) { checkRule(t, expressions{rand.New(rand.NewPCG(a, b))}) })
}

// spliced returns content made of samples of the default rules, parts of them, and the bytes at hand.
func spliced(rnd *rand.Rand, pool []string, extra []byte) []byte {
	var out []byte
	for range 1 + rnd.IntN(6) {
		s := pool[rnd.IntN(len(pool))]
		switch rnd.IntN(4) {
		case 0:
			s = s[:rnd.IntN(len(s)+1)]
		case 1:
			s = s[rnd.IntN(len(s)+1):]
		}
		out = append(out, s...)
		if len(extra) > 0 {
			i := rnd.IntN(len(extra))
			out = append(out, extra[i:min(len(extra), i+rnd.IntN(20))]...)
		}
	}
	return out
}

// samplePool returns samples of every default rule.
func samplePool(each int) []string {
	rnd := rand.New(rand.NewPCG(3, 4))
	var pool []string
	for _, rule := range rules.Default().Rules {
		if rule.Regex != "" {
			pool = append(pool, samples(rnd, rule, each)...)
		}
	}
	return pool
}

// TestSplicedSamples holds the engine with the default rules against the regexp package.
func TestSplicedSamples(t *testing.T) {
	e, pool := defaultEngine(t), samplePool(5)
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 800 {
		content := spliced(rnd, pool, []byte("key=\n-----BEGIN \xff\u212a\u017f\u0130\"'eyJ=="))
		if d := difference(e.Reference(content), e.Scan(content)); d != "" {
			t.Fatalf("%q\n%s", content, d)
		}
	}
}

func FuzzEngine(f *testing.F) {
	e, pool := defaultEngine(f), samplePool(5)
	f.Add(uint64(1), []byte("key = \xff"))
	f.Fuzz(func(t *testing.T, seed uint64, extra []byte) {
		content := spliced(rand.New(rand.NewPCG(seed, 8)), pool, extra)
		if d := difference(e.Reference(content), e.Scan(content)); d != "" {
			t.Fatalf("%q\n%s", content, d)
		}
	})
}
