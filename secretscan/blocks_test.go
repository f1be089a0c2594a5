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

// Content that is larger than a block is scanned like content that is not, for every rule
//
//   - none of whose matches is as long as what a block sees ahead (less one character, for \b and $ to look at), and
//   - whose keywords stand in its matches, or anywhere before them,
//
// and with excerpts and allow comments that are no further from a match than what a block sees on either side.

// placed returns candidates without their excerpts, which are cut shorter where a block is small.
func placed(candidates []secretscan.Candidate) []string {
	out := make([]string, len(candidates))
	for i, c := range candidates {
		out[i] = fmt.Sprintf("%s at %d %v %q allow %v", c.Rule, c.Offset, c.Span, c.Secret.Reveal(), c.Allow)
	}
	slices.Sort(out)
	return out
}

// onlyIn returns what is in a and not in b.
func onlyIn(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// revealed returns candidates with the text of their excerpts. What is masked there besides the secrets themselves, further copies
// of secrets, is known within a block only, and where an excerpt starts depends on it.
func revealed(candidates []secretscan.Candidate) []string {
	out := placed(candidates)
	for _, c := range candidates {
		line, own := c.Line.Reveal()
		match, ownInMatch := c.Match.Reveal()
		out = append(out, fmt.Sprintf("%s at %d: line %q, match %q %v", c.Rule, c.Offset, line[own.Start:], match, ownInMatch))
	}
	slices.Sort(out)
	return out
}

func checkPlaced(t *testing.T, w, g []string, what func() string) {
	t.Helper()
	if !slices.Equal(w, g) {
		w, g = onlyIn(w, g), onlyIn(g, w)
		t.Fatalf("%s\nwant:\n\t%s\ngot:\n\t%s", what(), strings.Join(w, "\n\t"), strings.Join(g, "\n\t"))
	}
}

// commented returns content with allow comments strewn in.
func commented(g expressions, text func() string, lines int) string {
	var b strings.Builder
	for range lines {
		if line := text(); g.rnd.IntN(4) == 0 {
			b.WriteString(strings.ReplaceAll(line, "\n", " ") + g.pick("# keysweep:allow -- why", "// gitleaks:allow", "keysweep:allow=rule", "keysweep:allow=other"))
		} else {
			b.WriteString(line)
		}
		b.WriteString(g.pick("\n", "\n", "", "\r\n", "\n\n"))
		if g.rnd.IntN(6) == 0 {
			b.WriteString(g.pick("  # keysweep:allow\n", "/* keysweep:allow-begin */", "# keysweep:allow-end\n", "# keysweep:allow-begin=rule -- x\n",
				"keysweep:allow-end ", "-- keysweep:allow=rule -- z\n"))
		}
	}
	return b.String()
}

func TestBlocksOfRandomRules(t *testing.T) {
	tried := 0
	for seed := uint64(0); tried < 120; seed++ {
		g := expressions{rand.New(rand.NewPCG(seed, 11))}
		rule, tree := g.rule()
		e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{rule}})
		if err != nil {
			t.Fatal(err)
		}
		if bound := e.Bound("rule"); bound < 0 || bound > 60 || e.Gated("rule") {
			continue
		}
		tried++
		content := []byte(commented(g, func() string { return g.content(tree) }, 60))
		want := e.Scan(content)
		for range 4 {
			ahead, behind, held := 464+g.rnd.IntN(200), 464+g.rnd.IntN(100), g.rnd.IntN(100)
			size := ahead + behind + held + 1 + g.rnd.IntN(500)
			got := e.ScanInBlocks(content, size, ahead, behind, held)
			checkPlaced(t, placed(want), placed(got), func() string {
				return fmt.Sprintf("seed %d: %q in blocks of %d, %d, %d, %d\n%q", seed, rule.Regex, size, ahead, behind, held, content)
			})
		}
	}
}

// TestBlocksOfDefaultRules compares excerpts, too.
func TestBlocksOfDefaultRules(t *testing.T) {
	full := defaultEngine(t)
	set := rules.Default()
	set.Rules = slices.DeleteFunc(set.Rules, func(r secretscan.Rule) bool {
		return r.Regex == "" || full.Bound(r.ID) < 0 || full.Bound(r.ID) > 3900
	})
	if len(set.Rules) < 190 {
		t.Fatalf("only %d rules have a bound", len(set.Rules))
	}
	for i := range set.Rules {
		set.Rules[i].Keywords = nil
	}
	e, err := secretscan.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	pool := samplePool(3)
	for seed := range uint64(40) {
		g := expressions{rand.New(rand.NewPCG(seed, 12))}
		content := []byte(commented(g, func() string { return string(spliced(g.rnd, pool, nil)) }, 100))
		size := 12_000 + g.rnd.IntN(3000)
		got := e.ScanInBlocks(content, size, 4000, 3000, 3500)
		checkPlaced(t, revealed(e.Scan(content)), revealed(got), func() string { return fmt.Sprintf("seed %d, size %d", seed, size) })
	}
}

// TestKeywordsInEarlierBlocks: a keyword counts for what comes after it, however far away, and not for what came before it.
func TestKeywordsInEarlierBlocks(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{
		{ID: "anchored", Regex: `abc\d+`, Keywords: []string{"gate"}}, {ID: "free", Regex: `[xy]\d+`, Keywords: []string{"gate"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	far := strings.Repeat("some words\n", 2000)
	for content, want := range map[string]int{"abc1 x1\n" + far: 0, "abc1 x1\n" + far + "gate\n" + far + "abc2 x2\n": 2, "GATE" + far + "abc1 x1" + far + "abc2 y2": 4} {
		if got := e.ScanInBlocks([]byte(content), 5000, 1000, 1000, 500); len(got) != want {
			t.Errorf("%d candidates, want %d", len(got), want)
		}
	}
}
