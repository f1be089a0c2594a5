package rules_test

import (
	"strings"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/labelled"
	"keysweep/secretscan/rules"
)

// TestNarrower wants what a rule of gitleaks matches by accident to be left out, and everything else to be found still.
func TestNarrower(t *testing.T) {
	engine, err := secretscan.Compile(rules.Default())
	if err != nil {
		t.Fatal(err)
	}
	token, base64 := "EAAA"+strings.Repeat("Zk4tQ9", 8), strings.Repeat("SI1sJGBI", 4)
	signature := strings.Repeat("q7Zp+Wd2", 5) + "x0M="
	wants := map[string]bool{
		token:                           true,
		"square: " + token:              true,
		"https://x.org/" + token:        true,
		"token=" + base64 + " " + token: true,
		base64 + "+" + token:            false,
		base64 + "/" + token:            false,
		"Authorization: SharedKey myaccount:" + signature:          false,
		"- SharedKeyLite myaccount:" + signature:                   false,
		"api: eJ" + strings.Repeat("zdWc1u", 15):                   false,
		"SharedKey: " + signature:                                  true,
		"AccountName=myaccount;SharedAccessKey=" + signature + ";": true,
	}
	var rows []labelled.Row
	for text := range wants {
		rows = append(rows, labelled.Row{Ext: ".txt", Line: text})
	}
	hits, err := labelled.Scan(t.Context(), engine, rows, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if found := len(hits[i]) > 0; found != wants[r.Line] {
			t.Errorf("%q: found: %v", r.Line, hits[i])
		}
	}
}
