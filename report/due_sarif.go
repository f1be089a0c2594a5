package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"

	"keysweep/finding"
)

// dueRule is what a result of rotate-due is about: one for each state that presses.
type dueRule struct {
	id, title string
	severity  finding.Severity
}

func dueRules() []dueRule {
	return []dueRule{
		{"compromised", "a key or credential that others know", finding.Critical},
		{"overdue", "a key or credential that should have been replaced some time ago", finding.High},
		{"due", "a key or credential that is due for replacement", finding.Medium},
		{"unknown", "a key or credential of unknown age", finding.Medium},
		{"retiring", "a key or credential that was replaced, and is not gone everywhere yet", finding.Medium},
		{"soon", "a key or credential that will be due soon", finding.Low},
	}
}

// writeDueSARIF writes a SARIF 2.1.0 log with one run: a result for everything that presses.
func writeDueSARIF(w io.Writer, d *Due, o Options) error {
	v := newView(&finding.Report{GeneratedAt: d.GeneratedAt, Problems: d.Problems, Notices: d.Notices}, o)
	verdict, _ := d.Verdict()
	run := sarifRun{
		Tool: sarifTool{sarifDriver{Name: d.Tool.Name, Version: d.Tool.Version, Rules: []sarifRule{},
			Properties: map[string]any{"commit": d.Tool.Commit}}},
		Invocations: []sarifInvocation{v.sarifInvocation()},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
		Properties:  map[string]any{"verdict": verdict},
	}
	index := map[string]int{}
	for i, r := range dueRules() {
		index[r.id] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, r.sarif())
	}
	for i := range d.Items {
		it := &d.Items[i]
		if at, known := index[it.State]; known && it.Urgency > NotDue {
			run.Results = append(run.Results, it.sarif(v, dueRules()[at], at))
		}
	}
	return encode(w, "  ", sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func (r dueRule) sarif() sarifRule {
	return sarifRule{
		ID: r.ruleID(), ShortDescription: sarifText{Text: r.title}, FullDescription: sarifText{Text: r.title},
		Help:       sarifText{Text: "keysweep rotate-due -v says what each state rests on, and the next command."},
		Default:    sarifLevel{sarifLevelOf(r.severity)},
		Properties: map[string]any{"security-severity": securitySeverity(r.severity), "tags": []string{"security", "rotation"}},
	}
}

// ruleID keeps these rules apart from those that find secrets.
func (r dueRule) ruleID() string { return "rotation-" + r.id }

// sarif is the result for an item. GitHub refuses a result without a physical location: what has no file gets a name in its place,
// as places in messages have.
func (it *DueItem) sarif(v *view, r dueRule, index int) sarifResult {
	path := it.Path
	if path == "" {
		path = it.Kind + "/" + it.Name
	}
	artifact := v.sarifArtifact(finding.Place{Path: path})
	sum := sha256.Sum256([]byte(it.uid()))
	text := v.shown(it.Name) + ": " + v.shown(it.Why)
	if it.Fix != "" {
		text += " Next: " + v.shown(it.Fix)
	}
	return sarifResult{
		RuleID: r.ruleID(), RuleIndex: index, Level: sarifLevelOf(r.severity), Message: sarifText{Text: sarifPlain(text)},
		Locations: []sarifLocation{{
			Physical: &sarifPhysical{Artifact: artifact, Region: &sarifRegion{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 1}},
			Logical:  []sarifLogical{{v.text(it.Name), it.Kind}},
		}},
		PartialFingerprints: map[string]string{"primaryLocationLineHash": hex.EncodeToString(sum[:8]) + ":1"},
		Properties:          map[string]any{"state": it.State, "env": v.text(it.Env), "owner": v.text(it.Owner), "dueAt": timestamp(it.Due)},
	}
}
