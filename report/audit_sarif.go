package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"keysweep/finding"
)

// writeAuditSARIF writes a SARIF 2.1.0 log with one run: a result a failed check. A fact of the machine that stands in no file has a
// logical location. What could not be looked at is a notification of the invocation, which then was not successful; a waived
// result is one only if asked for, because GitHub opens an alert for a suppressed result as well.
func writeAuditSARIF(w io.Writer, v *auditView) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: v.Tool.Name, Version: v.Tool.Version, Rules: []sarifRule{},
			Properties: map[string]any{"commit": v.Tool.Commit, "profile": v.text(v.Profile)},
		}},
		Invocations: []sarifInvocation{v.auditInvocation()},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
		Properties:  map[string]any{"target": v.text(v.Target), "verdict": v.auditVerdict(), "summary": v.jsonAudited()},
	}
	index := map[string]int{}
	for i := range v.Results {
		r := &v.Results[i]
		if r.State != finding.Fail && (r.State != finding.Waived || !v.o.ShowSuppressed) {
			continue
		}
		at, known := index[r.Check]
		if !known {
			at = len(run.Tool.Driver.Rules)
			index[r.Check] = at
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, v.auditRule(r))
		}
		run.Results = append(run.Results, v.auditResult(r, at))
	}
	return encode(w, "  ", sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// auditInvocation says whether everything could be looked at, and what could not.
func (v *auditView) auditInvocation() sarifInvocation {
	out := v.sarifProblems()
	for i := range v.Results {
		if r := &v.Results[i]; r.State == finding.Undetermined {
			out.Successful = false
			text := v.name(r) + ": " + v.cause(r)
			if r.Hint != "" {
				text += " (hint: " + v.shown(r.Hint) + ")"
			}
			out.notify(v.text(r.Check), "error", text)
		}
	}
	return out
}

func (v *auditView) auditRule(r *finding.Result) sarifRule {
	help := "Fix: " + v.text(r.Fix)
	if len(r.Seeds) > 0 {
		help += "\nPractice: " + v.cites(r)
	}
	why := v.text(r.Why)
	if why == "" {
		why = v.text(r.Title)
	}
	return sarifRule{
		ID: v.text(r.Check), ShortDescription: sarifText{Text: sarifPlain(v.text(r.Title))}, FullDescription: sarifText{Text: sarifPlain(why)},
		Help: sarifText{Text: sarifPlain(help)}, Default: sarifLevel{sarifLevelOf(r.Severity)},
		Properties: map[string]any{
			"security-severity": securitySeverity(r.Severity), "precision": r.Confidence.String(), "tags": []string{"security", "practice", v.text(r.Area)},
		},
	}
}

func (v *auditView) auditResult(r *finding.Result, rule int) sarifResult {
	message := v.name(r)
	if d := v.difference(r); d != "" {
		message += " (" + d + ")"
	}
	out := sarifResult{
		RuleID: v.text(r.Check), RuleIndex: rule, Level: sarifLevelOf(r.Severity),
		Message:             sarifText{Text: sarifPlain(message + ". " + v.shown(r.Fix))},
		Locations:           []sarifLocation{v.auditLocation(r.Where, r.Check)},
		PartialFingerprints: map[string]string{"primaryLocationLineHash": resultHash(r)},
		Properties: map[string]any{
			"severity": r.Severity.String(), "confidence": r.Confidence.String(), "state": string(r.State),
			"found": v.text(r.Found), "wanted": v.text(r.Wanted), "practices": strings.Fields(v.citeList(r)),
		},
	}
	for i, s := range r.Related {
		at := v.auditLocation(s, r.Check)
		at.ID, at.Message = i+1, &sarifText{Text: sarifPlain(v.shown(s.Note))}
		out.RelatedLocations = append(out.RelatedLocations, at)
	}
	if w := r.Waiver; w != nil && r.State == finding.Waived {
		out.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: v.text(w.Reason)}}
	}
	return out
}

// resultHash is what GitHub recognises an alert by: the check and what it is about, so that it stays the same when lines move.
func resultHash(r *finding.Result) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", r.Check, r.Subject, r.Where.Path))
	return hex.EncodeToString(sum[:8]) + ":1"
}

// auditLocation is a spot as a location. GitHub refuses a log in which a result has no physical location, so that a fact of the machine
// gets one that names its check, beside the logical one.
func (v *auditView) auditLocation(s finding.Spot, check string) sarifLocation {
	if s.Path == "" {
		return sarifLocation{
			Physical: &sarifPhysical{Artifact: sarifArtifact{URI: pathURI("machine/" + v.text(check))}},
			Logical:  []sarifLogical{{v.text(s.Fact), "resource"}},
		}
	}
	uri := pathURI(v.text(s.Path))
	out := sarifLocation{Physical: &sarifPhysical{Artifact: sarifArtifact{URI: uri}}}
	if !strings.HasPrefix(uri, "file:") {
		out.Physical.Artifact.URIBaseID = "%SRCROOT%"
	}
	if at := s.Span; at.Start.Line > 0 {
		region := &sarifRegion{StartLine: at.Start.Line, StartColumn: max(at.Start.Column, 1), EndLine: at.End.Line, EndColumn: at.End.Column}
		if region.EndLine < region.StartLine || region.EndLine == region.StartLine && region.EndColumn <= region.StartColumn {
			region.EndLine, region.EndColumn = region.StartLine, region.StartColumn+1
		}
		if s.Text != "" {
			region.Snippet = &sarifText{Text: v.text(s.Text)}
		}
		out.Physical.Region = region
	}
	return out
}
