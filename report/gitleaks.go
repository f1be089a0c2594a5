package report

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"keysweep/finding"
)

// gitleaksFinding is an entry of gitleaks' JSON report: the fields and their order are those of report.Finding of gitleaks
// v8.30.1, which leaves the whole line out of JSON, as this does.
type gitleaksFinding struct {
	RuleID      string
	Description string
	StartLine   int
	EndLine     int
	StartColumn int
	EndColumn   int
	Match       string
	Secret      string
	File        string
	SymlinkFile string
	Commit      string
	Entropy     float32
	Author      string
	Email       string
	Date        string
	Message     string
	Tags        []string
	Fingerprint string
}

// writeGitleaks writes gitleaks' JSON report, an array with one entry a place. Where gitleaks counts columns in bytes and from
// the line break before the line, this counts as keysweep does; Message is the commit message's first line. What could not be
// looked at has no place in this format: the exit code tells it.
func writeGitleaks(w io.Writer, v *view) error {
	out := []gitleaksFinding{}
	for i := range v.Findings {
		f := &v.Findings[i]
		for _, p := range f.Places {
			out = append(out, v.gitleaks(f, p))
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(out)
}

func (v *view) gitleaks(f *finding.Finding, p finding.Place) gitleaksFinding {
	id := p.Rule
	if id == "" {
		id = rule(f)
	}
	out := gitleaksFinding{
		RuleID: v.text(id), Description: v.text(f.Why),
		StartLine: p.Span.Start.Line, EndLine: p.Span.End.Line,
		StartColumn: p.Span.Start.Column, EndColumn: max(0, p.Span.End.Column-1),
		Match: v.gitleaksRedacted(p.Match), Secret: v.gitleaksSecret(f.Secret), File: v.text(p.Path),
		Entropy: float32(f.Entropy), Tags: each(f.Tags, v.text),
	}
	if out.Description == "" {
		out.Description = v.text(title(f))
	}
	if c := p.Commit; c != nil {
		out.Commit, out.Author, out.Email = v.text(c.ID), v.text(c.Author), v.text(c.Email)
		out.Date, out.Message = timestamp(c.Date), v.text(c.Subject)
	}
	out.Fingerprint = gitleaksFingerprint(out)
	return out
}

// gitleaksFingerprint names a place as .gitleaksignore does: commit:file:rule:line, without the commit outside history.
func gitleaksFingerprint(g gitleaksFinding) string {
	parts := []string{g.File, g.RuleID, strconv.Itoa(g.StartLine)}
	if g.Commit != "" {
		parts = append([]string{g.Commit}, parts...)
	}
	return strings.Join(parts, ":")
}

// gitleaksSecret is the secret, or what gitleaks prints for one with --redact.
func (v *view) gitleaksSecret(s finding.Secret) string {
	if v.o.ShowSecrets || s.IsZero() {
		return v.secret(s)
	}
	return finding.Redacted
}

// gitleaksRedacted is an excerpt with every secret as gitleaks prints it with --redact.
func (v *view) gitleaksRedacted(e finding.Excerpt) string {
	var b strings.Builder
	for _, s := range v.segments(e) {
		if s.secret && !v.o.ShowSecrets {
			s.text = finding.Redacted
		}
		b.WriteString(s.text)
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
