package secretscan_test

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// shortRules are rules whose matches are found in a short way of their kind: by what must stand behind an anchor that goes on without
// end, by the places where a match without an anchor may start, by the gap between name and value, by less than all that a far look
// asks for.
func shortRules(t testing.TB) (out []secretscan.Rule) {
	names := " curl-auth-user curl-auth-header private-key kubernetes-secret-yaml jwt facebook-access-token sourcegraph-access-token " +
		"generic-api-key hashicorp-tf-password heroku-api-key lob-api-key vault-service-token airtable-personnal-access-token "
	for _, rule := range rules.Default().Rules {
		if strings.Contains(names, " "+rule.ID+" ") {
			rule.Path = ""
			out = append(out, rule)
		}
	}
	if len(out) != strings.Count(names, " ")-1 {
		t.Fatalf("%d rules", len(out))
	}
	return append(out, secretscan.Rule{ID: "starts", Regex: `é?[0-9]{3,5}(?:-|\b)[a-z]{2}`}, secretscan.Rule{ID: "wide", Regex: `[\x{80}-\x{10ffff}]{3}a{2,4}`},
		secretscan.Rule{ID: "inner", Regex: `abc(?s:.)*?(?i:ks|--)[0-9]+`})
}

// shortText writes texts of parts of a rule's matches, and of what stands in them.
func shortText(rnd *rand.Rand, rule secretscan.Rule) func() string {
	tree, err := syntax.Parse(rule.Regex, syntax.Perl)
	if err != nil {
		panic(err)
	}
	s := &sampler{rnd}
	words := []string{"curl ", "curl", " -u", " --user ", " -H ", "\n", "\r\n", "'", "\"", ":", "=", " ", "é", "\xff", "\u212a", "\u017f", "123", "12345-", "ab", "a", "|", "key", "kind: secret\n", "data:\n", "s.", "abc", "-----", "x"}
	words = append(words, rule.Keywords...)
	return func() string {
		var b strings.Builder
		for range 1 + rnd.IntN(5) {
			if rnd.IntN(3) == 0 {
				b.WriteString(words[rnd.IntN(len(words))])
				continue
			}
			var one strings.Builder
			s.write(&one, tree)
			text := one.String()
			if rnd.IntN(2) == 0 {
				from := rnd.IntN(len(text) + 1)
				text = text[from : from+rnd.IntN(len(text)-from+1)]
			}
			b.WriteString(text)
		}
		return b.String()
	}
}

// checkShort holds the engine with one rule against the regexp package, and scanning by deltas against scanning each content whole.
func checkShort(t *testing.T, rnd *rand.Rand, rule secretscan.Rule, rounds int) (found int) {
	t.Helper()
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{rule}})
	if err != nil {
		t.Fatal(err)
	}
	text := shortText(rnd, rule)
	for range rounds {
		content := []byte(text())
		got := e.Scan(content)
		if d := difference(e.Reference(content), got); d != "" {
			t.Fatalf("%s in %q\n%s", rule.ID, content, d)
		}
		found += len(got)
	}
	chain := &chain{rnd: rnd, engine: e, tracing: e.NewTracing(), text: text, most: 3000}
	chain.check(t, rounds/4, func() string { return rule.ID })
	return found
}

func TestShortWays(t *testing.T) {
	rnd := rand.New(rand.NewPCG(35, 36))
	for _, rule := range shortRules(t) {
		if checkShort(t, rnd, rule, 400) == 0 {
			t.Errorf("%s: nothing was found; the comparison says nothing", rule.ID)
		}
	}
}

func FuzzShortWays(f *testing.F) {
	list := shortRules(f)
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		checkShort(t, rand.New(rand.NewPCG(a, b)), list[a%uint64(len(list))], 40)
	})
}
