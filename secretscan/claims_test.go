package secretscan_test

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"keysweep/secretscan"
)

// TestStepsClaimEveryMatch asks of every match at every place, overlapping ones too, what windows rest on: some anchor's literal
// stands in it, verify does not deny it, lead is not after its start and reach not before its end.
func TestStepsClaimEveryMatch(t *testing.T) {
	matches := 0
	for seed := range uint64(800) {
		g := expressions{rand.New(rand.NewPCG(seed, 13))}
		rule, tree := g.rule()
		e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{rule}})
		if err != nil {
			t.Fatal(err)
		}
		content := []byte(g.content(tree))
		first, after := regexp.MustCompile(rule.Regex), regexp.MustCompile(`(?s:.)(?:`+rule.Regex+`)`)
		longest := regexp.MustCompile(`(?s:.)(?:` + rule.Regex + `)`)
		longest.Longest()
		claim := func(loc []int, skip int) {
			if loc == nil || loc[0]+skip >= loc[1] {
				return
			}
			matches++
			if why := e.Unclaimed("rule", content, loc[0]+skip, loc[1]); why != "" {
				t.Errorf("seed %d: %q: the match %v of %q: %s", seed, rule.Regex, loc, content, why)
			}
		}
		claim(first.FindIndex(content), 0)
		before := 0
		for i, r := range string(content) {
			if i > 0 {
				for _, re := range []*regexp.Regexp{after, longest} {
					if loc := re.FindIndex(content[before:]); loc != nil && loc[0] == 0 {
						claim([]int{before, before + loc[1]}, i-before)
					}
				}
			}
			before = i
			_ = r
		}
	}
	if matches < 1500 {
		t.Errorf("only %d matches", matches)
	}
}
