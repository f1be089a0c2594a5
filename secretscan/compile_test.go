package secretscan_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"keysweep/secretscan"
)

// TestExpressionAtTheLimits uses every expression on content in all the ways the engine knows; none may panic.
func TestExpressionAtTheLimits(t *testing.T) {
	for depth := 985; depth < 1005; depth++ {
		for _, open := range []string{"(", "(?:a|", "(?:b"} {
			closer := map[string]string{"(": ")", "(?:a|": ")", "(?:b": ")*"}[open]
			expr := strings.Repeat(open, depth) + "keyc" + strings.Repeat(closer, depth)
			e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "deep", Regex: expr}}})
			if err != nil {
				if _, rerr := regexp.Compile("(?s:.)(?:" + expr + ")"); rerr == nil {
					t.Errorf("depth %d: %v", depth, err)
				}
				continue
			}
			if n := len(e.Scan([]byte("x keyc \xffkeyc"))); n == 0 && open == "(" {
				t.Errorf("depth %d: nothing found", depth)
			}
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	list := func(a secretscan.Allowlist) []secretscan.Allowlist { return []secretscan.Allowlist{a} }
	for _, tc := range []struct {
		name string
		rule secretscan.Rule
		key  string
	}{
		{"regex", secretscan.Rule{Regex: "a("}, "regex"},
		{"lookahead", secretscan.Rule{Regex: "(?=a)"}, "regex"},
		{"path", secretscan.Rule{Path: "["}, "path"},
		{"nothing", secretscan.Rule{}, "regex"},
		{"required", secretscan.Rule{Regex: "abc", Required: []secretscan.Required{{RuleID: "other"}}}, "required"},
		{"allowed path", secretscan.Rule{Regex: "abc", Allowlists: list(secretscan.Allowlist{Paths: []string{"*"}})}, "allowlists.paths"},
		{"allowed text", secretscan.Rule{Regex: "abc", Allowlists: list(secretscan.Allowlist{Regexes: []string{"a{2,1}"}})}, "allowlists.regexes"},
		{"empty allowed text", secretscan.Rule{Regex: "abc", Allowlists: list(secretscan.Allowlist{Regexes: []string{""}})}, "allowlists.regexes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.rule.ID = "my-rule"
			_, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{tc.rule}})
			var rerr *secretscan.RuleError
			if !errors.As(err, &rerr) || rerr.Rule != "my-rule" || rerr.Key != tc.key {
				t.Errorf("error %v", err)
			}
		})
	}
}
