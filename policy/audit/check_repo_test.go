package audit

import (
	"testing"

	"keysweep/finding"
)

// TestSecretsKeepTheirGrade wants what the scan says of a secret to be what the audit says: the check's own severity is not put over it.
func TestSecretsKeepTheirGrade(t *testing.T) {
	for _, s := range []finding.Severity{finding.Info, finding.Low, finding.High} {
		found := &Repository{Tree: &finding.Report{Findings: []finding.Finding{{
			Title: "a token", Severity: s, Confidence: finding.LowConfidence, Rules: []string{"x"}, Places: []finding.Place{{Path: "a"}},
		}}}}
		seen := false
		for _, r := range Repo(found, Baseline()) {
			if r.Check != "secrets.hardcoded" {
				continue
			}
			seen = true
			if r.State != finding.Fail || r.Severity != s || r.Confidence != finding.LowConfidence {
				t.Errorf("a secret of severity %s: %+v", s, r)
			}
		}
		if !seen {
			t.Errorf("a secret of severity %s is not told", s)
		}
	}
}
