package report

import (
	"strings"
	"testing"

	"keysweep/finding"
)

// leakyReport has secrets wherever a report has text: lines with secrets of several findings, paths, subjects, errors, notices.
func leakyReport() (*finding.Report, []string) {
	gh, aws, slack, pass := githubSecret(), awsSecret(), slackSecret(), password()
	secrets := []string{gh, aws, slack, pass}
	long := strings.Repeat("x", 300)
	p := inCommit(place(finding.KindBlob, "dir/"+gh+".txt", 3, long+"{0} {} {1}"+long, gh, aws, slack), "a", finding.Yes, finding.No)
	p.Commit.Subject, p.Commit.Author, p.Commit.Email = "use "+slack, aws, gh+"@example.org"
	p.Also, p.Note = []string{"b/" + aws}, "moved from "+gh
	r := newReport(
		newFinding(gh, finding.Critical, p, place(finding.KindFile, "x.txt", 1, "{}{0}\n{1}", gh, pass, aws)),
		newFinding(aws, finding.High, place(finding.KindIndex, "y.txt", 1, "{0},{}", aws, pass)),
		newFinding(slack, finding.Medium, inCommit(place(finding.KindMessage, "", 1, "{}", slack), "b", finding.No, finding.Yes)),
		newFinding(pass, finding.Low, place(finding.KindStdin, "", 1, "p={}", pass)),
	)
	r.Findings[0].Proof = []finding.Fact{{Name: "issuer", Value: "https://" + gh}, {Name: slack, Value: "x"}}
	r.Problems = []finding.Problem{{Where: "z/" + slack, Op: "read", Err: "open " + slack + ": no", Hint: "ls " + slack}}
	r.Notices = []finding.Notice{{Kind: "stale", Where: gh, Text: "no longer matches " + aws}}
	r.Suppressed = []finding.Suppressed{{Place: p, By: "baseline", Reason: "like " + gh}}
	r.Coverage.Root, r.Coverage.Entered = "/tmp/"+slack, []string{gh}
	r.Coverage.Skipped = []finding.Skip{{Reason: "excluded paths", Count: 1, Paths: []string{aws}}}
	return r, secrets
}

// leaks returns a piece of eight characters of a secret that stands in text; "" if there is none. A mask shows four.
func leaks(text string, secrets []string) string {
	const piece = 8
	for _, s := range secrets {
		for i := 0; i+piece <= len(s); i++ {
			if strings.Contains(text, s[i:i+piece]) {
				return s[i : i+piece]
			}
		}
	}
	return ""
}

// leakOptions are all options that print, and none that shows secrets.
func leakOptions() []Options {
	return []Options{{}, {Verbose: true, ShowSuppressed: true}, {Quiet: true}, {Width: 40, Color: true, ShowSuppressed: true}}
}

func TestNoFormatPrintsASecret(t *testing.T) {
	r, secrets := leakyReport()
	for _, format := range Formats() {
		for _, o := range leakOptions() {
			out := string(render(t, format, namedReport{"leaky", func() *finding.Report { return r }}, o))
			if piece := leaks(out, secrets); piece != "" {
				t.Errorf("%s with %+v prints %q of a secret:\n%s", format, o, piece, out)
			}
		}
	}
}

// TestSecretsAreShownIfAsked shows that the test above can fail: the same report with ShowSecrets has them.
func TestSecretsAreShownIfAsked(t *testing.T) {
	r, secrets := leakyReport()
	for _, format := range Formats() {
		out := string(render(t, format, namedReport{"leaky", func() *finding.Report { return r }}, Options{ShowSecrets: true, ShowSuppressed: true, Verbose: true, Width: 2000}))
		for _, s := range secrets {
			if !strings.Contains(out, s) {
				t.Errorf("%s with ShowSecrets lacks a secret:\n%s", format, out)
			}
		}
	}
}

func TestGoldenFilesHoldNoSecret(t *testing.T) {
	secrets := []string{githubSecret(), awsSecret(), slackSecret(), password(), fakeSecret("", 64, "pem")}
	for _, r := range namedReports() {
		for _, format := range Formats() {
			if piece := leaks(string(render(t, format, r, Options{})), secrets); piece != "" {
				t.Errorf("%s of report %s has %q", format, r.name, piece)
			}
		}
	}
}
