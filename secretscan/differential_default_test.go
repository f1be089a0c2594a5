package secretscan_test

import (
	"math/rand/v2"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// TestDefaultsFindWhatGitleaksFinds: with all rules and the default confidence, what gitleaks finds is still reported. Left out are its one
// rule for values without a form, which are judged, and what is a key's first line and nothing else; docs/differences.md lists both.
func TestDefaultsFindWhatGitleaksFinds(t *testing.T) {
	detector, engine := gitleaksDetector(t), defaultEngine(t)
	rnd := rand.New(rand.NewPCG(5, 6))
	asked := 0
	for _, rule := range rules.Gitleaks().Rules {
		if rule.Regex == "" || rule.Judged || rule.ID == "private-key" {
			continue
		}
		path := pathFor(rule)
		for _, content := range samples(rnd, rule, 8) {
			spans := reportedLines(engine, content, path)
			for _, want := range gitleaksHits(detector, content, path) {
				if want.rule == "generic-api-key" || want.rule == "private-key" {
					continue
				}
				if asked++; !spans[want.line] {
					t.Errorf("%s: %s is not reported\nin %q", rule.ID, want, content)
				}
			}
		}
	}
	if asked < 1000 {
		t.Errorf("%d findings say little", asked)
	}
}

// reportedLines returns the lines on which something is reported with the default confidence.
func reportedLines(e *secretscan.Engine, content, path string) map[int]bool {
	lines := map[int]bool{}
	for _, c := range e.Keep(e.Scan([]byte(content)), path, "") {
		for n := c.Span.Start.Line; n <= c.Span.End.Line && c.Confidence >= finding.MediumConfidence; n++ {
			lines[n] = true
		}
	}
	return lines
}
