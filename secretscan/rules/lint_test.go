package rules

import (
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/config"
)

func TestCheckReportsWhatIsHardlyMeant(t *testing.T) {
	const rule = "[[rules]]\nid = \"a\"\n"
	tests := []struct{ name, file, want string }{
		{"no keyword, no text", rule + `regex = '[a-z0-9]{32}'`, ":3: rules.regex: rule \"a\" is slow"},
		{"keyword saves it", rule + "regex = '[a-z0-9]{32}'\nkeywords = ['q']", ""},
		{"text saves it", rule + `regex = '(?:acme|other)_[a-z0-9]{32}'`, ""},
		{"keyword outside of the match", rule + "regex = 'acme_[a-f0-9]{32}'\nkeywords = [\n'acme',\n'token']", ":6: rules.keywords: rule \"a\": the keyword \"token\" cannot"},
		{"keyword in other letters", rule + "regex = '(?i)acme-[A-F]{4}'\nkeywords = ['ACME-DEAD']", ""},
		{"keyword that overlaps itself", rule + "regex = 'a{2,4}b'\nkeywords = ['aab']", ""},
		{"group without content", rule + "regex = 'acme(\\b)([a-z]+)'\nsecretGroup = 1", ":4: rules.secretGroup: rule \"a\": the group 1 is always empty"},
		{"group with content", rule + "regex = 'acme(\\b)([a-z]+)'\nsecretGroup = 2", ""},
		{"rule's allowlist for everything", rule + "regex = 'acme'\n[[rules.allowlists]]\npaths = ['x', '.*']", ":5: rules.allowlists.paths: rule \"a\": the expression matches everything"},
		{"global allowlist for everything", "[allowlist]\nregexes = ['']", ":2: allowlist.regexes: the expression matches everything"},
		{"allowlist for every long text", "[allowlist]\nregexes = ['.{8,}']", "matches everything"},
		{"narrow allowlist", "[allowlist]\nregexes = ['^.$', 'x*y', '[a-z]+']", ""},
		{"error is fatal", rule + "regex = '('", ":3: rules.regex: rule \"a\": the expression is not valid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := oracleDir(t, map[string]string{"x.toml": tt.file})
			got := Check(dir+"/x.toml", LoadOptions{})
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0].String(), tt.want)) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
			if fatal := strings.Contains(tt.want, "not valid"); len(got) == 1 && got[0].Fatal != fatal {
				t.Errorf("fatal is %v", got[0].Fatal)
			}
		})
	}
}

// TestCheckKnowsInheritedKeywords checks that a rule laid over one with keywords is not called slow.
func TestCheckKnowsInheritedKeywords(t *testing.T) {
	dir := oracleDir(t, map[string]string{
		"x.toml": "[extend]\nuseDefault = true\n[[rules]]\nid = \"adafruit-api-key\"\nregex = '[a-z0-9_-]{32}'\n",
	})
	for _, d := range Check(dir+"/x.toml", LoadOptions{}) {
		t.Error(d)
	}
}

// TestCheckOfDefaults checks that all there is to say about gitleaks' own file are three keywords that only widen a rule.
func TestCheckOfDefaults(t *testing.T) {
	dir := oracleDir(t, map[string]string{"gitleaks.toml": config.DefaultConfig})
	for _, d := range Check(dir+"/gitleaks.toml", LoadOptions{}) {
		known := false
		for _, id := range []string{"cloudflare-origin-ca-key", "intra42-client-secret", "sourcegraph-access-token"} {
			known = known || strings.Contains(d.Msg, id) && strings.Contains(d.Msg, "cannot be part of a match")
		}
		if !known {
			t.Errorf("unexpected: %s", d)
		}
	}
}

func TestCanContainGivesUpOnLargeExpressions(t *testing.T) {
	var expr strings.Builder
	for c := 'a'; c < 'a'+20; c++ {
		expr.WriteString(string(c) + "{900}")
	}
	re, err := syntax.Parse(expr.String(), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	if _, known := canContain(re, strings.Repeat("x", 100)); known {
		t.Error("it claims to know about 18,000 instructions times 100 characters")
	}
}
