package secretscan

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestAsAlternatives(t *testing.T) {
	got := new(compiler).asAlternatives([]string{`(?i)^true|false`, `^\$[A-Z]+$`, `(?-i)x`, `y`, `[(?s)]z(?m:a)`, `\Q(?s)\E`, `(?sU)q`, `w`})
	want := []string{`(?i)^true|false`, `(?i)^\$[A-Z]+$`, `(?i)(?-i)x`, `y`, `[(?s)]z(?m:a)`, `\Q(?s)\E`, `(?sU)q`, `(?sU)w`}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// FuzzAsAlternatives holds the expressions one by one against the group that gitleaks makes of them.
func FuzzAsAlternatives(f *testing.F) {
	f.Add(`(?i)a`, `B[c\]]`, `(?-i)d|(?s).`, "ab\nB]D")
	f.Add(`[[:alpha:](?i)]x`, `\Q(?i)\Ez`, `(?m)^k$`, "x\nK\nz")
	f.Add(`(?P<n>(?i)a)b`, `C`, `\((?U)e+`, "ABc(ee")
	f.Fuzz(func(t *testing.T, a, b, c, text string) {
		list := []string{a, b, c}
		for _, expr := range list {
			if _, err := regexp.Compile(expr); err != nil || expr == "" {
				return
			}
		}
		joined, err := regexp.Compile("(?:" + strings.Join(list, "|") + ")")
		if err != nil {
			return // a name stands twice
		}
		any := false
		for _, expr := range new(compiler).asAlternatives(list) {
			any = any || regexp.MustCompile(expr).MatchString(text)
		}
		if want := joined.MatchString(text); any != want {
			t.Errorf("%q as a group of %q: %v, one by one %q: %v", text, list, want, new(compiler).asAlternatives(list), any)
		}
	})
}
