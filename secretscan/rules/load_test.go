package rules

import (
	"reflect"
	"testing"

	"github.com/zricethezav/gitleaks/v8/config"

	"keysweep/secretscan"
)

// TestDefaultIsWhatItsFileSays reads gitleaks' default configuration with our loader and compares it with the generated table,
// which was made by gitleaks' own means.
func TestDefaultIsWhatItsFileSays(t *testing.T) {
	got, notes, err := Parse([]byte(config.DefaultConfig), "gitleaks.toml", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		t.Errorf("unexpected diagnostic: %s", n)
	}
	want := Gitleaks()
	if len(got.Rules) != 222 || len(want.Rules) != 222 {
		t.Fatalf("%d rules in the file, %d in the table, want 222", len(got.Rules), len(want.Rules))
	}
	for i := range got.Rules {
		got.Rules[i].Origin = GitleaksOrigin
		if !reflect.DeepEqual(got.Rules[i], want.Rules[i]) {
			t.Errorf("rule %d:\n got %+v\nwant %+v", i, got.Rules[i], want.Rules[i])
		}
	}
	if !reflect.DeepEqual(got.Allowlists, want.Allowlists) {
		t.Errorf("allowlists:\n got %+v\nwant %+v", got.Allowlists, want.Allowlists)
	}
}

// TestDefaultIsTheCallersOwn checks that a caller who changes its rules does not change another's.
func TestDefaultIsTheCallersOwn(t *testing.T) {
	mine := Default()
	mine.Rules[0] = secretscan.Rule{ID: "changed"}
	mine.Allowlists[0].Paths = nil
	if other := Default(); other.Rules[0].ID == "changed" || other.Allowlists[0].Paths == nil {
		t.Error("two callers of Default share a list")
	}
}
