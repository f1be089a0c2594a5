package distinct

import (
	"testing"

	"keysweep/finding"
)

func TestConfidence(t *testing.T) {
	const low, medium, high = finding.LowConfidence, finding.MediumConfidence, finding.HighConfidence
	tests := []struct {
		id, expr string
		group    int
		want     finding.Confidence
	}{
		{"x", `\b(xyz_[a-z]{20})\b`, 0, high},
		{"x", `(?:XYZ|ABC)[A-Z]{16}`, 0, high},
		{"x", `(?:XYZ|[A-Z]{3})[A-Z]{16}`, 0, medium},
		{"x", `xyzcorp.{0,20}=\s*([a-z0-9]{32})`, 0, medium},
		{"x", `(xyzcorp).{0,20}=\s*([a-z0-9]{32})`, 2, medium},
		{"x", `(?i)([a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{12})`, 0, medium},
		{"x", `SG\.[a-z]{60}`, 0, high},
		{"x", `S\.[a-z]{60}`, 0, medium},
		{"x", `(?:ab){2}[a-z]{60}`, 0, high},
		{"x", `(?:abc)*[a-z]{60}`, 0, medium},
		{"x", `(?:abc)+[a-z]{60}`, 0, high},
		{"my-generic-key", `xyz_[a-z]{20}`, 0, low},
		{"MyGenericKey", `xyz_[a-z]{20}`, 0, low},
		{"x", "", 0, medium},
		{"x", "(", 0, medium},
	}
	for _, tt := range tests {
		if got := Confidence(tt.id, tt.expr, tt.group); got != tt.want {
			t.Errorf("Confidence(%q, %q, %d) = %v, want %v", tt.id, tt.expr, tt.group, got, tt.want)
		}
	}
}
