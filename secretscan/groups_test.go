package secretscan_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// checkGroups holds the short way to a match's groups against the regexp package.
func checkGroups(t *testing.T, e *secretscan.Engine, id, text string) {
	t.Helper()
	trimmed := bytes.Trim([]byte(text), "\n")
	if own, plain := e.Groups(id, trimmed); !slices.Equal(own, plain) {
		t.Errorf("%s in %q: %v, want %v", id, trimmed, own, plain)
	}
}

// TestGroupsOfSamples looks for groups in matches of the default rules, and in what is left when something is cut off or changed.
func TestGroupsOfSamples(t *testing.T) {
	e, rnd := defaultEngine(t), rand.New(rand.NewPCG(14, 15))
	for _, rule := range rules.Default().Rules {
		if rule.Regex == "" {
			continue
		}
		for _, text := range samples(rnd, rule, 6) {
			checkGroups(t, e, rule.ID, text)
			from := rnd.IntN(len(text))
			checkGroups(t, e, rule.ID, text[from:])
			checkGroups(t, e, rule.ID, text[:from])
			checkGroups(t, e, rule.ID, text[:from]+strings.Repeat("aB3", rnd.IntN(80))+text[from:])
			checkGroups(t, e, rule.ID, text[from:]+"\u00e9"+text)
		}
	}
}

// TestGroupsOfRandomRules does that for expressions that nobody would write, and long repetitions in them.
func TestGroupsOfRandomRules(t *testing.T) {
	for seed := range uint64(1500) {
		g := expressions{rand.New(rand.NewPCG(seed, 16))}
		rule, tree := g.rule()
		if g.rnd.IntN(2) == 0 {
			rule.Regex += g.pick(`(`, `(?:`) + g.class() + g.pick("{2,100}", "{0,120}?", "{100}", "{3,150}") + `)` + g.expr(1)
		}
		e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{rule}})
		if err != nil {
			continue
		}
		for range 4 {
			content := g.content(tree) + strings.Repeat(g.pick("a", "ab", "é", "K"), g.rnd.IntN(110)) + g.noise()
			checkGroups(t, e, rule.ID, content)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %q", seed, rule.Regex)
		}
	}
}
