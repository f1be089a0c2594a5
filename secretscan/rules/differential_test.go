package rules

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestLikeGitleaks loads each case with gitleaks v8.30.1 and with Load, and compares what they understood, rule by rule and
// field by field; where one refuses the file the other must too.
func TestLikeGitleaks(t *testing.T) {
	for _, c := range likeGitleaks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := oracleDir(t, caseFiles(c.files))
			want := comparable(consult(t, dir, ".gitleaks.toml"))
			set, _, err := Load(dir+"/.gitleaks.toml", LoadOptions{Dir: dir})
			if (err != nil) != (want.Err != "") && !c.differs {
				t.Fatalf("got error %v; gitleaks says %q", err, want.Err)
			}
			if c.fails != (err != nil) {
				t.Fatalf("got error %v; want one: %v", err, c.fails)
			}
			if err != nil || c.differs {
				return
			}
			got := comparable(understood{Title: set.Title, Rules: set.Rules, Allowlists: set.Allowlists})
			if len(got.Rules) != len(want.Rules) {
				t.Fatalf("%d rules; gitleaks has %d", len(got.Rules), len(want.Rules))
			}
			for i := range got.Rules {
				if !reflect.DeepEqual(got.Rules[i], want.Rules[i]) {
					t.Errorf("rule %d:\n     got %s\ngitleaks %s", i, asJSON(got.Rules[i]), asJSON(want.Rules[i]))
				}
			}
			if !reflect.DeepEqual(got.Allowlists, want.Allowlists) || got.Title != want.Title {
				t.Errorf("     got %q %s\ngitleaks %q %s", got.Title, asJSON(got.Allowlists), want.Title, asJSON(want.Allowlists))
			}
		})
	}
}

// caseFiles returns the files of a case: what stands before the first "-- name --" is .gitleaks.toml.
func caseFiles(text string) map[string]string {
	name, files := ".gitleaks.toml", map[string]string{".gitleaks.toml": ""}
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok && strings.HasSuffix(rest, " --") {
			name = strings.TrimSuffix(rest, " --")
			continue
		}
		files[name] += line
	}
	return files
}

func asJSON(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}
