package rules

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/proven"
)

// TestOwnRulesStayAsTheyAre: a configuration that says nothing of a rule of ours leaves it as it is, and can be compiled.
func TestOwnRulesStayAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, ".keysweep.toml")
	if err := os.WriteFile(file, []byte("[scan]\nfail-on = \"high\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := Effective("", file, LoadOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := secretscan.Compile(c.Ruleset); err != nil {
		t.Fatal(err)
	}
	byID := map[string]secretscan.Rule{}
	for _, r := range c.Ruleset.Rules {
		byID[r.ID] = r
	}
	for _, want := range proven.Rules() {
		want.Origin = KeysweepOrigin
		if got := byID[want.ID]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", want.ID, got, want)
		}
	}
}

// TestAnotherExpressionHasNoCheck: who gives a rule of ours an expression of their own is not asked for a checksum.
func TestAnotherExpressionHasNoCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, ".keysweep.toml")
	if err := os.WriteFile(file, []byte("[[rules]]\nid = \"payment-card-number\"\nregex = '''card [a-z]{5}'''\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := Effective("", file, LoadOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Ruleset.Rules {
		if r.ID == "payment-card-number" && (r.Check != "" || r.Regex != "card [a-z]{5}") {
			t.Errorf("%+v", r)
		}
	}
}
