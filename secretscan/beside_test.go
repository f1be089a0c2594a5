package secretscan

import (
	"strings"
	"testing"
)

// TestBeside is about what is asked of the text beside a literal.
func TestBeside(t *testing.T) {
	for expr, tc := range map[string]struct {
		yes, no []string
		more    int
	}{
		`\bpat[a-z0-9]{14}\.x`:       {[]string{"pat" + strings.Repeat("a", 14) + ".x", "(pat" + strings.Repeat("7", 16)}, []string{"spat" + strings.Repeat("a", 14) + ".x", "pat", "pattern = 1", "path/to/some/thing/long"}, 16},
		`abc(?:de){2,}[0-9]x`:        {[]string{"xabcdedede1x", "abcdede1x"}, []string{"abcdedex", "abcdede-"}, 2},
		`abc(?:d{2}|[0-9]{3})[^d]`:   {[]string{"abcdd", "abc12"}, []string{"abc-", "abcx1"}, 2},
		`abc[0-9]{0,3}`:              {[]string{"abc", "xabc-"}, nil, 0},
		`abc(?:x[0-9]{4})?\n`:        {[]string{"abc\n", "abcx"}, []string{"abc ", "abc"}, 1},
		`abcd.*`:                     {[]string{"abcd"}, nil, 0},
		`(?i)\babc[A-F]\b`:           {[]string{"ABCf", `\nabcd`, `\rabcd`}, []string{"ABCg", "_abcd", `\xabcd`}, 1},
		`\babc[é-ü][0-9]{3}[a-c]{9}`: {[]string{"abc\u00e9123" + strings.Repeat("a", 9)}, []string{"abce123" + strings.Repeat("a", 9)}, 1},
	} {
		e, err := Compile(Ruleset{Rules: []Rule{{ID: "r", Regex: expr}}})
		if err != nil {
			t.Fatal(err)
		}
		p := e.filter()
		entry := &p.Entries[0]
		if int(entry.More) != tc.more {
			t.Errorf("%s: %d bytes more, want %d", expr, entry.More, tc.more)
		}
		check := func(text string, want bool) {
			if got := p.isBeside([]byte(text), strings.Index(strings.ToLower(text), p.text(entry)), entry); got != want {
				t.Errorf("%s: %q: %v", expr, text, got)
			}
		}
		for _, text := range tc.yes {
			check(text, true)
		}
		for _, text := range tc.no {
			check(text, false)
		}
	}
}
