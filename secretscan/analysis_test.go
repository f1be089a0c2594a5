package secretscan_test

import (
	"reflect"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// TestAnalysesOfDefaultRules holds the generated tables against what Compile finds out itself.
func TestAnalysesOfDefaultRules(t *testing.T) {
	set := rules.Default()
	want, plans, err := secretscan.AnalyseRules(set)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(set.Analyses, want) || set.Plans != plans {
		t.Error("the generated analyses are not those of the default rules\nhint: go generate ./secretscan/rules")
	}
	triples, err := secretscan.ChooseTriples(set)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(set.Triples, triples) {
		t.Error("the generated choice is not that of the default rules\nhint: go generate ./secretscan/rules")
	}
	prepared := defaultEngine(t)
	set.Analyses, set.Plans, set.Triples, set.Prepared = nil, "", nil, nil
	plain, err := secretscan.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	if !secretscan.SameTables(prepared, plain) {
		t.Error("an engine that is made from the generated tables differs from one that is made without\nhint: go generate ./secretscan/rules")
	}
	for _, id := range secretscan.DifferingPlans(prepared, plain) {
		t.Errorf("%s: the plan that is read differs from the one that is made", id)
	}
}
