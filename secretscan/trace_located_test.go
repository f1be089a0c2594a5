package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"keysweep/secretscan"
)

// TestTracesOfManyCandidates is about what is taken over of positions and excerpts: text full of secrets, further copies of them beside
// which no key stands, letters of several bytes, and lines longer than an excerpt.
func TestTracesOfManyCandidates(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{
		{ID: "id", Regex: `id=(\d{9,11})`}, {ID: "pair", Regex: `id=\d+ (\d+)`}, {ID: "block", Regex: `from\s\d+[\sa-z]+to\s`}}})
	if err != nil {
		t.Fatal(err)
	}
	e.TightSeams()
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 31))
		text := func() (out string) {
			for range 1 + rnd.IntN(12) {
				number := fmt.Sprint(100_000_000 + 1_234_567*rnd.IntN(5))
				out += []string{"id=" + number, "id=" + number + "\n", " " + number, "id=" + number + " " + number[:4], "\n", "é", "\xc3",
					"a line that says nothing\n", strings.Repeat("x ", rnd.IntN(500)), "from 123456789\n", "to \n", "# keysweep:allow\n"}[rnd.IntN(12)]
			}
			return out
		}
		c := &chain{rnd: rnd, engine: e, tracing: e.NewTracing(), text: text, most: 6000}
		c.check(t, 25, func() string { return fmt.Sprint("seed ", seed) })
	}
}

// TestTraceOfExcerptEdges changes what stands at the edges of what the excerpts of a candidate go by, and what is copied twice.
func TestTraceOfExcerptEdges(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "id", Regex: `id=(\d{9,300})`}, {ID: "wide", Regex: `begin[a-z ]+end\.`}}})
	if err != nil {
		t.Fatal(err)
	}
	e.TightSeams()
	long, wide := strings.Repeat("12345", 50), "begin"+strings.Repeat(" and on", 300)+" end."
	fill := "id=" + long + "\n" + strings.Repeat("there is nothing here\n", 60)
	for name, tc := range map[string]struct {
		before, after string // of a candidate, in its line
		from, to      int    // what is copied of the line, counted from where the candidate starts
		first         string // a candidate of the line's that is copied, too, and stands before that
	}{
		"a copy that begins before the excerpt": {long + strings.Repeat(" ", 380), "", -500, 1200, ""},
		"a copy that ends behind the excerpt":   {"", strings.Repeat(" ", 680) + long, -700, 880, ""},
		"a secret that ends in the excerpt":     {wide + " ", "", -700, 3400, wide},
		"all of the line":                       {long + "é", " " + long, -700, 4 * len(long), ""},
	} {
		t.Run(name, func(t *testing.T) {
			at := len(fill) + len(tc.before)
			base := fill + tc.before + "id=123456789 " + tc.after + "\n" + strings.Repeat(fill[len(long):], 3)
			for shift := -30; shift <= 30; shift++ {
				copied := base[at+tc.from+shift : at+tc.to+shift]
				copies := []secretscan.Copy{{Len: uint32(len(long) + 20)}}
				data := fill
				if tc.first != "" {
					copies = append(copies, secretscan.Copy{From: uint32(strings.Index(base, tc.first)), To: uint32(len(data)), Len: uint32(len(tc.first))})
					data += tc.first + "\n"
				}
				data += "new"
				copies = append(copies, secretscan.Copy{From: uint32(at + tc.from + shift), To: uint32(len(data)), Len: uint32(len(copied))})
				checkCopied(t, e, base, data+copied+"\nold\n", copies)
			}
		})
	}
}

// checkCopied scans a content made from another one by copies.
func checkCopied(t *testing.T, e *secretscan.Engine, base, data string, copies []secretscan.Copy) {
	t.Helper()
	for _, c := range copies {
		if base[c.From:c.From+c.Len] != data[c.To:c.To+c.Len] {
			t.Fatalf("%v is no copy", c)
		}
	}
	tracing := e.NewTracing()
	_, trace := tracing.Scan([]byte(base), nil, nil)
	got, _ := tracing.Scan([]byte(data), trace, copies)
	if d := difference(e.Scan([]byte(data)), got); d != "" {
		t.Errorf("%v\n%s", copies, d)
	}
}
