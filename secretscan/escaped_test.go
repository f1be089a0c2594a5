package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"keysweep/secretscan"
)

// TestBehindEscapes: a token right behind an escape for white space is found, by every way of scanning.
func TestBehindEscapes(t *testing.T) {
	e, token := defaultEngine(t), "AK"+"IA"+"QYLPMN5HHHFPZAM2"
	for before, want := range map[string]int{`\n`: 1, `\t`: 1, `\r\n`: 1, `\\n`: 1, " ": 1, `\`: 1, "n": 0, `\x`: 0, `\nn`: 0} {
		content := []byte(around + `{"text": "see` + before + token + `"}` + around)
		found := 0
		for _, c := range e.Scan(content) {
			if c.Rule == "aws-access-token" && c.Secret.Reveal() == token {
				found++
			}
		}
		if found != want {
			t.Errorf("%d found behind %q", found, before)
		}
		if d := difference(e.Reference(content), e.Scan(content)); d != "" {
			t.Errorf("behind %q\n%s", before, d)
		}
		large := []byte(strings.Repeat(around, 5_000) + string(content) + strings.Repeat(around, 5_000))
		if d := difference(e.Scan(large), e.ScanDecoded(large, 0, 500_000)); d != "" {
			t.Errorf("behind %q in blocks\n%s", before, d)
		}
		tracing := e.NewTracing()
		text := "see" + before + token + " "
		for k := range len(text) {
			cutChains(tracing, text, k, func(content []byte, got []secretscan.Candidate) {
				if d := difference(e.Scan(content), got); d != "" {
					t.Errorf("behind %q, cut at %d\n%s", before, k, d)
				}
			})
		}
	}
}

// TestTracesBehindEscapes holds scanning with traces against scanning whole where escapes stand before tokens, with words of any kind.
func TestTracesBehindEscapes(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{
		{ID: "word", Regex: `\babc\w{3,9}\b`}, {ID: "branches", Regex: `\babc\d+x|\bdef\d+`}, {ID: "long", Regex: `\bdef[^x]+x`},
		{ID: "sign", Regex: `\b-abc\d+`}}})
	if err != nil {
		t.Fatal(err)
	}
	e.TightSeams()
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 41))
		parts := []string{`\`, "n", `\n`, `\t`, `\nabc`, "abc", "def", "123", "x", "_", " ", "\n", `\ndef12`, "abcdefg", "-abc12", "words that say nothing\n"}
		text := func() (out string) {
			for range 1 + rnd.IntN(10) {
				out += parts[rnd.IntN(len(parts))]
			}
			return out
		}
		c := &chain{rnd: rnd, engine: e, tracing: e.NewTracing(), text: text, most: 3000}
		c.check(t, 25, func() string { return fmt.Sprint("seed ", seed) })
		content := []byte(text() + text() + text())
		if d := difference(e.Reference(content), e.Scan(content)); d != "" {
			t.Fatalf("seed %d: %q\n%s", seed, content, d)
		}
	}
}

// TestSignsBehindEscapes: to an expression that begins with \b and no word, the letter of an escape is what \b asks for.
func TestSignsBehindEscapes(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "dashes", Regex: `\b-----TOKEN\d{6}`}}})
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]int{`see\n-----TOKEN123456 `: 1, `seen-----TOKEN123456 `: 1, `see -----TOKEN123456 `: 0} {
		if found := e.Scan([]byte(content)); len(found) != want {
			t.Errorf("%q: %d found, want %d", content, len(found), want)
		}
	}
}
