package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"keysweep/secretscan"
)

// keyRules finds secrets of two forms, so that copies can stand where no rule matches.
func keyRules(t *testing.T) *secretscan.Engine {
	t.Helper()
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{
		{ID: "alpha", Regex: `alpha="([^"]+)"`}, {ID: "beta", Regex: `beta:([A-Za-z0-9]+)`}, {ID: "word", Regex: `gamma [a-z]{3,12}`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// fragmentOf returns a part of secret, longer than a mask may show, that stands in text; "" if there is none.
func fragmentOf(secret, text string) string {
	const shown = 4
	for i := 0; i+shown < len(secret); i++ {
		if part := secret[i : i+shown+1]; strings.Contains(text, part) {
			return part
		}
	}
	return ""
}

// TestExcerptsShowNoSecret looks for parts of any found secret in any excerpt: copies that no rule matches, neighbours, and secrets
// cut by an excerpt's edge.
func TestExcerptsShowNoSecret(t *testing.T) {
	e := keyRules(t)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 21))
		random := func(n int) string {
			var b strings.Builder
			for range n {
				b.WriteByte(letters[rnd.IntN(len(letters))])
			}
			return b.String()
		}
		var b strings.Builder
		var secrets []string
		for range 30 {
			s := random(16 + rnd.IntN(60))
			if rnd.IntN(5) == 0 && len(secrets) > 0 {
				s = secrets[rnd.IntN(len(secrets))]
			}
			switch rnd.IntN(4) {
			case 0:
				fmt.Fprintf(&b, "alpha=%q", s)
				secrets = append(secrets, s)
			case 1:
				fmt.Fprintf(&b, "beta:%s", s)
				secrets = append(secrets, s)
			case 2:
				if len(secrets) > 0 {
					b.WriteString("copy?" + secrets[rnd.IntN(len(secrets))])
				}
			}
			b.WriteString(strings.Repeat([]string{" ", "é", "\xff"}[rnd.IntN(3)], rnd.IntN(200)) + " ")
			if rnd.IntN(12) == 0 {
				b.WriteString("\n")
				secrets = secrets[:0] // copies on other lines than their secret are not known
			}
		}
		content := []byte(b.String())
		checkExcerpts(t, fmt.Sprintf("seed %d", seed), e.Scan(content), len(content))
		checkExcerpts(t, fmt.Sprintf("seed %d, blocks", seed), e.ScanInBlocks(content, 4000, 1100, 1000, 1000), 400)
	}
}

// checkExcerpts looks for the secrets of all candidates no further away than near: what a block knows.
func checkExcerpts(t *testing.T, where string, list []secretscan.Candidate, near int) {
	t.Helper()
	for _, c := range list {
		if text, own := c.Line.Reveal(); own.Start < own.End && text[own.Start:own.End] != c.Secret.Reveal()[:own.End-own.Start] {
			t.Errorf("%s: the excerpt says %q is the secret %q", where, text[own.Start:own.End], c.Secret.Reveal())
		}
		for _, o := range list {
			if max(o.Offset-c.Offset, c.Offset-o.Offset) > int64(near) {
				continue
			}
			for _, shown := range []string{c.Line.String(), c.Match.String(), fmt.Sprintf("%#v", c.Line)} {
				if part := fragmentOf(o.Secret.Reveal(), shown); part != "" {
					t.Fatalf("%s: %q of %q is shown in %q", where, part, o.Secret.Reveal(), shown)
				}
			}
		}
	}
}

// TestMasksShowTheStartAlone: of a secret that an edge of the excerpt cuts, its middle must not be taken for its start.
func TestMasksShowTheStartAlone(t *testing.T) {
	e := keyRules(t)
	first, second := "Abcd"+strings.Repeat("x1", 20), "Efgh"+strings.Repeat("y2", 20)
	allowed := map[string]bool{"Abcd********": true, "Efgh********": true, "********": true}
	for pad := range 900 {
		content := fmt.Sprintf("alpha=%q %s%s alpha=%q", first, first, strings.Repeat(" ", pad), second)
		list := e.Scan([]byte(content))
		if len(list) != 2 {
			t.Fatalf("%d candidates", len(list))
		}
		for _, c := range list {
			for _, p := range c.Line.Pieces() {
				if p.Secret && !allowed[p.Text] {
					t.Fatalf("after %d spaces a mask is %q", pad, p.Text)
				}
			}
		}
	}
}
