package rules

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
)

// TestCatalogIsInForce goes through what configurations say of our own rules.
func TestCatalogIsInForce(t *testing.T) {
	const ours = "aws-secret-access-key" // a rule of the catalog
	const theirs = "[[rules]]\nid = 'theirs'\nregex = 'theirs'\n"
	all := 222 + len(Own())
	tests := []struct {
		name, gitleaks, keysweep string
		rules                    int
		has                      bool
		note                     string
	}{
		{"by default", "", "", all, true, ""},
		{"beside a .gitleaks.toml", theirs, "", 1 + len(Own()), true, ""},
		{"switched off", "", "[scan]\nkeysweep-rules = false", 222, false, ""},
		{"switched off beside a .gitleaks.toml", theirs, "[scan]\nkeysweep-rules = false", 1, false, ""},
		{"gitleaks' rules switched off", "", "[scan]\ngitleaks-rules = false", len(Own()), true, ""},
		{"disabled", "", "[extend]\ndisabledRules = ['" + ours + "']", all - 1, false, ""},
		{"disabled by a .gitleaks.toml", "[extend]\nuseDefault = true\ndisabledRules = ['" + ours + "', 'jwt']", "", all - 2, false, ""},
		{"disabled by a .gitleaks.toml that extends nothing", theirs + "[extend]\ndisabledRules = ['" + ours + "']", "", len(Own()), false, ""},
		{"disabled by a .gitleaks.toml, with a .keysweep.toml", theirs + "[extend]\ndisabledRules = ['" + ours + "']", "[scan]\ngitleaks-rules = false",
			len(Own()) - 1, false, ""},
		{"replaced", "[[rules]]\nid = '" + ours + "'\nregex = 'another'", "", len(Own()), true, ""},
		{"others are still noted", theirs + "[extend]\ndisabledRules = ['" + ours + "', 'nonesuch']", "", len(Own()), false, "nothing is extended"},
		{"nothing is left", "", "[scan]\ngitleaks-rules = false\nkeysweep-rules = false\n[extend]\ndisabledRules = ['jwt']", 0, false, "nothing is extended"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := oracleDir(t, map[string]string{GitleaksFile: tt.gitleaks, KeysweepFile: tt.keysweep})
			g, k := dir+"/"+GitleaksFile, dir+"/"+KeysweepFile
			if tt.gitleaks == "" {
				g = ""
			}
			if tt.keysweep == "" {
				k = ""
			}
			c, notes, err := Effective(g, k, LoadOptions{Root: dir})
			if err != nil || len(notes) > 1 || (len(notes) == 1) != (tt.note != "") || len(notes) == 1 && !strings.Contains(notes[0].Msg, tt.note) {
				t.Fatal(notes, err)
			}
			if len(c.Ruleset.Rules) != tt.rules || slices.Contains(ids(c.Ruleset), ours) != tt.has {
				t.Errorf("%d rules, want %d; has ours: %v", len(c.Ruleset.Rules), tt.rules, slices.Contains(ids(c.Ruleset), ours))
			}
		})
	}
}

// TestCatalogIsKept checks that our rules come through a .keysweep.toml as they are, and that one which is merged keeps its description.
func TestCatalogIsKept(t *testing.T) {
	dir := oracleDir(t, map[string]string{KeysweepFile: "[[rules]]\nid = 'aws-secret-access-key'\ntags = ['mine']"})
	c, _, err := LoadKeysweep(dir+"/"+KeysweepFile, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range catalogRules() {
		got := ruleOf(t, c.Ruleset, want.ID)
		if got.Severity != want.Severity || got.Title != want.Title || got.Regex != want.Regex || got.Origin != KeysweepOrigin {
			t.Errorf("%s became %+v", want.ID, got)
		}
	}
	if got := ruleOf(t, c.Ruleset, "aws-secret-access-key").Tags; !slices.Equal(got, []string{"mine"}) {
		t.Errorf("tags %q", got)
	}
}

// TestCatalogTable checks what people are told about our rules.
func TestCatalogTable(t *testing.T) {
	titles := map[string]string{}
	for i, r := range catalogRules() {
		if i > 0 && r.ID <= catalogRules()[i-1].ID {
			t.Errorf("%s stands after %s", r.ID, catalogRules()[i-1].ID)
		}
		if r.Provider == "" || !isSentence(r.Why) || r.Severity < finding.Low || r.Confidence < finding.MediumConfidence {
			t.Errorf("%s: %+v", r.ID, r)
		}
		if other, twice := titles[r.Title]; twice {
			t.Errorf("%s and %s have the same title %q", r.ID, other, r.Title)
		}
		titles[r.Title] = r.ID
		for _, page := range []string{Source(r.ID), r.RotateURL} {
			if u, err := url.Parse(page); err != nil || u.Scheme != "https" {
				t.Errorf("%s: %q is not a page", r.ID, page)
			}
		}
	}
	if Source("github-pat") != "" || Source("") != "" {
		t.Error("there is a source of a rule that is not ours")
	}
}
