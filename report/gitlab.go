package report

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"keysweep/finding"
)

// gitlabNoCommit stands for the commit of a secret that is in no commit, as in GitLab's own reports of scans without history.
const gitlabNoCommit = "0000000"

// writeGitLab writes a gl-secret-detection-report: one vulnerability a place, because GitLab's have a single location. A place
// that could not be looked at is a message (of the level that the schema means for a partial error) and makes the status "failure".
func writeGitLab(w io.Writer, v *view) error {
	tool := gitlabTool{ID: v.Tool.Name, Name: v.Tool.Name, Version: cmp.Or(v.Tool.Version, "unknown"), Vendor: gitlabName{v.Tool.Name}}
	out := gitlabReport{
		Version: "15.0.6",
		Scan: gitlabScan{
			Analyzer: tool, Scanner: tool, Type: "secret_detection", Status: "success", Messages: v.gitlabMessages(),
			StartTime: gitlabTime(v.GeneratedAt.Add(-v.Coverage.Elapsed)), EndTime: gitlabTime(v.GeneratedAt),
		},
		Vulnerabilities: []gitlabVulnerability{},
	}
	if len(v.Problems) > 0 {
		out.Scan.Status = "failure"
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		for _, p := range f.Places {
			out.Vulnerabilities = append(out.Vulnerabilities, v.gitlabVulnerability(f, p))
		}
	}
	return encode(w, "  ", out)
}

// gitlabMessages says what could not be looked at and what a person should know.
func (v *view) gitlabMessages() []gitlabMessage {
	var out []gitlabMessage
	for _, p := range v.Problems {
		out = append(out, gitlabMessage{"warn", v.shown(p.Where) + ": " + v.shown(said(p))})
	}
	for _, n := range v.Notices {
		out = append(out, gitlabMessage{"warn", strings.TrimPrefix(v.shown(n.Where)+": "+v.shown(n.Text), ": ")})
	}
	if v.outcome() == outcomeNothing {
		out = append(out, gitlabMessage{"info", v.verdict()})
	}
	return out
}

// gitlabVulnerability is a finding's place as a vulnerability.
func (v *view) gitlabVulnerability(f *finding.Finding, p finding.Place) gitlabVulnerability {
	id := p.Rule
	if id == "" {
		id = rule(f)
	}
	out := gitlabVulnerability{
		ID: placeID(f.Fingerprint, p), Name: limit(v.text(title(f)), 255), Description: v.text(f.Why),
		Severity: strings.ToUpper(f.Severity.String()[:1]) + f.Severity.String()[1:],
		Solution: limit(v.gitlabSolution(f, p), 7000), Extract: v.secret(f.Secret),
		Identifiers: []gitlabIdentifier{{Type: v.Tool.Name + "_rule_id", Name: v.Tool.Name + " rule " + v.text(id), Value: v.text(id)}},
		Location:    v.gitlabLocation(p),
	}
	if out.Description == "" {
		out.Description = out.Name
	}
	if strings.HasPrefix(f.RotateURL, "https://") {
		out.Links = []gitlabLink{{"where to rotate it", v.text(f.RotateURL)}}
	}
	return out
}

// gitlabSolution says what to do about a place.
func (v *view) gitlabSolution(f *finding.Finding, p finding.Place) string {
	todo := stepsFor(situationOf(p), []finding.Place{p}, v.target(f))
	return strings.Join(append([]string{todo.say}, each(todo.run, v.text)...), "\n")
}

// gitlabLocation says where a place is; the schema wants a commit in every one.
func (v *view) gitlabLocation(p finding.Place) gitlabLocation {
	out := gitlabLocation{File: v.text(p.Path), StartLine: p.Span.Start.Line, EndLine: p.Span.End.Line, Commit: gitlabCommit{SHA: gitlabNoCommit}}
	if c := p.Commit; c != nil {
		out.Commit = gitlabCommit{SHA: v.text(c.ID), Author: v.text(c.Author), Date: timestamp(c.Date), Message: v.text(c.Subject)}
	}
	return out
}

// gitlabTime writes a time as the schema's pattern wants it: UTC without a zone.
func gitlabTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

// placeID makes an id in the form of a UUID (RFC 9562, version 8) that is the same whenever the place is reported again.
func placeID(f finding.Fingerprint, p finding.Place) string {
	commit := p.Object
	if p.Commit != nil {
		commit = p.Commit.ID
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s\x00%s\x00%v", f, p.Kind, p.Rule, p.Path, commit, p.Span))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// limit cuts s to at most n characters.
func limit(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
