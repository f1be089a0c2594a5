package rules

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

func ids(set secretscan.Ruleset) (out []string) {
	for _, r := range set.Rules {
		out = append(out, r.ID)
	}
	return out
}

func ruleOf(t *testing.T, set secretscan.Ruleset, id string) secretscan.Rule {
	t.Helper()
	for _, r := range set.Rules {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no rule %q", id)
	return secretscan.Rule{}
}

func TestLoadKeysweep(t *testing.T) {
	dir := oracleDir(t, map[string]string{".keysweep.toml": `
[scan]
exclude = ["testdata/**", "*.min.js"]
include = ["src/**"]
max-size = "10MB"
fail-on = "high"
min-confidence = "low"
[extend]
disabledRules = ["generic-api-key"]
[[rules]]
id = "acme-token"
regex = "acme_([a-z]{20})"
[[rules]]
id = "jwt"
tags = ["mine"]
[[allowlists]]
targetRules = ["github-pat"]
paths = ["docs/"]
`})
	before := Hash(Default())
	c, notes, err := LoadKeysweep(dir+"/.keysweep.toml", LoadOptions{})
	if err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	want := ScanSettings{
		Exclude: []string{"testdata/**", "*.min.js"}, Include: []string{"src/**"}, MaxSize: 10_000_000, FailOn: new(finding.High), MinConfidence: new(finding.LowConfidence),
		GitleaksRules: true, KeysweepRules: true,
	}
	if !reflect.DeepEqual(c.Scan, want) {
		t.Errorf("settings: %+v", c.Scan)
	}
	if len(c.Ruleset.Rules) != 222+len(Own()) || slices.Contains(ids(c.Ruleset), "generic-api-key") {
		t.Errorf("%d rules", len(c.Ruleset.Rules))
	}
	acme := ruleOf(t, c.Ruleset, "acme-token")
	if acme.Title != "Acme token" || acme.Severity != finding.High || acme.Origin != dir+"/.keysweep.toml" {
		t.Errorf("own rule: %+v", acme)
	}
	jwt := ruleOf(t, c.Ruleset, "jwt")
	if jwt.Origin != GitleaksOrigin || !slices.Equal(jwt.Tags, []string{"mine"}) || jwt.Regex == "" {
		t.Errorf("merged rule: %+v", jwt)
	}
	if a := ruleOf(t, c.Ruleset, "github-pat").Allowlists; a[len(a)-1].Paths[0] != "docs/" {
		t.Errorf("targeted allowlist: %+v", a)
	}
	if hash := Hash(Default()); hash != before {
		t.Error("the default rules were changed")
	}
}

// isOwn reports whether a rule is one of keysweep's own.
func isOwn(id string) bool {
	return slices.ContainsFunc(Own(), func(r secretscan.Rule) bool { return r.ID == id })
}

func TestLoadKeysweepWithoutGitleaksRules(t *testing.T) {
	dir := oracleDir(t, map[string]string{
		".keysweep.toml": "scan.gitleaks-rules = false\n[extend]\npath = 'more.toml'\n[[rules]]\nid = 'b'\nregex = 'b'",
		"more.toml":      "[[rules]]\nid = 'a'\nregex = 'a'",
	})
	c, _, err := LoadKeysweep(dir+"/.keysweep.toml", LoadOptions{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(c.Ruleset); !slices.Equal(slices.DeleteFunc(got, isOwn), []string{"a", "b"}) || len(c.Ruleset.Rules) != 2+len(Own()) || len(c.Ruleset.Allowlists) != 0 || c.Scan.GitleaksRules {
		t.Errorf("got %v, %+v", got, c)
	}
}

func TestKeysweepErrorsTellWhere(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"size", "[scan]\nmax-size = 'big'", ":2: scan.max-size: \"big\" is not a size\nhint: write it like"},
		{"severity", "[scan]\n\nfail-on = 'severe'", ":3: scan.fail-on: \"severe\" is not a severity\nhint: one of info, low"},
		{"confidence", "[scan]\nmin-confidence = 'sure'", ":2: scan.min-confidence: \"sure\" is not a confidence\nhint: one of low, medium"},
		{"glob", "[scan]\nexclude = ['ok',\n'a[']", ":3: scan.exclude: the glob \"a[\" is not valid"},
		{"glob from the root", "[scan]\ninclude = ['/a/*']", ":2: scan.include: the glob \"/a/*\" never matches: paths are relative"},
		{"unknown key", "[scan]\nmaxsize = '1MB'", ":2: scan.maxsize: unknown key; it has no effect\nhint: did you mean max-size?"},
		{"useDefault", "[extend]\nuseDefault = true", ":2: extend.useDefault: useDefault has no effect in .keysweep.toml"},
		{"disabled of nothing", "scan.gitleaks-rules = false\n[extend]\ndisabledRules = ['a']", ":3: extend.disabledRules: there is no rule \"a\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := oracleDir(t, map[string]string{".keysweep.toml": tt.file})
			got := Check(dir+"/.keysweep.toml", LoadOptions{})
			if len(got) != 1 || !strings.Contains(got[0].String(), tt.want) {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

func TestScanTableIsNoneOfGitleaks(t *testing.T) {
	_, notes, err := Parse([]byte("[scan]\nexclude = ['x']"), "x.toml", LoadOptions{})
	if err != nil || len(notes) != 1 || !strings.Contains(notes[0].Msg, "unknown key") {
		t.Errorf("got %v, %v", notes, err)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "10MB": 10e6, "10 mb": 10e6, "512KiB": 512 << 10, "1k": 1000, "3G": 3e9, "2GiB": 2 << 30, " 7b ": 7, "5MiB": 5 << 20,
		"": 0, "0": 0, "MB": 0, "-1": 0, "1.5MB": 0, "10XB": 0, "99999999999G": 0, "1 0": 0, "9999999999999999999": 0,
	} {
		if got, ok := ParseSize(text); got != want || ok != (want > 0) {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", text, got, ok, want)
		}
	}
}

func TestEffective(t *testing.T) {
	const own = "[[rules]]\nid = 'own'\nregex = 'own'\n"
	const theirs = "title = 'theirs'\n[[rules]]\nid = 'theirs'\nregex = 'theirs'\n"
	tests := []struct {
		name               string
		gitleaks, keysweep string // "" is no file
		rules              int
		has, path          string
	}{
		{"neither", "", "", 222, "jwt", ""},
		{"gitleaks replaces the default", theirs, "", 1, "theirs", GitleaksFile},
		{"gitleaks extends the default", theirs + "[extend]\nuseDefault = true", "", 223, "theirs", GitleaksFile},
		{"keysweep adds", "", own, 223, "own", KeysweepFile},
		{"both", theirs, own, 2, "own", GitleaksFile},
		{"both, with the default", theirs + "[extend]\nuseDefault = true", own, 224, "own", GitleaksFile},
		{"gitleaks' rules switched off", theirs, own + "[scan]\ngitleaks-rules = false", 1, "own", GitleaksFile},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{}
			for name, text := range map[string]string{GitleaksFile: tt.gitleaks, KeysweepFile: tt.keysweep} {
				if text != "" {
					files[name] = text
				}
			}
			dir := oracleDir(t, files)
			g, k := Discover(dir)
			if (g != "") != (tt.gitleaks != "") || (k != "") != (tt.keysweep != "") {
				t.Fatalf("Discover: %q, %q", g, k)
			}
			c, notes, err := Effective(g, k, LoadOptions{Root: dir})
			if err != nil || len(notes) > 0 {
				t.Fatal(notes, err)
			}
			if len(c.Ruleset.Rules) != tt.rules+len(Own()) {
				t.Errorf("%d rules, want %d", len(c.Ruleset.Rules), tt.rules+len(Own()))
			}
			ruleOf(t, c.Ruleset, tt.has)
			if !strings.HasSuffix(c.Ruleset.Path, tt.path) || tt.path == "" && c.Ruleset.Path != "" {
				t.Errorf("path %q", c.Ruleset.Path)
			}
		})
	}
}

func TestEffectiveReportsBothFiles(t *testing.T) {
	dir := oracleDir(t, map[string]string{GitleaksFile: "colour = 1", KeysweepFile: "[scan]\ncolour = 1\nmax-size = 'x'"})
	g, k := Discover(dir)
	_, notes, err := Effective(g, k, LoadOptions{})
	if err == nil || len(notes) != 2 || !strings.Contains(err.Error(), KeysweepFile+":3: scan.max-size") {
		t.Errorf("got %v, %v", notes, err)
	}
}
