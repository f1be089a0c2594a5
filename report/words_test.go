package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
)

func TestBytesInWords(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 9949: "9.9 kB", 9951: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB",
		3_700_000_000: "3.7 GB", 1 << 62: "4.6 EB",
	} {
		if got := bytesInWords(n); got != want {
			t.Errorf("bytesInWords(%d) = %q; want %q", n, got, want)
		}
	}
}

func TestElapsedInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		412345 * time.Microsecond: "412ms", 1234 * time.Millisecond: "1.23s", 83400 * time.Millisecond: "1m23s",
	} {
		if got := elapsedInWords(d); got != want {
			t.Errorf("elapsedInWords(%d) = %q; want %q", d, got, want)
		}
	}
}

// TestCleanIsSaidOnlyWhenItIs goes through all formats: whatever was not looked at, the word clean must not occur.
func TestCleanIsSaidOnlyWhenItIs(t *testing.T) {
	problem := []finding.Problem{{Where: "x", Op: "read", Err: "denied"}}
	for name, c := range map[string]struct {
		change func(*finding.Report)
		want   outcome
	}{
		"clean":                {func(*finding.Report) {}, outcomeClean},
		"suppressed":           {func(r *finding.Report) { r.Suppressed = suppressedReport().Suppressed }, outcomeClean},
		"problem":              {func(r *finding.Report) { r.Problems = problem }, outcomeIncomplete},
		"empty":                {func(r *finding.Report) { r.Coverage.Empty = "nothing staged" }, outcomeNothing},
		"nothing counted":      {func(r *finding.Report) { r.Coverage = finding.Coverage{} }, outcomeNothing},
		"empty, problem":       {func(r *finding.Report) { r.Coverage.Empty, r.Problems = "no refs", problem }, outcomeIncomplete},
		"finding, problem":     {func(r *finding.Report) { r.Findings, r.Problems = oneReport().Findings, problem }, outcomeIncomplete},
		"finding and no count": {func(r *finding.Report) { r.Findings, r.Coverage = oneReport().Findings, finding.Coverage{} }, outcomeFindings},
	} {
		r := newReport()
		c.change(r)
		if got := newView(r, Options{}).outcome(); got != c.want {
			t.Errorf("%s: outcome %q; want %q", name, got, c.want)
		}
		for _, format := range Formats() {
			var b bytes.Buffer
			if err := Write(&b, format, r, Options{}); err != nil {
				t.Fatal(err)
			}
			if c.want != outcomeClean && strings.Contains(strings.ToLower(b.String()), "clean") {
				t.Errorf("%s: %s says clean:\n%s", name, format, b.String())
			}
		}
	}
}

func TestUnknownFormatIsRefused(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, "yaml", newReport(), Options{})
	if err == nil || !strings.Contains(err.Error(), `"yaml"`) || !strings.Contains(err.Error(), "hint: use one of text, json") || b.Len() > 0 {
		t.Errorf("error is %v, output %q", err, b.String())
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteErrorsAreReturned(t *testing.T) {
	for _, format := range Formats() {
		if err := Write(full{}, format, manyReport(), Options{}); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: error is %v", format, err)
		}
	}
}

// TestReportsOfOddShapes: a finding without rules, places or title, and one of many places, are no reason to panic.
func TestReportsOfOddShapes(t *testing.T) {
	bare := finding.Finding{Severity: 99, Confidence: 99}
	counted := newFinding(githubSecret(), finding.High, place(finding.KindFile, "a", 1, "{}", githubSecret()))
	counted.MorePlaces = 3
	r := newReport(bare, counted)
	for _, format := range Formats() {
		for _, o := range append(leakOptions(), Options{ShowSecrets: true}) {
			if err := Write(&bytes.Buffer{}, format, r, o); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
	}
	var b bytes.Buffer
	if err := Write(&b, "text", r, Options{}); err != nil || !strings.Contains(b.String(), "also: 3 more places") {
		t.Errorf("places that were only counted are not named (%v):\n%s", err, b.String())
	}
}
