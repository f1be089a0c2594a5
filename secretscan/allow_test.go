package secretscan_test

import (
	"strings"
	"testing"

	"keysweep/secretscan"
)

const key = "key12345"

func keyEngine(t testing.TB) *secretscan.Engine {
	t.Helper()
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "my-key", Regex: `key\d+`}, {ID: "long", Regex: `begin[\s\S]+?end\.`}}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAllowComments(t *testing.T) {
	const marker = "keysweep:" + "allow"
	for name, tc := range map[string]struct {
		content string
		lines   string // "a" for each allowed key, "-" for each other
		reason  string // of the first that is allowed
	}{
		"trailing":               {key + " # " + marker + "\n" + key, "a-", ""},
		"with a reason":          {key + " # " + marker + " -- a test\n", "a", "a test"},
		"for the rule":           {key + " // " + marker + "=other,my-key -- x", "a", "x"},
		"for another rule":       {key + " // " + marker + "=other", "-", ""},
		"gitleaks":               {key + " # gitleaks" + ":allow\n" + key, "a-", ""},
		"gitleaks alone":         {"# gitleaks" + ":allow\n" + key, "-", ""},
		"alone, hash":            {"# " + marker + "\n" + key + "\n" + key, "a-", ""},
		"alone, slashes":         {"\t// " + marker + " -- y\n" + key, "a", "y"},
		"alone, block":           {"/* " + marker + " -- y */\n" + key, "a", "y"},
		"alone, star":            {" * " + marker + "\n" + key, "a", ""},
		"alone, sql":             {"-- " + marker + "\n" + key, "a", ""},
		"alone, xml":             {"<!-- " + marker + " -- z -->\n<a>" + key + "</a>", "a", "z"},
		"alone, xml, no reason":  {"<!-- " + marker + " -->\n<a>" + key + "</a>", "a", ""},
		"alone, semicolon":       {"; " + marker + "\n" + key, "a", ""},
		"alone, percent":         {"% " + marker + "\n" + key, "a", ""},
		"alone, rem":             {"REM " + marker + "\r\n" + key, "a", ""},
		"alone, lisp":            {";;; " + marker + "\n" + key, "a", ""},
		"alone, template":        {"{{/* " + marker + " */}}\n" + key, "a", ""},
		"alone, ocaml":           {"(* " + marker + " -- w *)\n" + key, "a", "w"},
		"alone, at the end":      {key + "\n# " + marker, "-", ""},
		"alone, and the own":     {"# " + marker + " " + key + "\n" + key, "-a", ""},
		"two lines on":           {"# " + marker + "\n\n" + key, "-", ""},
		"block":                  {"# " + marker + "-begin -- v\n" + key + "\n" + key + "\n# " + marker + "-end\n" + key, "aa-", "v"},
		"block, not closed":      {key + "\n# " + marker + "-begin\n" + key + "\n" + key, "-aa", ""},
		"block, only closed":     {"# " + marker + "-end\n" + key, "-", ""},
		"block of a rule":        {"# " + marker + "-begin=my-key -- u\n" + key + "\n# " + marker + "-end\n" + key, "a-", "u"},
		"block of another":       {"# " + marker + "-begin=other\n" + key, "-", ""},
		"nested":                 {marker + "-begin\n" + marker + "-begin\n" + marker + "-end\n" + key + "\n" + marker + "-end\n" + key, "a-", ""},
		"another word":           {key + " keysweep:" + "allowed", "-", ""},
		"another word, dash":     {key + " " + marker + "-list", "-", ""},
		"another tool":           {key + " mykeysweeps:" + "allow", "-", ""},
		"carriage return":        {key + " # " + marker + "=my-key\r\n" + key, "a-", ""},
		"in quotes":              {`x: "` + key + `" # "` + marker + `=my-key"`, "a", ""},
		"before it":              {"/* " + marker + " */ " + key, "-", ""},
		"first of two":           {key + " " + marker + "=other -- p gitleaks" + ":allow", "a", ""},
		"reason that is invalid": {key + " # " + marker + " -- \xff!", "a", "?!"},
	} {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			var reason string
			for _, c := range keyEngine(t).Scan([]byte(tc.content)) {
				if c.Allow == nil {
					got.WriteByte('-')
					continue
				}
				if got.WriteByte('a'); reason == "" {
					reason = c.Allow.Reason
				}
			}
			if got.String() != tc.lines || reason != tc.reason {
				t.Errorf("%q: %s, reason %q; want %s, %q", tc.content, got.String(), reason, tc.lines, tc.reason)
			}
		})
	}
}

func TestAllowCommentInTheMiddleOfAMatch(t *testing.T) {
	c := keyEngine(t).Scan([]byte("x\nbegin\na gitleaks" + ":allow\nend.\n"))
	if len(c) != 1 || c[0].Allow == nil || c[0].Allow.Line != 3 {
		t.Errorf("%+v", c)
	}
}

func FuzzAllow(f *testing.F) {
	e := keyEngine(f)
	f.Add("# keysweep:" + "allow=my-key -- why\n" + key)
	f.Fuzz(func(t *testing.T, text string) {
		content := text + " keysweep:" + "allow" + text + "\n" + key + text
		for _, c := range e.Scan([]byte(content)) {
			if c.Allow != nil && (c.Allow.Line < 1 || c.Allow.Line > strings.Count(content, "\n")+1) {
				t.Errorf("allowed by line %d", c.Allow.Line)
			}
		}
	})
}

// TestAllowCommentsOfTraces cuts contents with allow comments at every place, so that a delta copies the parts: where a base has
// candidates, only what is new is searched for comments.
func TestAllowCommentsOfTraces(t *testing.T) {
	const marker = "keysweep:" + "allow"
	e := keyEngine(t)
	e.TightSeams()
	for _, text := range []string{
		key + " # " + marker + " -- why\n",
		key + " # gitleaks" + ":allow\n",
		"# " + marker + "-begin -- a block\n" + key + " " + key + "\n# " + marker + "-end\n" + key,
		key + " " + marker + marker + "gitleaks" + ":allow" + marker,
		"keysweep:" + marker + "\n" + key + "\n",
	} {
		for k := range len(text) + 1 {
			cutChains(e.NewTracing(), text, k, func(content []byte, got []secretscan.Candidate) {
				if d := difference(e.Scan(content), got); d != "" {
					t.Errorf("cut at %d: %q\n%s", k, content, d)
				}
			})
		}
	}
}

// TestAllowCommentsOfShortCopies: of a comment that is put together from pieces, none of which holds its marker, there is one.
func TestAllowCommentsOfShortCopies(t *testing.T) {
	const marker = "keysweep:" + "allow"
	e := keyEngine(t)
	e.TightSeams()
	text := key + "\n# " + marker + "-begin\n" + key + "\n# " + marker + "-end\n" + key + "\n"
	for size := 7; size < 14; size++ {
		tracing := e.NewTracing()
		_, trace := tracing.Scan([]byte(text+text), nil, nil)
		var copies []secretscan.Copy
		for at, n := 0, 0; at < len(text); at, n = at+size, 1-n {
			copies = append(copies, secretscan.Copy{From: uint32(n*len(text) + at), To: uint32(at), Len: uint32(min(size, len(text)-at))})
		}
		got, _ := tracing.Scan([]byte(text), trace, copies)
		if d := difference(e.Scan([]byte(text)), got); d != "" {
			t.Errorf("pieces of %d bytes\n%s", size, d)
		}
	}
}
