package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// chain makes contents from one another by deltas, and holds scanning with traces against scanning each of them whole.
type chain struct {
	rnd     *rand.Rand
	engine  *secretscan.Engine
	tracing *secretscan.Tracing
	text    func() string // new text for an edit
	most    int           // bytes of a content
	made    []link
	whole   func([]byte) []secretscan.Candidate // nil: the engine's Scan
}

type link struct {
	data  []byte
	trace *secretscan.Trace
}

// edit returns a content made from a link: what git's deltas look like, mostly, and what they never look like.
func (c *chain) edit(base link) (data []byte, copies []secretscan.Copy) {
	from := 0
	take := func(end int) {
		if from < end {
			copies = append(copies, secretscan.Copy{From: uint32(from), To: uint32(len(data)), Len: uint32(end - from)})
			data = append(data, base.data[from:end]...)
		}
		from = max(from, end)
	}
	for range 1 + c.rnd.IntN(4) {
		take(min(c.place(base, from), len(base.data)))
		switch c.rnd.IntN(8) {
		case 0, 1, 2:
			data = append(data, c.text()...)
		case 3:
			data = append(data, "\n "[c.rnd.IntN(2)])
		case 4: // left out
			from = c.place(base, from)
		case 5: // replaced
			from = c.place(base, from)
			data = append(data, c.text()...)
		case 6: // again, or from elsewhere
			from = c.place(base, 0)
		case 7: // cut in two
		}
		if len(data) > c.most {
			return data, copies
		}
	}
	if c.rnd.IntN(4) > 0 {
		take(len(base.data))
	}
	return data, copies
}

// place returns a place at from or after, often near something that the trace tells of.
func (c *chain) place(base link, from int) int {
	if from >= len(base.data) {
		return len(base.data)
	}
	if spots := base.trace.Spots(); len(spots) > 0 && c.rnd.IntN(3) > 0 {
		if p := spots[c.rnd.IntN(len(spots))] + c.rnd.IntN(40) - 12; p >= from && p <= len(base.data) {
			return p
		}
	}
	return from + c.rnd.IntN(len(base.data)-from+1)
}

// grow adds a content and returns what is wrong with the candidates found in it.
func (c *chain) grow() string {
	var base link
	var copies []secretscan.Copy
	data := []byte(c.text() + c.text() + c.text())
	if len(c.made) > 0 {
		base = c.made[max(0, len(c.made)-1-c.rnd.IntN(3))]
		data, copies = c.edit(base)
	}
	if c.rnd.IntN(12) == 0 && base.trace == nil {
		data = append([]byte("\xef\xbb\xbf"), data...)
	}
	got, trace := c.tracing.Scan(data, base.trace, copies)
	c.made = append(c.made, link{data, trace})
	scan := c.whole
	if scan == nil {
		scan = c.engine.Scan
	}
	if d := difference(scan(data), got); d != "" {
		return fmt.Sprintf("base %q\ncopies %v\ncontent %q\n%s", base.data, copies, data, d)
	}
	return ""
}

// checkChain grows a chain.
func (c *chain) check(t *testing.T, links int, what func() string) {
	t.Helper()
	for range links {
		if d := c.grow(); d != "" {
			t.Fatalf("%s\n%s", what(), d)
		}
	}
}

// traceText writes text for chains of the default rules: parts of secrets, of keys of several lines, of comments, and ordinary lines.
func traceText(rnd *rand.Rand, pool []string) func() string {
	lines := []string{"func main() {\n\treturn nil\n}\n", "api_key = os.Getenv(\"API_KEY\")\n", "\"token\": \"", "password: changeme\n", "\n\n", "# keysweep:allow -- why\n",
		"// gitleaks:allow\n", "key", "facebook", "sourcegraph = ", " = '", "secret = \"${SECRET}\"\n", "\u212aey = ", "\xff\xfe", "\u00e9", "some words in a line that says nothing\n",
		"-----BEGIN RSA PRIVATE KEY-----\n", "-----END RSA PRIVATE KEY-----\n", "MIIEpAIBAAKCAQEA7bq3Zk0y\n", "id: " + strings.Repeat("0123456789abcdef", 3)[:40] + "\n",
		"keysweep:allow-begin\n", "keysweep:allow-end\n", "discord_client = ", "generic api_key: aaaaaaaaaaaaaaaaaaaa\n"}
	lines = append(lines, claimLines()...)
	return func() string {
		out := ""
		for range 1 + rnd.IntN(5) {
			if rnd.IntN(3) == 0 {
				out += string(spliced(rnd, pool, []byte("key=\n \"eyJ")))
			} else {
				out += lines[rnd.IntN(len(lines))]
			}
		}
		return out
	}
}

func defaultChain(rnd *rand.Rand, e *secretscan.Engine, pool []string) *chain {
	return &chain{rnd: rnd, engine: e, tracing: e.NewTracing(), text: traceText(rnd, pool), most: 4000}
}

// TestTraces holds scanning with traces against scanning whole, with the default rules.
func TestTraces(t *testing.T) {
	pool := samplePool(5)
	for _, tight := range []bool{false, true} {
		e := defaultEngine(t)
		if tight {
			e.TightSeams()
		}
		for seed := range uint64(30) {
			c := defaultChain(rand.New(rand.NewPCG(seed, 21)), e, pool)
			c.check(t, 12, func() string { return fmt.Sprintf("tight %v, seed %d", tight, seed) })
		}
	}
}

