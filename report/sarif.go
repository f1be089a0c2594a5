package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"keysweep/finding"
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// writeSARIF writes a SARIF 2.1.0 log with one run: a result a finding, its first place as the location and the others as related
// locations. Suppressed places are results only if asked for, because GitHub opens an alert for a suppressed result as well.
func writeSARIF(w io.Writer, v *view) error {
	rules := v.sarifRules()
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: v.Tool.Name, Version: v.Tool.Version, Rules: rules.list,
			Properties: map[string]any{"commit": v.Tool.Commit, "ruleset": v.Tool.Ruleset, "rulesInForce": v.Tool.Rules},
		}},
		Invocations: []sarifInvocation{v.sarifInvocation()},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
		Properties:  map[string]any{"coverage": v.jsonCoverage(), "verdict": v.verdict()},
	}
	for i := range v.Findings {
		run.Results = append(run.Results, v.sarifResult(&v.Findings[i], rules))
	}
	if v.o.ShowSuppressed {
		for _, s := range v.Suppressed {
			run.Results = append(run.Results, v.sarifSuppressed(s, rules))
		}
	}
	return encode(w, "  ", sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifInvocation says whether everything could be looked at, and what could not.
func (v *view) sarifInvocation() sarifInvocation {
	out := v.sarifProblems()
	if v.outcome() == outcomeNothing {
		out.notify("nothing-to-look-at", "note", v.verdict())
	}
	return out
}

// sarifProblems is an invocation with what went wrong and what is to be known.
func (v *view) sarifProblems() sarifInvocation {
	out := sarifInvocation{Successful: len(v.Problems) == 0, EndTime: timestamp(v.GeneratedAt), Notifications: []sarifNotification{}}
	for _, p := range v.Problems {
		text := v.shown(p.Where) + ": " + v.shown(said(p))
		if p.Hint != "" {
			text += " (hint: " + v.shown(p.Hint) + ")"
		}
		out.notify("could-not-look", "error", text)
	}
	for _, n := range v.Notices {
		out.notify(v.shown(n.Kind), "note", strings.TrimPrefix(v.shown(n.Where)+": "+v.shown(n.Text), ": "))
	}
	return out
}

func (i *sarifInvocation) notify(id, level, text string) {
	i.Notifications = append(i.Notifications, sarifNotification{sarifDescriptor{id}, level, sarifText{Text: sarifPlain(text)}})
}

// sarifResult is the result for a finding.
func (v *view) sarifResult(f *finding.Finding, rules sarifRules) sarifResult {
	id := v.text(rule(f))
	out := sarifResult{
		RuleID: id, RuleIndex: rules.index[id], Level: sarifLevelOf(f.Severity),
		Message: sarifText{Text: v.sarifMessage(f)},
		PartialFingerprints: map[string]string{
			"primaryLocationLineHash": lineHash(f, ""),
			"keysweepFingerprint/v1":  f.Fingerprint.String(),
		},
		Properties: map[string]any{
			"severity": f.Severity.String(), "confidence": f.Confidence.String(), "rules": each(f.Rules, v.text), "morePlaces": f.MorePlaces, "proof": each(f.Proof, v.jsonFact),
		},
	}
	for i, p := range places(f) {
		at := v.sarifLocation(p)
		if i == 0 {
			out.Locations = []sarifLocation{at}
			out.PartialFingerprints["primaryLocationLineHash"] = lineHash(f, p.Path)
			continue
		}
		at.ID, at.Message = i, &sarifText{Text: sarifPlain("the same secret: " + v.where(p))}
		out.RelatedLocations = append(out.RelatedLocations, at)
	}
	return out
}

// sarifSuppressed is the result for a suppressed place.
func (v *view) sarifSuppressed(s finding.Suppressed, rules sarifRules) sarifResult {
	id := v.text(s.Place.Rule)
	kind := "external"
	if strings.Contains(s.By, "allow") {
		kind = "inSource"
	}
	return sarifResult{
		RuleID: id, RuleIndex: rules.index[id], Level: "note",
		Message:   sarifText{Text: sarifPlain("suppressed by " + v.shown(s.By))},
		Locations: []sarifLocation{v.sarifLocation(s.Place)},
		PartialFingerprints: map[string]string{
			"primaryLocationLineHash": lineHash(&finding.Finding{Fingerprint: s.Fingerprint, Rules: []string{s.Place.Rule}}, s.Place.Path),
			"keysweepFingerprint/v1":  s.Fingerprint.String(),
		},
		Suppressions: []sarifSuppression{{Kind: kind, Status: "accepted", Justification: v.text(s.Reason)}},
	}
}

// sarifMessage says what was found, why it matters, and how far it has got.
func (v *view) sarifMessage(f *finding.Finding) string {
	text := v.shown(title(f))
	if !f.Secret.IsZero() {
		text += " (" + visible(v.secret(f.Secret)) + ")"
	}
	text += "."
	if f.Why != "" {
		text += " " + v.shown(f.Why)
	}
	return sarifPlain(text)
}

// sarifLocation is a place as a location.
func (v *view) sarifLocation(p finding.Place) sarifLocation {
	var out sarifLocation
	facts := map[string]any{"kind": string(p.Kind)}
	if inHistory(p) {
		facts["object"], facts["inHead"], facts["pushed"] = v.text(p.Object), tri(p.InHead), tri(p.Pushed)
	}
	if c := p.Commit; c != nil {
		facts["commit"], facts["author"], facts["date"] = v.text(c.ID), v.text(c.Author), timestamp(c.Date)
		out.Logical = append(out.Logical, sarifLogical{v.text(c.ID), "commit"})
	}
	if p.Note != "" {
		facts["note"] = v.text(p.Note)
	}
	out.Properties = &facts
	out.Physical = &sarifPhysical{Artifact: v.sarifArtifact(p)}
	if s := p.Span; s.Start.Line > 0 {
		out.Physical.Region = &sarifRegion{s.Start.Line, s.Start.Column, s.End.Line, s.End.Column, nil}
		if !p.Excerpt.IsZero() {
			out.Physical.Region.Snippet = &sarifText{Text: v.excerpt(p.Excerpt)}
		}
	}
	return out
}

// sarifArtifact names a place's file. A place without one gets a name as well ("message/1a2b..."), since GitHub refuses a log in
// which a result has no physical location.
func (v *view) sarifArtifact(p finding.Place) sarifArtifact {
	if p.Path == "" {
		id := p.Object
		if p.Commit != nil {
			id = p.Commit.ID
		}
		return sarifArtifact{URI: pathURI(strings.TrimSuffix(string(p.Kind)+"/"+v.text(id), "/"))}
	}
	uri := pathURI(v.scrub.Replace(p.Path))
	if strings.HasPrefix(uri, "file:") {
		return sarifArtifact{URI: uri}
	}
	return sarifArtifact{URI: uri, URIBaseID: "%SRCROOT%"}
}

// sarifLevelOf maps a severity to SARIF's three levels.
func sarifLevelOf(s finding.Severity) string {
	switch {
	case s >= finding.High:
		return "error"
	case s == finding.Medium:
		return "warning"
	}
	return "note"
}

// lineHash is what GitHub recognises an alert by from one upload to the next. It is made of the secret's fingerprint and the path:
// an alert stays the same when lines move or another rule claims the secret, and is closed when the secret is gone from the file.
// A file that was found by its name has no secret to tell it apart; there the rule does.
func lineHash(f *finding.Finding, path string) string {
	id := ""
	if f.Secret.IsZero() {
		id = rule(f)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", f.Fingerprint, path, id))
	return hex.EncodeToString(sum[:8]) + ":1"
}

// sarifPlain escapes what SARIF takes for a link or a placeholder in a message (sections 3.11.5 and 3.11.6).
func sarifPlain(s string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}").Replace(s)
}
