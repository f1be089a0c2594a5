package report

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	gitleaks "github.com/zricethezav/gitleaks/v8/report"

	"keysweep/finding"
)

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// TestGitleaksReadsItsFormat lets gitleaks' own types read what the format gitleaks writes and write it again: the bytes must be
// the same, which shows names, order, types and layout of the fields.
func TestGitleaksReadsItsFormat(t *testing.T) {
	for _, r := range namedReports() {
		for _, o := range allOptions() {
			ours := render(t, "gitleaks", r, o)
			var findings []gitleaks.Finding
			if err := json.Unmarshal(ours, &findings); err != nil {
				t.Fatal(err)
			}
			var theirs bytes.Buffer
			if err := (&gitleaks.JsonReporter{}).Write(nopCloser{&theirs}, findings); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(ours, theirs.Bytes()) {
				t.Errorf("%s: gitleaks would write\n%s\nthis wrote\n%s", r.name, theirs.Bytes(), ours)
			}
		}
	}
}

// TestGitleaksRedactsAlike compares a redacted entry with the entry that shows the secret and was then redacted by gitleaks.
func TestGitleaksRedactsAlike(t *testing.T) {
	secret := githubSecret()
	p := place(finding.KindFile, "a/b.yml", 3, "token: {}", secret)
	p.Match = excerptOf("token: {}", secret)
	r := namedReport{"one", func() *finding.Report { return newReport(newFinding(secret, finding.High, p)) }}
	var hidden, shown []gitleaks.Finding
	if err := json.Unmarshal(render(t, "gitleaks", r, Options{}), &hidden); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(render(t, "gitleaks", r, Options{ShowSecrets: true}), &shown); err != nil {
		t.Fatal(err)
	}
	if shown[0].Secret != secret {
		t.Fatalf("the secret is not shown: %+v", shown[0])
	}
	shown[0].Redact(100)
	if hidden[0].Match != shown[0].Match || hidden[0].Secret != shown[0].Secret {
		t.Errorf("redacted as %q, %q; gitleaks redacts as %q, %q", hidden[0].Match, hidden[0].Secret, shown[0].Match, shown[0].Secret)
	}
	if want := "a/b.yml:github-pat:3"; hidden[0].Fingerprint != want {
		t.Errorf("fingerprint %q; want %q", hidden[0].Fingerprint, want)
	}
}