// randomRules returns a few rules that nobody would write, and what their matches are made of.
func randomRules(g expressions) (secretscan.Ruleset, func() string) {
	var set secretscan.Ruleset
	var texts []func() string
	for i := range 1 + g.rnd.IntN(3) {
		rule, tree := g.rule()
		rule.ID = fmt.Sprintf("rule%d", i)
		rule.Entropy = []float64{0, 0, 0, 0.5, 1.2}[g.rnd.IntN(5)]
		if g.rnd.IntN(3) == 0 {
			rule.Allowlists = []secretscan.Allowlist{{Target: secretscan.Target(g.rnd.IntN(3)), Regexes: []string{g.pick("ab+c", "k", "^a", "=$", `\n.*a`)}}}
		}
		if g.rnd.IntN(6) == 0 {
			rule.Allowlists = append(rule.Allowlists, secretscan.Allowlist{StopWords: []string{g.pick("aa", "key", "b")}})
		}
		set.Rules = append(set.Rules, rule)
		texts = append(texts, func() string { return g.content(tree) })
	}
	return set, func() string { return texts[g.rnd.IntN(len(texts))]() }
}

func checkRandomTraces(t *testing.T, rnd *rand.Rand, what string) {
	t.Helper()
	g := expressions{rnd}
	set, text := randomRules(g)
	e, err := secretscan.Compile(set)
	if err != nil {
		t.Fatalf("%s: %+v: %v", what, set, err)
	}
	if rnd.IntN(8) > 0 {
		e.TightSeams()
	}
	c := &chain{rnd: rnd, engine: e, tracing: e.NewTracing(), text: text, most: 400}
	c.check(t, 8, func() string { return fmt.Sprintf("%s: %+v", what, set.Rules) })
}

// TestTracesOfRandomRules is TestTraces with expressions that nobody would write.
func TestTracesOfRandomRules(t *testing.T) {
	for seed := range uint64(600) {
		checkRandomTraces(t, rand.New(rand.NewPCG(seed, 22)), fmt.Sprint("seed ", seed))
	}
}

// TestTracesWithoutAnchors is about rules that no literal is known of, in text that seldom matches: edits make matches of parts.
func TestTracesWithoutAnchors(t *testing.T) {
	exprs := []string{`[ab]\d{2,3}[cd]`, `\b[0-9]{4}\b`, `(?m)^[ab]\d$`, `[cd]\d\d+`, `[ab]\d[\s\S]{0,9}?\d[cd]\b`, `\d[cd]\z`, `^[ab]\d`, `[éab]\d{3}`, `\b\d[cd]\b`,
		`(?m)^\d[ab]`, `\B\d\da`}
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 24))
		var set secretscan.Ruleset
		for i := range 1 + rnd.IntN(3) {
			rule := secretscan.Rule{ID: fmt.Sprintf("rule%d", i), Regex: exprs[rnd.IntN(len(exprs))]}
			if rnd.IntN(2) == 0 {
				rule.Keywords = []string{[]string{"b0a", "a12", "ccc"}[rnd.IntN(3)]}
			}
			set.Rules = append(set.Rules, rule)
		}
		e, err := secretscan.Compile(set)
		if err != nil {
			t.Fatal(err)
		}
		e.TightSeams()
		text := func() (out string) {
			for range 1 + rnd.IntN(9) {
				out += []string{"a", "b", "c", "d", "0", "1", "2", "a1", "2c", " ", "\n", "é", "\xc3", "xy", "xyz", "b0a", "a12", "ccc"}[rnd.IntN(18)]
			}
			return out
		}
		c := &chain{rnd: rnd, engine: e, tracing: e.NewTracing(), text: text, most: 200}
		c.check(t, 20, func() string { return fmt.Sprintf("seed %d: %+v", seed, set.Rules) })
	}
}

// choices is a source of randomness that hands out given bytes, and, when they are used up, what follows from nothing.
type choices struct {
	left []byte
	more rand.PCG
}

func (c *choices) Uint64() (n uint64) {
	if len(c.left) < 2 {
		return c.more.Uint64()
	}
	n = uint64(c.left[0])<<8 | uint64(c.left[1])
	c.left = c.left[2:]
	return n * 0x9E3779B97F4A7C15
}

func FuzzTraces(f *testing.F) {
	pool := samplePool(3)
	wide, err := secretscan.Compile(rules.Default())
	if err != nil {
		f.Fatal(err)
	}
	tight := defaultEngine(f)
	tight.TightSeams()
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 23))
		data := make([]byte, 400)
		for i := range data {
			data[i] = byte(rnd.Uint32())
		}
		f.Add(data, seed%2 == 0, seed%4 < 2)
	}
	f.Fuzz(func(t *testing.T, data []byte, random, narrow bool) {
		rnd := rand.New(&choices{left: data})
		if random {
			checkRandomTraces(t, rnd, "fuzz")
			return
		}
		e := wide
		if narrow {
			e = tight
		}
		defaultChain(rnd, e, pool).check(t, 6, func() string { return "fuzz" })
	})
}
